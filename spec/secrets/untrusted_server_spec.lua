-- A server without a valid certificate and a good connection is sent nothing. (Untrusted certificates, and
-- options that name one: spec/safety/tls_spec.lua.)
local certificates = require("spec.support.certificates")
local clients = require("spec.support.clients")
local curl = require("spec.support.curl")
local gnutls = require("spec.support.gnutls")
local interpreter = require("spec.support.interpreter")
local left_out = require("spec.support.left_out")
local tls_servers = require("spec.support.tls_servers")

local ANY_STRENGTH = "ALL:@SECLEVEL=0"

--- Servers that must be rejected: their settings, given the trusted authority.
local IMPOSTORS = {
  ["whose certificate has expired"] = function(authority)
    return authority:issue { from = -5, to = -1 }
  end,
  ["whose certificate is not valid yet"] = function(authority)
    return authority:issue { from = 1, to = 5 }
  end,
  ["whose certificate is another host's"] = function(authority)
    return authority:issue { names = { DNS = "api.twilio.com" } }
  end,
  ["whose certificate is another address's"] = function(authority)
    return authority:issue { names = { IP = "127.0.0.2" } }
  end,
  ["whose certificate is a client's"] = function(authority)
    return authority:issue { usage = "clientAuth" }
  end,
  ["whose certificate is from an untrusted authority"] = function()
    return certificates.authority():issue()
  end,
  ["whose certificate it has signed by itself"] = function()
    return certificates.authority():as_server()
  end,
  ["whose certificate another server has issued"] = function(authority)
    return certificates.usurper(authority:issue()):issue()
  end,
  ["whose key is weak"] = function(authority)
    local issued = authority:issue { key = { type = "RSA", bits = 512 } }
    issued.protocols, issued.ciphers = "TLSv1.2", ANY_STRENGTH
    return issued
  end,
  ["that speaks TLS 1.1 at best"] = function(authority)
    local issued = authority:issue()
    issued.protocols, issued.ciphers = "TLSv1 TLSv1.1", ANY_STRENGTH
    return issued
  end,
  ["that speaks TLS 1.0"] = function(authority)
    local issued = authority:issue()
    issued.protocols, issued.ciphers = "TLSv1", ANY_STRENGTH
    return issued
  end,
  ["that shows no certificate"] = function(authority)
    local issued = authority:issue()
    issued.protocols, issued.ciphers = "TLSv1.2", "AECDH-AES256-SHA:@SECLEVEL=0"
    return issued
  end,
  ["that speaks no TLS"] = function()
    return {}
  end,
}

local function write(text)
  local path = os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
  return path
end

if
  left_out.without(not gnutls, "a server whose certificate is a client's", "libcurl on OpenSSL")
then
  IMPOSTORS["whose certificate is a client's"] = nil -- GnuTLS does not look at the purpose
end

