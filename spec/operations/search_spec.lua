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
    it("asks for those of type " .. name, function()
      local client, log = scripted.client { GET = { { status = 200, body = scripted.found {} } } }
      assert(client:search("GB", name):all())
      local url = "https://api.example/2010-04-01/Accounts/%s/AvailablePhoneNumbers/GB/%s.json"
      assert.equal(url:format(scripted.ACCOUNT, path), log.gets[1].url)
    end)
  end

  it("refuses a country or a type that is none, with all that is wrong", function()
    local client, log = scripted.client {}
    for _, country in ipairs { "us", "USA", "U", "", "U/", 1, false, "US\n" } do
      local list, _, err = client:search(country, "Local", { distance = 0, contians = "1" })
      assert.is_nil(list)
      local names = {}
      for i, problem in ipairs(err.problems) do
        names[i] = problem.name
      end
      assert.same({ "contians", "country", "distance", "type" }, names)
    end
    local list, _, err = client:search()
    assert.is_nil(list)
    assert.equal(2, #err.problems)
    assert.equal(0, #log.requests)
  end)

  it("has just the 19 parameters of Twilio's description", function()
    assert.equal(19, #core.parameters("search"))
  end)

  it("takes degrees and a distance", function()
    local client, log = scripted.client { GET = { { status = 200, body = scripted.found {} } } }
    assert(client:search("US", "local", { near_lat_long = "37.84,-122.26", distance = 50 }):all())
    assert.matches("%?NearLatLong=37.84%%2C%-122.26&Distance=50$", log.gets[1].url)
  end)

  it("knows the bounds of a distance", function()
    local client = scripted.client {}
    assert(client:search("US", "local", { distance = 500 }))
    local _, message = client:search("US", "local", { distance = 501 })
    assert.matches("distance must be an integer from 1 to 500, got 501", message)
  end)

  it("names what a candidate can do as an owned number does, beside Twilio's own names", function()
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
      assert.same({ { capabilities = capabilities }, {} }, items)
    end
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

    it("finds what the filter says, and shows all of Twilio's fields", function()
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

    it("finds every type where there is one", function()
      for name in pairs(TYPES) do
        local country = name == "machine_to_machine" and "NO" or "GB"
        local items = assert(client:search(country, name, { limit = 2 }):all())
        assert.equal(2, #items, name)
      end
    end)

    it("says what Twilio says of a country that it does not know", function()
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
