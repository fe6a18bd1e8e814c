--- Purchases under a policy while Twilio, the network or the caller's own tables misbehave: only a number
--- that was checked is bought, and every error names its number.
local cjson = require("cjson")
local form = require("spec.support.form")
local in_order = require("spec.support.in_order")
local messaging = require("spec.support.messaging")
local scripted = require("spec.support.scripted")
local table_store = require("spec.support.table_store")

local PHONE, OTHER = "+14155550101", "+14155550102"
local A = messaging.sid("a")
local LOCAL = { types = { "local" } }

local function answer(status, body)
  return { status = status, body = type(body) == "table" and cjson.encode(body) or body }
end

--- The responses to GETs for an account without numbers; `answers`, by a pattern of the URL, override them.
local function get_of(answers)
  return function(request)
    for pattern, own in pairs(answers or {}) do
      if request.url:find(pattern) then
        return type(own) == "function" and own(request) or own
      end
    end
    if request.url:find("/IncomingPhoneNumbers.json", 1, true) then
      return answer(200, scripted.page {})
    end
    return answer(200, scripted.found { PHONE, OTHER })
  end
end

describe("A purchase by area code that searches", function()
  in_order { before_each = before_each, after_each = after_each }

  --- One row each: the client's options. With a journal, too, the number is found by a search.
  for name, options_of in pairs {
    ["under a policy"] = function()
      return { allow = LOCAL }
    end,
    ["with a journal"] = function()
      return { journal = table_store.new() }
    end,
  } do
    it("names the number in doubt in the report of purchase_many, " .. name, function()
      local client = scripted.apart({
        GET = { get_of() },
        POST = { { broken = "timeout" } },
      }, options_of())
      local report = assert(client:purchase_many({ { area_code = "415" } }, nil, { retries = 0 }))
      local result = report.results[1]
      assert.equal("unknown", result.outcome)
      assert.is_truthy(result.phone_number)
      assert.equal(result.phone_number, result.err.phone_number)
      client:close()
    end)
  end

  it("reports a missing Messaging Service once, by its SID", function()
    local function gone()
      return messaging.refusal(404, 20404)
    end
    for _, kind in ipairs { "blocking", "in flight" } do
      local client, log = scripted.apart({ GET = { get_of { ["/v1/Services"] = gone } } }, {
        allow = LOCAL,
      })
      local options = { messaging_service_sid = A }
      local _, message, err
      if kind == "blocking" then
        _, message, err = client:purchase({ area_code = "415" }, options)
      else
        _, message, err = client:purchase_async({ area_code = "415" }, options):wait()
      end
      assert.same({ "invalid", "no" }, { err.kind, err.purchased })
      assert.is_truthy(message:find("has no Messaging Service " .. A, 1, true), message)
      local asked = 0
      for _, request in ipairs(log.gets) do
        asked = asked + (request.url:find("/v1/Services", 1, true) and 1 or 0)
      end
      assert.equal(1, asked)
      client:close()
    end
  end)
end)

describe("A preflight", function()
  local BUNDLE, DRAFT = "BU" .. ("a"):rep(32), "BU" .. ("b"):rep(32)

  --- The responses for a requested bundle: only BUNDLE is approved.
  local ANSWERS = {
    ["/Regulations"] = answer(200, '{"results":[],"meta":{"key":"results","next_page_url":null}}'),
    ["/Balance"] = answer(404, scripted.refusal(20404, "not found")),
    ["/v1/PhoneNumbers/Countries"] = answer(404, scripted.refusal(20404, "not found")),
    ["AvailablePhoneNumbers/US%.json"] = answer(200, {
      country_code = "US",
      subresource_uris = { ["local"] = "x" },
    }),
    ["/Bundles/"] = function(request)
      local sid = request.url:match("/Bundles/(BU%x+)")
      local status = sid == BUNDLE and "twilio-approved" or "draft"
      return answer(200, { sid = sid, status = status, regulation_sid = "RN" .. ("a"):rep(32) })
    end,
  }

  --- One row each: a way to buy in flight.
  local WAYS = {
    ["by number"] = function(client, params)
      params.phone_number = PHONE
      return client:purchase_async(params, { preflight = true })
    end,
    ["of any number"] = function(client, params)
      return client:purchase_available_async({ country = "US" }, params, { preflight = true })
    end,
    ["of many by a filter"] = function(client, params)
      local filter = { country = "US", count = 1 }
      return client:purchase_many_async(filter, params, { preflight = true })
    end,
  }

  for said, begin in pairs(WAYS) do
    for _, has_journal in ipairs { false, true } do
      local with = has_journal and ", with a journal" or ""
      for given, later in pairs { [DRAFT] = BUNDLE, [BUNDLE] = DRAFT } do
        local which = given == BUNDLE and "an approved bundle, " or "a draft, "
        it(
          "checks and sends what was given, even if the caller's table changes: "
            .. which
            .. said
            .. with,
          function()
            local params, changes = { bundle_sid = given }, 0
            local get = get_of(ANSWERS)
            local client, log = scripted.apart({
              GET = {
                function(request)
                  params.bundle_sid, changes = later, changes + 1
                  return get(request)
                end,
              },
              POST = { scripted.created },
            }, { journal = has_journal and table_store.new() or nil })
            local _, message = begin(client, params):wait()
            assert.is_true(changes > 0)
            local sent = {}
            for i, request in ipairs(log.posts) do
              sent[i] = form.decode(request.body).BundleSid
            end
            assert.same(given == BUNDLE and { BUNDLE } or {}, sent, message)
            client:close()
          end
        )
      end
    end
  end
end)

