local socket = require("socket")
local curl = require("spec.support.curl")
local flights = require("spec.support.flights")
local simulator = require("spec.support.simulator")

describe("the simulator's control endpoint", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  local function api(method, path, data, authorization)
    local url = ("%s/2010-04-01/Accounts/%s/%s"):format(twilio.http_url, twilio.account_sid, path)
    local arguments = { "--request", method, "--data", data or "" }
    arguments[#arguments + 1] = authorization and "--header" or "--user"
    arguments[#arguments + 1] = authorization and "Authorization: " .. authorization
      or twilio.account_sid .. ":" .. twilio.auth_token
    arguments[#arguments + 1] = url
    return curl((table.unpack or unpack)(arguments))[1] -- luacheck: ignore
  end

  local function buy(data, authorization)
    return api("POST", "IncomingPhoneNumbers.json", data, authorization)
  end

  it("counts purchases, changes, releases and requests", function()
    buy("PhoneNumber=%2B14155550123")
    buy("PhoneNumber=%2B14155550123")
    buy("AreaCode=999")
    local owned = twilio:state().owned
    local sid, name = owned[1].sid, owned[1].friendly_name
    local phone_number, account_sid = "+14155550123", twilio.account_sid
    assert.is_string(name)
    assert.same({
      { account_sid = account_sid, phone_number = phone_number, sid = sid, friendly_name = name },
    }, owned)
    api("DELETE", ("IncomingPhoneNumbers/%s.json"):format(sid))
    local state = twilio:state()
    assert.same({ 1, 1, 1, 4, 3, 4 }, {
      state.purchases,
      state.updates,
      state.releases,
      state.requests,
      state.posts,
      state.connections,
    })
    assert.same({}, state.owned)
  end)

  it("returns the credentials of the ready lines", function()
    for name, value in pairs(twilio:state().credentials) do
      assert.equal(twilio[name], value)
    end
  end)

  it("logs requests", function()
    twilio:fault { fault = "status", skip = 1 }
    buy("AreaCode=415&FriendlyName=a%20b")
    api("GET", "IncomingPhoneNumbers.json?PageSize=1")
    local log = twilio:requests()
    assert.equal(2, #log)
    local first, second = log[1], log[2]
    assert.same(
      { "POST", "AreaCode=415&FriendlyName=a%20b", "1.1" },
      { first.method, first.body, first.http_version }
    )
    assert.truthy(first.path:find("/IncomingPhoneNumbers.json", 1, true))
    assert.equal("application/x-www-form-urlencoded", first.headers["content-type"])
    assert.same({ "GET", "PageSize=1", "status" }, { second.method, second.query, second.fault })
    assert.not_equal(first.connection, second.connection)
  end)

  it("keeps the newest thousand requests", function()
    local host, port = twilio.http_url:match("//(.*):(%d+)$")
    local client = assert(socket.connect(host, port))
    for index = 1, 1010 do
      client:send(("GET /%d HTTP/1.1\r\n\r\n"):format(index))
    end
    client:send("GET /last HTTP/1.1\r\nConnection: close\r\n\r\n")
    client:receive("*a")
    client:close()
    local log = twilio:requests()
    assert.same({ 1000, "/12", "/last" }, { #log, log[1].path, log[1000].path })
    assert.equal(1011, twilio:state().requests)
  end)

  it("makes tokens valid and invalid", function()
    assert.equal(401, buy("AreaCode=415", "Bearer abc").status)
    twilio:token("abc", true)
    assert.equal(201, buy("AreaCode=415", "Bearer abc").status)
    twilio:token("abc", false)
    assert.equal(401, buy("AreaCode=415", "Bearer abc").status)
  end)

  it("adds numbers for sale", function()
    assert.equal(400, buy("PhoneNumber=%2B19995550123").status)
    twilio:add("+19995550123")
    assert.equal(201, buy("PhoneNumber=%2B19995550123").status)
  end)

  it("makes accounts closed or on trial", function()
    twilio:control("POST", "accounts", { trial = true })
    assert.same({ 201, 400 }, { buy("AreaCode=415").status, buy("AreaCode=415").status })
    twilio:control("POST", "accounts", { status = "closed" })
    assert.equal(403, buy("AreaCode=415").status)
  end)

  it("clears faults and chaos", function()
    twilio:fault { fault = "status", times = 100 }
    twilio:chaos { seed = 1, probability = 1, faults = { "status" } }
    twilio:clear()
    assert.equal(201, buy("AreaCode=415").status)
  end)

  it("creates reproducible chaos", function()
    local function run()
      local statuses = {}
      twilio:chaos { seed = 3, probability = 0.5, faults = { "rate_limit", "status" } }
      for index = 1, 12 do
        statuses[index] = buy("AreaCode=415").status
      end
      return table.concat(statuses, " ")
    end
    local first = run()
    assert.equal(first, run())
    assert.truthy(first:find("201") and (first:find("429") or first:find("500")))
  end)

  it("closes idle connections", function()
    local host, port = twilio.http_url:match("//(.*):(%d+)$")
    local client = assert(socket.connect(host, port))
    client:send("GET /nothing HTTP/1.1\r\n\r\n")
    assert.equal("HTTP/1.1 404 Not Found", client:receive("*l"))
    twilio:retire()
    client:receive("*a") -- comes back only because the connection is closed
    client:send("GET /nothing HTTP/1.1\r\n\r\n")
    assert.is_nil(client:receive("*l"))
    client:close()
    assert.equal(1, twilio:state().requests)
  end)

  it("counts open connections except its own", function()
    assert.equal(0, twilio:state().open)
    local host, port = twilio.http_url:match("//(.*):(%d+)$")
    local client = assert(socket.connect(host, port))
    assert.equal(1, twilio:state().open)
    client:send("GET /nothing HTTP/1.1\r\n\r\n")
    assert.equal("HTTP/1.1 404 Not Found", client:receive("*l"))
    assert.equal(1, twilio:state().open)
    client:close()
    flights.until_(function()
      return twilio:state().open == 0
    end, "closed")
  end)

  for _, version in ipairs { "--http1.1", "--http2" } do
    it("carries out a held purchase in time, even if its client has left: " .. version, function()
      twilio:limits { hold = true }
      local url = ("%s/2010-04-01/Accounts/%s/IncomingPhoneNumbers.json"):format(
        twilio.base_url,
        twilio.account_sid
      )
      local user = twilio.account_sid .. ":" .. twilio.auth_token
      local gone = { "--max-time", "0.5", "--user", user, "--data", "AreaCode=415", url }
      curl("--cacert", twilio.ca_file, version, (table.unpack or unpack)(gone)) -- luacheck: ignore
      assert.same({ 1, 0 }, { twilio:state().unfinished, #twilio:state().owned })
      twilio:limits { work = 0.01 }
      flights.until_(function()
        return twilio:state().unfinished == 0
      end, "carried out")
      assert.equal(1, #twilio:state().owned)
    end)
  end

  it("forgets everything but the credentials", function()
    buy("AreaCode=415")
    twilio:token("abc", true)
    twilio:fault { fault = "status", times = 100 }
    twilio:reset()
    assert.equal(0, twilio:state().purchases)
    assert.equal(401, buy("AreaCode=415", "Bearer abc").status)
    assert.truthy(buy("AreaCode=415").body:find("+14155550100", 1, true))
  end)

  it("answers over TLS too", function()
    local url = twilio.base_url .. "/simulator/state"
    for _, version in ipairs { "--http1.1", "--http2" } do
      assert.equal(200, curl("--cacert", twilio.ca_file, version, url)[1].status)
    end
  end)

  for _, version in ipairs { "--http1.1", "--http2" } do
    local function status_of(...)
      local url = twilio.base_url .. "/simulator/state"
      return curl("--cacert", twilio.ca_file, version, "--header", ..., url)[1].status
    end

    it("refuses requests of web pages, with an Origin or another Host, " .. version, function()
      for _, header in ipairs {
        "Origin: https://evil.example",
        "Origin: null",
        "Host: evil.example",
        "Host: evil.example:443",
        "Host: 127.0.0.1.evil.example",
        "Host: localhost.evil.example",
        "Host: 10.0.0.1",
      } do
        assert.equal(403, status_of(header), header)
      end
    end)

    it("accepts every name of this machine as Host, " .. version, function()
      for _, host in ipairs { "localhost", "LOCALHOST:8080", "127.0.0.1", "127.1.2.3:1", "[::1]:1" } do
        assert.equal(200, status_of("Host: " .. host), host)
      end
    end)
  end

  it("carries out nothing for a web page, and returns it no secret", function()
    local url = twilio.http_url .. "/simulator/faults"
    local data = '{"fault": "status", "times": 99}'
    local answer = curl("--header", "Origin: https://evil.example", "--data", data, url)[1]
    assert.equal(403, answer.status)
    assert.is_nil(answer.body:find(twilio.auth_token, 1, true))
    assert.equal(201, buy("AreaCode=415").status)
  end)

  it("names an unknown field, and those that there are", function()
    local body = '{"hlod": true}'
    local answer = curl("--data", body, twilio.http_url .. "/simulator/limits")[1]
    assert.equal(400, answer.status)
    assert.matches(
      "POST limits has no field hlod; its fields are hold, lag, ",
      answer.body,
      1,
      true
    )
    assert.is_table(twilio:control("POST", "services", { limit = 1, usecase = "x" }))
  end)

  it("reports invalid requests", function()
    for name, fields in pairs {
      faults = { fault = "flood" },
      chaos = {},
      seed = {},
      tokens = {},
      inventory = { phone_number = "1" },
      nothing = {},
    } do
      assert.has_error(function()
        twilio:control("POST", name, fields)
      end)
    end
    local url = twilio.http_url .. "/simulator/faults"
    local answer = curl("--data", "nonsense", url)[1]
    assert.same(
      { 400, '{"error":"the body must be a JSON object"}' },
      { answer.status, answer.body }
    )
  end)
end)
