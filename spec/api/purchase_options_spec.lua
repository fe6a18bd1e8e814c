-- The options of a purchase: the resource of a type, and unless_owned.
local clients = require("spec.support.clients")
local cqueues = require("cqueues")
local flights = require("spec.support.flights")
local form = require("spec.support.form")
local scripted = require("spec.support.scripted")
local simulator = require("spec.support.simulator")

local PHONE = scripted.PHONE
local CREATED = { status = 201, body = scripted.body() }
local OWNED = { status = 200, body = scripted.page { PHONE } }
local NOT_OWNED = { status = 200, body = scripted.page {} }

describe("a purchase with the option type", function()
  for name, path in pairs { ["local"] = "Local", mobile = "Mobile", toll_free = "TollFree" } do
    it("buys from Twilio's resource for " .. name, function()
      local client, log = scripted.client { POST = { CREATED } }
      assert(client:purchase({ phone_number = PHONE }, { type = name }))
      assert.matches("/IncomingPhoneNumbers/" .. path .. "%.json$", log.posts[1].url)
      assert.same({ PhoneNumber = PHONE }, form.decode(log.posts[1].body))
    end)

    it("sends to the same resource again after an unanswered attempt: " .. name, function()
      local client, log = scripted.client {
        POST = { { broken = "network" }, CREATED },
        GET = { NOT_OWNED },
      }
      assert(client:purchase({ phone_number = PHONE }, { type = name }))
      assert.equal(log.posts[1].url, log.posts[2].url)
    end)
  end

  it("refuses an area code, which Twilio does not accept there", function()
    local client, log = scripted.client {}
    local number, message, err = client:purchase({ area_code = "415" }, { type = "local" })
    assert.is_nil(number)
    assert.same({ "invalid", "no", "area_code" }, { err.kind, err.purchased, err.problems[1].name })
    assert.matches("find a phone_number instead", message)
    assert.equal(0, #log.requests)
  end)

  it("still checks its parameters", function()
    local client, log = scripted.client {}
    for _, params in ipairs { { phone_number = "x" }, {}, { phone_number = PHONE, colour = 1 } } do
      local number, _, err = client:purchase(params, { type = "local" })
      assert.is_nil(number)
      assert.equal("invalid", err.kind)
    end
    assert.equal("invalid", select(3, client:purchase(nil, { type = "local" })).kind)
    assert.equal(0, #log.requests)
  end)

  it("refuses a type that Twilio has no resource for", function()
    local client, log = scripted.client {}
    for _, value in ipairs { "national", "Local", "", 1, true } do
      local number, _, err = client:purchase({ phone_number = PHONE }, { type = value })
      assert.is_nil(number)
      assert.equal("type", err.problems[1].name)
    end
    assert.equal(0, #log.requests)
  end)
end)

describe("a purchase with unless_owned", function()
  local options = { unless_owned = true }

  it("looks the number up first, and buys it if it is not owned", function()
    local client, log = scripted.client { GET = { NOT_OWNED }, POST = { CREATED } }
    assert(client:purchase({ phone_number = PHONE }, options))
    assert.same({ "GET", "POST" }, { log.requests[1].method, log.requests[2].method })
    assert.matches("PhoneNumber=%2B15005550006", log.gets[1].url, 1, true)
  end)

  it("sends nothing that could change an owned number", function()
    local client, log = scripted.client { GET = { OWNED } }
    local number, message, err =
      client:purchase({ phone_number = PHONE, voice_url = "https://x/" }, options)
    assert.is_nil(number)
    assert.same({ "invalid", "no", 0 }, { err.kind, err.purchased, #log.posts })
    assert.matches("^the account already owns %+%d+, as " .. scripted.NUMBER_SID, message)
    assert.same({ 1, PHONE }, { err.attempts, err.phone_number })
  end)

  it("is not confused by a similar number", function()
    local like = { status = 200, body = scripted.page { PHONE .. "7", "+1" .. PHONE:sub(2) } }
    local client, log = scripted.client { GET = { like }, POST = { CREATED } }
    assert(client:purchase({ phone_number = PHONE }, options))
    assert.equal(1, #log.posts)
  end)

  it("buys nothing if the look-up fails", function()
    local client, log = scripted.client { GET = { { status = 500, body = "" } } }
    local number, _, err = client:purchase({ phone_number = PHONE }, options)
    assert.is_nil(number)
    assert.same({ "api", "no", 0, 4 }, { err.kind, err.purchased, #log.posts, err.attempts })
  end)

  it("needs a phone number", function()
    local client, log = scripted.client {}
    local number, message, err = client:purchase({ area_code = "415" }, options)
    assert.is_nil(number)
    assert.equal("unless_owned", err.problems[1].name)
    assert.matches("what an area_code buys is not known in advance", message)
    assert.equal(0, #log.requests)
  end)

  it("looks nothing up for invalid parameters", function()
    local client, log = scripted.client {}
    local number, _, err = client:purchase({ phone_number = "15005550006" }, options)
    assert.is_nil(number)
    assert.equal("phone_number", err.problems[1].name)
    assert.equal(0, #log.requests)
  end)

  it("reports a number that its own unanswered attempt bought as bought", function()
    local client, log = scripted.client {
      GET = { NOT_OWNED, OWNED },
      POST = { { broken = "network" } },
    }
    assert.equal(PHONE, assert(client:purchase({ phone_number = PHONE }, options)).phone_number)
    assert.equal(1, #log.posts)
  end)

  it("accepts false", function()
    local client, log = scripted.client { POST = { CREATED } }
    assert(client:purchase({ phone_number = PHONE }, { unless_owned = false }))
    assert.equal(1, #log.requests)
  end)
end)

describe("with a simulated account", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local client

  before_each(function()
    client = clients.of(twilio)
  end)

  after_each(function()
    client:close()
  end)

  for name, phone_number in pairs {
    ["local"] = "+14155550142",
    mobile = "+447700900000",
    toll_free = "+18005550100",
  } do
    it("a number is bought by its type: " .. name, function()
      local number = assert(client:purchase({ phone_number = phone_number }, { type = name }))
      assert.same({ phone_number, name }, { number.phone_number, number.type })
      local pending =
        assert(client:purchase_async({ phone_number = phone_number }, { type = name }))
      assert.equal(number.sid, assert(pending:wait()).sid)
    end)
  end

  it("a number of another type is refused", function()
    local number, _, err = client:purchase({ phone_number = "+18005550100" }, { type = "local" })
    assert.is_nil(number)
    assert.same({ 21458, "no", 0 }, { err.code, err.purchased, #twilio:state().owned })
  end)

  it(
    "a number is reported as bought even if the host aborts the update that completes it",
    function()
      local hasty = clients.of(twilio, { loop = "auto", deadline = 2 })
      local address, controller, outcome = "AD" .. ("0"):rep(32), cqueues.new(), nil
      twilio:fault { fault = "ignore", parameter = "EmergencyAddressSid", method = "POST" }
      twilio:fault { fault = "hang", method = "POST", path = "/PN" }
      controller:wrap(function()
        local params = { phone_number = "+14155550142", emergency_address_sid = address }
        hasty:purchase_async(params, { type = "local" }, function(number, _, err)
          outcome = number and "number" or err.kind .. " " .. err.purchased
        end)
      end)
      flights.until_(function()
        assert(controller:step(0.01))
        return twilio:state().requests >= 2
      end, "the update is under way")
      controller = nil -- luacheck: ignore
      flights.finish(hasty)
      assert.equal("number", outcome)
      hasty:close()
    end
  )

  it("an owned number stays unchanged with unless_owned, in flight too", function()
    local params = { phone_number = "+14155550142", friendly_name = "Old" }
    local old = assert(client:purchase(params))
    params.friendly_name = "New"
    local pending = assert(client:purchase_async(params, { unless_owned = true }))
    local number, message = pending:wait()
    assert.is_nil(number)
    assert.matches("already owns %+%d+, as " .. old.sid, message)
    assert.equal("Old", assert(client:fetch(old.sid)).friendly_name)
    assert.equal(1, twilio:state().posts)
  end)
end)
