-- client:countries and client:country: where Twilio sells numbers; and how a search explains a 404.
local cjson = require("cjson")
local clients = require("spec.support.clients")
local scripted = require("spec.support.scripted")
local simulator = require("spec.support.simulator")
local World = require("spec.support.world")

local NOT_FOUND = { status = 404, body = scripted.refusal(20404, "Twilio's words") }
local FAILED = { status = 500, body = "" }

local function country(code, types, fields)
  local uris = {}
  for _, name in ipairs(types) do
    uris[name] = "/x.json"
  end
  local all = { country_code = code, country = "A name", beta = false, subresource_uris = uris }
  for name, value in pairs(fields or {}) do
    all[name] = value
  end
  return all
end

local function described(...)
  return { status = 200, body = cjson.encode(country(...)) }
end

local function page(countries, next_page_uri)
  return {
    status = 200,
    body = cjson.encode { countries = countries, next_page_uri = next_page_uri },
  }
end

describe("client:country", function()
  it("requests that country, and returns the types sold there", function()
    local client, log = scripted.client { GET = { described("US", { "toll_free", "local" }) } }
    assert.same({
      country_code = "US",
      country = "A name",
      beta = false,
      types = { "local", "toll_free" },
    }, client:country("US"))
    local url = "https://api.example/2010-04-01/Accounts/%s/AvailablePhoneNumbers/US.json"
    assert.equal(url:format(scripted.ACCOUNT), log.gets[1].url)
  end)

  it("renames types to the library's names, and keeps unknown ones", function()
    local names = { "toll-free", "machine to machine", "shared_cost", "new-kind" }
    local client = scripted.client { GET = { described("GB", names, { beta = true }) } }
    local found = client:country("GB")
    assert.same({ "toll_free", "shared_cost", "machine_to_machine", "new-kind" }, found.types)
    assert.is_true(found.beta)
  end)

  it("reports that Twilio sells nothing in an unknown country", function()
    local client = scripted.client { GET = { NOT_FOUND } }
    local found, message, err = client:country("XX")
    assert.is_nil(found)
    assert.equal("Twilio sells no numbers in XX (status 404, error 20404).", message)
    assert.same({ "api", 404, 20404, "no" }, { err.kind, err.status, err.code, err.purchased })
  end)

  it("refuses an invalid country code before anything is sent", function()
    local client, log = scripted.client {}
    for _, code in ipairs { "us", "USA", "UK", "U/", 1, false } do
      local found, _, err = client:country(code)
      assert.is_nil(found)
      assert.same({ "invalid", "country" }, { err.kind, err.problems[1].name })
    end
    assert.is_nil((client:country()))
    assert.equal(0, #log.requests)
  end)

  it("rejects a response for another country or without types", function()
    local client = scripted.client {
      GET = { described("CA", { "local" }), { status = 200, body = '{"country_code":"US"}' } },
    }
    for _ = 1, 2 do
      local found, message, err = client:country("US")
      assert.is_nil(found)
      assert.equal("response", err.kind)
      assert.matches("it does not describe US", message, 1, true)
    end
  end)
end)

describe("client:countries", function()
  it("reads all pages, in Twilio's order", function()
    local uri = ("/2010-04-01/Accounts/%s/AvailablePhoneNumbers.json?Page=1"):format(
      scripted.ACCOUNT
    )
    local client, log = scripted.client {
      GET = { page({ country("US", { "local" }) }, uri), page { country("AU", { "mobile" }) } },
    }
    local list = assert(client:countries())
    assert.same({ 2, "US", "AU" }, { #list, list[1].country_code, list[2].country_code })
    assert.same({ "mobile" }, list[2].types)
    assert.equal("https://api.example" .. uri, log.gets[2].url)
  end)

  it("follows no page link to another host or without end", function()
    local client, log = scripted.client { GET = { page({}, "https://elsewhere.example/x") } }
    assert.equal("response", select(3, client:countries()).kind)
    assert.equal(1, #log.requests)
    local again = ("/2010-04-01/Accounts/%s/AvailablePhoneNumbers.json"):format(scripted.ACCOUNT)
    client, log = scripted.client { GET = { page({}, again) } }
    assert.equal("response", select(3, client:countries()).kind)
    assert.equal(20, #log.requests)
  end)

  it("returns an error for a response without a list", function()
    local client = scripted.client { GET = { { status = 200, body = "{}" } } }
    local list, message = client:countries()
    assert.is_nil(list)
    assert.matches("it has no list of countries", message, 1, true)
  end)

  describe("with the simulator", function()
    local twilio =
      simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

    it("lists only types for which a search finds numbers", function()
      local client = clients.of(twilio)
      local list = assert(client:countries())
      assert.is_true(#list >= 5)
      for _, one in ipairs(list) do
        assert.same(one, client:country(one.country_code))
        for _, kind in ipairs(one.types) do
          assert.equal(1, #assert(client:search(one.country_code, kind, { limit = 1 }):all()))
        end
      end
      client:close()
    end)
  end)
end)

local SOLD = "Twilio sells no mobile numbers in US (it sells: local, toll_free)"
local NO_WORD = "Twilio sells no mobile numbers in US (it sells: local, unknown)"
local NOTHING = "Twilio sells no numbers in US"
local WORDS = "Twilio answered with an error: Twilio's words"

-- Twilio's response for the country -> how the message starts.
local ANSWERS = {
  ["names the types that are sold"] = { described("US", { "toll_free", "local" }), SOLD },
  ["shows no type that may be anything"] = { described("US", { "local", "\27[2J" }), NO_WORD },
  ["says where nothing is sold"] = { NOT_FOUND, NOTHING },
  ["stays as it is where the type is sold"] = { described("US", { "mobile" }), WORDS },
  ["stays as it is where no type is named"] = { described("US", {}), WORDS },
  ["stays as it is where the look-up fails"] = { FAILED, WORDS },
  ["stays as it is where the look-up breaks"] = { { broken = "network" }, WORDS },
  ["stays as it is where another country is described"] = { described("GB", { "local" }), WORDS },
}

local MOBILE = { country = "US", type = "mobile" }

-- The ways to search with a client -> the results.
local CALLS = {
  ["client:search"] = function(client)
    return client:search("US", "mobile"):all()
  end,
  ["client:search_async"] = function(client)
    return client:search_async("US", "mobile"):wait()
  end,
  ["client:purchase_available"] = function(client)
    return client:purchase_available(MOBILE)
  end,
  ["client:purchase_many"] = function(client)
    return client:purchase_many { country = "US", type = "mobile", count = 2 }
  end,
}

for name, call in pairs(CALLS) do
  describe("The message of a 404 of " .. name, function()
    for words, row in pairs(ANSWERS) do
      it(words, function()
        local client, log = scripted.apart { GET = { NOT_FOUND, row[1] } }
        local value, message, err = call(client)
        assert.is_nil(value)
        assert.equal(row[2] .. " (status 404, error 20404).", message)
        assert.same({ "api", 404, 20404, "no" }, { err.kind, err.status, err.code, err.purchased })
        assert.equal(2, #log.requests) -- the country is asked for once
        assert.matches("/AvailablePhoneNumbers/US.json$", log.gets[2].url)
      end)
    end
  end)
end

describe("The message of a search", function()
  it("that a gateway refuses is the gateway's, and reads no country", function()
    local client, log = scripted.client { GET = { { status = 404, body = "<html>" } } }
    local items, message = client:search("US", "mobile"):all()
    assert.is_nil(items)
    assert.is_nil(message:find("sells", 1, true))
    assert.equal(1, #log.requests)
  end)

  it("of a list of owned numbers reads no country", function()
    local client, log = scripted.client { GET = { NOT_FOUND } }
    assert.is_nil((client:list():all()))
    assert.equal(1, #log.requests)
  end)
end)

describe("With a journal, the message of a 404", function()
  before_each(World.start_clocks)
  after_each(World.stop_clocks)

  it("names the types that are sold", function()
    local world = World.new {}
    function world.on_request(_, path)
      return path == "AvailablePhoneNumbers/US.json" and described("US", { "local", "toll_free" })
        or NOT_FOUND
    end
    local client = world:client()
    for _, key in ipairs { "k", false } do
      local options = { idempotency_key = key or nil }
      local number, message, err = client:purchase_available(MOBILE, {}, options)
      assert.is_nil(number)
      assert.equal(SOLD .. " (status 404, error 20404).", message)
      assert.equal("no", err.purchased)
    end
    local report, message = client:purchase_many(
      { country = "US", type = "mobile", count = 2 },
      {},
      { idempotency_key = "many" }
    )
    assert.is_nil(report)
    assert.matches(SOLD, message, 1, true)
    assert.equal(6, #world.requests)
  end)
end)
