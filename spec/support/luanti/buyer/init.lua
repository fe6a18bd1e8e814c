-- A mod of the specs: has twilio_numbers buy for orders, measures the server's steps meanwhile, stops the
-- server, and writes what it has seen.
local now = core.get_us_time
local setting = function(name)
  return core.settings:get("buyer." .. name)
end

local result = {
  bought = {}, -- by order: the number, or why there is none
  told = {}, -- by player
  steps = 0, -- of the server, while anything was in flight
  longest_step = 0, -- microseconds from one step to the next
  longest_poll = 0, -- microseconds
}
local in_flight = 0

--- Measures the step of the mod that polls.
local function measure_polls()
  for i, step in ipairs(core.registered_globalsteps) do
    local origin = core.callback_origins[step]
    if origin.mod == "twilio_numbers" then
      local function measured(...)
        local began = now()
        step(...)
        result.longest_poll = math.max(result.longest_poll, now() - began)
      end
      core.registered_globalsteps[i], core.callback_origins[measured] = measured, origin
    end
  end
end

local function begin_orders()
  for order in setting("orders"):gmatch("%S+") do
    in_flight = in_flight + 1
    twilio_numbers.buy(order, "415", function(phone_number, message)
      in_flight = in_flight - 1
      result.bought[order] = phone_number or message
    end)
  end
end

--- Says a command, as a player who may.
local function begin_command(player, words)
  in_flight = in_flight + 1
  function core.chat_send_player(name, text)
    in_flight = in_flight - 1
    result.told[name] = text
  end
  core.registered_chatcommands.buy_number.func(player, words)
end

--- Whether `require` can be reached: as any mod does, or through a function of the library.
local function try_to_require()
  in_flight = in_flight + 1
  twilio_numbers.buy("refused", "4", function(_, _, err)
    in_flight = in_flight - 1
    local environment = getfenv(getmetatable(err).__tostring)
    result.requires = pcall(require, "ffi") or pcall(environment.require, "ffi")
  end)
end

local function begin_all()
  measure_polls()
  begin_orders()
  try_to_require()
  if setting("command") then
    begin_command("ann", setting("command"))
  end
end

local last

core.register_globalstep(function()
  local time = now()
  if not last then
    begin_all()
  else
    result.longest_step = math.max(result.longest_step, time - last)
    result.steps = result.steps + 1
  end
  last = time
  if in_flight == 0 or setting("stops_early") then
    core.request_shutdown()
  end
end)

core.register_on_shutdown(function() -- after that of twilio_numbers
  core.safe_file_write(core.get_worldpath() .. "/result.json", core.write_json(result))
end)
