-- Shared by the Lua contenders: the order, its form for a plain HTTP client, and the report. Found through
-- the package.path that bench/run sets.
local cjson = require("cjson")
local mime = require("mime")
local socket = require("socket")
local url = require("socket.url")

local FOLDER = debug.getinfo(1, "S").source:match("^@(.*/)")

local file = assert(io.open(FOLDER .. "order.json"))
local order = cjson.decode((file:read("*a")))
file:close()

order.path = "/2010-04-01/Accounts/" .. order.account_sid .. "/IncomingPhoneNumbers.json"
order.authorization = "Basic " .. mime.b64(order.account_sid .. ":" .. order.auth_token)

---The command line that every contender takes.
---@return table arguments url and ca_file; count, in_flight, warm_up and http, which are numbers
function order.arguments()
  return {
    url = arg[1],
    ca_file = arg[2],
    count = tonumber(arg[3]),
    in_flight = tonumber(arg[4]),
    warm_up = tonumber(arg[5]),
    http = tonumber(arg[6]), -- 1.1 or 2
  }
end

---The form, encoded for each purchase as any caller must.
function order.form()
  local pairs_of = {}
  for name, value in pairs(order.params) do
    pairs_of[#pairs_of + 1] = name .. "=" .. url.escape(value)
  end
  return table.concat(pairs_of, "&")
end

---Decodes a response to a table, for clients that do not do so themselves.
function order.number(status, body)
  assert(tonumber(status) == 201, status)
  return assert(cjson.decode(body).sid) and true
end

local first

---Must be called when a purchase is answered: records the time of the first.
function order.answered()
  first = first or socket.gettime()
end

--- Runs a function that buys `count` numbers, first to warm up and then timed, and reports. With
---COUNT_GARBAGE in the environment, stops Lua's collector meanwhile and counts the garbage.
---@param buy fun(count: integer)
---@param arguments table
function order.measure(buy, arguments)
  if arguments.warm_up > 0 then
    buy(arguments.warm_up)
  end
  if os.getenv("COUNT_GARBAGE") then
    collectgarbage()
    collectgarbage("stop")
  end
  local garbage, cpu, wall = collectgarbage("count"), os.clock(), socket.gettime()
  buy(arguments.count)
  cpu, wall = os.clock() - cpu, socket.gettime() - wall
  garbage = (collectgarbage("count") - garbage) * 1024
  local status = assert(io.open("/proc/self/status"))
  local peak = status:read("*a"):match("VmHWM:%s*(%d+)")
  status:close()
  print(cjson.encode {
    cpu_us = cpu * 1e6 / arguments.count,
    wall_us = wall * 1e6 / arguments.count,
    garbage_bytes = garbage / arguments.count,
    process_cpu_s = os.clock(),
    first = first,
    peak_mb = peak / 1024,
  })
end

return order
