-- A game's frame loop with purchases in flight: 60 frames a second, 4 ms of work in each.
--   bench/frame [PURCHASES]      runs this for each Lua and each version of HTTP
--   lua bench/frame.lua BASE_URL CA_FILE PURCHASES ROUNDS
-- All are begun in one frame, right after the start (cold: connecting and TLS handshakes included) and
-- again in each round (warm). Prints the longest client:poll(), the longest purchase_async(), frames
-- that took longer than 1/60 s, with and without the steps of Lua's collector, which falls to whoever
-- allocates; then what a poll costs that finds nothing, in time and in garbage.
local core = require("twilio.numbers.core")
local params, new_client = dofile("bench/account.lua")

local base_url, ca_file = arg[1], arg[2]
local purchases, rounds = tonumber(arg[3]), tonumber(arg[4])
local FRAME, WORK = 1 / 60, 0.004
local BATCHES, POLLS = 100, 1000
local client = new_client(base_url, ca_file)
local bought

local function count(number, message)
  assert(number, message)
  bought = bought + 1
end

--- Calls f and returns how long that took, if it was longer than before.
local function longest(before, f)
  local began = core.now()
  f()
  return math.max(before, core.now() - began)
end

local function begin()
  client:purchase_async(params, count)
end

local function poll()
  client:poll()
end

--- Plays frames until all is bought.
local function play()
  local longest_poll, longest_begin, long_frames, frames, slowest = 0, 0, 0, 0, 0
  bought = 0
  local ends = core.now()
  while bought < purchases do
    local began = core.now()
    if frames == 0 then
      for _ = 1, purchases do
        longest_begin = longest(longest_begin, begin)
      end
    end
    longest_poll = longest(longest_poll, poll)
    local worked = core.now() + WORK
    while core.now() < worked do -- the game
    end
    frames = frames + 1
    slowest = math.max(slowest, core.now() - began)
    long_frames = long_frames + (core.now() - began > FRAME and 1 or 0)
    ends = math.max(ends + FRAME, core.now())
    core.sleep(ends - core.now())
  end
  return { longest_poll, longest_begin, slowest, long_frames, frames }
end

local function show(name, played)
  print(
    ("  %s: longest poll %4.0f us, purchase_async %4.0f us, frame %4.1f ms; %d of %d frames too long"):format(
      name,
      played[1] * 1e6,
      played[2] * 1e6,
      played[3] * 1e3,
      played[4],
      played[5]
    )
  )
end

--- Nanoseconds (the median of batches, since others may use the processor too) and bytes of garbage
--- for a poll that finds nothing.
local function idle(name)
  local batches = {}
  client:poll()
  collectgarbage()
  collectgarbage("stop")
  for i = 1, BATCHES do
    batches[i] = 0
  end
  local garbage, batch = collectgarbage("count"), 0
  repeat
    local began = core.now()
    for _ = 1, POLLS do
      client:poll()
    end
    batch = batch + 1
    batches[batch] = core.now() - began
  until batch == BATCHES or bought > 0
  garbage = collectgarbage("count") - garbage
  collectgarbage("restart")
  table.sort(batches)
  local ns, bytes =
    batches[BATCHES - math.floor(batch / 2)] / POLLS * 1e9, garbage * 1024 / POLLS / batch
  print(("  idle poll, %s: %.0f ns, %.2f bytes of garbage"):format(name, ns, bytes))
end

--- The worst of some rounds.
local function play_warm()
  local worst = { 0, 0, 0, 0, 0 }
  for _ = 1, rounds do
    for i, value in ipairs(play()) do
      worst[i] = i < 4 and math.max(worst[i], value) or worst[i] + value
    end
  end
  return worst
end

show("cold", play())
show("warm", play_warm())
collectgarbage()
collectgarbage("stop")
show("warm, Lua's collector stopped", play_warm())
collectgarbage("restart")
bought = 0
idle("nothing in flight")
for _ = 1, purchases do
  begin()
end
core.sleep(0.03) -- until the thread has sent them
idle(purchases .. " in flight")
client:close(10)
