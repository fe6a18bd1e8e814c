-- What programs inherit from the host that starts them.
local clients = require("spec.support.clients")
local simulator = require("spec.support.simulator")

--- The numbers of all TCP sockets.
local function tcp_sockets()
  local numbers = {}
  for line in io.lines("/proc/self/net/tcp") do
    numbers[line:match("^%s*%d+:" .. ("%s+%S+"):rep(8) .. "%s+(%d+)") or ""] = true
  end
  return numbers
end

describe("a program that the host starts", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  it("inherits no connection", function()
    local client = clients.of(twilio)
    assert(client:purchase { area_code = "415" })
    assert(client:purchase_async({ area_code = "415" }):wait())
    assert.equal(2, twilio:state().connections)
    local pipe = assert(io.popen("readlink /proc/self/fd/*"))
    local inherited = pipe:read("*a")
    pipe:close()
    local tcp, seen = tcp_sockets(), 0
    client:close()
    for number in inherited:gmatch("socket:%[(%d+)%]") do
      seen = seen + (tcp[number] and 1 or 0)
    end
    assert.equal(0, seen)
  end)
end)