describe("a server", function()
  local authority, ca_file, servers

  setup(function()
    authority = certificates.authority()
    ca_file = write(authority.pem)
    local wanted = { good = authority:issue() }
    for name, make in pairs(IMPOSTORS) do
      wanted[name] = make(authority)
    end
    servers = tls_servers.start(wanted)
  end)

  teardown(function()
    servers.stop()
    os.remove(ca_file)
  end)

  local function client_of(server, proxy)
    return clients.of({
      account_sid = "AC" .. ("0"):rep(32),
      auth_token = "token",
      base_url = server.url,
      ca_file = ca_file,
    }, { retries = 0, proxy = proxy })
  end

  --- Buys in both ways: by HTTP/1.1, and in flight, by HTTP/2 if the server agrees.
  local function for_both_ways(client, f)
    f(client:purchase { area_code = "415" })
    f(client:purchase_async({ area_code = "415" }):wait())
  end

  local function refused(number, _, err)
    assert.is_nil(number)
    assert.same({ "tls", "no" }, { err.kind, err.purchased }, err.message)
  end

  it("with a valid certificate is bought from", function()
    local client = client_of(servers.good)
    for_both_ways(client, function(number, message)
      assert.is_table(number, message)
    end)
    client:close()
    assert.equal(2, #servers.good:await(2))
  end)

  for name in pairs(IMPOSTORS) do
    it(name .. " is sent nothing, not even as a proxy", function()
      local server = servers[name]
      local before = #server:requests()
      local proxy = server.url:gsub("//", "//user:password@")
      for _, client in ipairs { client_of(server), client_of(servers.good, proxy) } do
        for_both_ways(client, refused)
        client:close()
      end
      assert.equal(before, #server:requests())
    end)
  end

  --- The status of a response to openssl. (curl 8.23 refuses a server without a certificate, even without
  --- verification.)
  local function status_for_openssl(url)
    local command = "printf 'GET / HTTP/1.0\\r\\n\\r\\n' |"
      .. " openssl s_client -quiet -connect %s -cipher %s 2>/dev/null"
    local pipe = assert(io.popen(command:format(url:match("//(.*)$"), ANY_STRENGTH)))
    local answer = pipe:read("*a")
    pipe:close()
    return tonumber(answer:match("^HTTP/1%.%d (%d+)"))
  end

  local function status_for_curl(url)
    return curl("--insecure", "--tlsv1.0", "--ciphers", ANY_STRENGTH, url .. "/")[1].status
  end

  it("with an invalid certificate would respond if verification were off", function()
    for name in pairs(IMPOSTORS) do
      local server = servers[name]
      local url = server.certificate and server.url or server.url:gsub("^https", "http")
      local before = #server:requests()
      local ask = name == "that shows no certificate" and status_for_openssl or status_for_curl
      assert.equal(201, ask(url), name)
      assert.equal(before + 1, #server:await(before + 1))
    end
  end)

  --- Which of them the system's OpenSSL can be configured to accept.
  local ALLOWED = {
    "that speaks TLS 1.0",
    "that speaks TLS 1.1 at best",
    "that shows no certificate",
  }

  it("cannot use old TLS or anonymous ciphers, even if the system's OpenSSL allows them", function()
    local configuration = write(([[
      openssl_conf = here
      [here]
      ssl_conf = everywhere
      [everywhere]
      system_default = weak
      [weak]
      MinProtocol = TLSv1
      CipherString = %s
    ]]):format(ANY_STRENGTH))
    local program = [[
      local clients = require("spec.support.clients")
      local function buy(url, proxy)
        local client = clients.of({
          account_sid = "AC" .. ("0"):rep(32),
          auth_token = "token",
          base_url = url,
          ca_file = %q,
        }, { retries = 0, proxy = proxy })
        local _, _, blocking = client:purchase { area_code = "415" }
        local _, _, in_flight = client:purchase_async({ area_code = "415" }):wait()
        client:close()
        for _, err in ipairs { blocking, in_flight } do
          print(err.kind, err.purchased)
        end
      end
      buy(%q)
      buy(%q, %q)
    ]]
    for _, name in ipairs(ALLOWED) do
      local server = servers[name]
      local before = #server:requests()
      local text = program:format(ca_file, server.url, servers.good.url, server.url)
      local output = interpreter.result(text, 30, { variables = { OPENSSL_CONF = configuration } })
      assert.equal(("tls\tno\n"):rep(4), output)
      assert.equal(before, #server:requests())
    end
    os.remove(configuration)
  end)

  it("that replaces another one must have a valid certificate too", function()
    local port = tls_servers.free_ports(1)[1]
    local function start(issued)
      issued.port, issued.more = port, "keepalive_requests 1;" -- each request has to connect
      return tls_servers.start { here = issued }
    end
    local first = start(authority:issue())
    local client = client_of(first.here)
    for_both_ways(client, assert)
    for_both_ways(client, assert)
    local requests = first.here:await(4)
    assert.equal(4, #requests)
    assert.is_true(gnutls or requests[3].resumed == "r") -- libcurl has a session to offer
    first.stop()
    local second = start(certificates.authority():issue())
    for_both_ways(client, refused)
    client:close()
    assert.equal(0, #second.here:requests())
    second.stop()
  end)
end)
