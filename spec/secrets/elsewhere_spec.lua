-- A response cannot make a client send its credentials elsewhere, or keep state.
local certificates = require("spec.support.certificates")
local clients = require("spec.support.clients")
local simulator = require("spec.support.simulator")
local tls_servers = require("spec.support.tls_servers")

--- Buys in both ways, by HTTP/1.1 and by HTTP/2.
local function for_both_ways(client, f)
  f(client:purchase { area_code = "415" })
  f(client:purchase_async({ area_code = "415" }):wait())
end

describe("a redirect", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local other

  setup(function()
    other = simulator.start()
  end)

  teardown(function()
    other:stop()
  end)

  --- The targets of redirects.
  local TARGETS = {
    ["another host"] = function()
      return other.base_url .. "/2010-04-01/Accounts.json"
    end,
    ["another host over plain http"] = function()
      return other.http_url .. "/2010-04-01/Accounts.json"
    end,
    ["the same host over plain http"] = function()
      return twilio.http_url .. "/2010-04-01/Accounts.json"
    end,
    ["the same host"] = function()
      return twilio.base_url .. "/2010-04-01/Accounts.json"
    end,
    ["another path"] = function()
      return "/2010-04-01/Accounts.json"
    end,
    ["a file"] = function()
      return "file:///etc/passwd"
    end,
  }

  for target, location in pairs(TARGETS) do
    it("to " .. target .. " is not followed, whatever its status", function()
      local client = clients.of(twilio, { retries = 0 })
      for _, status in ipairs { 301, 302, 303, 307, 308 } do
        twilio:reset()
        for _ = 1, 2 do
          twilio:fault {
            fault = "redirect",
            status = status,
            location = location(),
            commit = false,
          }
        end
        for_both_ways(client, function(number, _, err)
          assert.is_nil(number)
          assert.same({ "response", status }, { err.kind, err.status })
        end)
        assert.same({ 2, 2 }, { twilio:state().posts, #twilio:requests() })
        assert.equal(0, #other:requests())
      end
      client:close()
    end)
  end

  it("is not followed by reads", function()
    local client = clients.of(twilio, { retries = 0 })
    twilio:fault { fault = "redirect", location = TARGETS["another host"]() }
    local number, _, err = client:fetch("PN" .. ("0"):rep(32))
    assert.is_nil(number)
    assert.equal("response", err.kind)
    assert.same({ 1, 0 }, { #twilio:requests(), #other:requests() })
    client:close()
  end)
end)

describe("an answer", function()
  local ca_file, servers

  setup(function()
    local authority = certificates.authority()
    ca_file = os.tmpname()
    local file = assert(io.open(ca_file, "w"))
    file:write(authority.pem)
    file:close()
    local port = tls_servers.free_ports(1)[1]
    local first, other = authority:issue(), authority:issue()
    other.port = port
    first.more = ([[
      add_header Location https://127.0.0.1:%d/elsewhere always;
      add_header Refresh "0; url=https://127.0.0.1:%d/elsewhere" always;
      add_header Alt-Svc 'h2="127.0.0.1:%d"; ma=3600; persist=1, http/1.1="127.0.0.1:%d"' always;
      add_header Strict-Transport-Security "max-age=3600" always;
      add_header Set-Cookie "session=of-another; Path=/" always;
    ]]):format(port, port, port, port)
    servers = tls_servers.start { first = first, other = other }
  end)

  teardown(function()
    servers.stop()
    os.remove(ca_file)
  end)

  it("of a purchase that names another place ends it", function()
    local client = clients.of {
      account_sid = "AC" .. ("0"):rep(32),
      auth_token = "token",
      base_url = servers.first.url,
      ca_file = ca_file,
    }
    for _ = 1, 2 do
      for_both_ways(client, assert)
    end
    client:close()
    for _, request in ipairs(servers.first:await(4)) do
      assert.equal("POST", request.method)
      assert.equal("-", request.cookie) -- none, though the answers before set one
    end
    assert.same({ 4, 0 }, { #servers.first:requests(), #servers.other:requests() })
  end)
end)
