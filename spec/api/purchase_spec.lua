-- A purchase from end to end: the module, libcurl, TLS, a server that keeps books.
local clients = require("spec.support.clients")
local simulator = require("spec.support.simulator")

local function sid(prefix)
  return prefix .. ("0a"):rep(16)
end

-- All parameters that can be given together: an application would clear the URLs of its kind.
local EVERYTHING = {
  api_version = "2010-04-01",
  friendly_name = "Zoë's desk & co + 1",
  sms_fallback_method = "GET",
  sms_fallback_url = "https://example.com/sms/fallback?a=b&c=d",
  sms_method = "POST",
  sms_url = "https://example.com/sms",
  status_callback = "https://example.com/status",
  status_callback_method = "GET",
  voice_caller_id_lookup = true,
  voice_fallback_method = "POST",
  voice_fallback_url = "https://example.com/voice/fallback",
  voice_method = "GET",
  voice_url = "https://user:secret@example.com/voice",
  emergency_status = "Inactive",
  emergency_address_sid = sid("AD"),
  identity_sid = sid("RI"),
  address_sid = "AD" .. ("0"):rep(31) .. "1", -- the simulator's own: a purchase asks whether it is there
  voice_receive_mode = "voice",
  bundle_sid = "BU" .. ("0"):rep(31) .. "1",
  phone_number = "+14155550123",
}

describe("a purchase", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  it("returns the number with the requested settings", function()
    local client = clients.of(twilio)
    local number = assert(client:purchase(EVERYTHING))
    for _, name in ipairs { "friendly_name", "sms_url", "voice_url", "voice_method", "phone_number" } do
      assert.equal(EVERYTHING[name], number[name])
    end
    assert.is_true(number.voice_caller_id_lookup)
    assert.is_true(number.capabilities.voice)
    assert.is_true(require("twilio.numbers").is_sid(number.sid, "PN"))
    assert.is_nil(number.trunk_sid)
    assert.is_nil(getmetatable(number))
  end)

  it("sends the parameters as a form with the required headers", function()
    local client = clients.of(twilio, { user_agent = "front-desk/1.0" })
    assert(client:purchase { phone_number = "+14155550123" })
    local requests = twilio:requests()
    local request = requests[#requests]
    assert.equal("POST", request.method)
    assert.equal("PhoneNumber=%2B14155550123", request.body)
    assert.equal("application/x-www-form-urlencoded", request.headers["content-type"])
    assert.equal("application/json", request.headers.accept)
    assert.is_nil(request.headers.expect)
    local agent = request.headers["user-agent"]
    assert.matches(
      "^twilio%-numbers/%d+%.%d+%.%d+ %(.+ .+%) Lua.* front%-desk/1%.0 libcurl/",
      agent
    )
  end)

  it("by area code buys another number each time, over one connection", function()
    local client, seen = clients.of(twilio), {}
    for _ = 1, 5 do
      local number = assert(client:purchase { area_code = "415" })
      assert.is_nil(seen[number.phone_number])
      seen[number.phone_number] = true
    end
    assert.equal(5, twilio:state().purchases)
    assert.equal(1, twilio:state().connections)
  end)

  it("is made with an API key, with a bearer token, for a subaccount", function()
    local key = clients.of(twilio, {
      auth_token = false,
      api_key = twilio.api_key,
      api_secret = twilio.api_secret,
    })
    assert(key:purchase { area_code = "415" })
    local bearer = clients.of(twilio, { auth_token = false, access_token = twilio.access_token })
    assert(bearer:purchase { area_code = "415" })
    local parent = clients.of(twilio)
    local number =
      assert(parent:purchase({ area_code = "415" }, { account_sid = twilio.subaccount_sid }))
    assert.equal(twilio.subaccount_sid, number.account_sid)
  end)

  it("requests a new bearer token when the old one is refused", function()
    twilio:token("fresh", true)
    local tokens = { "stale", "fresh", "never" }
    local asked = 0
    local client = clients.of(twilio, {
      auth_token = false,
      access_token = function()
        asked = asked + 1
        return tokens[asked]
      end,
    })
    assert(client:purchase { area_code = "415" })
    assert(client:purchase { area_code = "415" })
    assert.equal(2, asked)
  end)

  it("with invalid parameters does not request a token", function()
    local client = clients.of(twilio, {
      auth_token = false,
      access_token = function()
        error("asked")
      end,
    })
    local _, _, err = client:purchase { area_code = "41" }
    assert.equal("invalid", err.kind)
    assert.equal("area_code", err.problems[1].name)
  end)

  it("that Twilio refuses returns Twilio's message without a retry", function()
    local client = clients.of(twilio)
    for phone_number, code in pairs { ["+15005550000"] = 21422, ["+15005550001"] = 21421 } do
      local number, message, err = client:purchase { phone_number = phone_number }
      assert.is_nil(number)
      assert.same(
        { "api", code, 400, "no", 1 },
        { err.kind, err.code, err.status, err.purchased, err.attempts }
      )
      assert.matches("^RQ%x+$", err.request_id)
      assert.matches("https://www.twilio.com/docs/errors/" .. code, err.more_info, 1, true)
      assert.matches(tostring(code), message, 1, true)
    end
    local _, _, err = client:purchase { area_code = "533" }
    assert.equal(21452, err.code)
    assert.equal(0, twilio:state().purchases)
  end)

  it("with wrong credentials reports that and shows no secret", function()
    local client = clients.of(twilio, { auth_token = "not-the-token" })
    local _, message, err = client:purchase { area_code = "415" }
    assert.same({ "api", 20003, 401, "no" }, { err.kind, err.code, err.status, err.purchased })
    assert.is_nil(message:find("not-the-token", 1, true))
  end)

  it("reports each attempt to on_event", function()
    local events = {}
    local client = clients.of(twilio, {
      on_event = function(event)
        events[#events + 1] = event
      end,
    })
    twilio:fault { fault = "rate_limit" }
    assert(client:purchase { area_code = "415" })
    assert.same({ 429, 201 }, { events[1].status, events[2].status })
    assert.same({ 1, 2 }, { events[1].attempt, events[2].attempt })
    assert.matches("IncomingPhoneNumbers.json", events[1].url, 1, true)
    assert.is_true(events[2].seconds >= 0)
  end)

  it("waits as long as Retry-After says", function()
    local slept = {}
    local client = clients.of(twilio, {
      loop = {
        sleep = function(seconds)
          slept[#slept + 1] = seconds
        end,
      },
    })
    twilio:fault { fault = "rate_limit", retry_after = 7 }
    assert(client:purchase { area_code = "415" })
    assert.equal(7, slept[1])
    twilio:fault { fault = "rate_limit", retry_after = 500, times = 9 }
    local _, _, err = client:purchase { area_code = "415" }
    assert.same({ "rate_limit", 500, "no" }, { err.kind, err.retry_after, err.purchased })
    assert.equal(1, #slept)
  end)

  it("on a closed client fails with kind closed", function()
    local client = clients.of(twilio)
    client:close()
    client:close()
    local number, message, err = client:purchase { area_code = "415" }
    assert.is_nil(number)
    assert.equal("closed", err.kind)
    assert.equal(tostring(err), message)
  end)

  it("called on anything but a client raises", function()
    local client = clients.of(twilio)
    assert.has_error(function()
      client.purchase { area_code = "415" }
    end, "call client:purchase(...) with a colon, on what numbers.client() returned")
  end)
end)
