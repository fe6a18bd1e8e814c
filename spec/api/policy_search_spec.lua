--- A purchase by area code or by a filter under a spending policy: its searches, and the numbers it skips.
local in_order = require("spec.support.in_order")
local market = require("spec.support.market")
local scripted = require("spec.support.scripted")
local table_store = require("spec.support.table_store")

local PHONE, OTHER, BRITISH = market.PHONE, market.OTHER, market.BRITISH
local names_of, answer_of = market.names_of, market.answer_of
local client_of, SOLD = market.client_of, market.SOLD

describe("A purchase by area code under a policy", function()
  in_order { before_each = before_each, after_each = after_each }

  --- One row each: what is allowed, the area code, whether Twilio has a number there, the requests, and the
  --- kind of the error.
  for _, row in ipairs {
    { { countries = { "US" } }, "415", true, "US/Local 415, owned, POST N" },
    { { countries = { "CA" } }, "415", true, "CA/Local 415", "policy" },
    { { countries = { "CA", "US" } }, "415", false, "US/Local 415, CA/Local 415", "api" },
    { { countries = { "GB" } }, "415", true, "", "policy" },
    { { types = { "local" } }, "415", true, "US/Local 415, owned, POST N" },
    { { types = { "toll_free" } }, "415", true, "", "policy" },
    { { types = { "local" } }, "800", true, "", "policy" },
    { { types = { "toll_free" } }, "888", true, "US/TollFree 888, CA/TollFree 888", "api" },
    { { prefixes = { "+1415" } }, "415", true, "POST 415" },
    { { prefixes = { "+1" } }, "415", true, "POST 415" },
    { { prefixes = { "+1415555" } }, "415", true, "US/Local +1415555, owned, POST N" },
    {
      { prefixes = { "+1415444" } },
      "415",
      true,
      "US/Local +1415444, CA/Local +1415444",
      "policy",
    },
    { { prefixes = { "+1510" } }, "415", true, "", "policy" },
    { { prefixes = { "+1415" }, types = { "local" } }, "415", true, "US/Local 415, owned, POST N" },
    {
      { prefixes = { "+1415555", "+1415" }, types = { "local" } },
      "415",
      false,
      "US/Local 415, CA/Local 415",
      "api",
    },
  } do
    local allowed, area_code, has_number, requests, kind = row[1], row[2], row[3], row[4], row[5]
    it(("sends the required requests and no more: %s: %s"):format(area_code, requests), function()
      local phones = { has_number and PHONE or nil }
      local sold = { US = { Local = phones, TollFree = {} }, CA = { Local = {} } }
      local client, log = client_of({ sold = sold }, { allow = allowed })
      local number, message, err = client:purchase { area_code = area_code }
      assert.equal(requests, (table.concat(names_of(log), ", "):gsub("%" .. PHONE, "N")))
      assert.same({ kind, kind and "no" }, { err and err.kind, err and err.purchased }, message)
      assert.equal(kind == nil, number ~= nil)
    end)
  end

  it("refuses by the price in the country where the number is found", function()
    local client, log = client_of { sold = SOLD, prices = { ["local"] = "1.01" } }
    local _, message, err = client:purchase({ area_code = "416" }, { max_price = "1" })
    assert.same({ "policy", 0 }, { err.kind, #log.posts })
    assert.matches("a local number in CA costs 1.01 USD a month", message, 1, true)
  end)

  it("applies the policy to each area code of a list, also with unless_owned", function()
    local client, log = client_of({ sold = SOLD }, { allow = { countries = { "US" } } })
    local list = { { area_code = "415" }, { area_code = "416" } }
    local report = assert(client:purchase_many(list, nil, { unless_owned = true }))
    assert.same({ "bought", "refused" }, { report.results[1].outcome, report.results[2].outcome })
    assert.equal("no", report.results[2].err.purchased)
    for _, request in ipairs(log.posts) do
      assert.not_matches("AreaCode", request.body, 1, true)
    end
  end)

  it("buys the next number if one is gone, and names the number in events", function()
    local gone = { status = 400, body = scripted.refusal(21422, "gone") }
    local world = { sold = { US = { Local = { PHONE, "+14155550102" } } } }
    local client, log = scripted.apart({
      GET = { answer_of(world) },
      POST = { gone, scripted.created },
    }, { allow = { countries = { "US" } } })
    assert.equal("+14155550102", assert(client:purchase { area_code = "415" }).phone_number)
    assert.equal(2, #log.posts)
  end)

  it("refuses the option type, as without a policy", function()
    local client, log = client_of({ sold = SOLD }, { allow = { countries = { "US" } } })
    local _, _, err = client:purchase({ area_code = "415" }, { type = "local" })
    assert.same({ "invalid", "area_code", 0 }, { err.kind, err.problems[1].name, #log.requests })
  end)

  it("checks its parameters before anything is sent", function()
    local client, log = client_of({ sold = SOLD }, { allow = { countries = { "US" } } })
    for _, params in ipairs { { area_code = "4" }, { area_code = "415", voice_url = "x" }, {} } do
      assert.equal("invalid", (select(3, client:purchase(params))).kind)
    end
    assert.equal(0, #log.requests)
  end)
end)

describe("A purchase by a filter under a policy", function()
  in_order { before_each = before_each, after_each = after_each }

  it("skips excluded candidates, without passing them to accept", function()
    local shown = {}
    local client, log = client_of({ sold = SOLD }, { allow = { prefixes = { "+1510" } } })
    local number = assert(client:purchase_available({ country = "US" }, nil, {
      accept = function(candidate)
        shown[#shown + 1] = candidate.phone_number
        return true
      end,
    }))
    assert.same({ OTHER, { OTHER } }, { number.phone_number, shown })
    assert.same({ "US/Local +1510", "owned", "POST " .. OTHER }, names_of(log))
  end)

  it("buys the number that it has checked, even if accept changes its tables", function()
    local params = {}
    local function change(candidate)
      candidate.phone_number, candidate.type, params.phone_number = BRITISH, "local", BRITISH
      return true
    end
    for _, method in ipairs { "purchase_available", "purchase_many" } do
      for _, journal in ipairs { false, table_store.new() } do
        params.phone_number = nil
        local client, log = client_of({ sold = SOLD }, {
          allow = { types = { "local" } },
          journal = journal or nil,
        })
        local filter = { country = "US", count = method == "purchase_many" and 1 or nil }
        client[method](client, filter, params, { accept = change })
        for _, number in ipairs(scripted.posted(log)) do
          assert.is_true(number == PHONE or number == OTHER, number)
        end
        assert.equal(1, #log.posts)
      end
    end
  end)

  it("reports how many candidates it skipped", function()
    local client = client_of({ sold = SOLD }, { allow = { prefixes = { "+1202" } } })
    local _, message, err = client:purchase_available { country = "US" }
    assert.equal(
      "the purchase is not allowed: the number is "
        .. PHONE
        .. ", but allow.prefixes has +1202; 2 not allowed.",
      message
    )
    assert.equal("policy", err.kind)
  end)

  it("fails with kind api if an allowed number was refused", function()
    local gone = { status = 400, body = scripted.refusal(21422, "gone") }
    local script = { GET = { answer_of { sold = SOLD } }, POST = { gone } }
    local client = scripted.apart(script, { allow = { prefixes = { "+1510" } } })
    local _, _, err = client:purchase_available { country = "US" }
    assert.same({ "api", 21422 }, { err.kind, err.code })
  end)

  --- One row each: the prefixes, the filter, and the searches.
  for _, row in ipairs {
    { { "+1415", "+1510" }, {}, "US/Local +1415, US/Local +1510" },
    { { "+1415", "+447" }, {}, "US/Local +1415" },
    { { "+1", "+1415" }, {}, "US/Local +1, US/Local +1415" },
    { { "+1415" }, { contains = "555" }, "US/Local 555" },
    { { "+1415" }, { area_code = "415" }, "US/Local 415" },
    { { "+1415555" }, { area_code = "415" }, "US/Local +1415555" },
    { { "+1415" }, { area_codes = { "510", "415" } }, "US/Local 415" },
    { { "+447" }, {}, "US/Local" },
  } do
    it(
      "searches for the prefixes if possible: " .. table.concat(row[1], " ") .. ": " .. row[3],
      function()
        local client, log = client_of(
          { sold = { US = { Local = {} } } },
          { allow = { prefixes = row[1] } }
        )
        local filter = { country = "US" }
        for name, value in pairs(row[2]) do
          filter[name] = value
        end
        client:purchase_available(filter)
        assert.equal(row[3], table.concat(names_of(log), ", "))
      end
    )
  end

  it("searches for at most twenty prefixes", function()
    local prefixes = {}
    for i = 1, 21 do
      prefixes[i] = "+1" .. 200 + i
    end
    local client, log = client_of(
      { sold = { US = { Local = {} } } },
      { allow = { prefixes = prefixes } }
    )
    client:purchase_available { country = "US" }
    assert.same({ "US/Local" }, names_of(log))
  end)

  it("applies to a dry run", function()
    local client, log = client_of(
      { sold = SOLD },
      { allow = { countries = { "US" }, prefixes = { "+1510" } } }
    )
    local plan = assert(client:purchase_available({ country = "US" }, nil, { dry_run = true }))
    assert.equal(OTHER, plan.candidate.phone_number)
    local _, _, err = client:purchase_available({ country = "CA" }, nil, { dry_run = true })
    assert.same({ "policy", 0 }, { err.kind, #log.posts })
  end)

  it("refuses an excluded filter before anything is sent", function()
    local client, log = client_of(
      { sold = SOLD },
      { allow = { countries = { "US" }, types = { "local" } } }
    )
    local filter = { country = "GB", type = "mobile", count = 2 }
    local report, message, err = client:purchase_many(filter)
    assert.is_nil(report)
    assert.same({ "policy", "no", 0 }, { err.kind, err.purchased, #log.requests })
    assert.equal(
      "the purchase is not allowed: the country is GB, but allow.countries has US;"
        .. " the type is mobile, but allow.types has local.",
      message
    )
  end)
end)
