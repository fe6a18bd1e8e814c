-- The same requests through the library, checks and decoding included.
--   lua bench/purchase.lua BASE_URL CA_FILE COUNT [new]  ->  CPU and wall microseconds for each
-- With "new" each request is the first of its connection, since the server closes; then also the
-- peak of resident memory in MB.
local core = require("twilio.numbers.core")
local params, new_client = dofile("bench/account.lua")

local base_url, ca_file, count, new = arg[1], arg[2], tonumber(arg[3]), arg[4]
local client = new_client(base_url, ca_file)
if arg[3] == "form" then
  print((assert(core.form(params))))
  return
end

local cpu, wall
for i = (new and 1 or -49), count do
  if i == 1 then
    cpu, wall = os.clock(), core.now()
  end
  assert(client:purchase(params))
end
local peak = io.open("/proc/self/status"):read("*a"):match("VmHWM:%s*(%d+)")
if count > 0 then
  print(
    ("%.1f %.1f %.1f"):format(
      (os.clock() - cpu) * 1e6 / count,
      (core.now() - wall) * 1e6 / count,
      peak / 1024
    )
  )
end
