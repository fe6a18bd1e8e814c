--- Buys while a finalizer that runs at every allocation of Lua does something to the client. Runs in a
--- process of its own: with a collection at every allocation, a large heap would take minutes.
local clients = require("spec.support.clients")
local collector = require("spec.support.collector")
local flights = require("spec.support.flights")

local finalizing = {}

local ROUNDS = 10 -- in each, the next finalizer to run acts

-- As in spec/safety/finalizer_spec.lua: LuaJIT's collector does not end with such settings.
local eager = not rawget(_G, "jit")

local function collect_eagerly()
  if _VERSION == "Lua 5.4" then
    collectgarbage("incremental", 1, 1000, 2)
  elseif eager then
    collector.set(0, 1000000)
  end
  collectgarbage() -- the pause counts from the end of a cycle
end

local function collect_as_usual()
  if _VERSION == "Lua 5.4" then
    collectgarbage("incremental", 200, 100, 13)
  else
    collector.set(200, 200)
  end
end

local function when_collected(f)
  if newproxy then -- luacheck: ignore 113
    getmetatable(newproxy(true)).__gc = f -- luacheck: ignore 113
  else
    setmetatable({}, { __gc = f })
  end
end

--- What the finalizer does.
finalizing.ACTS = {
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

--- A round: certain purchases, possible ones, and whether the finalizer acted.
local function play(client, act, round)
  local pendings, calls = flights.begin(client, 12)
  local run, polling, is_over, has_acted, failure = 0, false, false, false, nil
  local function trap()
    when_collected(function()
      run = run + (polling and 1 or 0)
      if is_over then
        return
      elseif polling and run == round % 5 + 1 then
        is_over, has_acted = true, true
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
  repeat -- without a pause of the collector
    polling = true
    left = client:poll()
    polling = false
  until left == 0
  is_over = true
  collect_as_usual()
  assert(not failure, failure)
  for i = 1, 12 do
    assert(calls[i] == 1, "a callback was called " .. calls[i] .. " times")
  end
  local counts = flights.count(pendings)
  local unknown = (counts["closed unknown"] or 0) + (counts["cancelled unknown"] or 0)
  return counts.number or 0, unknown, has_acted
end

--- Runs all rounds; prints how many numbers were certainly bought, and how many possibly.
---@param twilio table a simulator
---@param name string one of ACTS
function finalizing.play(twilio, name)
  local certain, possible, acted = 0, 0, 0
  for round = 1, ROUNDS do
    local client = clients.of(twilio, { base_url = twilio.http_url, ca_file = false })
    local numbers, unknown, has_acted = play(client, finalizing.ACTS[name], round)
    certain, possible = certain + numbers, possible + unknown
    acted = acted + (has_acted and 1 or 0)
    client:close(5)
  end
  assert(acted >= ROUNDS / 2 or not eager, "only " .. acted)
  print(certain, possible)
end

return finalizing
