-- Many purchases in one process, with faults: see bench/soak.
--   lua bench/soak.lua blocking|in_flight BASE_URL CA_FILE COUNT
-- Prints their results and what the process held. Ends with status 1 if that grew, or if the C library's
-- heap, without Lua's share, is larger after the client is closed than after another one that bought little.
-- luacheck: read globals jit
local account = require("account")
local core = require("twilio.numbers.core")
local flat = require("bench.flat")
local process = require("spec_process")
local select = require("socket").select

local kind, count = arg[1], tonumber(arg[4])
local server = { url = arg[2], ca_file = arg[3] }
local params = account.params
local by_area_code = { area_code = "500" } -- is not looked up after an unanswered attempt
local SAMPLES, IN_FLIGHT = 40, 100
local LEFT_BEHIND = 64 -- KB: a table of Lua's strings that doubles takes half of that
local EACH_VISIT, EACH_CANCEL, EACH_AREA_CODE = 200, 25, 10 -- once in so many purchases
local OPTIONS = { retries = 0, max_in_flight = IN_FLIGHT }
local client, outcomes, begun, done, visitors

local function note(number, _, err)
  local outcome = number and "bought" or err.kind .. ", purchased " .. err.purchased
  outcomes[outcome] = (outcomes[outcome] or 0) + 1
  done = done + 1
end

local function show_outcomes()
  local names = {}
  for name in pairs(outcomes) do
    names[#names + 1] = name
  end
  table.sort(names)
  for i, name in ipairs(names) do
    names[i] = ("%s %d"):format(name, outcomes[name])
  end
  print("  " .. table.concat(names, "; "))
end

local function next_params()
  begun = begun + 1
  return begun % EACH_AREA_CODE == 0 and by_area_code or params
end

--- Another short-lived client: every second one is closed, the others are left to the collector.
local function visit(buy)
  if begun < (visitors + 1) * EACH_VISIT then
    return
  end
  visitors = visitors + 1
  local visitor = account.client(server, OPTIONS)
  buy(visitor)
  if visitors % 2 == 0 then
    visitor:close(visitors % 4 == 0 and 5 or nil)
  end
end

local ways = {}

--- Buys one number after the other.
function ways.blocking(wanted)
  while begun < wanted do
    note(client:purchase(next_params()))
    visit(function(visitor)
      visitor:purchase(params)
    end)
  end
end

--- What luasocket's select asks for.
local readers = {
  {
    getfd = function()
      return client:pollfd()
    end,
  },
}

--- Starts a purchase. Sometimes cancels one: it at once, or an older one, which is in flight by then.
local older
local function begin()
  local pending = client:purchase_async(next_params(), note)
  if begun % EACH_CANCEL == 0 then
    local cancelled = begun % (2 * EACH_CANCEL) == 0 and pending or older
    cancelled:cancel()
  elseif begun % EACH_CANCEL == 10 then
    older = pending
  end
end

--- Buys with a hundred in flight.
function ways.in_flight(wanted)
  while done < wanted do
    while begun < wanted and begun - done < IN_FLIGHT do
      begin()
    end
    visit(function(visitor)
      visitor:purchase_async(params)
      visitor:purchase_async(params):cancel()
    end)
    local before = done
    client:poll()
    if done == before then
      select(readers, nil, client:timeout())
    end
  end
end

--- The size of the C library's heap without Lua's share, which the samples check: its table of strings
--- doubles in steps. LuaJIT's memory is elsewhere.
---@return number kilobytes
local function held_by_c()
  flat.collect()
  return process.allocated() / 1024 - (jit and 0 or collectgarbage("count"))
end

--- Buys numbers with a client, and returns the size of the C heap once it is closed.
---@return number kilobytes
local function buy(wanted, samples)
  client = account.client(server, OPTIONS)
  outcomes, begun, done, visitors = {}, 0, 0, 0
  for i = 1, SAMPLES do
    ways[kind](math.floor(wanted * i / SAMPLES))
    samples:take()
  end
  client:close()
  return held_by_c()
end

-- In flight, the number of kept connections varies, at about 75 KB each. A real leak shows in the C heap at
-- the end.
local more = kind == "in_flight" and { descriptors = IN_FLIGHT, ["resident, MB"] = 5 }
local samples = flat.new(more or {})
local few = buy(math.min(count, 2000), flat.new())
local began = core.now()
local many = buy(count, samples)

local lines, is_flat = samples:judge()
local summary = "  %d purchases and %d clients that came and went, in %.0f s"
print(summary:format(done, visitors, core.now() - began))
show_outcomes()
print(table.concat(lines, "\n"))
print(("  all closed, KB in C after a few purchases %.0f, at the end %.0f"):format(few, many))
is_flat = is_flat and many - few < LEFT_BEHIND
os.exit(is_flat and done == count and (outcomes.bought or 0) > count / 2 and 0 or 1)
