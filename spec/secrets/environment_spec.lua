-- A user's files and variables for other programs change neither the credentials nor the trusted authorities.
-- (Proxies of the environment: proxy_spec.lua; OPENSSL_CONF: tls_spec.lua.)
local certificates = require("spec.support.certificates")
local interpreter = require("spec.support.interpreter")
local mime = require("mime")
local tls_servers = require("spec.support.tls_servers")

local ACCOUNT = "AC" .. ("0"):rep(32)

--- Files in the user's home that curl and other users of libcurl would read.
local FILES = {
  [".netrc"] = "machine 127.0.0.1 login thief password stolen\ndefault login thief password stolen\n",
  [".curlrc"] = "insecure\nuser = thief:stolen\nlocation-trusted\nproxy = http://127.0.0.1:1\n",
  ["curlrc"] = "insecure\n",
}

describe("the environment", function()
  local home, servers, variables

  local function write(name, text)
    local file = assert(io.open(home .. "/" .. name, "w"))
    file:write(text)
    file:close()
  end

  setup(function()
    home = os.tmpname()
    os.remove(home)
    assert(os.execute("mkdir " .. home))
    local authority, other = certificates.authority(), certificates.authority("Another one")
    servers = tls_servers.start { trusted = authority:issue(), other = other:issue() }
    for name, text in pairs(FILES) do
      write(name, text)
    end
    write("authority.pem", authority.pem)
    write("other.pem", other.pem)
    assert(os.execute("openssl rehash " .. home))
    variables = {
      HOME = home,
      CURL_HOME = home,
      XDG_CONFIG_HOME = home,
      NETRC = home .. "/.netrc",
      SSL_CERT_DIR = home,
      SSL_CERT_FILE = home .. "/other.pem",
      CURL_CA_BUNDLE = home .. "/other.pem",
      CURL_SSL_BACKEND = "none",
    }
  end)

  teardown(function()
    servers.stop()
    os.execute("rm -rf " .. home)
  end)

  --- The results of buying from a server in both ways, with the right authority given or none.
  local function buy(server, ca_file, more)
    local all = {}
    for _, source in ipairs { variables, more or {} } do
      for name, value in pairs(source) do
        all[name] = value
      end
    end
    local program = [[
      local numbers = require("twilio.numbers")
      local client = assert(numbers.client {
        account_sid = %q,
        auth_token = "token",
        base_url = %q,
        ca_file = %s,
        retries = 0,
      })
      local function tell(number, message, err)
        print(number and "bought" or err.kind .. " " .. err.purchased)
      end
      tell(client:purchase { area_code = "415" })
      tell(client:purchase_async({ area_code = "415" }):wait())
      client:close()
    ]]
    program = program:format(ACCOUNT, server.url, ca_file and ("%q"):format(ca_file) or "nil")
    return (interpreter.result(program, 30, { variables = all }))
  end

  it("cannot change the credentials that are sent", function()
    assert.equal("bought\nbought\n", buy(servers.trusted, home .. "/authority.pem"))
    for _, request in ipairs(servers.trusted:await(2)) do
      assert.equal("Basic " .. mime.b64(ACCOUNT .. ":token"), request.authorization)
    end
  end)

  it("adds no trusted authorities to the given file", function()
    assert.equal("tls no\ntls no\n", buy(servers.other, home .. "/authority.pem"))
    assert.equal(0, #servers.other:requests())
  end)

  it("may name the CA file: TWILIO_CA_FILE, else CURL_CA_BUNDLE, else SSL_CERT_FILE", function()
    local right, wrong, none = home .. "/authority.pem", home .. "/other.pem", ""
    for _, case in ipairs {
      { right, wrong, wrong, "bought" },
      { wrong, right, right, "tls no" },
      { none, right, wrong, "bought" },
      { none, wrong, right, "tls no" },
      { none, none, right, "bought" },
      { none, none, wrong, "tls no" },
      { none, none, none, "tls no" }, -- SSL_CERT_DIR, which has both, is OpenSSL's own and not libcurl's
    } do
      local more = { TWILIO_CA_FILE = case[1], CURL_CA_BUNDLE = case[2], SSL_CERT_FILE = case[3] }
      assert.equal((case[4] .. "\n"):rep(2), buy(servers.trusted, nil, more))
    end
  end)
end)
