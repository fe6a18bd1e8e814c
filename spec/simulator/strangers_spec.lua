-- What the simulator does for specs of the journal: numbers that strangers buy and release, look-ups that
-- lag, and requests that are carried out late.
local account = require("spec.support.account")
local curl = require("spec.support.curl")
local flights = require("spec.support.flights")
local simulator = require("spec.support.simulator")

local PATH, PHONE = "IncomingPhoneNumbers.json", "+14155550123"
local unpack = table.unpack or unpack -- luacheck: ignore

describe("the simulated account", function()
  local twilio, send

  before_each(function()
    twilio, send = account.new()
  end)

  local function buy(phone_number)
    return send("POST", PATH, { PhoneNumber = phone_number or PHONE })
  end

  local function listed(fields)
    local numbers = select(2, send("GET", PATH, fields)).incoming_phone_numbers
    return #numbers
  end

  it("does not list a number for the configured look-ups after its purchase", function()
    buy("+14155550100")
    twilio:set_limits { lag = 2 }
    local _, number = buy()
    assert.equal(200, (send("GET", ("IncomingPhoneNumbers/%s.json"):format(number.sid))))
    assert.equal(0, listed { PhoneNumber = "+14155550999" }) -- looks for another one
    assert.same({ 1, 0, 2 }, { listed(), listed { PhoneNumber = PHONE }, listed() })
  end)

  it("does not list a number until that is switched off", function()
    twilio:set_limits { lag = true }
    buy()
    for _ = 1, 5 do
      assert.equal(0, listed())
    end
    twilio:set_limits {}
    assert.equal(1, listed())
  end)

  it("lists a number at once without a lag", function()
    twilio:set_limits { lag = 0 }
    buy()
    assert.equal(1, listed())
  end)

  it("cannot buy a stranger's number until it was released", function()
    assert.is_true(twilio.inventory:take_by_stranger(PHONE, true))
    assert.is_false(twilio.inventory:take_by_stranger(PHONE, true))
    local search = { Contains = "4155550123" }
    local path = "AvailablePhoneNumbers/US/Local.json"
    assert.same({}, select(2, send("GET", path, search)).available_phone_numbers)
    local status, body = buy()
    assert.same({ 400, 21422, 0 }, { status, body.code, listed() })
    assert.is_true(twilio.inventory:take_by_stranger(PHONE, false))
    assert.is_false(twilio.inventory:take_by_stranger(PHONE, false))
    assert.equal(201, (buy()))
    assert.is_false(twilio.inventory:take_by_stranger(PHONE, true))
  end)

  it("can be refused a given number, even one that it owns, whose settings stay", function()
    local _, number = buy()
    for _, phone_number in ipairs { PHONE, "+14155550124" } do
      twilio.refused[phone_number] = true
      local status, body = buy(phone_number)
      assert.same({ 400, 21422 }, { status, body.code })
    end
    assert.same({ 1, 0 }, { twilio.counts.purchases, twilio.counts.updates })
    local path = ("IncomingPhoneNumbers/%s.json"):format(number.sid)
    assert.equal(200, (send("POST", path, { FriendlyName = "by its SID" })))
    twilio.refused[PHONE] = nil
    assert.equal(201, (buy()))
  end)

  it("counts the purchases of each number", function()
    buy("+15005550006")
    buy("+15005550006")
    local _, number = buy("+15005550006")
    send("DELETE", ("IncomingPhoneNumbers/%s.json"):format(number.sid))
    buy("+15005550006")
    buy()
    assert.same({ ["+15005550006"] = 2, [PHONE] = 1 }, twilio.bought)
    assert.equal(3, twilio.counts.purchases)
  end)

  it("keeps or renews the date of a number that is bought again", function()
    local _, number = buy()
    twilio.by_sid[number.sid].date_created = "Thu, 01 Jan 2026 00:00:00 +0000"
    assert.equal("Thu, 01 Jan 2026 00:00:00 +0000", select(2, buy()).date_created)
    twilio:set_limits { redate = true }
    assert.not_equal("Thu, 01 Jan 2026 00:00:00 +0000", select(2, buy()).date_created)
  end)

  it("buys nothing by an update, whatever its parameters", function()
    local _, number = buy()
    local path = ("IncomingPhoneNumbers/%s.json"):format(number.sid)
    assert.equal(200, (send("POST", path, { PhoneNumber = "+14155550124", AreaCode = "510" })))
    assert.equal(PHONE, select(2, send("GET", path)).phone_number)
    send("DELETE", path)
    twilio.inventory:add(PHONE)
    local status, body = send("POST", path, { PhoneNumber = PHONE })
    assert.same({ 404, 20404 }, { status, body.code })
    assert.same({ 1, 1, 0 }, { twilio.counts.purchases, twilio.counts.updates, listed() })
  end)
end)

describe("the simulator's control endpoint", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  -- With a time limit the client leaves before it is answered.
  local function buy(phone_number, version, seconds)
    local arguments = {
      "--cacert",
      twilio.ca_file,
      version or "--http1.1",
      "--user",
      twilio.account_sid .. ":" .. twilio.auth_token,
      "--data-urlencode",
      "PhoneNumber=" .. phone_number,
      "--max-time",
      tostring(seconds or 30),
      ("%s/2010-04-01/Accounts/%s/%s"):format(twilio.base_url, twilio.account_sid, PATH),
    }
    return curl(unpack(arguments))[1]
  end

  it("makes strangers buy and release, and refuses numbers, until a reset", function()
    twilio:stranger(PHONE)
    twilio:refuse("+14155550124")
    assert.same({ 400, 400 }, { buy(PHONE).status, buy("+14155550124").status })
    assert.has_error(function()
      twilio:stranger(PHONE)
    end)
    assert.same({}, twilio:state().owned)
    twilio:stranger(PHONE, false)
    twilio:refuse("+14155550124", false)
    assert.same({ 201, 201 }, { buy(PHONE).status, buy("+14155550124").status })
    assert.same({ [PHONE] = 1, ["+14155550124"] = 1 }, twilio:state().bought)
    twilio:stranger("+14155550125")
    twilio:refuse("+14155550126")
    twilio:reset()
    assert.same({ 201, 201 }, { buy("+14155550125").status, buy("+14155550126").status })
    for _, name in ipairs { "strangers", "refusals" } do
      assert.has_error(function()
        twilio:control("POST", name, {})
      end)
    end
  end)

  for _, version in ipairs { "--http1.1", "--http2" } do
    it("holds a dead client's purchase while others are carried out: " .. version, function()
      twilio:limits { hold = 1 }
      buy(PHONE, version, 0.5)
      assert.equal(1, twilio:state().unfinished)
      assert.equal(201, buy("+14155550124", version).status)
      assert.equal(201, buy("+14155550125", version).status)
      assert.is_nil(twilio:state().bought[PHONE])
      twilio:limits {}
      flights.until_(function()
        return twilio:state().unfinished == 0
      end, "carried out")
      assert.same({ 1, 3 }, { twilio:state().bought[PHONE], twilio:state().purchases })
    end)
  end
end)
