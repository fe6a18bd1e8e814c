--- A fleet of processes that buy with idempotency keys, and are killed at random moments, while their network
--- and Twilio fail; then all keys are finished. For a program of its own (spec/support/keyed_specs.lua starts
--- it), which never buys itself.
---
--- What must hold: each key ends with one number (or, of purchase_many, as many as it asked for), which is
--- what was returned for it before; and the books balance, see spec/support/journal_books.lua.
local core = require("twilio.numbers.core")
local faults = require("spec.support.faults")
local keyed_kills = require("spec.support.keyed_kills")
local process = require("spec_process")
local simulator = require("spec.support.simulator")

local keyed_fleet = {}

local SIGKILL = 9
local AT_ONCE = 6 -- processes
local LONGEST = 0.3 -- seconds of a process's life
local WINDOW = 8 -- keys that concurrent processes choose from
local KEYS_PER_KILL = 1.5
local EVERY = 5 -- one key in so many is one of purchase_many
local COUNT = 3 -- of its numbers
local IN_FLIGHT = 3
local LONGEST_CALL = 1 -- second
local FINISHERS = 4
local TRIES = 5 -- of a finisher, for a key

local PROBABILITY = 0.2
local FAULTS = faults.anywhere_and {
  "goaway",
  { fault = "goaway", commit = true },
  { fault = "drip", seconds = 0.002 },
  { fault = "hang", seconds = 0.02 },
  { fault = "close_after_commit", scope = "stream" },
  { fault = "status", status = 500 },
  { fault = "status", status = 502, commit = true },
  { fault = "status", status = 400, code = 21422, method = "POST" },
}

-- Park and Miller's generator: the same for a seed under every Lua. An integer from 0 on, below `limit`.
local function generator(seed)
  local state = seed % 2147483646 + 1
  return function(limit)
    state = state * 16807 % 2147483647
    return state % limit
  end
end

-- ---- keys ----

local function is_many(n)
  return n % EVERY == 0
end

local function key_of(n)
  return (is_many(n) and "many-" or "order-") .. n
end

--- The books' name of a key's purchase.
local function orders_of(n)
  if not is_many(n) then
    return { key_of(n) }
  end
  local names = {}
  for slot = 1, COUNT do
    names[slot] = slot .. "/" .. key_of(n)
  end
  return names
end

-- ---- what is returned ----

--- Adds a line to the log of all processes, in one write.
local function log(job, ...)
  local file = assert(io.open(job.log, "a"))
  file:setvbuf("full")
  file:write(table.concat({ ... }, " ") .. "\n")
  file:close()
end

local function note(job, name, number, _, err)
  if number then
    log(job, "number", name, number.sid)
  else
    log(job, "error", err.kind, tostring(err.purchased))
    job.message = err.message
  end
  return number
end

--- Buys with a key. Returns everything that it has bought.
local function buy(job, client, n, is_blocking)
  local key = key_of(n)
  local params, options = { friendly_name = key }, { idempotency_key = key }
  if is_many(n) then
    local filter = { country = "US", area_code = "510", count = COUNT }
    local report, message, err = client:purchase_many(filter, params, options)
    if not report then
      return note(job, key, nil, message, err)
    end
    for slot, item in ipairs(report.results) do
      if item.number or item.err then -- else it was not sent for lack of time
        note(job, slot .. "/" .. key, item.number, item.message, item.err)
      end
    end
    return report.bought == COUNT
  elseif is_blocking then
    local number, message, err = client:purchase_available(keyed_kills.FILTER, params, options)
    return note(job, key, number, message, err)
  end
  return client:purchase_available_async(keyed_kills.FILTER, params, options)
end

--- Buys with keys of a window, at random, until it is killed.
local function buy_for_ever(job, first, seed)
  local random = generator(seed)
  random(1)
  if random(2) == 0 then
    keyed_kills.be_impatient()
  end
  job.way = random(2) == 0 and "blocking" or "in_flight"
  local client = keyed_kills.client(job, { deadline = (1 + random(100)) / 100 * LONGEST_CALL })
  while true do
    local futures = {}
    for i = 1, job.way == "in_flight" and IN_FLIGHT or 1 do
      local n = first + random(WINDOW)
      local future = buy(job, client, n, job.way == "blocking")
      futures[i] = { key = key_of(n), future = type(future) == "table" and future.wait and future }
    end
    for _, one in ipairs(futures) do
      if one.future then
        note(job, one.key, one.future:wait())
      end
    end
  end
