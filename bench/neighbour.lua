-- The effect of purchases on other requests in the same nginx worker: how long a location that returns "ok"
-- takes while IN_FLIGHT purchases are always in flight, each answered after 300 ms.
--   lua bench/neighbour.lua PORT REQUESTS IN_FLIGHT LOCATION      /buy, or /block with a client that blocks
-- Prints JSON: the median, the 99th percentile and the longest (us), and purchases a second.
local cjson = require("cjson")
local socket = require("socket")

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

--- Reads a chunked response, as nginx' Lua sends it.
local function read(connection)
  local line
  repeat
    line = assert(connection:receive("*l"))
  until line == ""
  local body = {}
  repeat
    local size = tonumber((assert(connection:receive("*l"))), 16)
    body[#body + 1] = size > 0 and assert(connection:receive(size)) or nil
    assert(connection:receive("*l"))
  until size == 0
  return table.concat(body)
end

local buyers, bought, failed = {}, 0, 0
for i = 1, in_flight do
  buyers[i] = connect()
  ask(buyers[i], buying)
end

--- Starts a new purchase for each one that is done.
local function buy_on()
  for _, buyer in ipairs((socket.select(buyers, nil, 0))) do
    if read(buyer) == "bought" then
      bought = bought + 1
    else
      failed = failed + 1
    end
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
  assert(read(connection) == "ok")
  times[i] = socket.gettime() - sent
  buy_on()
  socket.sleep(PAUSE)
end
local seconds = socket.gettime() - began
table.sort(times)
print(cjson.encode {
  median_us = times[math.ceil(requests / 2)] * 1e6,
  p99_us = times[math.ceil(requests * 0.99)] * 1e6,
  longest_us = times[requests] * 1e6,
  purchases_a_second = bought / seconds,
  failed = failed,
})
os.exit(0)
