--- The requests of the spending policy, their order, and the effect of the responses.
local cjson = require("cjson")
local form = require("spec.support.form")
local in_order = require("spec.support.in_order")
local policy = require("twilio.numbers.api.policy")
local scripted = require("spec.support.scripted")
local table_store = require("spec.support.table_store")

local PHONE, OTHER, CANADIAN = "+14155550101", "+15105550101", "+14165550101"
local BRITISH = "+447700900000"

local NOT_FOUND = { status = 404, body = scripted.refusal(20404, "was not found") }
local FORBIDDEN = { status = 403, body = scripted.refusal(20403, "forbidden") }

--- The path of a request, in short: "owned", "US", "US/Local +1415...", "price US" or "POST ...".
local function name_of(request)
  local path, query = request.url:match("^https://[^/]+([^?]*)%??(.*)$")
  if request.method == "POST" then
    local fields = form.decode(request.body)
    local sid = path:match("/IncomingPhoneNumbers/(PN%x+)%.json$")
    return sid and "update " .. sid or "POST " .. (fields.PhoneNumber or fields.AreaCode)
  elseif path:find("/IncomingPhoneNumbers.json", 1, true) then
    return "owned"
  elseif path:find("^/v1/PhoneNumbers/Countries/") then
    return "price " .. path:match("%u%u$")
  end
  local place = path:match("/AvailablePhoneNumbers/(.*)%.json$")
  local fields = query ~= "" and form.decode(query) or {}
  local shown = fields.Contains or fields.AreaCode
  return place .. (shown and " " .. shown or "")
end

local function names_of(log)
  local list = {}
  for i, request in ipairs(log.requests) do
    list[i] = name_of(request)
  end
  return list
end

--- Responds to GETs: `sold` has the numbers by country and by the path of their type; `prices` are by type,
--- default 1; `owned` are the account's numbers; `answers`, by the request's name, override these.
local function answer_of(world)
  return function(request)
    local name = name_of(request)
    local place, kind = name:match("^(%u%u)/?(%a*)")
    local types = place and (world.sold or {})[place]
    if (world.answers or {})[name] then
      return world.answers[name]
    elseif name == "owned" then
      return { status = 200, body = scripted.page(world.owned or {}) }
    elseif name:find("^price") then
      local rows = {}
      for i, type_name in ipairs { "local", "toll free", "mobile" } do
        rows[i] =
          { number_type = type_name, current_price = (world.prices or {})[type_name] or "1" }
      end
      return {
        status = 200,
        body = cjson.encode { phone_number_prices = rows, price_unit = "USD" },
      }
    elseif not types or (kind ~= "" and not types[kind]) then
      return NOT_FOUND
    elseif kind ~= "" then
      return { status = 200, body = scripted.found(types[kind]) }
    end
    local uris = {}
    for path in pairs(types) do
      uris[path:gsub("(%l)(%u)", "%1_%2"):lower()] = "x"
    end
    return { status = 200, body = cjson.encode { country_code = place, subresource_uris = uris } }
  end
end

local function client_of(world, options)
  return scripted.apart({ GET = { answer_of(world) }, POST = { scripted.created } }, options)
end

local SOLD = {
  US = { Local = { PHONE, OTHER }, TollFree = {} },
  CA = { Local = { CANADIAN } },
  GB = { Mobile = { BRITISH } },
}

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