end

-- ---- kills ----

--- Kills the given number of processes, of which AT_ONCE run at a time.
---@return integer tries processes, of which some may have been killed before they did anything
---@return integer last the last key that may have been used
local function kill_all(job)
  local random, live, started, last = generator(job.seed), {}, 0, 0
  local function start(place)
    local first = math.floor(started * KEYS_PER_KILL) + 1
    started, last = started + 1, first + WINDOW - 1
    local seed = job.seed + started * 7919
    live[place] = keyed_kills.start(function()
      buy_for_ever(job, first, seed)
    end)
    live[place].ends = core.now() + random(1000) / 1000 * LONGEST
  end
  for place = 1, AT_ONCE do
    start(place)
  end
  while next(live) do
    local place
    for i, child in pairs(live) do
      place = (not place or child.ends < live[place].ends) and i or place
    end
    local child = live[place]
    live[place] = nil
    core.sleep(math.max(0, child.ends - core.now()))
    process.kill(child.pid, SIGKILL)
    local status, problem = keyed_kills.wait(child)
    assert(status == 128 + SIGKILL, problem or "status " .. status)
    if started < job.kills then
      start(place)
    end
  end
  return started, last
end

--- Finishes every FINISHERS-th key.
local function finish(job, first, last)
  if job.journal:match("^postgresql") then
    keyed_kills.be_impatient()
  end
  local client = keyed_kills.client(job)
  for n = first, last, FINISHERS do
    local tries = 1
    while not buy(job, client, n, true) do
      assert(tries < TRIES, key_of(n) .. " does not buy: " .. tostring(job.message))
      tries = tries + 1
    end
  end
  client:close()
end

local function finish_all(job, last)
  local children = {}
  for first = 1, FINISHERS do
    children[first] = keyed_kills.start(function()
      finish(job, first, last)
    end)
  end
  for _, child in ipairs(children) do
    local status, problem = keyed_kills.wait(child)
    assert(status == 0, problem or "status " .. status)
  end
end

--- Checks that each key always had the same number; returns these numbers and the count of failed calls.
local function read_log(job, owned)
  local sids, counts = {}, { number = 0, no = 0, unknown = 0, yes = 0 }
  for line in io.lines(job.log) do
    local what, name, value = line:match("^(%S+) (%S+) (%S+)$")
    if what == "number" then
      assert(owned[value], name .. " returned a number that is not owned")
      assert(not sids[name] or sids[name] == value, name .. " returned two numbers")
      sids[name], what = value, "number"
    else
      what = value
    end
    counts[what] = counts[what] + 1
  end
  return sids, counts
end

local function run(job)
  job.log, job.keys, job.way = os.tmpname(), {}, "in_flight"
  job.twilio:chaos { seed = job.seed, probability = PROBABILITY, faults = FAULTS }
  local kills, last = kill_all(job)
  job.twilio:clear()
  finish_all(job, last)
  for n = 1, last do
    for _, name in ipairs(orders_of(n)) do
      job.keys[#job.keys + 1] = name
    end
  end
  local owned = {}
  for _, number in ipairs(keyed_kills.check_books(job).owned) do
    owned[number.sid] = true
  end
  local sids, counts = read_log(job, owned)
  for _, name in ipairs(job.keys) do
    assert(sids[name], name .. " returned nothing")
  end
  os.remove(job.log)
  return kills, last, counts
end

--- The program: prints a line, "ok" and the figures, or what is wrong.
---@param job { twilio: table, journal: string, kills: integer, seed: integer }
function keyed_fleet.main(job)
  simulator.of(job.twilio)
  local began = core.now()
  local good, kills, last, counts = pcall(run, job)
  if not good then
    print("wrong: " .. tostring(kills))
    os.exit(1)
  end
  print(
    ("ok: %d killed, %d keys with %d numbers, 0 bought twice, 0 lost (calls returned %d numbers, "):format(
      kills,
      last,
      #job.keys,
      counts.number
    )
      .. ("and ended as no %d, unknown %d, yes %d times); %.0f s"):format(
        counts.no,
        counts.unknown,
        counts.yes,
        core.now() - began
      )
  )
end

return keyed_fleet
