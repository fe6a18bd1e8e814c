-- The effect of purchases on other requests in the same nginx worker: how long a location that returns "ok"
-- takes while IN_FLIGHT purchases are always in flight, each answered after 300 ms.
--   lua bench/neighbour.lua PORT REQUESTS IN_FLIGHT LOCATION      /buy, or /block with a client that blocks
-- Prints JSON: the median, the 99th percentile and the longest (us), and purchases a second.
local cjson = require("cjson")
local socket = require("socket")
local statistics = require("bench.statistics")

local port, requests, in_flight = tonumber(arg[1]), tonumber(arg[2]), tonumber(arg[3])
local buying = arg[4]
local PAUSE = 0.001 -- seconds between two requests

local function connect()
  local connection = assert(socket.connect("127.0.0.1", port))
  connection:setoption("tcp-nodelay", true)
  return connection
end

local function ask(connection, path)
  assert(connection:send("GET " .. path .. " HTTP/1.1\r\nHost: localhost\r\n\r\n"))
end

--- Reads a response, which must have this body.
local function read(connection, wanted)
  local length, line
  repeat
    line = assert(connection:receive("*l"))
    length = line:lower():match("^content%-length: (%d+)") or length
  until line == ""
  local body = assert(connection:receive(tonumber(length)))
  assert(body == wanted, body)
end

local buyers, bought = {}, 0
for i = 1, in_flight do
  buyers[i] = connect()
  ask(buyers[i], buying)
end

--- Starts a new purchase for each one that is done.
local function buy_on()
  for _, buyer in ipairs((socket.select(buyers, nil, 0))) do
    read(buyer, "bought")
    bought = bought + 1
    ask(buyer, buying)
  end
end

local connection, times = connect(), {}
local warm_ends = socket.gettime() + (in_flight > 0 and 1 or 0)
while socket.gettime() < warm_ends do
  buy_on()
  socket.sleep(PAUSE)
end
bought = 0
local began = socket.gettime()
for i = 1, requests do
  local sent = socket.gettime()
  ask(connection, "/ok")
  read(connection, "ok")
  times[i] = socket.gettime() - sent
  buy_on()
  socket.sleep(PAUSE)
end
local seconds = socket.gettime() - began
print(cjson.encode {
  median_us = statistics.quantile(times, 0.5) * 1e6,
  p99_us = statistics.quantile(times, 0.99) * 1e6,
  longest_us = statistics.quantile(times, 1) * 1e6,
  purchases_a_second = bought / seconds,
})
os.exit(0)
