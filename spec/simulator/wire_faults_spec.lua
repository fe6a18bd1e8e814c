local socket = require("socket")
local mime = require("mime")
local curl = require("spec.support.curl")
local simulator = require("spec.support.simulator")

-- What a client sees, and whether the number is bought: name -> { status, is_carried_out }.
-- A status of false: no usable answer.
local expected = {
  close_before_read = { false, false },
  reset_before_read = { false, false },
  close_after_read = { false, false },
  reset_after_read = { false, false },
  close_after_commit = { false, true },
  reset_after_commit = { false, true },
  close_in_headers = { false, true },
  close_in_body = { false, true },
  hang = { false, false },
  goaway = { false, false },
  drip = { 201, true },
  status = { 500, false },
  rate_limit = { 429, false },
  redirect = { 302, true },
  html = { 200, true },
  invalid_json = { 201, true },
  nested_json = { 201, true },
  huge_json = { 201, true },
  gzip_bomb = { 201, true },
  many_headers = { 201, true },
  empty = { 201, true },
  bare_page = { 201, true },
  ignore = { 201, true },
}

local extra = { hang = { seconds = 0.05 }, drip = { seconds = 0.002 } }

local function make(name, more)
  local fault = { fault = name }
  for _, fields in ipairs { extra[name] or {}, more or {} } do
    for key, value in pairs(fields) do
      fault[key] = value
    end
  end
  return fault
end

