-- libcurl's default roots: opening a directory in which OpenSSL finds roots by hash costs nothing; the whole
-- bundle is read only if that is not enough.
local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
local process = require("spec_process")
local simulator = require("spec.support.simulator")

-- Again and again, since what was learnt is kept; in flight once alone, and then so many at once.
local PROGRAM = [[
  local client = clients.of(twilio, { retries = 0, ca_file = false })
  for _ = 1, 2 do
    local number, _, err = client:purchase { area_code = "415" }
    print(number and "number" or err.kind .. " " .. err.purchased)
  end
  for _, at_once in ipairs { 1, AT_ONCE } do
    local pendings = flights.begin(client, at_once)
    for _, pending in ipairs(pendings) do
      pending:wait(20)
      print(flights.outcome(pending))
    end
  end
  client:close()
]]

describe("a server whose root is in libcurl's bundle", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local folder

  before_each(function()
    local pipe = assert(io.popen("mktemp -d"))
    folder = pipe:read("*l")
    pipe:close()
  end)

  after_each(function()
    os.execute("rm -rf " .. folder)
    for _, name in ipairs { "OLDER_CAPATH", "OLDER_CAINFO", "CURL_CA_BUNDLE", "SSL_CERT_FILE" } do
      process.setenv(name, nil)
    end
  end)

  --- The outcome of the program if libcurl reports this directory as its own.
  local function outcome(at_once, directory, bundle)
    process.setenv("OLDER_CAPATH", directory)
    process.setenv("OLDER_CAINFO", bundle)
    process.setenv("CURL_CA_BUNDLE", nil)
    process.setenv("SSL_CERT_FILE", nil)
    local program = ("local AT_ONCE = %d "):format(at_once) .. PROGRAM
    return (interpreter.result(flights.program(twilio, program), 30, { older = "roots" }))
  end

  it("is trusted even if the directory lacks it, and each purchase is sent once", function()
    assert(io.open(folder .. "/0123abcd.0", "w")):close()
    assert.equal(("number\n"):rep(4), outcome(1, folder, twilio.ca_file))
    assert.equal(4, twilio:state().posts)
  end)

  it("is not trusted if the bundle lacks it too", function()
    assert(io.open(folder .. "/0123abcd.0", "w")):close()
    assert.equal(("tls no\n"):rep(5), outcome(2, folder, folder .. "/0123abcd.0"))
    assert.equal(0, twilio:state().requests)
  end)

  it("is verified without the directory if that has no hashed names", function()
    assert(io.open(folder .. "/README", "w")):close()
    assert.equal(("tls no\n"):rep(5), outcome(2, folder, twilio.ca_file))
    assert.equal(("tls no\n"):rep(5), outcome(2, folder .. "/none", twilio.ca_file))
    assert.equal(0, twilio:state().requests)
  end)
end)
