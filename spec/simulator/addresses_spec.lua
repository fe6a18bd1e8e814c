local cjson = require("cjson")
local account = require("spec.support.account")

local OFFICE = "AD" .. ("0"):rep(31) .. "1" -- San Francisco
local BERLIN = "AD" .. ("0"):rep(31) .. "2"
local LONDON = "AD" .. ("0"):rep(31) .. "3"
local VERIFIED = "AD" .. ("0"):rep(31) .. "4"
local UNKNOWN = "AD" .. ("9"):rep(32)

describe("the simulator's addresses", function()
  local twilio, send

  before_each(function()
    twilio, send = account.new()
  end)

  -- An address that needs no correction, with fields overridden; false removes one.
  local function fields_of(other)
    local fields = {
      CustomerName = "Ada Example",
      Street = "645 Harrison St",
      City = "San Francisco",
      Region = "CA",
      PostalCode = "94107",
      IsoCountry = "US",
    }
    for name, value in pairs(other or {}) do
      fields[name] = value or nil
    end
    return fields
  end

  local function create(other)
    return send("POST", "Addresses.json", fields_of(other))
  end

  local function path(sid, rest)
    return ("Addresses/%s%s.json"):format(sid, rest or "")
  end

  local function refused(expected_status, expected_code, status, body)
    assert.same({ expected_status, expected_code }, { status, body.code })
    return body
  end

  local function listed(query)
    local sids = {}
    for index, address in ipairs(select(2, send("GET", "Addresses.json", query)).addresses) do
      sids[index] = address.sid
    end
    return sids
  end

  it("are created as given if there is nothing to correct", function()
    local status, address = create { FriendlyName = "Büro", StreetSecondary = "Suite 300" }
    assert.equal(201, status)
    assert.matches("^AD%x+$", address.sid)
    assert.matches("^%a%a%a, %d%d %a%a%a %d%d%d%d %d%d:%d%d:%d%d %+0000$", address.date_created)
    local own = twilio.credentials.account_sid
    assert.same({
      sid = address.sid,
      account_sid = own,
      customer_name = "Ada Example",
      friendly_name = "Büro",
      street = "645 Harrison St",
      street_secondary = "Suite 300",
      city = "San Francisco",
      region = "CA",
      postal_code = "94107",
      iso_country = "US",
      emergency_enabled = false,
      validated = true,
      verified = false,
      date_created = address.date_created,
      date_updated = address.date_created,
      uri = ("/2010-04-01/Accounts/%s/Addresses/%s.json"):format(own, address.sid),
    }, address)
    assert.same(address, select(2, send("GET", path(address.sid))))
  end)

  it("have null for absent parameters", function()
    local _, address = create()
    assert.same({ cjson.null, cjson.null }, { address.friendly_name, address.street_secondary })
  end)

  it("are created twice by two requests", function()
    local before = #listed()
    assert.not_equal(select(2, create()).sid, select(2, create()).sid)
    assert.equal(before + 2, #listed())
  end)

  it("are corrected, unless that is switched off", function()
    local given = { Street = " 645  Harrison St.", Region = "California" }
    for _, auto in ipairs { false, "", "true" } do
      given.AutoCorrectAddress = auto
      local status, address = create(given)
      assert.same({ 201, "645 Harrison St", "CA" }, { status, address.street, address.region })
    end
    local before = #listed()
    given.AutoCorrectAddress = "false"
    local body = refused(400, 21629, create(given))
    assert.same({
      suggested_address = {
        street = "645 Harrison St",
        city = "San Francisco",
        region = "CA",
        postal_code = "94107",
        iso_country = "US",
      },
    }, body.details)
    assert.equal(before, #listed())
    assert.equal(201, (create { AutoCorrectAddress = "false" }))
  end)

  it("are refused if no similar address is known", function()
    for country, postal_code in pairs { US = "9410", DE = "1011", GB = "10119" } do
      refused(400, 21628, create { IsoCountry = country, PostalCode = postal_code })
    end
  end)

  it("are not validated in countries without a register", function()
    local status, address = create { IsoCountry = "NO", PostalCode = "?", Street = "Storgata 1." }
    assert.same({ 201, false, "Storgata 1." }, { status, address.validated, address.street })
  end)

  it("require the mandatory parameters", function()
    local before = #listed()
    for name in pairs(fields_of()) do
      refused(400, 21238, create { [name] = false })
      refused(400, 21238, create { [name] = "" })
    end
    for _, other in ipairs {
      { IsoCountry = "USA" },
      { IsoCountry = "us" },
      { EmergencyEnabled = "yes" },
      { AutoCorrectAddress = "0" },
    } do
      refused(400, 21238, create(other))
    end
    assert.equal(before, #listed())
  end)

  it("have a name of 64 characters, or of 32 for emergency calls", function()
    assert.equal(201, (create { FriendlyName = ("ü"):rep(64) }))
    refused(400, 21238, create { FriendlyName = ("ü"):rep(65) })
    assert.equal(201, (create { FriendlyName = ("ü"):rep(32), EmergencyEnabled = "true" }))
    refused(400, 21238, create { FriendlyName = ("ü"):rep(33), EmergencyEnabled = "true" })
  end)

  it("are listed, oldest first, page by page", function()
    assert.same({ OFFICE, BERLIN, LONDON, VERIFIED }, listed())
    local _, page = send("GET", "Addresses.json", { PageSize = "3" })
    assert.same({ 3, 3 }, { #page.addresses, page.page_size })
    _, page = send("GET", page.next_page_uri .. "&")
    assert.same({ 1, cjson.null }, { #page.addresses, page.next_page_uri })
  end)

  it("are listed by name, country and use", function()
    local _, made = create { FriendlyName = "Second", EmergencyEnabled = "true" }
    assert.same({ made.sid }, listed { CustomerName = "Ada Example" })
    assert.same({ made.sid }, listed { FriendlyName = "Second" })
    assert.same({ BERLIN, VERIFIED }, listed { IsoCountry = "DE" })
    assert.same({ OFFICE, made.sid }, listed { EmergencyEnabled = "true" })
    assert.same({ BERLIN, LONDON, VERIFIED }, listed { EmergencyEnabled = "false" })
    assert.same({}, listed { FriendlyName = "second", IsoCountry = "US" })
  end)

  it("can be missing from the next lists", function()
    twilio:set_limits { lag = 1 }
    local _, made = create()
    assert.equal(200, (send("GET", path(made.sid))))
    assert.same({}, listed { CustomerName = "Ada Example" })
    assert.same({ made.sid }, listed { CustomerName = "Ada Example" })
  end)

  it("can be changed except for their country", function()
    local _, made = create { FriendlyName = "First" }
    local status, address = send("POST", path(made.sid), {
      FriendlyName = "",
      Street = "1 Main St.",
      EmergencyEnabled = "true",
      IsoCountry = "DE",
    })
    assert.same({ 200, cjson.null, "1 Main St", true, "US" }, {
      status,
      address.friendly_name,
      address.street,
      address.emergency_enabled,
      address.iso_country,
    })
    assert.same({ "Ada Example", made.date_created }, {
      address.customer_name,
      address.date_created,
    })
    assert.same(address, select(2, send("GET", path(made.sid))))
  end)

  it("stay unchanged when a change is refused", function()
    local _, made = create()
    refused(400, 21238, send("POST", path(made.sid), { City = "" }))
    refused(400, 21628, send("POST", path(made.sid), { PostalCode = "1", City = "Oakland" }))
    local fields = { Region = "california", AutoCorrectAddress = "false" }
    refused(400, 21629, send("POST", path(made.sid), fields))
    assert.same(made, select(2, send("GET", path(made.sid))))
  end)

  it("are deleted", function()
    local _, made = create()
    assert.equal(204, (send("DELETE", path(made.sid))))
    for _, method in ipairs { "GET", "POST", "DELETE" } do
      refused(404, 20404, send(method, path(made.sid)))
    end
    assert.same({}, listed { CustomerName = "Ada Example" })
  end)

  it("cannot be changed or deleted while a verified document names them", function()
    refused(400, 21630, send("DELETE", path(VERIFIED)))
    refused(400, 21630, send("POST", path(VERIFIED), { City = "Bonn" }))
    assert.equal("Berlin", select(2, send("GET", path(VERIFIED))).city)
  end)

  it("belong to one account", function()
    local sub = { sid = twilio.credentials.subaccount_sid }
    refused(404, 20404, send("GET", path(OFFICE), nil, sub))
    local _, body = send("GET", "Addresses.json", nil, sub)
    assert.same({}, body.addresses)
    local _, made = send("POST", "Addresses.json", fields_of(), sub)
    refused(404, 20404, send("GET", path(made.sid)))
  end)

  it("name the numbers that depend on them", function()
    local fields = { PhoneNumber = "+33199000001", AddressSid = OFFICE }
    fields.IdentitySid = "RI" .. ("0"):rep(32)
    local _, number = send("POST", "IncomingPhoneNumbers.json", fields)
    send("POST", "IncomingPhoneNumbers.json", { PhoneNumber = "+14155550100" })
    local status, page = send("GET", path(OFFICE, "/DependentPhoneNumbers"))
    assert.same({ 200, 1 }, { status, #page.dependent_phone_numbers })
    local dependent = page.dependent_phone_numbers[1]
    assert.same({ number.sid, "+33199000001", { Voice = true, SMS = false, MMS = false } }, {
      dependent.sid,
      dependent.phone_number,
      dependent.capabilities,
    })
    assert.is_nil(dependent.bundle_sid)
    local _, none = send("GET", path(BERLIN, "/DependentPhoneNumbers"))
    assert.same({}, none.dependent_phone_numbers)
    refused(404, 20404, send("GET", path(UNKNOWN, "/DependentPhoneNumbers")))
  end)

  describe("in a purchase", function()
    local function buy(phone_number, address_sid)
      local fields = { PhoneNumber = phone_number, AddressSid = address_sid }
      fields.IdentitySid = "RI" .. ("0"):rep(32)
      return send("POST", "IncomingPhoneNumbers.json", fields)
    end

    it("must exist, whether or not they are required", function()
      for _, phone_number in ipairs { "+14155550100", "+33199000001", "+493023250001" } do
        refused(400, 21631, buy(phone_number, UNKNOWN))
      end
      assert.equal(201, (buy("+14155550100", OFFICE)))
      assert.equal(0, #listed { IsoCountry = "FR" })
      assert.equal(201, (buy("+33199000001", OFFICE)))
    end)

    it("must be in the number's country if a local one is required", function()
      for _, sid in ipairs { OFFICE, LONDON } do
        refused(400, 21615, buy("+493023250001", sid))
      end
      assert.not_equal(21615, select(2, buy("+493023250001", BERLIN)).code)
    end)

    it("must belong to the buying account", function()
      local status, body = send("POST", "IncomingPhoneNumbers.json", {
        PhoneNumber = "+14155550100",
        AddressSid = OFFICE,
      }, { sid = twilio.credentials.subaccount_sid })
      refused(400, 21631, status, body)
    end)
  end)

  describe("along with the balance", function()
    it("of a prepaid account, as text", function()
      local own = twilio.credentials.account_sid
      local expected = { account_sid = own, balance = "100.00", currency = "USD" }
      local status, balance = send("GET", "Balance.json")
      assert.equal(200, status)
      assert.same(expected, balance)
      twilio.accounts[own].balance = "0.05"
      assert.equal("0.05", select(2, send("GET", "Balance.json")).balance)
    end)

    it("of any other account, which is a 404", function()
      twilio.accounts[twilio.credentials.account_sid].balance = false
      refused(404, 20404, send("GET", "Balance.json"))
    end)
  end)
end)