describe("A call that has begun", function()
  in_order { before_each = before_each, after_each = after_each }

  --- One row each: a way to buy in flight.
  local WAYS = {
    ["by number"] = function(client, params, options)
      params.phone_number = PHONE
      return client:purchase_async(params, options)
    end,
    ["by area code"] = function(client, params, options)
      params.area_code = "415"
      return client:purchase_async(params, options)
    end,
    ["of any number"] = function(client, params, options)
      return client:purchase_available_async({ country = "US" }, params, options)
    end,
    ["of many by a filter"] = function(client, params, options)
      return client:purchase_many_async({ country = "US", count = 1 }, params, options)
    end,
    ["of many by a list"] = function(client, params, options)
      return client:purchase_many_async({ PHONE }, params, options)
    end,
  }

  for said, begin in pairs(WAYS) do
    for name, options_of in pairs {
      ["under a policy"] = function()
        return { allow = LOCAL }
      end,
      ["with a journal"] = function()
        return { journal = table_store.new() }
      end,
    } do
      it(
        ("keeps its settings and services, even if the caller's tables change: %s, %s"):format(
          said,
          name
        ),
        function()
          local twilio = messaging.new { A }
          local params, options = { friendly_name = "first" }, { messaging_service_sid = { A } }
          local get = get_of()
          local function respond(request)
            params.friendly_name, options.messaging_service_sid[1] = "second", nil
            local response = twilio:handle(request)
            if response or request.method == "GET" then
              return response or get(request)
            end
            return scripted.created(request)
          end
          local client, log =
            scripted.apart({ GET = { respond }, POST = { respond } }, options_of())
          local bought, message, info = begin(client, params, options):wait()
          info = info or (bought and bought.results and bought.results[1].info)
          assert.is_truthy(bought, message)
          assert.is_nil(info and info.incomplete)
          assert.equal("first", form.decode(log.posts[1].body).FriendlyName)
          assert.equal(A, twilio:holder(scripted.NUMBER_SID))
          client:close()
        end
      )
    end
  end
end)

describe("A search that shows numbers of another country", function()
  in_order { before_each = before_each, after_each = after_each }

  local BRITISH = "+442079460101"

  --- One row each: how any number is bought, by a client and its options.
  local WAYS = {
    ["any number"] = function(client, options)
      return client:purchase_available({ country = "US" }, nil, options)
    end,
    ["many by a filter"] = function(client, options)
      local report, message, err = client:purchase_many({ country = "US", count = 1 }, nil, options)
      return report and report.numbers[1], message, err
    end,
  }

  --- The rules check the searched country: with a response that lacks the country they would check another
  --- number than is bought.
  for said, buy in pairs(WAYS) do
    for name, row in pairs {
      ["allow.countries"] = { { countries = { "US", "GB" } } },
      ["max_price"] = { nil, { max_price = "1" } },
    } do
      for _, has_journal in ipairs { false, true } do
        local with = has_journal and ", with a journal" or ""
        it(("has none of them bought under %s: %s%s"):format(name, said, with), function()
          local client, log = scripted.apart({
            GET = {
              get_of {
                ["/AvailablePhoneNumbers/US/"] = answer(200, scripted.found { BRITISH }),
                ["/v1/PhoneNumbers/Countries/US"] = answer(200, {
                  price_unit = "USD",
                  phone_number_prices = { { number_type = "local", current_price = "1" } },
                }),
              },
            },
            POST = { scripted.created },
          }, { allow = row[1], journal = has_journal and table_store.new() or nil })
          local number, message, err = buy(client, row[2])
          assert.is_nil(number)
          assert.equal("policy", err.kind)
          assert.is_truthy(message:find(BRITISH .. " is not a number of US", 1, true), message)
          assert.same({}, log.posts)
          client:close()
        end)
      end
    end
  end
end)
