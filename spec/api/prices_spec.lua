--- client:price and client:prices: what numbers cost a month.
local clients = require("spec.support.clients")
local cjson = require("cjson")
local flights = require("spec.support.flights")
local scripted = require("spec.support.scripted")
local simulator = require("spec.support.simulator")

local function answer(fields)
  return { status = 200, body = cjson.encode(fields) }
end

local function of(rows, unit, country)
  return answer { phone_number_prices = rows, price_unit = unit or "USD", iso_country = country }
end

local LOCAL = { number_type = "local", base_price = "1.15", current_price = "1.00" }

--- The results of client:price for a response.
local function price(response, kind)
  local client, log = scripted.client({ GET = { response } }, { retries = 0 })
  local found, message, err = client:price("US", kind or "local")
  return found, message, err, log
end

describe("client:price", function()
  it("sends to pricing.twilio.com with the client's edge and region", function()
    for _, row in ipairs {
      { {}, "https://pricing.twilio.com" },
      { { region = "ie1" }, "https://pricing.ie1.twilio.com" },
      { { edge = "dublin" }, "https://pricing.dublin.us1.twilio.com" },
      { { region = "ie1", edge = "dublin" }, "https://pricing.dublin.ie1.twilio.com" },
      { { base_url = "https://proxy.example/x/" }, "https://proxy.example/x" },
    } do
      local options = row[1]
      options.without = not options.base_url and { "base_url" } or nil
      local client, log = scripted.client({ GET = { of { LOCAL } } }, options)
      assert(client:price("US", "local"))
      assert.equal(row[2] .. "/v1/PhoneNumbers/Countries/US", log.gets[1].url)
      assert.equal(1, #log.requests)
    end
  end)

  it("authenticates as the client's account, like every other request", function()
    local client, log = scripted.client { GET = { of { LOCAL }, of { LOCAL } } }
    client:search("US", "local"):next()
    assert(client:price("US", "local"))
    local headers = log.gets[1].headers
    assert.is_string(headers.Authorization)
    assert.same(headers, log.gets[2].headers)
  end)

  it("returns the current price and the base price as text", function()
    assert.same({ monthly = "1.00", base = "1.15", currency = "USD" }, (price(of { LOCAL })))
  end)

  it("reads numbers, and a currency in lower case", function()
    local row = { number_type = "local", base_price = 1.15, current_price = 1.1 }
    local found = price(of({ row }, "eur"))
    assert.same({ monthly = "1.1", base = "1.15", currency = "EUR" }, found)
  end)

  it("has no base price if Twilio gives none", function()
    local found =
      price(of { { number_type = "local", current_price = "1.15", base_price = cjson.null } })
    assert.same({ monthly = "1.15", currency = "USD" }, found)
  end)

  it("recognizes the type that Twilio spells with a space", function()
    local row = { number_type = "toll free", base_price = "2.15", current_price = "2.15" }
    assert.equal("2.15", price(of { row }, "toll_free").monthly)
  end)

  it("reports that there is no price for a type", function()
    local found, message, err = price(of { LOCAL }, "mobile")
    assert.is_nil(found)
    assert.equal("Twilio has no price for mobile numbers in US.", message)
    assert.same({ "api", "no", 1 }, { err.kind, err.purchased, err.attempts })
    assert.is_nil(err.has_no_price)
    assert.is_nil((price(of { { number_type = "local", current_price = cjson.null } })))
  end)

  it("explains a 404", function()
    local found, message, err =
      price { status = 404, body = scripted.refusal(20404, "was not found") }
    assert.is_nil(found)
    assert.matches("^Twilio has no prices for numbers in US: it sells none there", message)
    assert.same({ "api", 404, 20404, "no" }, { err.kind, err.status, err.code, err.purchased })
  end)

  it("does not accept a gateway's 404 as Twilio's", function()
    local found, _, err = price { status = 404, body = "<html>" }
    assert.is_nil(found)
    assert.equal("response", err.kind)
  end)

  for name, response in pairs {
    ["an amount that is none"] = of { { number_type = "local", current_price = "-1" } },
    ["an amount that is a table"] = of { { number_type = "local", current_price = {} } },
    ["a base price that is none"] = of {
      { number_type = "local", current_price = "1", base_price = "x" },
    },
    ["no currency"] = answer { phone_number_prices = { LOCAL } },
    ["a currency that is none"] = of({ LOCAL }, "US dollars"),
    ["no list"] = answer { price_unit = "USD" },
    ["another country"] = of({ LOCAL }, "USD", "CA"),
    ["no object"] = { status = 200, body = "1.15" },
  } do
    it("is an error of kind response if the response has " .. name, function()
      local found, message, err = price(response)
      assert.is_nil(found)
      assert.same({ "response", "no" }, { err.kind, err.purchased }, message)
    end)
  end

  it("shows no name of a type that may be anything", function()
    for _, name in ipairs { "\27[2J", ("x"):rep(1000), "\194\155", scripted.TOKEN } do
      local _, message = price(of { { number_type = name, current_price = "x" } })
      assert.matches("its price of unknown numbers is not an amount", message, 1, true)
    end
  end)

  it("refuses an invalid country and type before anything is sent", function()
    for _, row in ipairs {
      { "us", "local", "country" },
      { "UK", "local", "country" },
      { "US/../x", "local", "country" },
      { nil, "local", "country" },
      { "US", "toll free", "type" },
      { "US", nil, "type" },
    } do
      local client, log = scripted.client {}
      local found, _, err = client:price(row[1], row[2])
      assert.is_nil(found)
      assert.same({ "invalid", row[3] }, { err.kind, err.problems[1].name })
      assert.equal(0, #log.requests)
    end
  end)

  it("retries after a 503", function()
    local client, log = scripted.client { GET = { { status = 503, body = "" }, of { LOCAL } } }
    assert.equal("1.00", assert(client:price("US", "local")).monthly)
    assert.equal(2, #log.gets)
  end)
end)

describe("client:prices", function()
  it("returns all prices by the library's names of types, and unknown types unchanged", function()
    local client = scripted.client {
      GET = {
        of {
          LOCAL,
          { number_type = "toll free", base_price = "2.15", current_price = "2.15" },
          { number_type = "satellite-phone", base_price = "9", current_price = "9" },
          { number_type = "mobile" },
          cjson.null,
        },
      },
    }
    assert.same({
      ["local"] = { monthly = "1.00", base = "1.15", currency = "USD" },
      toll_free = { monthly = "2.15", base = "2.15", currency = "USD" },
      ["satellite-phone"] = { monthly = "9", base = "9", currency = "USD" },
    }, (client:prices("US")))
  end)

  it("refuses an invalid country", function()
    local client, log = scripted.client {}
    assert.equal("invalid", (select(3, client:prices("us"))).kind)
    assert.equal(0, #log.requests)
  end)
end)

describe("The prices of the simulator", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local client

  before_each(function()
    client = clients.of(twilio)
  end)
  after_each(function()
    client:close()
  end)

  it("are read by libcurl, blocking and in flight", function()
    assert.equal("1.15", assert(client:price("US", "local")).monthly)
    local one = assert(client:price_async("GB", "mobile"))
    local got
    local all = assert(client:prices_async("US", function(...)
      got = { ... }
    end))
    flights.finish(client)
    assert.same({ monthly = "5.50", base = "6.00", currency = "USD" }, (one:result()))
    assert.same(assert(client:prices("US")), (all:result()))
    assert.same({ "1.15", "2.15" }, { got[1]["local"].monthly, got[1].toll_free.monthly })
    assert.is_nil(got[1].mobile)
  end)

  it("take a callback as the last argument, and nowhere else", function()
    local pending, message = client:price_async("US", function() end, "local")
    assert.is_nil(pending)
    assert.matches("price_async(country, type, [options,] [callback])", message, 1, true)
  end)
end)
