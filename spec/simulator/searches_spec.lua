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

  it("describes a number like Twilio does", function()
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

  it("spells capabilities differently from an owned number", function()
    local candidate = search("US/Local", { AreaCode = "212" })[1]
    local fields = { PhoneNumber = candidate.phone_number }
    local _, bought = send("POST", "IncomingPhoneNumbers.json", fields)
    assert.same({ voice = true, SMS = false, MMS = false }, candidate.capabilities)
    assert.same({ voice = true, sms = false, mms = false, fax = false }, bought.capabilities)
  end)

  it("no longer finds an owned number", function()
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
  end)

  it("distinguishes a type that a country does not sell from one that is sold out", function()
    for _, place in ipairs { "US/Mobile", "US/Voip", "ZZ/Local" } do
      local status, body = send("GET", ("AvailablePhoneNumbers/%s.json"):format(place))
      assert.same({ 404, 20404 }, { status, body.code })
      assert.matches(
        "^The requested resource /.*/" .. place .. "%.json was not found$",
        body.message
      )
    end
    for _ = 1, 3 do
      send("POST", "IncomingPhoneNumbers.json", { AreaCode = "907" })
    end
    assert.same({}, (search("US/Local", { AreaCode = "907" })))
  end)

  it("applies filters", function()
    local function first(fields)
      return (search("US/Local", fields)[1] or {}).phone_number
    end
    assert.equal("+12125550100", first { SmsEnabled = "false" })
    assert.equal("+12065550100", first { InRegion = "WA" })
    assert.equal("+15105550100", first { InLocality = "oakland" })
    assert.equal("+18085550100", first { InRateCenter = "HILO" })
    assert.equal("+14155550123", first { Contains = "4155550123" })
    assert.is_nil(first { FaxEnabled = "true" })
    assert.equal(0, #search("GB/Local", { ExcludeAllAddressRequired = "true" }))
  end)

  it("ignores the filters that Twilio ignores outside the US and Canada", function()
    for name, value in pairs {
      AreaCode = "999",
      NearNumber = "+14155550100",
      NearLatLong = "1,1",
      Distance = "1",
      InPostalCode = "94105",
      InRegion = "CA",
      InRateCenter = "HILO",
      InLata = "722",
    } do
      assert.equal(30, #search("GB/Local", { [name] = value }), name)
    end
    assert.equal(0, #search("US/Local", { AreaCode = "999" }))
    assert.equal(0, #search("CA/Local", { InLata = "722" }))
  end)

  it("filters by the whole name of a city in every country", function()
    assert.equal(30, #search("GB/Local", { InLocality = "london" }))
    assert.equal(0, #search("GB/Local", { InLocality = "Lond" }))
  end)

  describe("with Contains", function()
    local function first(pattern, place)
      local fields = { Contains = pattern }
      local number = search(place or "US/Local", fields)[1]
      return number and number.phone_number
    end

    it("finds digits anywhere in a number, and letters as on a keypad", function()
      assert.equal("+14155550123", first("4155550123"))
      assert.equal("+14155554357", first("555HELP"))
      assert.equal("+14155554357", first("555help"))
    end)

    it("accepts * for a digit, % for digits, + for the beginning and $ for the end", function()
      assert.equal("+15105550100", first("510****"))
      assert.equal("+14155550167", first("***67"))
      assert.is_nil(first("510*******", "CA/Local"))
      assert.equal("+14155551067", first("510%67"))
      assert.equal("+15105550167", first("+1510%67$"))
      assert.equal("+14165550100", first("+1416", "CA/Local"))
      assert.is_nil(first("+416", "CA/Local"))
      assert.equal("+14165550200", first("0200$", "CA/Local"))
      assert.is_nil(first("415555$"))
    end)

    it("refuses invalid patterns", function()
      for _, pattern in ipairs {
        "4",
        ("1"):rep(17),
        "415-555",
        "(415)",
        "415 555",
        "415*0100",
        "4*5",
        "415+",
        "$415",
        "+",
        "4.5",
        "ä1",
      } do
        local fields = { Contains = pattern }
        local status, body = send("GET", "AvailablePhoneNumbers/US/Local.json", fields)
        assert.same(
          { 400, 21401, "Invalid Pattern." },
          { status, body.code, body.message },
          pattern
        )
      end
    end)
  end)

  describe("near a place", function()
    --- The places of the numbers in a search.
    local function places(path, fields)
      local list = {}
      for _, name in ipairs { "Berlin", "Los Angeles", "Oakland", "Sacramento", "San Francisco" } do
        fields.InLocality = name
        list[#list + 1] = #search(path, fields) > 0 and name or nil
      end
      return list
    end

    it("shows those within 25 miles, or within Distance", function()
      local fields = { NearNumber = "+14155550100" }
      assert.same({ "Oakland", "San Francisco" }, places("US/Local", fields))
      for distance, names in pairs {
        ["1"] = { "San Francisco" },
        ["74"] = { "Oakland", "San Francisco" },
        ["76"] = { "Oakland", "Sacramento", "San Francisco" },
        ["500"] = { "Los Angeles", "Oakland", "Sacramento", "San Francisco" },
      } do
        fields.Distance = distance
        assert.same(names, places("US/Local", fields))
      end
    end)

    it("accepts degrees instead of a number, and finds nothing near an unknown place", function()
      assert.same(
        { "Oakland" },
        places("US/Local", { NearLatLong = "37.8,-122.2", Distance = "9" })
      )
      assert.same({}, places("US/Local", { NearNumber = "+12125550100" }))
      assert.same({ "Berlin" }, places("DE/Local", { NearNumber = "+12125550100" }))
    end)
  end)

  it("returns at most 30 numbers, whatever the page size, and no second page", function()
    local found, page = search("US/Local", { PageSize = "1000" })
    assert.equal(30, #found)
    assert.is_nil(page.next_page_uri)
    assert.equal(30, #search("US/Local"))
    assert.equal(29, #search("US/Local", { PageSize = "29" }))
    assert.same(found, (search("US/Local", { PageSize = "1000", Page = "1" })))
  end)

  it("returns more if a spec raises its limit", function()
    twilio:set_limits { search = 1000 }
    assert.equal(50, #search("US/Local"))
    assert.equal(60, #search("US/Local", { PageSize = "60" }))
    twilio:set_limits {}
    assert.equal(30, #search("US/Local"))
  end)

  it("lists countries and the types of each", function()
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

  it("finds added numbers", function()
    twilio.inventory:add("+352691123456", { country = "US", type = "voip" })
    assert.equal("+352691123456", search("US/Voip")[1].phone_number)
  end)
end)
