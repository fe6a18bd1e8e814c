local account = require("spec.support.account")

describe("the simulator's search", function()
  local twilio, send

  before_each(function()
    twilio, send = account.new()
  end)

  local function search(place, fields)
    local status, body = send("GET", ("AvailablePhoneNumbers/%s.json"):format(place), fields)
    assert.equal(200, status)
    return body.available_phone_numbers, body
  end

  it("finds numbers that can then be bought", function()
    local found, page = search("US/Local", { AreaCode = "415", PageSize = "3" })
    assert.equal(3, #found)
    assert.truthy(page.uri:find("/AvailablePhoneNumbers/US/Local.json", 1, true))
    for _, number in ipairs(found) do
      assert.truthy(number.phone_number:match("^%+1415%d+$"))
      local fields = { PhoneNumber = number.phone_number }
      assert.equal(201, (send("POST", "IncomingPhoneNumbers.json", fields)))
    end
  end)

  it("describes a number as Twilio does", function()
    local number = search("US/Local", { AreaCode = "415" })[1]
    assert.same({
      phone_number = "+14155550100",
      friendly_name = "(415) 555-0100",
      iso_country = "US",
      region = "CA",
      locality = "San Francisco",
      postal_code = "94105",
      rate_center = "SNFC CNTRL",
      lata = "722",
      latitude = "37.774900",
      longitude = "-122.419400",
      address_requirements = "none",
      beta = false,
      capabilities = { voice = true, SMS = true, MMS = true },
    }, number)
  end)

  it("spells capabilities in another way than an owned number does", function()
    local candidate = search("US/Local", { AreaCode = "212" })[1]
    local fields = { PhoneNumber = candidate.phone_number }
    local _, bought = send("POST", "IncomingPhoneNumbers.json", fields)
    assert.same({ voice = true, SMS = false, MMS = false }, candidate.capabilities)
    assert.same({ voice = true, sms = false, mms = false, fax = false }, bought.capabilities)
  end)

  it("no longer finds what somebody owns", function()
    local before = search("US/Local", { AreaCode = "415" })[1].phone_number
    send("POST", "IncomingPhoneNumbers.json", { PhoneNumber = before })
    assert.not_equal(before, search("US/Local", { AreaCode = "415" })[1].phone_number)
  end)

  it("finds every type that Twilio has", function()
    for _, place in ipairs {
      "US/Local",
      "US/TollFree",
      "CA/Local",
      "GB/Mobile",
      "GB/National",
      "GB/Voip",
      "GB/SharedCost",
      "NO/MachineToMachine",
    } do
      assert.is_true(#search(place) > 0, place)
    end
    assert.equal(0, #search("US/Voip"))
  end)

  it("filters", function()
    local function first(fields)
      return (search("US/Local", fields)[1] or {}).phone_number
    end
    assert.equal("+12125550100", first { SmsEnabled = "false" })
    assert.equal("+12065550100", first { InRegion = "WA" })
    assert.equal("+15105550100", first { InLocality = "oakland" })
    assert.equal("+18085550100", first { InRateCenter = "HILO" })
    assert.equal("+14155550123", first { Contains = "4155550123" })
    assert.equal("+15105550167", first { Contains = "510*****67" })
    assert.is_nil(first { FaxEnabled = "true" })
    assert.equal(0, #search("GB/Local", { ExcludeAllAddressRequired = "true" }))
  end)

  it("reads letters as a keypad does", function()
    local found = search("US/Local", { Contains = "555HELP", AreaCode = "415" })
    assert.equal("+14155554357", found[1].phone_number)
  end)

  it("shows 30 numbers at most, whatever is asked for, and no second page", function()
    local found, page = search("US/Local", { PageSize = "1000" })
    assert.equal(30, #found)
    assert.is_nil(page.next_page_uri)
    assert.equal(30, #search("US/Local"))
    assert.equal(29, #search("US/Local", { PageSize = "29" }))
    assert.same(found, (search("US/Local", { PageSize = "1000", Page = "1" })))
  end)

  it("shows more where a spec sets its limit", function()
    twilio:set_limits { search = 1000 }
    assert.equal(50, #search("US/Local"))
    assert.equal(60, #search("US/Local", { PageSize = "60" }))
    twilio:set_limits {}
    assert.equal(30, #search("US/Local"))
  end)

  it("lists countries, and what each offers", function()
    local _, all = send("GET", "AvailablePhoneNumbers.json")
    assert.is_true(#all.countries >= 5)
    local status, us = send("GET", "AvailablePhoneNumbers/US.json")
    assert.equal(200, status)
    assert.equal("United States", us.country)
    assert.truthy(us.subresource_uris["local"]:find("/US/Local.json", 1, true))
    assert.equal(404, (send("GET", "AvailablePhoneNumbers/ZZ.json")))
    assert.equal(404, (send("GET", "AvailablePhoneNumbers/ZZ/Local.json")))
    assert.equal(404, (send("GET", "AvailablePhoneNumbers/US/Nonsense.json")))
  end)

  it("offers what was added", function()
    twilio.inventory:add("+352691123456", { country = "US", type = "voip" })
    assert.equal("+352691123456", search("US/Voip")[1].phone_number)
  end)
end)
