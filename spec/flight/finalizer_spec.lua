-- Lua may run a finalizer whenever it allocates, also while results are taken from the engine.
local clients = require("spec.support.clients")
local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
local simulator = require("spec.support.simulator")

local ROUNDS = 10 -- in each the next finalizer to run does it

-- As in spec/safety/finalizer_spec.lua: LuaJIT does not come out of its collector with such settings.
local eager = not rawget(_G, "jit")

local function collect_eagerly()
  if _VERSION == "Lua 5.4" then
    collectgarbage("incremental", 1, 1000, 2)
  elseif eager then
    collectgarbage("setpause", 0)
    collectgarbage("setstepmul", 1000000)
  end
  collectgarbage() -- the pause counts from the end of a cycle
end

local function collect_as_usual()
  if _VERSION == "Lua 5.4" then
    collectgarbage("incremental", 200, 100, 13)
  else
    collectgarbage("setpause", 200)
    collectgarbage("setstepmul", 200)
  end
end

local function when_collected(f)
  if newproxy then -- luacheck: ignore 113
    getmetatable(newproxy(true)).__gc = f -- luacheck: ignore 113
  else
    setmetatable({}, { __gc = f })
  end
end

local ACTS = {
  closes = function(client)
    client:close()
  end,
  ["closes with time"] = function(client)
    client:close(5)
  end,
  polls = function(client)
    client:poll()
  end,
  buys = function(client)
    client:purchase_async { area_code = "510" }
  end,
  ["buys and waits"] = function(client)
    client:purchase_async({ area_code = "510" }):wait()
  end,
  cancels = function(_, pendings)
    for _, pending in ipairs(pendings) do
      pending:cancel()
    end
  end,
}

describe("a finalizer that runs while results are handed over", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  after_each(collect_as_usual)

  for name, act in pairs(ACTS) do
    it(name .. ", and the books balance", function()
      local certain, possible, acted, acted_in = 0, 0, 0, nil
      for round = 1, ROUNDS do
        local client = clients.of(twilio, { base_url = twilio.http_url, ca_file = false })
        local pendings, calls = flights.begin(client, 12)
        local run, polling, failure = 0, false, nil
        local function trap()
          when_collected(function()
            run = run + (polling and 1 or 0)
            if acted_in == round then
              return
            elseif polling and run == round % 5 + 1 then
              acted_in = round
              acted = acted + 1
              local ok, why = pcall(act, client, pendings)
              failure = not ok and why or nil
            else
              trap()
            end
          end)
        end
        collect_eagerly()
        trap()
        local left
        repeat -- without a pause, in which nothing would be collected
          polling = true
          left = client:poll()
          polling = false
        until left == 0
        acted_in = round
        collect_as_usual()
        assert.is_nil(failure)
        for i = 1, 12 do
          assert.equal(1, calls[i])
        end
        local counts = flights.count(pendings)
        local unknown = (counts["closed unknown"] or 0) + (counts["cancelled unknown"] or 0)
        certain = certain + (counts.number or 0)
        possible = possible + unknown
        client:close(5)
      end
      local owned = 0
      for _, number in ipairs(twilio:state().owned) do
        owned = owned + (number.phone_number:match("^%+1415") and 1 or 0)
      end
      assert.is_true(acted >= ROUNDS / 2 or not eager, "only " .. acted)
      assert.is_true(certain <= owned and owned <= certain + possible)
    end)
  end

  it("after the engine's own finds a client that is closed in effect", function()
    local output, status = interpreter.result(flights.program(
      twilio,
      [[
      local function at_the_end(f)
        if newproxy then
          keep = newproxy(true)
          getmetatable(keep).__gc = f
        else
          keep = setmetatable({}, { __gc = f })
        end
      end
      local client, pending
      at_the_end(function() -- made first, and so called last
        local called, why = pcall(function()
          client:poll()
          pending:wait()
          pending:wait(1)
          assert(pending:done())
          local _, _, err = client:purchase_async { area_code = "415" }
          client:close()
        end)
        print(called and "good" or why)
      end)
      client = clients.of(twilio)
      pending = client:purchase_async { area_code = "415" }
      client:poll()
    ]]
    ))
    assert.equal("good\n", output)
    assert.equal(0, status)
  end)
end)
