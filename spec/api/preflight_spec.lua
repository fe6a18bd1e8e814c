--- The option preflight: nothing is bought while something is missing, whatever the way to buy.
local clients = require("spec.support.clients")
local law = require("spec.support.law")
local scripted = require("spec.support.scripted")
local simulator = require("spec.support.simulator")
local table_store = require("spec.support.table_store")
local ways_to_buy = require("spec.support.ways_to_buy")

local function sid(prefix, number)
  return ("%s%032d"):format(prefix, number)
end

--- The initial resources of the simulator's account, see docs/simulator.md.
local BUNDLE, ADDRESS = sid("BU", 1), sid("AD", 4) -- approved, of DE local, with this address
local DRAFT = sid("BU", 5)

local function german(params)
  return {
    phone_number = "+493023250000",
    country = "DE",
    type = "local",
    params = params,
  }
end

local AMERICAN = {
  phone_number = "+14155550100",
  country = "US",
  type = "local",
  area_code = "415",
}

--- One row each: how, a journal, a key.
local CALLS = {
  { "blocking" },
  { "in flight" },
  { "blocking", has_journal = true, key = "k" },
  { "in flight", has_journal = true },
}

describe("The option preflight", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local client, journal

  after_each(function()
    client:close()
  end)

  --- A client of the simulator, and the options of its calls.
  local function prepare(call, more)
    journal = call.has_journal and table_store.new() or nil
    client = clients.of(twilio, { base_url = twilio.http_url, journal = journal })
    local options = { preflight = true, idempotency_key = call.key }
    for name, value in pairs(more or {}) do
      options[name] = value
    end
    return options
  end

  --- Checks that nothing was sent or started.
  local function check_untouched()
    assert.equal(0, twilio:state().posts)
    for record in pairs(journal and journal.rows or {}) do
      assert.matches("^many/", record) -- no order was begun
    end
  end

  for _, call in ipairs(CALLS) do
    local said = (call.key and ", with a key") or (call.has_journal and ", with a journal") or ""

    for _, way in ipairs(ways_to_buy.of(german {}, call[1])) do
      it("buys nothing if a bundle is missing: " .. way.name .. said, function()
        local address = german { address_sid = ADDRESS }
        local options = prepare(call)
        local number, message, err = way.buy(client, address, options)
        assert.is_nil(number)
        assert.same({ "policy", "no" }, { err.kind, err.purchased }, message)
        assert.same({ 1, "bundle_sid" }, { #err.problems, err.problems[1].name }, message)
        check_untouched()
      end)

      it("buys nothing with a bundle that is not approved: " .. way.name .. said, function()
        local draft = german { bundle_sid = DRAFT, address_sid = ADDRESS }
        local options = prepare(call)
        local number, message, err = way.buy(client, draft, options)
        assert.is_nil(number)
        assert.equal("policy", err.kind)
        assert.matches("is not approved: its status is draft", message, 1, true)
        check_untouched()
      end)

      it("buys if nothing is missing: " .. way.name .. said, function()
        local whole = german { bundle_sid = BUNDLE, address_sid = ADDRESS }
        local options = prepare(call)
        local number = assert(way.buy(client, whole, options))
        assert.matches("^%+4930232", number.phone_number)
        assert.equal(1, twilio:state().purchases)
      end)

      it("buys nothing if something cannot be read: " .. way.name .. said, function()
        twilio:fault { fault = "status", status = 403, path = "/Bundles/", times = 9 }
        local whole = german { bundle_sid = BUNDLE, address_sid = ADDRESS }
        local options = prepare(call)
        local number, message, err = way.buy(client, whole, options)
        assert.is_nil(number)
        assert.same({ "api", 403, "no" }, { err.kind, err.status, err.purchased }, message)
        check_untouched()
      end)
    end
  end

  for _, call in ipairs(CALLS) do
    local said = (call.key and ", with a key") or (call.has_journal and ", with a journal") or ""
    for _, way in ipairs(ways_to_buy.of(AMERICAN, call[1])) do
      it("compares the balance with the price: " .. way.name .. said, function()
        twilio:control("POST", "accounts", { balance = "1.14" })
        local options = prepare(call)
        local number, message, err = way.buy(client, AMERICAN, options)
        assert.is_nil(number)
        assert.same({ "policy", "balance" }, { err.kind, err.problems[1].name }, message)
        check_untouched()
        twilio:control("POST", "accounts", { balance = "1.15" })
        assert(way.buy(client, AMERICAN, options))
        assert.equal(1, twilio:state().purchases)
      end)
    end
  end

  it("reads nothing for a number that the account owns, since it is not bought", function()
    prepare {}
    assert(client:purchase {
      phone_number = "+493023250000",
      bundle_sid = BUNDLE,
      address_sid = ADDRESS,
    })
    local params = { phone_number = "+493023250000", friendly_name = "Desk" }
    assert.equal("Desk", assert(client:purchase(params, { preflight = true })).friendly_name)
  end)

  it("reads nothing for a number that was already chosen", function()
    local options = prepare { has_journal = true, key = "k" }
    local filter = { country = "DE", type = "local" }
    local params = { bundle_sid = BUNDLE, address_sid = ADDRESS }
    local number = assert(client:purchase_available(filter, params, options))
    twilio:fault { fault = "status", status = 500, path = "/RegulatoryCompliance/", times = 99 }
    local again, _, info = client:purchase_available(filter, params, options)
    assert.same({ number.sid, true }, { again.sid, info.replayed })
  end)

  it("is not part of the request that an idempotency key identifies", function()
    local options = prepare { has_journal = true, key = "k" }
    local filter = { country = "DE", type = "local" }
    local params = { bundle_sid = BUNDLE, address_sid = ADDRESS }
    assert(client:purchase_available(filter, params, options))
    options.preflight = nil
    assert(client:purchase_available(filter, params, options))
    assert.equal(1, twilio:state().purchases)
  end)

  it("accepts corrected parameters for an order that has bought nothing", function()
    local options = prepare { has_journal = true, key = "k" }
    local filter = { country = "DE", type = "local" }
    local number, _, err = client:purchase_available(filter, { address_sid = ADDRESS }, options)
    assert.is_nil(number)
    assert.equal("policy", err.kind)
    local params = { bundle_sid = BUNDLE, address_sid = ADDRESS }
    assert(client:purchase_available(filter, params, options))
  end)

  it("applies to a dry run", function()
    local options = prepare({}, { dry_run = true })
    local filter = { country = "DE", type = "local" }
    local plan, _, err = client:purchase_available(filter, { address_sid = ADDRESS }, options)
    assert.is_nil(plan)
    assert.equal("policy", err.kind)
    local params = { bundle_sid = BUNDLE, address_sid = ADDRESS }
    assert.is_table(assert(client:purchase_available(filter, params, options)).candidate)
  end)

  it("reads once for all numbers of a call", function()
    local options = prepare {}
    local filter = { country = "DE", type = "local", count = 5 }
    local params = { bundle_sid = BUNDLE, address_sid = ADDRESS }
    assert.equal(5, assert(client:purchase_many(filter, params, options)).bought)
    local asked = {}
    for _, request in ipairs(twilio:requests()) do
      local name = request.path:match("/(Regulations)$")
        or request.path:match("/(ItemAssignments)$")
        or request.path:match("/(Balance)%.json$")
        or request.path:match("/(Addresses)/")
      if name then
        asked[name] = (asked[name] or 0) + 1
      end
    end
    assert.same({ Regulations = 1, ItemAssignments = 1, Balance = 1, Addresses = 1 }, asked)
  end)

  it("reads nothing if it is false or absent", function()
    prepare {}
    for _, preflight in ipairs { false, "nil" } do
      local options = { preflight = preflight ~= "nil" and preflight or nil }
      local params = { phone_number = "+493023250000", address_sid = ADDRESS }
      local number, _, err = client:purchase(params, options)
      assert.is_nil(number)
      assert.same({ "api", 21649 }, { err.kind, err.code })
    end
  end)

  it("is refused with an account_sid other than the credentials' own", function()
    prepare {}
    local other = "AC" .. ("9"):rep(32)
    for _, way in ipairs(ways_to_buy.of(german {}, "blocking")) do
      local options = { preflight = true, account_sid = other }
      local number, _, err = way.buy(client, german {}, options)
      assert.is_nil(number)
      assert.same({ "invalid", "account_sid" }, { err.kind, err.problems[1].name }, way.name)
    end
    assert.equal(0, twilio:state().requests)
  end)

  it("is refused once with an invalid account_sid", function()
    prepare {}
    local options = { preflight = true, messaging_service_sid = sid("MG", 1), account_sid = 5 }
    local number, _, err = client:purchase({ area_code = "415" }, options)
    assert.is_nil(number)
    assert.same({ 1, "account_sid" }, { #err.problems, err.problems[1].name })
  end)

  it("is refused if it is not a boolean", function()
    prepare {}
    local number, _, err = client:purchase({ area_code = "415" }, { preflight = "yes" })
    assert.is_nil(number)
    assert.same({ "invalid", "preflight" }, { err.kind, err.problems[1].name })
  end)
end)

describe("The preflight of a number", function()
  local BOTH = { bundle_sid = law.BUNDLE, address_sid = law.ADDRESS }

  --- The result of a search in GB.
  local function found(requirements)
    local body = scripted.found { "+442079460000" }
    return {
      status = 200,
      headers = { Date = law.DATE },
      body = body:gsub('{"phone', ('{"address_requirements":"%s","phone'):format(requirements)),
    }
  end

  it("compares the address with what the number requires", function()
    for requirements, buys in pairs { ["local"] = false, any = true, none = true } do
      local client, log = law.client {
        search = found(requirements),
        address = law.address { iso_country = "DE" },
      }
      local number, message, err = client:purchase_available(
        { country = "GB" },
        BOTH,
        { preflight = true }
      )
      assert.equal(buys, number ~= nil, message)
      assert.equal(buys and 1 or 0, #log.posts)
      assert.is_true(buys or err.problems[1].name == "address_sid")
    end
  end)

  it("precedes the purchase, and a search that could find nothing", function()
    local client, log = law.client {
      search = found("none"),
      bundle = law.bundle { status = "draft" },
    }
    local number, _, err = client:purchase_available({ country = "GB" }, BOTH, { preflight = true })
    assert.is_nil(number)
    assert.equal("policy", err.kind)
    for _, request in ipairs(log.requests) do
      assert.is_nil(request.url:find("/AvailablePhoneNumbers/", 1, true))
    end
  end)

  it("does not refuse because of a warning", function()
    local client = law.client {
      search = found("none"),
      bundle = law.bundle { status = "provisionally-approved" },
    }
    assert(client:purchase_available({ country = "GB" }, BOTH, { preflight = true }))
  end)

  it("can be combined with max_price", function()
    local client, log = law.client { search = found("none") }
    local options = { preflight = true, max_price = "1.14" }
    local number, message = client:purchase_available({ country = "GB" }, BOTH, options)
    assert.is_nil(number)
    assert.matches("max_price is 1.14 USD", message, 1, true)
    assert.equal(0, #log.posts)
    options.max_price = "1.15"
    assert(client:purchase_available({ country = "GB" }, BOTH, options))
  end)
end)
