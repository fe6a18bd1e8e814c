-- The machine, the versions and the date.
local shell = require("bench.measure.shell")

local machine = {}

-- Debian's packages whose versions the page names.
local PACKAGES = "libjsmn-dev lua-cjson lua-curl lua-http lua-sec lua-socket lua5.1 lua5.2 lua5.3 lua5.4 "
  .. "python3-twilio"

local function output(command)
  return shell.output("{ " .. command .. "; } 2>/dev/null"):match("^%s*(.-)%s*$")
end

function machine.describe()
  local versions = {
    libcurl = output("curl-config --version"):match("[%d.]+$"),
    OpenSSL = output("openssl version"):match("^OpenSSL (%S+)"),
    nginx = output("nginx -v 2>&1"):match("nginx/(%S+)"),
    node = output("node --version"):match("[%d.]+"),
    ["twilio (npm)"] = output(
      "node -p 'require(\"./tools/node_modules/twilio/package.json\").version'"
    ),
    python3 = output("/usr/bin/python3 --version"):match("[%d.]+"),
    luajit = output("luajit -v"):match("^LuaJIT (%S+)"),
  }
  local packages = output("dpkg-query -W -f '${Package} ${Version}\n' " .. PACKAGES)
  for name, version in packages:gmatch("(%S+) (%S+)") do
    versions[name] = version
  end
  local kilobytes = output("sed -n 's/^MemTotal: *\\([0-9]*\\).*/\\1/p' /proc/meminfo")
  return {
    cpu = output("sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1"),
    cores = tonumber(output("nproc")),
    kernel = output("uname -sr"),
    system = output(". /etc/os-release; echo $PRETTY_NAME"),
    memory_gb = math.floor(kilobytes / 1048576 + 0.5),
    load = tonumber(output("cut -d' ' -f1 /proc/loadavg")), -- of the last minute, before the run
    date = os.date("!%Y-%m-%d"),
    versions = versions,
  }
end

return machine
