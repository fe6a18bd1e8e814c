--- A purchase by number under a spending policy: its requests, their order, and the effect of the responses.
local cjson = require("cjson")
local market = require("spec.support.market")
local scripted = require("spec.support.scripted")

local PHONE, OTHER, CANADIAN, BRITISH = market.PHONE, market.OTHER, market.CANADIAN, market.BRITISH
local NOT_FOUND = market.NOT_FOUND
local FORBIDDEN = { status = 403, body = scripted.refusal(20403, "forbidden") }
local names_of, answer_of = market.names_of, market.answer_of
local client_of, SOLD = market.client_of, market.SOLD

describe("A purchase by number under a policy", function()
  --- One row each: what is allowed, the call's options, the number, and the requests, in which it is N.
  for _, row in ipairs {
    { { countries = { "US" } }, {}, PHONE, "owned, US, US/Local N, POST N" },
    { { countries = { "US" } }, {}, CANADIAN, "owned, US, US/Local N, US/TollFree N" },
    { { types = { "mobile" } }, {}, PHONE, "owned, US/Mobile N, CA/Mobile N" },
    { { types = { "local" } }, {}, CANADIAN, "owned, US/Local N, CA/Local N, POST N" },
    {
      { countries = { "GB", "CA", "US" }, types = { "local" } },
      {},
      PHONE,
      "owned, CA/Local N, US/Local N, POST N",
    },
    { { countries = { "GB" } }, {}, BRITISH, "owned, GB, GB/Mobile N, POST N" },
    {
      { types = { "local" } },
      {},
      BRITISH,
      "owned, GB/Local N, GG/Local N, IM/Local N, JE/Local N",
    },
    { { countries = { "US", "CA" } }, {}, BRITISH, "owned" },
    { { countries = { "PR" }, types = { "local" } }, {}, PHONE, "owned, PR/Local N" },
    { { countries = { "US" }, types = {} }, {}, PHONE, "owned" },
    { { prefixes = { "+1415" } }, {}, PHONE, "POST N" },
    { { prefixes = { "+1415" } }, {}, OTHER, "owned" },
    { { prefixes = { "+1415" }, types = { "local" } }, {}, OTHER, "owned" },
    { nil, { max_price = "1" }, PHONE, "owned, US, US/Local N, price US, POST N" },
    { nil, { max_price = "0.99" }, PHONE, "owned, US, US/Local N, price US" },
    {
      nil,
      { max_price = "1" },
      CANADIAN,
      "owned, US, US/Local N, US/TollFree N, CA, CA/Local N, price CA, POST N",
    },
    { nil, { max_price = "1" }, "+498935550101", "owned, DE" },
    { nil, { max_price = "1" }, "+88312345678", "owned" },
    { { countries = { "GB" } }, {}, "+88312345678", "owned, GB, GB/Mobile N" }, -- of no country
    { { types = { "local" } }, { type = "local" }, PHONE, "owned, US/Local N, POST N" },
    { { types = { "local" } }, { type = "mobile" }, PHONE, "owned" },
    { { countries = { "US" } }, { type = "toll_free" }, PHONE, "owned, US/TollFree N" },
    { { countries = { "US" } }, { unless_owned = true }, PHONE, "owned, US, US/Local N, POST N" },
  } do
    local allowed, options, phone_number, requests = row[1], row[2], row[3], row[4]
    it(
      ("sends the required requests and no more: %s: %s"):format(phone_number, requests),
      function()
        local client, log = client_of({ sold = SOLD }, { allow = allowed })
        local number, message, err = client:purchase({ phone_number = phone_number }, options)
        local sent = table.concat(names_of(log), ", "):gsub("%" .. phone_number, "N")
        assert.equal(requests, sent)
        if requests:find("POST", 1, true) then
          assert.equal(phone_number, number.phone_number)
        else
          assert.same({ "policy", "no" }, { err.kind, err.purchased }, message)
        end
      end
    )
  end

  it("reports what was requested and what is allowed", function()
    for _, row in ipairs {
      {
        { countries = { "US", "CA" } },
        BRITISH,
        BRITISH .. " belongs to another country, but allow.countries has US, CA.",
      },
      {
        { prefixes = { "+1415" } },
        OTHER,
        "the number is " .. OTHER .. ", but allow.prefixes has +1415.",
      },
      { { prefixes = {} }, OTHER, "the number is " .. OTHER .. ", but allow.prefixes is empty." },
      { { types = {} }, OTHER, "the number has a type, but allow.types is empty." },
      {
        { countries = {}, prefixes = { "+44" } },
        OTHER,
        OTHER
          .. " belongs to another country, but allow.countries is empty; the number is "
          .. OTHER
          .. ", but allow.prefixes has +44.",
      },
      {
        { countries = { "US" }, types = { "mobile", "toll_free" } },
        PHONE,
        PHONE
          .. " was not found among the numbers that may be bought (searched: mobile in US,"
          .. " toll_free in US).",
      },
    } do
      local client = client_of({ sold = SOLD }, { allow = row[1] })
      local _, message = client:purchase { phone_number = row[2] }
      assert.equal("the purchase is not allowed: " .. row[3], message)
    end
  end)

  it("buys nothing if a search returns no list", function()
    local answers = { ["US/Local " .. PHONE] = { status = 200, body = "{}" } }
    local allow = { countries = { "US" } }
    local client, log = client_of({ sold = SOLD, answers = answers }, { allow = allow })
    local _, message, err = client:purchase { phone_number = PHONE }
    assert.same({ "response", "no", 0 }, { err.kind, err.purchased, #log.posts })
    assert.matches("it has no list of available_phone_numbers", message, 1, true)
  end)

  it("abbreviates a long list", function()
    local prefixes = {}
    for i = 1, 12 do
      prefixes[i] = "+4" .. i
    end
    local client = client_of({}, { allow = { prefixes = prefixes } })
    local _, message = client:purchase { phone_number = PHONE }
    assert.matches(
      "allow.prefixes has +41, +42, +43, +44, +45, +46, +47, +48, +49, +410, and 2 more.",
      message,
      1,
      true
    )
  end)

  it("updates a number that the account owns, without a search or a price", function()
    for _, row in ipairs {
      { { countries = { "GB" } }, {} },
      { { types = {} }, {} },
      { { prefixes = { "+44" } }, {} },
      { nil, { max_price = "0" } },
    } do
      local client, log = client_of({ owned = { PHONE } }, { allow = row[1] })
      assert(client:purchase({ phone_number = PHONE, friendly_name = "x" }, row[2]))
      assert.same({ "owned", "update " .. scripted.NUMBER_SID }, names_of(log))
      assert.equal("FriendlyName=x", log.posts[1].body)
      assert.equal(PHONE, assert(client:purchase({ phone_number = PHONE }, row[2])).phone_number)
      assert.same({ "owned" }, { names_of(log)[3], names_of(log)[4] }) -- there is nothing to change
    end
  end)

  it("never buys a number that was released between the look-up and the update", function()
    for name, case in pairs {
      refused = { { countries = { "GB" } }, { "owned", "update", "owned" } },
      allowed = { { types = { "local" } }, { "owned", "update", "owned", "US/Local", "POST" } },
      back = { { countries = { "GB" } }, { "owned", "update", "owned" }, true },
    } do
      local world = { owned = { PHONE }, sold = SOLD }
      local gone = { status = 404, body = scripted.refusal(20404, "not found") }
      local client, log = scripted.apart({
        GET = { answer_of(world) },
        POST = {
          function(request)
            if not request.url:find("/IncomingPhoneNumbers.json", 1, true) then
              world.owned = case[3] and world.owned or {}
              return gone
            end
            return scripted.created(request)
          end,
        },
      }, { allow = case[1] })
      local number, _, err = client:purchase { phone_number = PHONE, friendly_name = "x" }
      local names = names_of(log)
      for i, one in ipairs(names) do
        names[i] = one:match("^%S+")
      end
      assert.same(case[2], names, name)
      if name == "allowed" then
        assert.equal(PHONE, number.phone_number)
      else
        assert.same({ name == "back" and "api" or "policy", "no" }, { err.kind, err.purchased })
      end
    end
  end)

  it("treats a number as not owned if the credentials may not list numbers", function()
    for _, status in ipairs { 401, 403 } do
      local answers = { owned = { status = status, body = scripted.refusal(20403, "forbidden") } }
      local client, log = client_of({ sold = SOLD, answers = answers }, {
        allow = { countries = { "US" }, types = { "local" } },
      })
      assert(client:purchase { phone_number = PHONE })
      assert.equal("POST " .. PHONE, names_of(log)[3])
      local _, _, err = client:purchase { phone_number = CANADIAN }
      assert.same({ "policy", 1 }, { err.kind, #log.posts })
      _, _, err = client:purchase({ phone_number = PHONE }, { unless_owned = true })
      assert.same({ "api", 1 }, { err.kind, #log.posts }) -- which must know
    end
  end)

  for name, what in pairs {
    owned = "the look-up of what is owned",
    US = "the country's types",
    ["US/Local " .. PHONE] = "the search",
    ["price US"] = "the price",
  } do
    for kind, answer in pairs {
      api = { status = 400, body = scripted.refusal(20001, "no") },
      response = { status = 200, body = "[]" },
    } do
      it(("buys nothing if %s fails, an error of kind %s"):format(what, kind), function()
        local client, log = client_of({ sold = SOLD, answers = { [name] = answer } }, {
          allow = { countries = { "US" } },
          retries = 0,
        })
        local _, message, err = client:purchase({ phone_number = PHONE }, { max_price = "1" })
        assert.same({ kind, "no", 0 }, { err.kind, err.purchased, #log.posts }, message)
      end)
    end
  end

  it("fails with kind policy without a price: a 404, or none of that type", function()
    for _, answer in ipairs {
      NOT_FOUND,
      { status = 200, body = '{"phone_number_prices":[],"price_unit":"USD"}' },
    } do
      local client, log = client_of { sold = SOLD, answers = { ["price US"] = answer } }
      local _, _, err = client:purchase({ phone_number = PHONE }, { max_price = "1" })
      assert.same({ "policy", "no", 0 }, { err.kind, err.purchased, #log.posts })
    end
    local client = client_of { sold = SOLD, answers = { ["price US"] = FORBIDDEN } }
    assert.equal(
      "api",
      (select(3, client:purchase({ phone_number = PHONE }, { max_price = "1" }))).kind
    )
  end)

  it("accepts only a search result with exactly the requested number", function()
    local sold = { US = { Local = { PHONE .. "5", "+1" .. PHONE:sub(2), OTHER } } }
    local client, log = client_of({ sold = sold }, { allow = { countries = { "US" } } })
    local _, _, err = client:purchase { phone_number = PHONE }
    assert.same({ "policy", 0 }, { err.kind, #log.posts })
  end)

  it("rejects a number of another country or type", function()
    for _, fields in ipairs { { iso_country = "CA" }, { type = "mobile" } } do
      fields.phone_number = PHONE
      local found = { status = 200, body = cjson.encode { available_phone_numbers = { fields } } }
      local answers = { ["US/Local " .. PHONE] = found }
      local client, log = client_of({ sold = SOLD, answers = answers }, {
        allow = { countries = { "US" }, types = { "local" } },
      })
      local _, _, err = client:purchase { phone_number = PHONE }
      assert.same({ "policy", 0 }, { err.kind, #log.posts })
    end
  end)

  it("skips a type that Twilio lists and the library does not know", function()
    local country = { country_code = "US", subresource_uris = { satellite = "x", ["local"] = "x" } }
    local answers = { US = { status = 200, body = cjson.encode(country) } }
    local client, log = client_of({ sold = SOLD, answers = answers }, {
      allow = { countries = { "US" } },
    })
    assert(client:purchase { phone_number = PHONE })
    assert.equal(1, #log.posts)
  end)

  it("checks the price of the type that the number was found with", function()
    local sold = { US = { Local = {}, TollFree = { "+18005550101" } } }
    local world = { sold = sold, prices = { ["toll free"] = "2" } }
    local client, log = client_of(world)
    local _, message = client:purchase({ phone_number = "+18005550101" }, { max_price = "1" })
    assert.matches("a toll_free number in US costs 2 USD a month", message, 1, true)
    assert.equal(0, #log.posts)
    assert(client:purchase({ phone_number = "+18005550101" }, { max_price = "2" }))
  end)
end)
