-- A kept connection that may not carry another request: the server has sent unrequested bytes, which libcurl
-- 7.88 takes for the next response, or has closed it, which libcurl 8.22 does not notice for a second.
local certificates = require("spec.support.certificates")
local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
local kept_server = require("spec.support.kept_server")
local simulator = require("spec.support.simulator")
local ways = require("spec.support.ways")
local wires = require("spec.support.wires")

local numbers = require("twilio.numbers")

local function sid(digit)
  return "PN" .. digit:rep(32)
end

local function answer(status, body, more)
  local head = "HTTP/1.1 %s\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n%s"
  return head:format(status, more or "", #body, body)
end

local function bought(digit, phone)
  return answer("201 Created", ('{"sid":"%s","phone_number":"%s"}'):format(sid(digit), phone))
end

local FIRST, SECOND = bought("1", "+14155550101"), bought("2", "+14155550123")

-- What was left on the connection, and might be taken for the answer to the second purchase.
local LEFT = {
  ["a 404"] = answer("404 Not Found", ""),
  ["a 400 that says the number is gone"] = answer("400 Bad Request", '{"code":21422,"status":400}'),
  ["a 429"] = answer("429 Too Many Requests", '{"code":20429,"status":429}', "Retry-After: 0\r\n"),
  ["a 201 of another number"] = bought("3", "+14155559999"),
  ["a 408 for an idle connection"] = answer("408 Request Timeout", "", "Connection: close\r\n"),
  ["one byte"] = "\n",
}

describe("a kept connection", function()
  local authority = certificates.authority()
  local pem, ca_file = os.tmpname(), os.tmpname()
  local server, client

  setup(function()
    local issued = authority:issue()
    for path, text in pairs { [pem] = issued.certificate .. issued.key, [ca_file] = authority.pem } do
      local file = assert(io.open(path, "w"))
      file:write(text)
      file:close()
    end
  end)

  teardown(function()
    os.remove(pem)
    os.remove(ca_file)
  end)

  local function start(is_secure, answers)
    server = kept_server.start(answers, is_secure and pem or nil)
    client = assert(numbers.client {
      account_sid = "AC" .. ("0"):rep(32),
      auth_token = "token",
      base_url = server.base_url,
      ca_file = is_secure and ca_file or nil,
      loop = { sleep = function() end },
    })
  end

  after_each(function()
    client:close()
    server:stop()
  end)

  for _, is_secure in ipairs { false, true } do
    for way, buy in pairs(ways.PURCHASES) do
      local where = way .. (is_secure and " over TLS" or " over plain HTTP")

      for name, bytes in pairs(LEFT) do
        it(("with %s unread is not used for the next purchase, %s"):format(name, where), function()
          start(is_secure, { FIRST, SECOND })
          assert.equal(sid("1"), assert(buy(client, { area_code = "415" })).sid)
          server:leave(bytes)
          local number = assert(buy(client, { phone_number = "+14155550123" }))
          assert.same({ sid("2"), "+14155550123" }, { number.sid, number.phone_number })
          assert.same({ connections = 2, requests = 2 }, server:counts())
        end)
      end

      it("on which more than a response came at once is not reused, " .. where, function()
        start(is_secure, { FIRST .. LEFT["a 404"], SECOND })
        assert(buy(client, { area_code = "415" }))
        assert.equal(sid("2"), assert(buy(client, { area_code = "415" })).sid)
        assert.equal(2, server:counts().requests)
      end)

      it("on which a 204 had a body is not reused, " .. where, function()
        start(is_secure, { "HTTP/1.1 204 No Content\r\n\r\n" .. LEFT["a 404"], SECOND })
        assert(
          way == "blocking" and client:release(sid("1")) or client:release_async(sid("1")):wait()
        )
        assert.equal(sid("2"), assert(buy(client, { area_code = "415" })).sid)
        assert.equal(2, server:counts().requests)
      end)

      it("that the server has closed is not used for the next purchase, " .. where, function()
        start(is_secure, { FIRST, SECOND })
        assert(buy(client, { area_code = "415" }))
        server:close()
        assert.equal(sid("2"), assert(buy(client, { area_code = "415" })).sid)
        assert.same({ connections = 2, requests = 2 }, server:counts())
      end)

      it("carries a hundred purchases one after another, " .. where, function()
        start(is_secure, { FIRST })
        for _ = 1, 100 do
          assert(buy(client, { area_code = "415" }))
        end
        assert.same({ connections = 1, requests = 100 }, server:counts())
      end)
    end
  end

  it("is not reused by a look-up if it has unread bytes", function()
    start(false, { FIRST, answer("200 OK", '{"incoming_phone_numbers":[]}') })
    assert(client:purchase { area_code = "415" })
    server:leave(LEFT["a 404"])
    local list = assert(client:list())
    assert.is_nil((list()))
    assert.same({ connections = 2, requests = 2 }, server:counts())
  end)
end)

-- Buys in flight while one connection is kept that the server has closed.
local CLOSED = [[
  local connections = require("spec.support.connections")
  local simulated = require("spec.support.simulator").of(twilio)
  local client = clients.of(twilio, { base_url = twilio[%q], retries = 0 })
  assert(client:purchase_async({ area_code = "415" }):wait(20))
  simulated:retire()
  connections.until_closed(tonumber(twilio[%q]:match("%%d+$")))
  local pendings = flights.begin(client, 20)
  flights.finish(client)
  print(flights.count(pendings).number)
  client:close()
]]

describe("a kept connection to Twilio", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  for _, wire in ipairs(wires) do
    if wire.keeps then
      it("carries a hundred purchases one after another over " .. wire.name, function()
        local client = assert(numbers.client {
          account_sid = twilio.account_sid,
          auth_token = twilio.auth_token,
          base_url = twilio[wire.url],
          transport = wires.transport(twilio, wire),
        })
        for _ = 1, 100 do
          assert(client:purchase { area_code = "415" })
        end
        assert.equal(1, twilio:state().connections)
      end)
    end
  end

  -- The first to find it closed connects anew, and the others share a connection of their own.
  for name, most in pairs { base_url = 3, http_url = 21 } do
    it(("that was closed loses no purchase in flight (%s)"):format(name), function()
      local program = flights.program(twilio, CLOSED:format(name, name))
      assert.same({ "20\n", 0 }, { interpreter.result(program, 30, { older = "trusts" }) })
      local state = twilio:state()
      assert.same({ 21, 21 }, { state.posts, state.purchases })
      assert.is_true(state.connections <= most, state.connections .. " connections")
    end)
  end
end)
