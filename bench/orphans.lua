-- The experiment of bench/orphans, on the server's side of the link.
local certificates = require("spec.support.certificates")
local core = require("twilio.numbers.core")
local files = require("spec.support.files")
local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
local kept_server = require("spec.support.kept_server")

local HOST = "10.99.0.1"
local CUT = 35 -- seconds without the link: longer than the limit, shorter than the system's own
local PATIENCE = 120 -- seconds after which a request will never arrive
local IN_NAMESPACE = ("nsenter --target %s --net "):format(os.getenv("BUYER"))

local BODY = '{"sid":"PN' .. ("0a"):rep(16) .. '"}'
local ANSWER = "HTTP/1.1 201 Created\r\nContent-Length: " .. #BODY .. "\r\n\r\n" .. BODY

-- Buys once, and again when a file is gone.
local PROGRAM = [[
  local client = assert(require("twilio.numbers").client {
    account_sid = "AC" .. ("0"):rep(32), auth_token = "token", base_url = %q, ca_file = %q,
  })
  assert(client:purchase { area_code = "415" })
  io.write("bought\n")
  io.flush()
  while io.open(%q) do
    require("twilio.numbers.core").sleep(0.01)
  end
  client:purchase { area_code = "415" }
]]

local function write(text)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  return path
end

local authority = certificates.authority()
local issued = authority:issue { names = { IP = HOST } }
local pem, ca_file, go = write(issued.certificate .. issued.key), write(authority.pem), write("")

-- A server, and a buyer that has bought there once.
local function start(name, older)
  local one = { name = name, server = kept_server.start({ ANSWER }, pem, HOST) }
  local program = PROGRAM:format(one.server.base_url, ca_file, go)
  local command =
    interpreter.run(program, { older = older }):gsub(" exec ", " exec " .. IN_NAMESPACE, 1)
  one.pipe = assert(io.popen("echo $$; " .. command .. " 2>&1"))
  one.pid = one.pipe:read("*l")
  assert(one.pipe:read("*l") == "bought", name)
  return one
end

-- The bytes that the system still has to send for it; nil if the connection is gone.
local function unsent(one)
  local list = IN_NAMESPACE .. "ss --tcp --no-header --numeric state all dst %s:%d"
  local bytes = files.output(list:format(HOST, one.server.port)):match("%S+%s+%d+%s+(%d+)")
  return tonumber(bytes)
end

local function execute(command)
  local status = os.execute(command)
  assert(status == 0 or status == true, command)
end

local function wait_for(what, is_so)
  local ends = core.now() + PATIENCE
  while not is_so() do
    assert(core.now() < ends, what)
    core.sleep(0.1)
  end
end

local limited = start("the library as it is")
local unlimited = start("without TCP_USER_TIMEOUT", "user_timeout")
execute("ip link set server down")
os.remove(go)
for _, one in ipairs { limited, unlimited } do
  flights.until_(function()
    return (unsent(one) or 0) > 100
  end, "handed to the system")
  execute("kill -9 " .. one.pid)
end
local killed = core.now()
local function since()
  return core.now() - killed
end

wait_for("given up", function()
  return not unsent(limited)
end)
print(("%s: given up %.1f s after the kill"):format(limited.name, since()))
assert(unsent(unlimited), "without the option the system keeps sending")
core.sleep(CUT - since())
execute("ip link set server up")
wait_for("read, without the option", function()
  return unlimited.server:counts().requests == 2
end)
print(("%s: read by the server %.1f s after the kill"):format(unlimited.name, since()))
assert(limited.server:counts().requests == 1, "the server read what was given up")

for _, one in ipairs { limited, unlimited } do
  one.pipe:close()
  one.server:stop()
end
os.remove(pem)
os.remove(ca_file)
