local account = require("spec.support.account")

local SERVICE = "MG" .. ("0"):rep(31) .. "1"
local FULL = "MG" .. ("0"):rep(31) .. "2"
local UNREGISTERED = "MG" .. ("0"):rep(31) .. "3"
local UNKNOWN = "MG" .. ("0"):rep(31) .. "9"

describe("the simulator's Messaging Services", function()
  local twilio, send

  before_each(function()
    twilio, send = account.new()
  end)

  local function buy(phone_number)
    local fields = { PhoneNumber = phone_number or "+14155550123" }
    local status, number = send("POST", "IncomingPhoneNumbers.json", fields)
    assert.equal(201, status)
    return number.sid
  end

  local function path(service, sid)
    return ("/v1/Services/%s/PhoneNumbers%s"):format(service, sid and "/" .. sid or "")
  end

  local function attach(service, sid, options)
    return send("POST", path(service), { PhoneNumberSid = sid }, options)
  end

  local function refused(expected_status, expected_code, status, body)
    assert.same({ expected_status, expected_code }, { status, body.code })
  end

  local function members(service)
    local sids = {}
    for index, number in ipairs(select(2, send("GET", path(service))).phone_numbers) do
      sids[index] = number.sid
    end
    return sids
  end

  it("are three: an ordinary one, a full one, and one without a campaign", function()
    local status, body = send("GET", "/v1/Services")
    assert.same({ 200, "services", 3 }, { status, body.meta.key, #body.services })
    local registered, by_number = {}, {}
    for index, service in ipairs(body.services) do
      registered[index] = service.us_app_to_person_registered
      by_number[index] = service.use_inbound_webhook_on_number
    end
    assert.same({ true, true, false }, registered)
    assert.same({ true, true, false }, by_number)
    assert.same({ SERVICE, FULL, UNREGISTERED }, {
      body.services[1].sid,
      body.services[2].sid,
      body.services[3].sid,
    })
  end)

  it("can be fetched", function()
    local listed = select(2, send("GET", "/v1/Services")).services[1]
    local status, service = send("GET", "/v1/Services/" .. SERVICE)
    assert.equal(200, status)
    assert.same(listed, service)
    assert.equal("https://messaging.twilio.com/v1/Services/" .. SERVICE, service.url)
    assert.equal(service.url .. "/PhoneNumbers", service.links.phone_numbers)
    assert.matches("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$", service.date_created)
  end)

  it("accept a number, and describe it in their own format", function()
    local sid = buy()
    local status, number = attach(SERVICE, sid)
    assert.equal(201, status)
    assert.matches("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$", number.date_created)
    assert.same({
      sid = sid,
      account_sid = twilio.credentials.account_sid,
      service_sid = SERVICE,
      date_created = number.date_created,
      date_updated = number.date_created,
      phone_number = "+14155550123",
      country_code = "US",
      capabilities = { "MMS", "SMS", "Voice" },
      url = "https://messaging.twilio.com" .. path(SERVICE, sid),
    }, number)
    assert.same(number, select(2, send("GET", path(SERVICE, sid))))
    assert.same({ sid }, members(SERVICE))
  end)

  it("include a number's country and only its capabilities", function()
    local _, number = attach(SERVICE, buy("+447700900000"))
    assert.same({ "GB", { "SMS", "Voice" } }, { number.country_code, number.capabilities })
    _, number = attach(SERVICE, buy("+15005550006"))
    assert.equal("US", number.country_code)
  end)

  it("refuse a number that they already have", function()
    local sid = buy()
    attach(SERVICE, sid)
    refused(409, 21710, attach(SERVICE, sid))
    assert.same({ sid }, members(SERVICE))
  end)

  it("refuse a number of another service, until that releases it", function()
    local sid = buy()
    attach(SERVICE, sid)
    refused(409, 21712, attach(UNREGISTERED, sid))
    assert.equal(204, (send("DELETE", path(SERVICE, sid))))
    assert.equal(201, (attach(UNREGISTERED, sid)))
    assert.same({ {}, { sid } }, { members(SERVICE), members(UNREGISTERED) })
  end)

  it("refuse a number when they are full", function()
    refused(412, 21714, attach(FULL, buy()))
    assert.same({}, members(FULL))
  end)

  it("hold as many numbers as their limit says", function()
    twilio.services.set(twilio.services.all.by_sid[SERVICE], { limit = 2 })
    for index = 1, 2 do
      assert.equal(201, (attach(SERVICE, buy("+1415555012" .. index))))
    end
    refused(412, 21714, attach(SERVICE, buy("+14155550129")))
  end)

  it("respond with 200 to a number if told to", function()
    twilio.services.set(twilio.services.all.by_sid[SERVICE], { created = 200 })
    assert.equal(200, (attach(SERVICE, buy())))
  end)

  it("refuse a number that has neither SMS nor MMS", function()
    refused(400, 21715, attach(SERVICE, buy("+12125550100")))
  end)

  it("refuse numbers that the account does not own", function()
    local subaccount = twilio.credentials.subaccount_sid
    local _, other = send(
      "POST",
      "IncomingPhoneNumbers.json",
      { PhoneNumber = "+14155550200" },
      { sid = subaccount }
    )
    for _, sid in ipairs { "", "PN1", "PN" .. ("0"):rep(32), other.sid } do
      refused(400, 21421, attach(SERVICE, sid))
    end
    refused(400, 21421, send("POST", path(SERVICE), {}))
  end)

  it("return 404 for an unknown service, and for a number that is not in it", function()
    local sid = buy()
    refused(404, 20404, send("GET", "/v1/Services/" .. UNKNOWN))
    refused(404, 20404, send("GET", path(UNKNOWN)))
    refused(404, 20404, attach(UNKNOWN, sid))
    for _, method in ipairs { "GET", "DELETE" } do
      refused(404, 20404, send(method, path(UNKNOWN, sid)))
      refused(404, 20404, send(method, path(SERVICE, sid)))
    end
  end)

  it("belong to the account of the credentials", function()
    local subaccount = twilio.services:add(
      "MG" .. ("a"):rep(32),
      twilio.credentials.subaccount_sid,
      { friendly_name = "of the subaccount" }
    )
    refused(404, 20404, attach(subaccount.sid, buy()))
    assert.equal(3, #select(2, send("GET", "/v1/Services")).services)
  end)

  it("lose a number that is released or transferred", function()
    local first, second = buy("+14155550121"), buy("+14155550122")
    attach(SERVICE, first)
    attach(SERVICE, second)
    send("DELETE", ("IncomingPhoneNumbers/%s.json"):format(first))
    assert.same({ second }, members(SERVICE))
    local to = { AccountSid = twilio.credentials.subaccount_sid }
    send("POST", ("IncomingPhoneNumbers/%s.json"):format(second), to)
    assert.same({}, members(SERVICE))
  end)

  it("are listed in pages with absolute links to the next", function()
    for index = 1, 3 do
      attach(SERVICE, buy("+1415555012" .. index))
    end
    local _, page = send("GET", path(SERVICE), { PageSize = "2" })
    assert.same({ 0, 2, 2 }, { page.meta.page, page.meta.page_size, #page.phone_numbers })
    assert.is_true(page.meta.previous_page_url == require("cjson").null)
    local rest = page.meta.next_page_url:match("^https://messaging%.twilio%.com(/.*)$")
    _, page = send("GET", rest .. "&")
    assert.same({ 1, 1, "+14155550123" }, {
      page.meta.page,
      #page.phone_numbers,
      page.phone_numbers[1].phone_number,
    })
    assert.is_true(page.meta.next_page_url == require("cjson").null)
  end)

  it("are in their initial state after a reset", function()
    attach(SERVICE, buy())
    twilio.services:add("MG" .. ("a"):rep(32), twilio.credentials.account_sid, {})
    twilio:reset()
    assert.same({}, members(SERVICE))
    assert.equal(3, #select(2, send("GET", "/v1/Services")).services)
  end)

  it("cannot be created or changed by requests", function()
    refused(405, 20004, send("POST", "/v1/Services", { FriendlyName = "x" }))
    refused(405, 20004, send("DELETE", "/v1/Services/" .. SERVICE))
  end)
end)
