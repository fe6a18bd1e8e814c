local cjson = require("cjson")
local curl = require("spec.support.curl")
local simulator = require("spec.support.simulator")

describe("the simulator over HTTP", function()
  local twilio, transports

  setup(function()
    twilio = simulator.start()
    transports = {
      ["HTTP/1.1 over TLS"] = { twilio.base_url, "--http1.1", "1.1" },
      ["HTTP/2 over TLS"] = { twilio.base_url, "--http2", "2" },
      ["plain HTTP/1.1"] = { twilio.http_url, "--http1.1", "1.1" },
      ["plain HTTP/2"] = { twilio.http_url, "--http2-prior-knowledge", "2" },
    }
  end)

  teardown(function()
    twilio:stop()
  end)

  before_each(function()
    twilio:reset()
  end)

  local function request(transport, path, ...)
    local url = ("%s/2010-04-01/Accounts/%s/%s"):format(transport[1], twilio.account_sid, path)
    local user = twilio.account_sid .. ":" .. twilio.auth_token
    return curl("--cacert", twilio.ca_file, "--user", user, transport[2], url, ...)[1]
  end

  for _, name in ipairs {
    "HTTP/1.1 over TLS",
    "HTTP/2 over TLS",
    "plain HTTP/1.1",
    "plain HTTP/2",
  } do
    it("serves every endpoint by " .. name, function()
      local transport = transports[name]
      local function json(status, path, ...)
        local answer = request(transport, path, ...)
        assert.same({ status, transport[3], 0 }, { answer.status, answer.version, answer.exit })
        return answer.body ~= "" and cjson.decode(answer.body)
      end

      local number = json(201, "IncomingPhoneNumbers.json", "--data", "AreaCode=415")
      local path = ("IncomingPhoneNumbers/%s.json"):format(number.sid)
      json(201, "IncomingPhoneNumbers/Local.json", "--data", "PhoneNumber=%2B14155550199")
      json(201, "IncomingPhoneNumbers/TollFree.json", "--data", "PhoneNumber=%2B18005550199")
      json(201, "IncomingPhoneNumbers/Mobile.json", "--data", "PhoneNumber=%2B447700900199")
      local listed = json(200, "IncomingPhoneNumbers.json?PageSize=2")
      assert.equal(2, #listed.incoming_phone_numbers)
      assert.equal(1, #json(200, "IncomingPhoneNumbers/Mobile.json").incoming_phone_numbers)
      assert.same(number, json(200, path))
      assert.equal("x", json(200, path, "--data", "FriendlyName=x").friendly_name)
      json(204, path, "--request", "DELETE")
      json(404, path)
      json(200, "AvailablePhoneNumbers.json")
      json(200, "AvailablePhoneNumbers/US.json")
      assert.equal(30, #json(200, "AvailablePhoneNumbers/US/Local.json").available_phone_numbers)
      json(400, "IncomingPhoneNumbers.json", "--data", "AreaCode=1")
      json(405, path, "--request", "PATCH")
    end)
  end

  it("sends the headers Twilio sends", function()
    local answer = request(transports["plain HTTP/1.1"], "IncomingPhoneNumbers.json", "--include")
    assert.truthy(answer.body:match("\ntwilio%-request%-id: RQ%x+\r\n"))
    assert.truthy(answer.body:match("\ntwilio%-request%-duration: [%d.]+\r\n"))
    assert.truthy(answer.body:match("\ntwilio%-concurrent%-requests: 1\r\n"))
    assert.truthy(answer.body:match("\ncontent%-type: application/json\r\n"))
  end)

  it("has a certificate from its own CA for this machine's names only", function()
    local port = twilio.base_url:match("%d+$")
    for _, host in ipairs { "localhost", "127.0.0.1" } do
      local url = ("https://%s:%s/simulator/state"):format(host, port)
      assert.equal(200, curl("--cacert", twilio.ca_file, url)[1].status)
      assert.equal(60, curl(url)[1].exit)
    end
  end)

  it("keeps connections open, and reads chunked bodies", function()
    local url = ("%s/2010-04-01/Accounts/%s/IncomingPhoneNumbers.json"):format(
      twilio.base_url,
      twilio.account_sid
    )
    local user = twilio.account_sid .. ":" .. twilio.auth_token
    for _, version in ipairs { "--http1.1", "--http2" } do
      local answers = curl(
        "--cacert",
        twilio.ca_file,
        "--user",
        user,
        version,
        "--header",
        version == "--http1.1" and "Transfer-Encoding: chunked" or "X-Nothing: 1",
        "--data",
        "AreaCode=415",
        url,
        url
      )
      assert.same({ 201, 1, 201, 0 }, {
        answers[1].status,
        answers[1].connects,
        answers[2].status,
        answers[2].connects,
      })
    end
    local state = twilio:state()
    assert.same({ 4, 4, 2 }, { state.purchases, state.posts, state.connections })
  end)

  it("serves hundreds of concurrent requests on one HTTP/2 connection", function()
    local url = ("%s/2010-04-01/Accounts/%s/IncomingPhoneNumbers.json?[1-400]"):format(
      twilio.base_url,
      twilio.account_sid
    )
    local user = twilio.account_sid .. ":" .. twilio.auth_token
    local answers = curl(
      "--cacert",
      twilio.ca_file,
      "--user",
      user,
      "--http2",
      "--parallel",
      "--parallel-max",
      "100",
      "--data",
      "AreaCode=415",
      url
    )
    assert.equal(400, #answers)
    local state = twilio:state()
    assert.same({ 400, 400 }, { state.purchases, #state.owned })
  end)

  it("refuses more concurrent requests than allowed", function()
    twilio:limits { max_concurrent = 1, latency = 0.2 }
    local url = ("%s/2010-04-01/Accounts/%s/IncomingPhoneNumbers.json?[1-5]"):format(
      twilio.http_url,
      twilio.account_sid
    )
    local user = twilio.account_sid .. ":" .. twilio.auth_token
    local refused = 0
    local answers = curl(
      "--user",
      user,
      "--parallel",
      "--parallel-immediate",
      "--http1.1",
      "--data",
      "AreaCode=415",
      url
    )
    for _, answer in ipairs(answers) do
      refused = refused + (answer.status == 429 and 1 or 0)
    end
    assert.equal(5 - twilio:state().purchases, refused)
    assert.is_true(refused > 0)
  end)

  it("keeps working after hundreds of concurrent requests with all kinds of faults", function()
    local url = ("%s/2010-04-01/Accounts/%s/IncomingPhoneNumbers.json?[1-300]"):format(
      twilio.base_url,
      twilio.account_sid
    )
    local user = twilio.account_sid .. ":" .. twilio.auth_token
    local faults = {
      "reset_before_read",
      "close_after_read",
      "reset_after_commit",
      "close_in_headers",
      "close_in_body",
      "goaway",
      "many_headers",
      { fault = "hang", seconds = 0.02 },
      { fault = "drip", seconds = 0.001 },
      { fault = "reset_after_commit", scope = "stream" },
    }
    for _, version in ipairs { "--http1.1", "--http2" } do
      twilio:chaos { seed = 5, probability = 0.5, faults = faults }
      curl(
        "--cacert",
        twilio.ca_file,
        "--user",
        user,
        version,
        "--parallel",
        "--data",
        "AreaCode=415",
        url
      )
      twilio:clear()
    end
    local state = twilio:state()
    assert.is_true(state.posts > 300)
    assert.is_true(state.purchases > 0 and state.purchases < state.posts)
    local body =
      request(transports["HTTP/2 over TLS"], "IncomingPhoneNumbers.json", "--include").body
    assert.truthy(body:find("twilio-concurrent-requests: 1\r\n", 1, true), "all others have left")
  end)

  it("keeps working after connections that send nothing or garbage", function()
    local socket = require("socket")
    local host, port = twilio.http_url:match("//(.*):(%d+)$")
    local _, tls_port = twilio.base_url:match("//(.*):(%d+)$")
    for _, bytes in ipairs {
      "",
      "nonsense\r\n\r\n",
      "POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc",
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\4\9\4\0\0\0\1abcd",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\4\1\4\0\0\0\1\255\255\255\255",
    } do
      for _, listening in ipairs { port, tls_port } do
        local client = assert(socket.connect(host, listening))
        client:send(bytes)
        client:close()
      end
    end
    assert.equal(0, twilio:state().purchases)
  end)
end)
