--- The requests of the spending policy in purchases of a list, from call to call, and of its rules in turn.
local in_order = require("spec.support.in_order")
local market = require("spec.support.market")
local policy = require("twilio.numbers.api.policy")
local scripted = require("spec.support.scripted")

local PHONE, OTHER, CANADIAN, BRITISH = market.PHONE, market.OTHER, market.CANADIAN, market.BRITISH
local names_of, client_of, SOLD = market.names_of, market.client_of, market.SOLD

describe("A purchase of a list under a policy", function()
  in_order { before_each = before_each, after_each = after_each }

  it("buys the allowed numbers and refuses the others", function()
    local client, log = client_of({ sold = SOLD }, { allow = { prefixes = { "+1415", "+44" } } })
    local report, message = client:purchase_many { PHONE, OTHER, BRITISH }
    assert.is_string(message)
    assert.same({ 2, 1 }, { report.bought, report.refused })
    assert.same({ "refused", "policy" }, { report.results[2].outcome, report.results[2].err.kind })
    assert.same({ PHONE, BRITISH }, scripted.posted(log))
  end)

  it("buys nothing with all_or_nothing if one number is not allowed", function()
    for _, list in ipairs {
      { PHONE, OTHER },
      { PHONE, { area_code = "510" } },
    } do
      local client, log = client_of({ sold = SOLD }, { allow = { prefixes = { "+1415" } } })
      local report, _, err = client:purchase_many(list, nil, { all_or_nothing = true })
      assert.is_nil(report)
      assert.same({ "policy", "no", 0 }, { err.kind, err.purchased, #log.requests })
    end
    local client, log = client_of { sold = SOLD }
    local options = { all_or_nothing = true, max_price = "0.99" }
    local report, _, err = client:purchase_many({ PHONE, OTHER }, nil, options)
    assert.is_nil(report)
    assert.same({ "policy", 0 }, { err.kind, #log.posts })
    options.max_price = "1"
    assert.equal(2, client:purchase_many({ PHONE, OTHER }, nil, options).bought)
  end)

  it("compares an area code that is a number by its digits, with all_or_nothing too", function()
    local client = client_of({ sold = SOLD }, { allow = { prefixes = { "+14155" } } })
    local list = { { area_code = 4150 / 10 } } -- 415.0 in Lua 5.3 and later
    assert.equal(1, assert(client:purchase_many(list, nil, { all_or_nothing = true })).bought)
  end)

  it("searches for each number once, and then reads types and prices once for all", function()
    local client, log = client_of({ sold = SOLD }, { max_in_flight = 1 })
    assert(client:purchase_many({ PHONE, OTHER }, nil, { max_price = "1" }))
    local counts = {}
    for _, name in ipairs(names_of(log)) do
      counts[name] = (counts[name] or 0) + 1
    end
    assert.same({ 1, 1, 1, 1 }, {
      counts.US,
      counts["price US"],
      counts["US/Local " .. PHONE],
      counts["US/Local " .. OTHER],
    })
  end)
end)

describe("A policy", function()
  it("does not carry over from one call to the next", function()
    local client, log = client_of { sold = SOLD }
    for _ = 1, 2 do
      assert(client:purchase({ phone_number = PHONE }, { max_price = "1" }))
      local sent = #log.requests
      assert(client:purchase { phone_number = PHONE })
      assert.equal(sent + 1, #log.requests)
      assert(client:purchase({ phone_number = PHONE }, { timeout = 5 }))
      assert.equal(sent + 2, #log.requests)
    end
  end)

  it("checks each country and type of a list against its own price", function()
    local sold = { US = { Local = { PHONE }, TollFree = { "+18005550101" } }, CA = SOLD.CA }
    local world = { sold = sold, prices = { ["toll free"] = "2" } }
    local client = client_of(world, { max_in_flight = 1 })
    local list = { PHONE, "+18005550101", CANADIAN }
    local report = client:purchase_many(list, nil, { max_price = "1" })
    assert.same({ 2, 1 }, { report.bought, report.refused })
    assert.equal("policy", report.results[2].err.kind)
  end)

  it("applies each rule to the request, and to the number that is found", function()
    local client = client_of { sold = SOLD }
    local asked = {}
    function client.new_policy(call)
      local own = policy.new(call)
      own.rules = {
        {
          excluded = function(_, choice)
            asked[#asked + 1] = "excluded "
              .. tostring(choice.country)
              .. " "
              .. tostring(choice.type)
            return choice.type == "local" and { "its type is forbidden" } or {}
          end,
          needs_search = function(_, choice)
            return not choice.country
          end,
          refusal = function()
            error("this rule is not asked more: it has refused")
          end,
        },
      }
      return own
    end
    local _, message, err = client:purchase({ phone_number = PHONE }, { max_price = "1" })
    assert.equal("policy", err.kind)
    assert.matches("its type is forbidden", message, 1, true)
    assert.same("excluded US local", asked[#asked])
    assert.same("excluded nil nil", asked[1])
  end)

  it(
    "refuses an area code that was not searched for, if the number's country is unknown",
    function()
      local client, log = client_of { sold = SOLD }
      local own = policy.new { client = client, options = { max_price = "9" } }
      local refusal, is_read = own:refusal({}, { area_code = "415" })
      assert.same(
        { "policy", "no", false, 0 },
        { refusal.kind, refusal.purchased, is_read, #log.requests }
      )
    end
  )

  it("refuses by the first rule that refuses, without reading for the others", function()
    local client, log = client_of { sold = SOLD }
    function client.new_policy(call)
      local own = policy.new(call)
      table.insert(own.rules, 1, {
        excluded = function()
          return {}
        end,
        needs_search = function()
          return false
        end,
        refusal = function(_, _, choice)
          return {
            kind = "policy",
            reason = "the first says no to " .. choice.candidate.phone_number,
          }
        end,
      })
      return own
    end
    local _, message, err = client:purchase({ phone_number = PHONE }, { max_price = "1" })
    assert.same({ "policy", "no" }, { err.kind, err.purchased })
    assert.matches("the first says no to " .. PHONE, message, 1, true)
    assert.same({ "owned", "US", "US/Local " .. PHONE }, names_of(log))
  end)
end)

describe("A call without a rule", function()
  it("creates and applies no policy", function()
    local client, log = client_of { sold = SOLD, owned = {} }
    function client.new_policy()
      error("a policy was made")
    end
    assert(client:purchase { phone_number = PHONE })
    assert(client:purchase { area_code = "415" })
    assert(client:purchase_available({ country = "US" }, nil, { currency = "USD" }))
    assert(client:purchase_many({ PHONE }, nil, { timeout = 5 }))
    assert.same({ "POST " .. PHONE, "POST 415" }, { names_of(log)[1], names_of(log)[2] })
    assert.has_error(function()
      client:purchase({ phone_number = PHONE }, { max_price = "1" })
    end)
  end)
end)
