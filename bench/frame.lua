-- A game's frame loop with purchases in flight: 60 frames a second, 4 ms of work in each.
--   lua bench/frame.lua DRIVER BASE_URL CA_FILE HTTP PURCHASES BURSTS BURSTS_WITHOUT_COLLECTOR
-- DRIVER: a file of bench/frame. All are started in one frame, right after the start (cold: connecting and
-- TLS handshakes included) and again in each burst (warm; then with Lua's collector stopped). Prints JSON:
-- for each the longest poll, the longest begin and the longer of the two (us; a step of the collector falls
-- into either), the longest frame (ms) and how many frames took longer than 1/60 s; then the cost of a poll
-- that finds nothing.
local cjson = require("cjson")
local core = require("twilio.numbers.core") -- its clock

local FRAME, WORK = 1 / 60, 0.004
local BATCHES, POLLS = 100, 1000
local driver = require("bench.frame." .. arg[1]) {
  url = arg[2],
  ca_file = arg[3],
  http = tonumber(arg[4]),
}
local purchases, bursts, without_collector = tonumber(arg[5]), tonumber(arg[6]), tonumber(arg[7])
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
    worst.begin_us = longest(worst.begin_us, driver.begin)
  end
  worst.poll_us = longest(worst.poll_us, driver.poll)
  local worked = core.now() + WORK
  while core.now() < worked do -- the game
  end
  return core.now() - began
end

---Runs frames until everything is bought, and updates the worst times so far.
local function play(worst)
  bought = 0
  local ends, frame = core.now(), 0
  while bought < purchases do
    local took = play_frame(worst, frame == 0 and purchases or 0)
    frame, worst.frames = frame + 1, worst.frames + 1
    worst.frame_ms = math.max(worst.frame_ms, took * 1e3)
    worst.long_frames = worst.long_frames + (took > FRAME and 1 or 0)
    ends = math.max(ends + FRAME, core.now())
    core.sleep(ends - core.now())
  end
end

local function play_bursts(times)
  local worst = { poll_us = 0, begin_us = 0, frame_ms = 0, long_frames = 0, frames = 0 }
  for _ = 1, times do
    play(worst)
  end
  worst.poll_us, worst.begin_us = worst.poll_us * 1e6, worst.begin_us * 1e6
  worst.call_us = math.max(worst.poll_us, worst.begin_us)
  return worst
end

---Nanoseconds (the median of batches, since others may use the processor too) and bytes of garbage for a
---poll that finds nothing.
local function idle()
  local batches = {}
  driver.poll()
  collectgarbage()
  collectgarbage("stop")
  for i = 1, BATCHES do
    batches[i] = 0
  end
  local garbage, batch = collectgarbage("count"), 0
  repeat
    local began = core.now()
    for _ = 1, POLLS do
      driver.poll()
    end
    batch = batch + 1
    batches[batch] = core.now() - began
  until batch == BATCHES or bought > 0
  garbage = collectgarbage("count") - garbage
  collectgarbage("restart")
  table.sort(batches)
  return {
    ns = batches[BATCHES - math.floor(batch / 2)] / POLLS * 1e9,
    garbage_bytes = garbage * 1024 / POLLS / batch,
  }
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
driver.close()
print(cjson.encode(results))
