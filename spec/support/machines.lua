--- Two machines that buy, and a third one with the simulator and PostgreSQL: network namespaces with links
--- that can be cut. A driver in the third one's namespace uses this, see machines.run().
---
---   local net = machines.new { store = server.port, twilio = port }   what each link is for, by port
---   net:start("a", given, program)      a program on the machine "a" or "b", as keyed.start() takes it
---   net:cut("a", "twilio"), net:restore("a", "twilio")
---   net:stop()
---
--- All servers listen on 127.0.0.1, which is the third machine's alone: the buyers have no loopback device,
--- and a route there.
local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
local keyed = require("spec.support.keyed")
local left_out = require("spec.support.left_out")
local process = require("spec_process")

local machines = {}

local Net = {}
Net.__index = Net

local SIGKILL = 9

local output = require("spec.support.files").trimmed_output

local function shell(command)
  local text = output("{ " .. command .. "; } 2>&1 || echo failed")
  assert(not text:find("failed$"), command .. ": " .. text)
end

--- Whether this machine allows no network namespaces; if so, records that.
---@param what string what is left out then
function machines.are_missing(what)
  local works =
    output("[ $(id -u) = 0 ] && unshare --net ip link set lo up 2>/dev/null && echo yes")
  return left_out.without(works == "yes", what, "networks of a process's own")
end

--- Runs a driver in a network of its own, the third machine's.
---@param module string which has main(name), and prints "ok" in the end
---@param name string
---@return string output
function machines.run(module, name)
  local program = ([[require("spec.support.machines").third()
    require(%q).main(%q)]]):format(module, name)
  local command = interpreter.run(program):gsub(" exec ", " exec unshare --net timeout 280 ", 1)
  return output(command .. " 2>&1")
end

--- Makes this network the third machine's: 127.0.0.1, and none of the other addresses that begin with 127.
function machines.third()
  shell("ip link set lo up; ip address del 127.0.0.1/8 dev lo; ip address add 127.0.0.1/32 dev lo")
end

local function network_of(pid)
  return output(("readlink /proc/%s/ns/net"):format(pid))
end

--- The PID of a process that sleeps in a network of its own.
local function new_network()
  local pid = output("unshare --net sleep 600 >/dev/null 2>&1 & echo $!")
  local own = network_of("self")
  flights.until_(function()
    local network = network_of(pid)
    return network ~= "" and network ~= own
  end, "a network")
  return pid
end

local LINK = [[
  ip link add $link type veth peer name $inner netns $pid
  ip address add 10.99.$net.1/24 dev $link
  echo 1 >/proc/sys/net/ipv4/conf/$link/route_localnet
  ip link set $link up
]]

local INNER = [[
  ip address add 10.99.$net.2/24 dev $inner
  echo 1 >/proc/sys/net/ipv4/conf/$inner/route_localnet
  ip link set $inner up
  ip route add 127.0.0.1/32 dev $inner via 10.99.$net.1 src 10.99.$net.2 table $net
  ip rule add ipproto tcp dport $port lookup $net
]]

--- Makes a link of a machine that carries what goes to a port.
local function add_link(pid, machine, name, port, net)
  local values = {
    link = machine .. name,
    inner = name,
    pid = pid,
    net = ("%d"):format(net),
    port = ("%d"):format(port),
  }
  local inside = ("nsenter --target %s --net sh -e <<'END'\n%sEND"):format(pid, INNER)
  shell(((LINK .. inside):gsub("%$(%l+)", values)) .. "\n true")
end

---@param ports table<string, integer> of the third machine
function machines.new(ports)
  local self, net = setmetatable({ pids = {} }, Net), 1
  for _, machine in ipairs { "a", "b" } do
    local pid = new_network()
    self.pids[machine] = pid
    for name, port in pairs(ports) do
      add_link(pid, machine, name, port, net)
      net = net + 1
    end
  end
  return self
end

function Net:start(machine, given, program)
  local all = { before = ("nsenter --target %s --net"):format(self.pids[machine]) }
  for name, value in pairs(given) do
    all[name] = value
  end
  return keyed.start(all, program)
end

function Net:cut(machine, link) -- luacheck: ignore self
  shell(("ip link set %s%s down"):format(machine, link))
end

function Net:restore(machine, link) -- luacheck: ignore self
  shell(("ip link set %s%s up"):format(machine, link))
end

function Net:stop()
  for _, pid in pairs(self.pids) do
    process.kill(tonumber(pid), SIGKILL)
  end
end

return machines
