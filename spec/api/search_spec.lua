-- client:search: what can be bought, by a filter that is checked before it is sent.
local clients = require("spec.support.clients")
local core = require("twilio.numbers.core")
local filters = require("spec.support.filters")
local scripted = require("spec.support.scripted")
local simulator = require("spec.support.simulator")

local block = { describe = describe, it = it, assert = assert, before_each = before_each }

local TYPES = {
  ["local"] = "Local",
  toll_free = "TollFree",
  mobile = "Mobile",
  national = "National",
  voip = "Voip",
  shared_cost = "SharedCost",
  machine_to_machine = "MachineToMachine",
}

describe("client:search", function()
  filters.behave(block, "search", function(client, filter)
    return client:search("US", "local", filter)
  end, scripted.found {})

  for name, path in pairs(TYPES) do
    it("requests numbers of type " .. name, function()
      local client, log = scripted.client { GET = { { status = 200, body = scripted.found {} } } }
      assert(client:search("GB", name):all())
      local url = "https://api.example/2010-04-01/Accounts/%s/AvailablePhoneNumbers/GB/%s.json"
      assert.equal(url:format(scripted.ACCOUNT, path), log.gets[1].url)
    end)
  end

  it("refuses UK and EL, and suggests GB and GR", function()
    for meant, iso in pairs { UK = "GB", EL = "GR" } do
      local client, log = scripted.client {}
      local list, message = client:search(meant, "mobile")
      assert.is_nil(list)
      assert.matches(
        ('country must be "%s" (ISO 3166-1), got "%s"'):format(iso, meant),
        message,
        1,
        true
      )
      assert.equal(0, #log)
    end
  end)

  it("refuses an invalid country or type, with all other problems", function()
    local client, log = scripted.client {}
    for _, country in ipairs { "us", "USA", "U", "", "U/", 1, false, "US\n" } do
      local list, _, err = client:search(country, "Local", { page_size = 0, contians = "1" })
      assert.is_nil(list)
      local names = {}
      for i, problem in ipairs(err.problems) do
        names[i] = problem.name
      end
      assert.same({ "contians", "country", "page_size", "type" }, names)
    end
    local list, _, err = client:search()
    assert.is_nil(list)
    assert.equal(2, #err.problems)
    assert.equal(0, #log.requests)
  end)

  it("has exactly the 19 parameters in Twilio's description", function()
    assert.equal(19, #core.parameters("search"))
  end)

  it("accepts degrees and a distance", function()
    local client, log = scripted.client { GET = { { status = 200, body = scripted.found {} } } }
    assert(client:search("US", "local", { near_lat_long = "37.84,-122.26", distance = 50 }):all())
    assert.matches("%?NearLatLong=37.84%%2C%-122.26&Distance=50$", log.gets[1].url)
  end)

  it("checks the bounds of a distance", function()
    local client = scripted.client {}
    local near = "+14155550100"
    assert(client:search("US", "local", { near_number = near, distance = 500 }))
    local _, message = client:search("US", "local", { near_number = near, distance = 501 })
    assert.matches("distance must be an integer from 1 to 500, got 501", message)
  end)

  it("adds a candidate's capabilities in an owned number's spelling to Twilio's own", function()
    local shapes = {
      ['{"voice":true,"SMS":true,"MMS":false}'] = {
        voice = true,
        sms = true,
        mms = false,
        SMS = true,
        MMS = false,
      },
      ['{"voice":false,"sms":true,"SMS":false,"fax":true}'] = {
        voice = false,
        sms = true,
        SMS = false,
        fax = true,
      },
      ["{}"] = {},
      ["[]"] = {},
      ['"voice"'] = "voice",
    }
    for text, capabilities in pairs(shapes) do
      local body = ('{"available_phone_numbers":[{"capabilities":%s},null,{}]}'):format(text)
      local client = scripted.client { GET = { { status = 200, body = body } } }
      local items = assert(client:search("US", "local"):all())
      assert.same({ { type = "local", capabilities = capabilities }, { type = "local" } }, items)
    end
  end)

  it("adds the searched type to candidates, unless Twilio names another", function()
    local body = [[{"available_phone_numbers":[
      {"phone_number":"+18005550100"}, {"type":"tollfree"}, {"type":"toll-free"}, {"type":null},
      {"type":"local"}, {"type":"something new"}]}]]
    local client = scripted.client { GET = { { status = 200, body = body } } }
    local types = {}
    for i, item in ipairs(assert(client:search("US", "toll_free"):all())) do
      types[i] = item.type
    end
    local mine = "toll_free"
    assert.same({ mine, mine, mine, mine, "local", "something new" }, types)
  end)

  --- The names of a filter's problems; nothing may be sent.
  local function refused(country, filter)
    local client, log = scripted.client {}
    local list, message, err = client:search(country, "local", filter)
    assert.is_nil(list)
    assert.same({ "invalid", 0 }, { err.kind, #log.requests })
    local names = {}
    for i, problem in ipairs(err.problems) do
      names[i] = problem.name
    end
    return names, message
  end

  it("refuses fields that have no effect alone, and names what they need", function()
    local names, message = refused("US", { distance = 5 })
    assert.same({ "distance" }, names)
    assert.matches("distance requires near_number or near_lat_long", message)
    names, message = refused("US", { in_rate_center = "SAN FRAN" })
    assert.same({ "in_rate_center" }, names)
    assert.matches("in_rate_center requires in_lata", message)
  end)

  it("refuses fields that Twilio ignores outside the United States and Canada", function()
    local names, message = refused("GB", {
      area_code = "207",
      near_number = "+442071838750",
      near_lat_long = "51.5,0.1",
      distance = 5,
      in_postal_code = "SW1",
      in_region = "London",
      in_rate_center = "x",
      in_lata = "1",
      in_locality = "London",
      contains = "207",
      sms_enabled = true,
    })
    assert.same({
      "area_code",
      "distance",
      "in_lata",
      "in_postal_code",
      "in_rate_center",
      "in_region",
      "near_lat_long",
      "near_number",
    }, names)
    assert.matches(
      "area_code only works in the United States and Canada, and Twilio ignores it",
      message
    )
    assert.same({ "area_code" }, (refused("PR", { area_code = "787" })))
    for _, country in ipairs { "US", "CA" } do
      assert(scripted.client({}):search(country, "local", { area_code = "415", in_region = "CA" }))
    end
  end)

  it("refuses fields that Twilio ignores for purchases, too", function()
    local client, log = scripted.client {}
    local filter = { country = "GB", type = "mobile", area_code = "207" }
    local _, _, err = client:purchase_available(filter)
    assert.same({ "invalid", "area_code" }, { err.kind, err.problems[1].name })
    filter.count = 2
    _, _, err = client:purchase_many(filter)
    assert.same({ "invalid", "area_code" }, { err.kind, err.problems[1].name })
    assert.equal(0, #log.requests)
  end)

  describe("of a simulated account", function()
    local twilio =
      simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
    local client

    before_each(function()
      client = clients.of(twilio)
    end)

    after_each(function()
      client:close()
    end)

    it("finds numbers that match the filter, with all of Twilio's fields", function()
      local items = assert(client
        :search("US", "local", {
          area_code = 415,
          contains = "5550107",
          sms_enabled = true,
          in_region = "CA",
          in_locality = "San Francisco",
          exclude_all_address_required = true,
        })
        :all())
      assert.equal(1, #items)
      assert.equal("+14155550107", items[1].phone_number)
      assert.equal("San Francisco", items[1].locality)
      local capabilities = { voice = true, sms = true, mms = true, SMS = true, MMS = true }
      assert.same(capabilities, items[1].capabilities)
      assert.equal("none", items[1].address_requirements)
      assert.is_nil(getmetatable(items[1]))
    end)

    it("finds numbers of every type", function()
      for name in pairs(TYPES) do
        local country = name == "machine_to_machine" and "NO" or "GB"
        local items = assert(client:search(country, name, { limit = 2 }):all())
        assert.equal(2, #items, name)
      end
    end)

    it("returns Twilio's error for an unknown country", function()
      local items, _, err = client:search("XX", "local"):all()
      assert.is_nil(items)
      assert.same({ "api", 404, 20404, "no" }, { err.kind, err.status, err.code, err.purchased })
    end)

    it("buys nothing", function()
      assert(client:search("US", "local", { limit = 5 }):all())
      assert.equal(0, twilio:state().posts)
    end)
  end)
end)
