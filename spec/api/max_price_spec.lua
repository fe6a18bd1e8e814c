--- The options max_price and currency: what a number may cost a month, checked before anything is bought.
local cjson = require("cjson")
local flights = require("spec.support.flights")
local in_order = require("spec.support.in_order")
local numbers = require("twilio.numbers")
local scripted = require("spec.support.scripted")

local PHONES = { "+14155550101", "+14155550102", "+14155550103" }
local FILTER = { country = "US", area_code = "415" }

local function priced(amount, unit, kind)
  local row = { number_type = kind or "local", base_price = "0.01", current_price = amount }
  return {
    status = 200,
    body = cjson.encode { phone_number_prices = { row }, price_unit = unit or "USD" },
  }
end

--- A client that gets this price, and the requests it has sent for prices.
---@param price table a response
local function client_of(price, options)
  local asked = 0
  local client, log = scripted.apart({
    GET = {
      function(request)
        if request.url:find("/v1/PhoneNumbers/Countries/", 1, true) then
          asked = asked + 1
          return price
        elseif request.url:find("/AvailablePhoneNumbers/", 1, true) then
          return { status = 200, body = scripted.found(PHONES) }
        end
        return { status = 200, body = scripted.page {} }
      end,
    },
    POST = { scripted.created },
  }, options)
  return client, log, function()
    return asked
  end
end

local NOT_FOUND = { status = 404, body = scripted.refusal(20404, "was not found") }

--- Ways to buy with the options; each returns the purchase, the message and the error.
local WAYS = {
  purchase_available = function(client, options, filter)
    return client:purchase_available(filter or FILTER, nil, options)
  end,
  purchase_many = function(client, options, filter)
    local many = { count = 3 }
    for name, value in pairs(filter or FILTER) do
      many[name] = value
    end
    return client:purchase_many(many, nil, options)
  end,
}

