-- A game's frame loop with purchases in flight: 60 frames a second, 4 ms of work in each.
--   lua bench/frame.lua DRIVER BASE_URL CA_FILE PURCHASES BURSTS BURSTS_WITHOUT_COLLECTOR
-- DRIVER: a file of bench/frame. All are started in one frame, right after the start (cold: connecting and
-- TLS handshakes included) and again in each burst (warm; then with Lua's collector stopped). Prints JSON:
-- for each the longest poll, the longest begin and the longer of the two (us; a step of the collector falls
-- into either) and the longest frame (ms); then the time of a poll that finds nothing.
local cjson = require("cjson")
local core = require("twilio.numbers.core") -- its clock
local statistics = require("bench.statistics")

local FRAME, WORK = 1 / 60, 0.004
local BATCHES, POLLS = 100, 1000
local driver = require("bench.frame." .. arg[1]) { url = arg[2], ca_file = arg[3] }
local purchases, bursts, without_collector = tonumber(arg[4]), tonumber(arg[5]), tonumber(arg[6])
local bought

local function count()
  bought = bought + 1
end

---Calls f and returns the longer of its time and the given one.
local function longest(before, f)
  local began = core.now()
  f(count)
  return math.max(before, core.now() - began)
end

---One frame: polls, and works. Returns how long that took.
local function play_frame(worst, begins)
  local began = core.now()
  for _ = 1, begins do
    worst.begin = longest(worst.begin, driver.begin)
  end
  worst.poll = longest(worst.poll, driver.poll)
  local worked = core.now() + WORK
  while core.now() < worked do -- the game
  end
  return core.now() - began
end

---Runs frames until everything is bought, and updates the worst times so far.
local function play(worst)
  bought = 0
  local ends, begins = core.now(), purchases
  while bought < purchases do
    worst.frame = math.max(worst.frame, play_frame(worst, begins))
    begins = 0
    ends = math.max(ends + FRAME, core.now())
    core.sleep(ends - core.now())
  end
end

local function play_bursts(times)
  local worst = { poll = 0, begin = 0, frame = 0 }
  for _ = 1, times do
    play(worst)
  end
  return {
    poll_us = worst.poll * 1e6,
    begin_us = worst.begin * 1e6,
    call_us = math.max(worst.poll, worst.begin) * 1e6,
    frame_ms = worst.frame * 1e3,
  }
end

---Nanoseconds of a poll that finds nothing: the median of batches, since others may use the processor too.
local function idle()
  local batches = {}
  driver.poll()
  collectgarbage()
  collectgarbage("stop")
  repeat
    local began = core.now()
    for _ = 1, POLLS do
      driver.poll()
    end
    batches[#batches + 1] = (core.now() - began) / POLLS * 1e9
  until #batches == BATCHES or bought > 0
  collectgarbage("restart")
  return { ns = statistics.summary(batches).median }
end

local results = { cold = play_bursts(1), warm = play_bursts(bursts) }
collectgarbage()
collectgarbage("stop")
results.warm_without_collector = play_bursts(without_collector)
collectgarbage("restart")
bought = 0
results.idle = idle()
for _ = 1, purchases do
  driver.begin(count)
end
core.sleep(0.03) -- until they are sent, where a thread does that
results.idle_in_flight = idle()
while bought < purchases do
  driver.poll()
  core.sleep(0.01)
end
print(cjson.encode(results))
