--- Purchases while a finalizer raises an error, for a process of its own: see spec/safety/finalizer_spec.
local clients = require("spec.support.clients")
local collector = require("spec.support.collector")
local core = require("twilio.numbers.core")
local simulator = require("spec.support.simulator")

local raising = {}

local FINALIZERS = 30 -- one purchase for each: the first one to run raises, the second, ...

local function when_collected(f)
  if newproxy then -- luacheck: ignore 113
    getmetatable(newproxy(true)).__gc = f -- luacheck: ignore 113
  else
    setmetatable({}, { __gc = f })
  end
end

--- Whether the running C functions were all called by a file of that name; false if pcall does not protect
--- them yet.
local function is_within(name)
  local innermost = debug.getinfo(3, "f")
  if not innermost or innermost.func == pcall then
    return false
  end
  for level = 3, 8 do
    local caller = debug.getinfo(level, "S")
    if not caller or caller.what ~= "C" then
      return level > 3 and caller and caller.source:find(name, 1, true)
    end
  end
end

--- Calls f while the nth finalizer to run within C functions raises; returns pcall's results.
local function call_with_trap(seen, nth, name, f, ...)
  local run, armed = 0, true
  local function trap()
    when_collected(function()
      run = run + (armed and is_within(name) and 1 or 0)
      if armed and run == nth then
        armed = false
        seen.raised = seen.raised + 1
        error("the host's finalizer")
      elseif armed then
        trap()
      end
    end)
  end
  collector.set(0, 1000000)
  collectgarbage() -- the pause counts from the end of a cycle
  trap()
  local called, result, message = pcall(f, ...)
  armed = false
  collector.set(200, 200)
  return called, result, message
end

--- Buys repeatedly; `check` gets the results of each purchase.
local function buy(fields, prepare, check)
  local twilio, seen = simulator.of(fields), { raised = 0 }
  for nth = 1, FINALIZERS do
    local client = clients.of(twilio, { base_url = twilio.http_url, ca_file = false, retries = 0 })
    prepare(twilio)
    local purchases, raised = twilio:state().purchases, seen.raised
    local called, number, message =
      call_with_trap(seen, nth, "api/purchase.lua", client.purchase, client, { area_code = "415" })
    if called then
      check(number, message)
    end
    assert(twilio:state().purchases == purchases + (called and number and 1 or 0))
    twilio:clear()
    local is_deferred = not pcall(client.purchase, client, {})
    assert(is_deferred == (called and seen.raised > raised), "the error is lost")
    assert(client:purchase { area_code = "415" }) -- the session still works
    client:close()
  end
  return seen.raised
end

function raising.buy_numbers(twilio)
  return buy(twilio, function() end, assert)
end

function raising.hear_refusals(twilio)
  return buy(twilio, function(started)
    started:fault { fault = "status", status = 400 }
  end, function(number, message)
    assert(not number and message:find("400", 1, true), message)
  end)
end

function raising.decode()
  local seen, text = { raised = 0 }, '{"a": [' .. ('{"b": "c"}, '):rep(500) .. "1]}"
  for nth = 1, FINALIZERS do
    local called, decoded, why = call_with_trap(seen, nth, "raising", core.decode, text)
    assert(not called or decoded, why)
  end
  return seen.raised
end

--- Runs everything. The collector decides where a finalizer runs.
function raising.run(twilio)
  local decoded, bought, refused =
    raising.decode(), raising.buy_numbers(twilio), raising.hear_refusals(twilio)
  io.write(("raised %d, %d, %d times"):format(decoded, bought, refused))
end

return raising