for name, buy in pairs(WAYS) do
  describe("max_price of " .. name, function()
    in_order { before_each = before_each, after_each = after_each }

    for _, row in ipairs {
      { "1.15", "1.15" },
      { "1.15", "1.150" },
      { "1.15", "2" },
      { "9.99", "10" },
      { "0.00", "0" },
    } do
      it(("allows a price of %s where it is %s"):format(row[1], row[2]), function()
        local client, log, asked = client_of(priced(row[1]))
        assert(buy(client, { max_price = row[2] }))
        assert.is_true(#log.posts >= 1)
        assert.equal(1, asked())
        assert.matches("/v1/PhoneNumbers/Countries/US$", log.gets[1].url) -- before all else
      end)
    end

    for _, row in ipairs {
      { priced("1.16"), "costs 1.16 USD a month, and max_price is 1.15 USD" },
      { priced("1.1500000000000000001"), "and max_price is 1.15 USD" },
      { priced("10"), "costs 10 USD a month" },
      { priced("1.00", "EUR"), "is in EUR, and max_price in USD" },
      { priced("1.00", "USD", "mobile"), "Twilio has no price for local numbers in US" },
      { NOT_FOUND, "Twilio has no prices for numbers in US" },
    } do
      it("refuses with the kind policy: " .. row[2], function()
        local client, log = client_of(row[1])
        local bought, message, err = buy(client, { max_price = "1.15" })
        assert.is_nil(bought)
        assert.matches("^the purchase is not allowed: ", message)
        assert.matches(row[2], message, 1, true)
        assert.same({ "policy", "no", 1 }, { err.kind, err.purchased, err.attempts })
        assert.is_nil(err.has_no_price)
        assert.same({ 0, 1 }, { #log.posts, #log.gets })
      end)
    end

    for kind, price in pairs {
      response = priced("dear"),
      api = { status = 403, body = scripted.refusal(20403, "forbidden") },
      network = { broken = "network" },
      connect = { broken = "connect" },
    } do
      it("buys nothing if the price cannot be read, an error of kind " .. kind, function()
        local client, log = client_of(price, { retries = 0 })
        if price.broken then
          client, log = scripted.apart({ GET = { price } }, { retries = 0 })
        end
        local bought, _, err = buy(client, { max_price = "1.15" })
        assert.is_nil(bought)
        assert.same({ kind, "no", 0 }, { err.kind, err.purchased, #log.posts })
      end)
    end

    it("reads the price of the filter's country and type", function()
      local client, log = client_of(priced("5", "USD", "toll free"))
      local filter = { country = "CA", type = "toll_free" }
      assert(buy(client, { max_price = "5" }, filter))
      assert.matches("/v1/PhoneNumbers/Countries/CA$", log.gets[1].url)
    end)

    it("accepts another currency, in upper or lower case", function()
      assert(buy(client_of(priced("1", "eur")), { max_price = "1", currency = "EUR" }))
      assert(buy(client_of(priced("1", "EUR")), { max_price = "1", currency = "eur" }))
      local _, _, err = buy(client_of(priced("1", "USD")), { max_price = "1", currency = "EUR" })
      assert.equal("policy", err.kind)
    end)

    it("reads no price if it is not given", function()
      local client, _, asked = client_of(NOT_FOUND)
      assert(buy(client, { currency = "EUR" }))
      assert.equal(0, asked())
    end)

    it("refuses a number, with the hint to write a string", function()
      for value, hint in pairs { [1.5] = '"1.5"', [2] = '"2"', [-1] = '"1.50"' } do
        local client, log = client_of(priced("1"))
        local bought, message, err = buy(client, { max_price = value })
        assert.is_nil(bought)
        assert.same({ "invalid", 0 }, { err.kind, #log.requests })
        assert.matches("max_price must be a string", message, 1, true)
        assert.matches("write it as " .. hint, message, 1, true)
      end
    end)

    it("refuses an invalid amount and an invalid currency", function()
      for _, wrong in ipairs { "", "1,50", "-1", "1e3", "1.", ".5", "$1", {}, true } do
        local client, log = client_of(priced("1"))
        local _, _, err = buy(client, { max_price = wrong })
        assert.same({ "invalid", "max_price" }, { err.kind, err.problems[1].name })
        assert.equal(0, #log.requests)
      end
      for _, wrong in ipairs { "", "US", "USDX", "U$D", 1, {} } do
        local client, log = client_of(priced("1"))
        local _, _, err = buy(client, { max_price = "1", currency = wrong })
        assert.same({ "invalid", "currency" }, { err.kind, err.problems[1].name })
        assert.equal(0, #log.requests)
      end
    end)
  end)
end

describe("max_price", function()
  in_order { before_each = before_each, after_each = after_each }

  it("reads the price once for a purchase of many, whatever the number of searches", function()
    local client, log, asked = client_of(priced("1"))
    local filter = { country = "US", area_code = "415", count = 5 } -- of which three are found
    local report = client:purchase_many(filter, nil, { max_price = "1" })
    assert.equal(3, report.bought)
    assert.is_true(scripted.searches(log) > 2)
    assert.equal(1, asked())
  end)

  it("applies in flight", function()
    local client, log = client_of(priced("2"))
    local pending = assert(client:purchase_available_async(FILTER, nil, { max_price = "1" }))
    flights.finish(client)
    local _, _, err = pending:result()
    assert.same({ "policy", 0 }, { err.kind, #log.posts })
  end)

  it("applies to a dry run", function()
    local client = client_of(priced("2"))
    local options = { max_price = "1", dry_run = true }
    local _, _, err = client:purchase_available(FILTER, nil, options)
    assert.equal("policy", err.kind)
    options.max_price = "2"
    assert.is_table(assert(client:purchase_available(FILTER, nil, options)).candidate)
  end)

  it("does not carry over from one call to the next", function()
    local client, log, asked = client_of(priced("2"))
    assert.is_nil((client:purchase_available(FILTER, nil, { max_price = "1" })))
    assert(client:purchase_available(FILTER, nil, {}))
    assert.same({ 1, 1 }, { #log.posts, asked() })
  end)

  it(
    "reads from the pricing host, and names that host, not a proxy, if it cannot be reached",
    function()
      local urls = {}
      local client = assert(numbers.client {
        account_sid = scripted.ACCOUNT,
        auth_token = scripted.TOKEN,
        retries = 0,
        transport = function(request)
          urls[#urls + 1] = request.url
          return nil, "Failed to connect to pricing.twilio.com port 443 after 2 ms", "connect"
        end,
      })
      local _, message = client:purchase_available(FILTER, nil, { max_price = "1" })
      assert.same({ "https://pricing.twilio.com/v1/PhoneNumbers/Countries/US" }, urls)
      assert.matches("Failed to connect to pricing.twilio.com", message, 1, true)
      assert.not_matches("proxy", message)
    end
  )
end)
