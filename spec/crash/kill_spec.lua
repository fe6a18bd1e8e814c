-- Checks docs/money.md: processes that buy are killed at random moments, and then the procedure finds each
-- number that was bought and not reported, and no other. More kills: make kills KILLS=200 [SEED=...]
local crashes = require("spec.support.crashes")
local flights = require("spec.support.flights")
local journal = require("examples.journal")
local simulator = require("spec.support.simulator")

local KILLS = tonumber(os.getenv("KILLS")) or 5 -- for each of the four ways to buy
local SEED = tonumber(os.getenv("SEED")) or os.time()
local BEFORE = 60 -- numbers that are bought and reported before: more than one page
local TARGETS = 200 -- of one process, which is killed long before it has them all
local FAULTY = 0.3 -- so many requests meet a fault, of every other process
local AFRESH = 10 -- kills of one account and one journal
local MOST_POSTS, MOST_SECONDS = 25, 0.01 -- until the kill, at random

local WAYS = {
  { name = "blocking over HTTP/1.1 and TLS", at_once = 1, url = "base_url" },
  { name = "blocking over plain HTTP/1.1", at_once = 1, url = "http_url" },
  { name = "5 in flight over HTTP/2", at_once = 5, url = "base_url" },
  { name = "5 in flight over plain HTTP/1.1", at_once = 5, url = "http_url" },
}

describe("after a crash", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local path, phones

  before_each(function()
    path, phones = os.tmpname(), 0
  end)

  after_each(function()
    os.remove(path)
  end)

  local function next_phone()
    phones = phones + 1
    return ("+1510%d"):format(5550099 + phones)
  end

  local function buy(way, count)
    local arguments = { path, tostring(way.at_once) }
    for _, target in ipairs(crashes.targets(count, next_phone)) do
      arguments[#arguments + 1] = target
    end
    return crashes.start(twilio, twilio[way.url], "buy_with_journal", arguments)
  end

  local function find(way, argument, patience)
    local arguments = { path, argument, patience = patience }
    return crashes.run(twilio, twilio[way.url], "after_a_crash", arguments)
  end

  -- Park and Miller's generator: the same for a seed under every Lua. An integer from 0 on, below `limit`.
  local function generator(seed)
    local state = seed % 2147483646 + 1
    return function(limit)
      state = state * 16807 % 2147483647
      return state % limit
    end
  end

  -- Forgets all, and buys what is reported.
  local function begin_anew(way)
    twilio:reset()
    os.remove(path)
    phones = 0
    assert.matches("60 bought, 0 not\n$", crashes.output(buy(way, BEFORE)))
  end

  -- Kills a process that buys; nothing of it is under way any more. False if it was too quick, and had all.
  local function kill_one(way, random, probability)
    twilio:limits { latency = random(4) / 1000, work = random(4) / 1000 }
    twilio:chaos {
      seed = random(1000000),
      probability = probability,
      faults = crashes.FAULTS,
    }
    local posts, seconds = random(MOST_POSTS), random(1000) / 1000 * MOST_SECONDS
    local output = crashes.kill(buy(way, TARGETS), twilio, posts, seconds)
    twilio:clear()
    twilio:limits {}
    crashes.until_quiet(twilio)
    return not output:match("%d+ bought, %d+ not\n$")
  end

  -- How many were found.
  local function check(way, told)
    local unreported, count = crashes.unreported(twilio, path)
    assert.same(unreported, crashes.sids(find(way, "all")), told .. "the whole account")
    local found = find(way)
    assert.same(unreported, crashes.sids(found), told .. found)
    assert.same({}, (crashes.unreported(twilio, path)), told .. "the journal")
    assert.same({}, (journal.open(path):read()), told .. "open orders")
    return count
  end

  for index, way in ipairs(WAYS) do
    it("every number that was bought and not reported is found, " .. way.name, function()
      local random, kills, tries = generator(SEED * 4 + index), 0, 0
      local found = { [0] = 0, [FAULTY] = 0 }
      while kills < KILLS do
        local probability = tries % 2 == 0 and 0 or FAULTY -- without faults only the kill loses a number
        if tries % AFRESH == 0 then
          begin_anew(way)
        end
        tries = tries + 1
        kills = kills + (kill_one(way, random, probability) and 1 or 0)
        local told = ("SEED=%d, kill %d: "):format(SEED, tries)
        found[probability] = found[probability] + check(way, told)
        assert.is_true(tries <= 2 * KILLS + 1, told .. "they are too quick to be killed")
      end
      local told = "SEED=%d, %s: %d kills, found %d that the kill lost, and %d under faults"
      print(told:format(SEED, way.name, kills, found[0], found[FAULTY]))
    end)
  end

  it("a number is found if Twilio bought it after the first look-up", function()
    twilio:limits { hold = true }
    local child = buy(WAYS[3], 5)
    flights.until_(function()
      return twilio:state().unfinished == 5
    end, "five under way")
    crashes.kill(child, twilio, 0, 0)
    local finder = crashes.start(twilio, twilio.base_url, "after_a_crash", { path, patience = 2 })
    assert.equal("5 open orders of 5", finder.pipe:read("*l"))
    assert.matches("^5 not found. They may still reach Twilio", finder.pipe:read("*l"))
    twilio:limits {}
    flights.until_(function()
      return twilio:state().unfinished == 0
    end, "carried out")
    local unreported = crashes.unreported(twilio, path)
    assert.same(unreported, crashes.sids(crashes.output(finder)))
    local _, count = crashes.unreported(twilio, path)
    assert.same({ 5, 0 }, { twilio:state().purchases, count })
  end)
end)
