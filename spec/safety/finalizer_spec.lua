-- Lua may run a finalizer whenever it allocates, and that may close the client that is buying.
local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
local simulator = require("spec.support.simulator")

-- So that finalizers run at nearly every allocation. LuaJIT does not come out of its collector with
-- such settings, so there they run when they run.
local eager = not rawget(_G, "jit")

-- What both programs begin with.
local WHEN_COLLECTED = [[
  local collector = require("spec.support.collector")
  local function when_collected(f)
    if newproxy then
      getmetatable(newproxy(true)).__gc = f
    else
      setmetatable({}, { __gc = f })
    end
  end
]]

-- Each program runs in a process of its own, whose heap is small.
local CLOSES = WHEN_COLLECTED
  .. [[
  local eager = %s
  local bought = 0
  for nth = 1, 30 do -- the first finalizer to run closes, the second, ...
    local client = clients.of(twilio, { base_url = twilio.http_url, ca_file = false })
    local run, buying = 0, false
    local function trap()
      when_collected(function()
        run = run + 1
        if buying and run == nth then
          client:close()
        elseif buying then
          trap()
        end
      end)
    end
    collector.set(eager and 0 or 100, eager and 1000000 or 200)
    buying = true
    trap()
    local number, _, err = client:purchase { area_code = "415" }
    buying = false
    collector.set(200, 200)
    assert(number or err.kind == "closed", err and err.message)
    bought = bought + (number and 1 or 0)
    client:close()
  end
  io.write("bought ", bought)
]]

describe("a client that a finalizer closes while it buys", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  it("ends with a number or an error, and the books balance", function()
    local program = flights.program(twilio, CLOSES:format(tostring(eager)))
    local output, status = interpreter.result(program, 120)
    assert.equal("bought " .. ("%d"):format(twilio:state().purchases), output)
    assert.equal(0, status)
  end)
end)

-- Something is made of a table while a finalizer empties it, or changes it otherwise, and has the memory of
-- its strings used again.
local CHANGES = WHEN_COLLECTED
  .. [[
  local eager, make = %s, %s
  local acted = 0
  for round = 1, 30 do -- the first finalizer to run does it, the second, ...
    local values, check, change = make(("v" .. round):rep(40))
    local run, making, kept = 0, false, {}
    local function trap()
      when_collected(function()
        run = run + (making and 1 or 0)
        if making and run == round %% 3 + 1 then
          making, acted = false, acted + 1
          for name in pairs(values) do
            values[name] = change and change(values[name])
          end
          collectgarbage()
          for i = 1, 20 do
            kept[i] = ("x"):rep(150 + i)
          end
        elseif making then
          trap()
        end
      end)
    end
    collector.set(eager and 0 or 1, 1000000)
    collectgarbage()
    making = true
    trap()
    local made, why = check(values)
    making = false
    collector.set(200, 200)
    assert(made, why)
  end
  io.write(acted > 0 and "acted" or "did not act")
]]

local MADE = {
  ["the form of parameters"] = [[function(text)
    local core = require("twilio.numbers.core")
    local url = "https://example.com/" .. text
    return { phone_number = "+14155550101", voice_url = url }, function(values)
      local form, problems = core.form(values)
      return form and ("&" .. form):gsub("&PhoneNumber=%%2B14155550101", "")
        :gsub("&VoiceUrl=https%%3A%%2F%%2Fexample%.com%%2F" .. text, "") == "" or problems, form
    end
  end]],
  ["a form object"] = [[function(text)
    local core = require("twilio.numbers.core")
    local url = "https://example.com/" .. text
    return { phone_number = "+14155550101", voice_url = url }, function(values)
      local form, problems = core.new_form(values)
      local number, asked = form and form:value("phone_number"), form and form:value("voice_url")
      local is_good = not form or number == "+14155550101" and (not asked or asked == url)
      return is_good, form and form:text() or problems
    end
  end]],
  ["a form object that needs more room then"] = [[function(text)
    local core = require("twilio.numbers.core")
    local values = { area_code = "415" }
    for _, name in ipairs { "sms_url", "sms_fallback_url", "voice_url", "voice_fallback_url" } do
      values[name] = "https://example.com/" .. text
    end
    local before = core.form(values)
    return values, function(values)
      local form = assert(core.new_form(values))
      local made = form:text()
      return made == before or made == core.form(values), "neither the one nor the other"
    end, function(value)
      return #value > 3 and value .. ("y"):rep(16000) or value
    end
  end]],
  ["a session"] = [[function(text)
    local curl = require("twilio.numbers.curl")
    return { ca_file = text, proxy = text .. "p", user_agent = text .. "a" }, function(values)
      return pcall(function() curl.session(values):close() end)
    end
  end]],
  ["an engine"] = [[function(text)
    local curl = require("twilio.numbers.curl")
    local values = { ca_file = text, proxy = text .. "p", user_agent = text .. "a", max_in_flight = 1 }
    return values, function()
      pcall(function() curl.io_thread(values):close() end) -- without its last field it is refused
      return true
    end
  end]],
}

describe("a finalizer that changes a table", function()
  for what, make in pairs(MADE) do
    it("while " .. what .. " is made of it leaves nothing that reads freed memory", function()
      local output, status = interpreter.result(CHANGES:format(tostring(eager), make), 120)
      -- Lua 5.4 collects nothing within a finalizer; in 5.2 and LuaJIT it runs when it runs
      local must = eager and (_VERSION == "Lua 5.1" or _VERSION == "Lua 5.3")
      assert.matches(must and "^acted$" or "act", output)
      assert.equal(0, status)
    end)
  end
end)

-- Since 5.4 such an error is a warning; LuaJIT does not come out of its collector with it.
if eager and _VERSION ~= "Lua 5.4" and _VERSION ~= "Lua 5.5" then
  describe("a finalizer that raises", function()
    local twilio =
      simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

    it(
      "hides neither a bought number nor its error, and is not reported as a bad response",
      function()
        local program = 'require("spec.support.raising").run(twilio)'
        local output, status = interpreter.result(flights.program(twilio, program), 120)
        local decoded, bought = output:match("^raised (%d+), (%d+), %d+ times$")
        assert.is_true(tonumber(decoded or 0) > 0 and tonumber(bought) > 0, output)
        assert.equal(0, status)
      end
    )
  end)
end