local names = {}
for name in pairs(expected) do
  names[#names + 1] = name
end
table.sort(names)

describe("a fault of the simulator", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  local function buy(base_url, version, count, ...)
    local url = ("%s/2010-04-01/Accounts/%s/IncomingPhoneNumbers.json"):format(
      base_url,
      twilio.account_sid
    )
    local user = twilio.account_sid .. ":" .. twilio.auth_token
    local arguments = { "--cacert", twilio.ca_file, "--user", user, version, ... }
    arguments[#arguments + 1] = "--data"
    arguments[#arguments + 1] = "AreaCode=415"
    for _ = 1, count or 1 do
      arguments[#arguments + 1] = url
    end
    return curl((table.unpack or unpack)(arguments)) -- luacheck: ignore
  end

  -- curl may resend what a reused connection lost, so the log shows what there was to carry out.
  local function assert_carried_out(name, commits)
    local purchases, hits = 0, 0
    for _, request in ipairs(twilio:requests()) do
      hits = hits + (request.fault and 1 or 0)
      if request.fault then
        assert.equal(name, request.fault)
      end
      purchases = purchases + ((not request.fault or commits) and 1 or 0)
    end
    assert.equal(purchases, twilio:state().purchases)
    assert.equal(name:find("before_read") and 0 or 1, hits)
  end

  for _, transport in ipairs {
    { "HTTP/1.1 over TLS", "base_url", "--http1.1" },
    { "HTTP/2 over TLS", "base_url", "--http2" },
    { "plain HTTP/1.1", "http_url", "--http1.1" },
    { "plain HTTP/2", "http_url", "--http2-prior-knowledge" },
  } do
    for _, name in ipairs(names) do
      local status, commits = expected[name][1], expected[name][2]

      it(("%s works on a fresh connection, %s"):format(name, transport[1]), function()
        twilio:fault(make(name))
        local answer = buy(twilio[transport[2]], transport[3])[1]
        if status then
          assert.same({ status, 0 }, { answer.status, answer.exit })
        elseif name == "goaway" and answer.exit == 0 then
          -- (a newer curl resends requests that GOAWAY reports as not processed)
          assert.same({ 201, 2 }, { answer.status, #twilio:requests() })
        else
          -- (for curl, headers that break off are a response with an empty body)
          assert.is_true(answer.exit ~= 0 or answer.body == "")
        end
        assert_carried_out(name, commits)
      end)

      it(("%s works on a reused connection, %s"):format(name, transport[1]), function()
        twilio:fault(make(name, { skip = 1 }))
        local answers = buy(twilio[transport[2]], transport[3], 2)
        assert.same({ 201, 0 }, { answers[1].status, answers[1].exit })
        if transport[3] ~= "--http2-prior-knowledge" then
          -- (curl 7.88 fails to reuse such a connection, with any server)
          assert_carried_out(name, commits)
        end
        if status and transport[3] ~= "--http2-prior-knowledge" then
          assert.same({ status, 0 }, { answers[2].status, answers[2].connects })
        end
      end)
    end
  end

  -- Sends requests on one connection with a client that never sends anything again.
  local function exchange_bytes(count)
    local host, port = twilio.http_url:match("//(.*):(%d+)$")
    local client = assert(socket.connect(host, port))
    local credentials = mime.b64(twilio.account_sid .. ":" .. twilio.auth_token)
    local request = table.concat({
      ("POST /2010-04-01/Accounts/%s/IncomingPhoneNumbers.json HTTP/1.1"):format(
        twilio.account_sid
      ),
      "Host: localhost",
      "Authorization: Basic " .. credentials,
      "Content-Length: 12",
      "",
      "AreaCode=415",
    }, "\r\n")
    for _ = 2, count do
      client:send(request)
      local length
      repeat
        local line = client:receive("*l")
        length = length or tonumber(line:match("^content%-length: (%d+)$"))
      until line == ""
      client:receive(length)
    end
    client:send(request)
    local bytes, _, partial = client:receive("*a")
    client:close()
    return bytes or partial
  end

  for place, count in pairs { fresh = 1, reused = 2 } do
    describe(("byte by byte on a %s connection"):format(place), function()
      local function hit(fault)
        fault.skip = count - 1
        twilio:fault(fault)
        local bytes = exchange_bytes(count)
        local state = twilio:state()
        return bytes, state.purchases - (count - 1), state.posts - (count - 1)
      end

      it(
        "ends without a byte: before reading the request, after it, or after carrying it out",
        function()
          for _, ending in ipairs { "close", "reset" } do
            for place_of_fault, seen in pairs {
              before_read = { "", 0, 0 },
              after_read = { "", 0, 1 },
              after_commit = { "", 1, 1 },
            } do
              assert.same(seen, { hit { fault = ("%s_%s"):format(ending, place_of_fault) } })
              twilio:reset()
            end
          end
        end
      )

      it("breaks in the status line, in the headers and in the body", function()
        local bytes = hit { fault = "close_in_headers", status_line = false }
        assert.equal("HTTP/1", bytes)
        twilio:reset()
        bytes = hit { fault = "close_in_headers" }
        assert.truthy(bytes:match("^HTTP/1%.1 201 Created\r\n."))
        assert.is_nil(bytes:find("\r\n\r\n", 1, true))
        twilio:reset()
        bytes = hit { fault = "close_in_body" }
        local head, body = bytes:match("^(.-\r\n\r\n)(.+)$")
        assert.is_true(#body < tonumber(head:match("content%-length: (%d+)")))
        assert.equal("{", body:sub(1, 1))
      end)
    end)
  end

  it("can end one HTTP/2 stream and leave the connection to the others", function()
    twilio:fault { fault = "reset_after_commit", scope = "stream", skip = 1 }
    local answers = buy(twilio.base_url, "--http2", 3)
    assert.same({ 201, 0, 201 }, { answers[1].status, answers[2].status, answers[3].status })
    assert.same({ 92, 0 }, { answers[2].exit, answers[3].connects })
    assert.equal(3, twilio:state().purchases)
  end)

  it("responds with Retry-After if told to", function()
    for _, version in ipairs { "--http1.1", "--http2" } do
      twilio:fault { fault = "rate_limit", retry_after = "Wed, 21 Oct 2015 07:28:00 GMT" }
      local body = buy(twilio.base_url, version, 1, "--include")[1].body
      assert.truthy(body:find("retry-after: Wed, 21 Oct 2015 07:28:00 GMT\r\n", 1, true))
    end
  end)

  it("ends a connection with FIN or RST according to its name", function()
    local EMPTY_REPLY, RECEIVE_ERROR = 52, 56 -- curl's exit codes
    for _, place in ipairs { "before_read", "after_read", "after_commit" } do
      twilio:fault { fault = "close_" .. place }
      assert.equal(EMPTY_REPLY, buy(twilio.http_url, "--http1.1")[1].exit)
      twilio:fault { fault = "reset_" .. place }
      assert.equal(RECEIVE_ERROR, buy(twilio.http_url, "--http1.1")[1].exit)
    end
  end)

  it("never affects the control endpoint", function()
    twilio:fault { fault = "reset_before_read", times = 1000 }
    for _ = 1, 5 do
      assert.equal(0, twilio:state().requests)
    end
  end)
end)
