-- client:check_purchase: everything that a purchase lacks, at once. Bundles and addresses are in
-- check_purchase_law_spec.lua.
local checked = require("spec.support.checked")
local law = require("spec.support.law")
local scripted = require("spec.support.scripted")

local PLACE, BOTH = checked.PLACE, checked.BOTH
local candidate, refused, lacks, passes =
  checked.candidate, checked.refused, checked.lacks, checked.passes

describe("client:check_purchase", function()
  it("returns just true if nothing is missing", function()
    local client = law.client()
    assert.same({ true }, { client:check_purchase(PLACE, BOTH) })
    assert.is_nil((passes()))
    assert.is_nil((passes({}, candidate { address_requirements = "local" })))
  end)

  it("checks in flight", function()
    local client = law.client()
    assert.is_true(client:check_purchase_async(PLACE, BOTH):wait())
    local passed, _, err = client:check_purchase_async(PLACE, {}):wait()
    assert.is_nil(passed)
    assert.equal("policy", err.kind)
  end)

  it("reports everything that is missing at once", function()
    local problems, err = refused({
      bundle = law.bundle {
        status = "draft",
        valid_until = "2026-08-18T16:59:59Z",
        regulation_sid = "RN" .. ("9"):rep(32),
      },
      address = law.address { iso_country = "DE" },
      items = law.items {},
      balance = law.answer { balance = "1.14", currency = "USD" },
    }, candidate { address_requirements = "local" }, BOTH, { max_price = "1.00" })
    local names = {}
    for i, problem in ipairs(problems) do
      names[i] = problem.name
    end
    assert.same({
      "bundle_sid",
      "bundle_sid",
      "bundle_sid",
      "address_sid",
      "address_sid",
      "max_price",
      "balance",
    }, names)
    assert.equal("policy", err.kind)
  end)

  describe("for prices and the balance", function()
    for amount, is_enough in pairs {
      ["1.15"] = true,
      ["1.1500"] = true,
      ["1.149999999999999999999"] = false,
      ["100"] = true,
      ["0"] = false,
      ["-5.00"] = false,
    } do
      it(
        ("a balance of %s is %s"):format(amount, is_enough and "enough" or "too little"),
        function()
          local responses = { balance = law.answer { balance = amount, currency = "usd" } }
          if is_enough then
            passes(responses)
          else
            lacks("balance", "1.15 USD a month", responses)
          end
        end
      )
    end

    it("reads a balance given as a number", function()
      passes { balance = law.answer { balance = 1.15, currency = "USD" } }
      lacks("balance", "1.15 USD a month", {
        balance = law.answer { balance = -3, currency = "USD" },
      })
    end)

    for _, status in ipairs { 401, 403, 404 } do
      it(("a balance that is answered with %d is no problem"):format(status), function()
        local code = ({ [401] = 20003, [403] = 20403, [404] = 20404 })[status]
        local response = { status = status, body = scripted.refusal(code, "no") }
        local info, asked = passes { balance = response }
        assert.is_nil(info)
        assert.is_nil(asked.price) -- which nothing is compared with
      end)
    end

    it("reports that a balance in another currency cannot be compared", function()
      lacks("balance", "they cannot be compared", {
        balance = law.answer { balance = "10", currency = "EUR" },
      })
    end)

    for name, fields in pairs {
      ["amount"] = { currency = "USD" },
      ["amount that is one"] = { balance = "1,15", currency = "USD" },
      ["currency"] = { balance = "10" },
      ["currency that is one"] = { balance = "10", currency = "dollars" },
    } do
      it("reports that a balance without an " .. name .. " cannot be read", function()
        local problems, err = refused { balance = law.answer(fields) }
        assert.same({ "response", 1, "balance" }, { err.kind, #problems, problems[1].name })
        assert.equal(
          "the balance could not be read: it has no balance (status 200)",
          problems[1].message
        )
      end)
    end

    it("checks the price only with max_price", function()
      assert.is_nil((passes()))
      passes({}, PLACE, BOTH, { max_price = "1.15" })
      lacks("max_price", "and max_price is 1.14 USD", {}, PLACE, BOTH, { max_price = "1.14" })
      local in_euros = { max_price = "9", currency = "EUR" }
      lacks("max_price", "is in USD, and max_price in EUR", {}, PLACE, BOTH, in_euros)
    end)

    it("refuses a missing price only with max_price", function()
      local none = law.answer { iso_country = "GB", price_unit = "USD", phone_number_prices = {} }
      none.body = none.body:gsub('"phone_number_prices":{}', '"phone_number_prices":[]')
      for _, response in ipairs { law.NOT_FOUND, none } do
        passes { price = response }
        local words = "Twilio has no price"
        lacks("max_price", words, { price = response }, PLACE, BOTH, { max_price = "9" })
      end
    end)
  end)

  describe("for a Messaging Service", function()
    local OPTIONS = { messaging_service_sid = law.SERVICE }

    --- A law for the United States without requirements.
    local function american(responses)
      responses.regulations = law.page {}
      responses.balance = law.NOT_FOUND
      return responses, { country = "US", type = responses.type or "local" }, {}
    end

    it("accepts one with a registered campaign", function()
      local info, asked = passes({}, PLACE, BOTH, OPTIONS)
      assert.is_nil(info)
      assert.equal(1, asked.service)
      local responses, place, params = american {}
      assert.is_nil((passes(responses, place, params, OPTIONS)))
      assert.is_nil((select(2, passes())).service)
    end)

    it("warns about one without a registered campaign for US local numbers", function()
      local responses, place, params = american { service = law.service(false) }
      local info = passes(responses, place, params, OPTIONS)
      assert.same({ 1, "messaging_service_sid" }, { #info.warnings, info.warnings[1].name })
      assert.matches("has no registered campaign", info.warnings[1].message, 1, true)
      place.type = "toll_free"
      assert.is_nil((passes(responses, place, params, OPTIONS)))
      assert.is_nil((passes({ service = law.service(false) }, PLACE, BOTH, OPTIONS)))
    end)

    it("says that it is not there", function()
      local responses = { service = law.NOT_FOUND }
      lacks("messaging_service_sid", "has no Messaging Service", responses, PLACE, BOTH, OPTIONS)
    end)

    it("fails if it cannot be read", function()
      local problems, err = refused({ service = law.FAILED }, PLACE, BOTH, OPTIONS)
      assert.same({ "api", "messaging_service_sid" }, { err.kind, problems[1].name })
    end)

    it("reports a number without SMS and MMS", function()
      local number = candidate { capabilities = { voice = true, sms = false, mms = false } }
      lacks("messaging_service_sid", "cannot send messages", {}, number, BOTH, OPTIONS)
      passes({}, number, BOTH)
      passes({}, candidate { capabilities = { sms = false, mms = true } }, BOTH, OPTIONS)
      passes({}, candidate { capabilities = {} }, BOTH, OPTIONS)
    end)
  end)

  describe("for items that cannot be read", function()
    -- What is read -> the name of its problem.
    local READS = {
      regulations = "requirements",
      bundle = "bundle_sid",
      items = "address_sid",
      address = "address_sid",
      balance = "balance",
      price = "price",
    }

    for read, name in pairs(READS) do
      it("fails and reports the item: " .. read, function()
        for kind, response in pairs {
          api = law.FAILED,
          network = { broken = "network" },
          response = { status = 200, body = "<html>" },
        } do
          local problems, err = refused { [read] = response }
          assert.same({ kind, 1, name }, { err.kind, #problems, problems[1].name }, err.message)
          assert.matches("could not be read: ", problems[1].message, 1, true)
        end
      end)
    end

    it("fails with the kind policy if something else is missing too", function()
      local problems, err = refused { price = law.FAILED, bundle = law.bundle { status = "draft" } }
      assert.same({ "policy", 2 }, { err.kind, #problems })
    end)

    it("has the status and the code of the first error", function()
      local response = { status = 403, body = scripted.refusal(20403, "a restricted key") }
      local problems, err = refused { regulations = response, bundle = response }
      assert.same({ "api", 403, 20403, 2 }, { err.kind, err.status, err.code, #problems })
      assert.matches("a restricted key (status 403)", problems[1].message, 1, true)
    end)

    it("includes each document of a bundle", function()
      local problems, err = refused { items = law.items { law.DOCUMENT }, document = law.FAILED }
      assert.same({ "api", 1, "address_sid" }, { err.kind, #problems, problems[1].name })
    end)

    it("includes a response about another resource", function()
      for read, response in pairs {
        bundle = law.bundle { sid = "BU" .. ("9"):rep(32) },
        address = law.address { sid = "AD" .. ("9"):rep(32) },
        regulations = law.page { law.regulation { iso_country = "IE" } },
      } do
        local _, err = refused { [read] = response }
        assert.equal("response", err.kind)
      end
    end)
  end)

  describe("refuses, before anything is sent,", function()
    local function invalid(what, params, options)
      local client, log = law.client()
      local passed, _, err = client:check_purchase(what, params, options)
      assert.is_nil(passed)
      assert.same({ "invalid", 0 }, { err.kind, #log.requests })
      local names = {}
      for i, problem in ipairs(err.problems) do
        names[i] = problem.name
      end
      return names
    end

    it("a value that is neither a country and type nor a candidate", function()
      for _, what in ipairs { "GB", 1, true, setmetatable({}, { __index = PLACE }) } do
        assert.same({ "place" }, invalid(what))
      end
      assert.same({ "country" }, invalid { country = "UK" })
      assert.same({ "country", "type" }, invalid { type = "toll-free" })
      assert.same({ '"kind"' }, invalid { country = "GB", kind = "local" })
    end)

    it("a candidate without a type that none of the client's searches returned", function()
      local number = candidate()
      number.type = nil
      assert.same({ "type" }, invalid(number))
    end)

    it("invalid parameters, all at once", function()
      assert.same(
        { "address_sid", "bundle_sid" },
        invalid(PLACE, {
          bundle_sid = law.ADDRESS,
          address_sid = law.BUNDLE,
        })
      )
      assert.same({ "params" }, invalid(PLACE, "x"))
      assert.same({ "country", "voice_url" }, invalid({ country = "x" }, { voice_url = "x" }))
    end)

    it("an account_sid other than the credentials' own", function()
      local other = "AC" .. ("9"):rep(32)
      assert.same({ "account_sid" }, invalid(PLACE, BOTH, { account_sid = other }))
      local client = law.client()
      assert.is_true(client:check_purchase(PLACE, BOTH, { account_sid = scripted.ACCOUNT }))
    end)

    it("unknown options", function()
      assert.same({ '"idempotency_key"' }, invalid(PLACE, BOTH, { idempotency_key = "k" }))
    end)
  end)

  it("defaults to the type local, and accepts a purchase's parameters", function()
    passes({}, { country = "GB" })
    passes({}, PLACE, {
      phone_number = "+442071838750",
      bundle_sid = law.BUNDLE,
      friendly_name = "x",
    })
  end)

  it("accepts a candidate from a search of the client", function()
    local client =
      law.client { search = { status = 200, body = scripted.found { "+442071838750" } } }
    local found = assert(client:search("GB", "local"):next())
    assert.equal("local", found.type)
    found.iso_country = "GB"
    assert.is_true(client:check_purchase(found, BOTH))
  end)
end)
