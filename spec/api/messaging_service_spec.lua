--- The option messaging_service_sid of purchases: the services are read before anything is bought, and the
--- number is added to the first one that accepts it.
local cjson = require("cjson")
local form = require("spec.support.form")
local messaging = require("spec.support.messaging")
local scripted = require("spec.support.scripted")
local services = require("twilio.numbers.api.services")

local A, B, D = messaging.sid("a"), messaging.sid("b"), messaging.sid("d")
local PHONES = { "+14155550101", "+14155550102", "+14155550103" }
local FILTER = { country = "US", area_code = "415" }

--- The SID of a number.
local function sid_of(phone_number)
  return "PN" .. phone_number:sub(2):rep(3):sub(1, 32)
end

local function number_of(phone_number, more)
  local number = { sid = sid_of(phone_number), phone_number = phone_number }
  for name, value in pairs(more or {}) do
    number[name] = value
  end
  return cjson.encode(number)
end

describe("messaging_service_sid", function()
  local twilio, client, log
  local owned -- what the account owns, by number

  --- A client of a Twilio that has these numbers.
  local function open(options, more)
    twilio = messaging.new { A, B }
    owned = {}
    local function buy(request)
      local fields = form.decode(request.body)
      local phone_number = fields.PhoneNumber or PHONES[1]
      owned[phone_number] = true
      local all = more and more(fields) or {}
      return { status = 201, body = number_of(phone_number, all), echo = all.echo }
    end
    local function respond(request)
      local response, message, kind = twilio:handle(request)
      if response or kind then
        return response, message, kind
      elseif request.method == "POST" then
        return buy(request)
      elseif request.url:find("/AvailablePhoneNumbers/", 1, true) then
        return { status = 200, body = scripted.found(PHONES) }
      end
      local wanted = request.url:match("PhoneNumber=%%2B(%d+)")
      wanted = wanted and owned["+" .. wanted] and "+" .. wanted
      local list = wanted and number_of(wanted) or ""
      return { status = 200, body = '{"incoming_phone_numbers":[' .. list .. "]}" }
    end
    client, log = scripted.apart({ GET = { respond }, POST = { respond } }, options)
  end

  before_each(function()
    open()
  end)
  after_each(function()
    client:close()
  end)

  --- The numbers whose purchase was sent.
  local function bought()
    local count = 0
    for _, request in ipairs(log.posts) do
      count = count + (request.url:find("/IncomingPhoneNumbers", 1, true) and 1 or 0)
    end
    return count
  end

  --- The result of a call in flight, or the error if it cannot start.
  local function wait(pending, message, err)
    if pending then
      return pending:wait()
    end
    return nil, message, err
  end

  --- The result of a purchase_many for its one number.
  local function single(report, message, err)
    local result = report and report.results[1]
    if result then
      return result.number, result.message, result.info or result.err
    end
    return nil, message, err
  end

  --- Ways to buy one number; each returns the number, the message and the third value.
  local WAYS = {
    ["by number"] = function(options)
      return client:purchase({ phone_number = PHONES[1] }, options)
    end,
    ["by number, in flight"] = function(options)
      return wait(client:purchase_async({ phone_number = PHONES[1] }, options))
    end,
    ["by area code"] = function(options)
      return client:purchase({ area_code = "415" }, options)
    end,
    ["of any number"] = function(options)
      return client:purchase_available(FILTER, nil, options)
    end,
    ["of any number, in flight"] = function(options)
      return wait(client:purchase_available_async(FILTER, nil, options))
    end,
    ["of many by a filter"] = function(options)
      return single(client:purchase_many({ country = "US", count = 1 }, nil, options))
    end,
    ["of many by a list"] = function(options)
      return single(client:purchase_many({ PHONES[1] }, nil, options))
    end,
  }

  for way, buy in pairs(WAYS) do
    describe("of a purchase " .. way, function()
      it("adds the number to the service, after reading the service", function()
        local number, message, info = buy { messaging_service_sid = A }
        assert.same({ A, nil, nil }, { twilio:holder(number.sid), message, info })
        assert.equal("GET https", log.requests[1].method .. " " .. log.requests[1].url:sub(1, 5))
        assert.matches("/v1/Services/" .. A .. "$", log.requests[1].url)
        assert.equal("POST /v1/Services/" .. A .. "/PhoneNumbers", twilio.requests[2])
        assert.equal(twilio.requests[2]:match("/v1.*"), log.posts[#log.posts].url:match("/v1.*"))
        assert.same({ 2, 1 }, { #twilio.requests, bought() })
      end)

      it("reads no service if none is given", function()
        assert(buy {})
        assert.same({ 0, 1 }, { #twilio.requests, bought() })
      end)

      it("buys nothing if the account has no such service, and names all missing ones", function()
        local number, message, err = buy { messaging_service_sid = { A, D, messaging.sid("e") } }
        assert.is_nil(number)
        assert.same({ "invalid", "no", 3, 0 }, {
          err.kind,
          err.purchased,
          err.attempts,
          #log.posts,
        })
        assert.matches("^nothing was bought: account AC%x+ has no Messaging Service MGd", message)
        assert.matches("has no Messaging Service MGe", message, 1, true)
        assert.same({ 2, "messaging_service_sid" }, { #err.problems, err.problems[1].name })
        assert.same({ 3, 3 }, { #log.requests, twilio:count("^GET /v1/Services/MG") })
      end)

      it("buys nothing if a service cannot be read", function()
        twilio.on_request = function()
          return messaging.refusal(403, 20403)
        end
        local number, message, err = buy { messaging_service_sid = A }
        assert.is_nil(number)
        assert.same({ "api", 403, "no", 0 }, { err.kind, err.status, err.purchased, #log.posts })
        assert.matches("^nothing was bought because a Messaging Service could not be read", message)
      end)

      it("uses the next service if one is full", function()
        twilio.services[A].most = 0
        local number, message = buy { messaging_service_sid = { A, B } }
        assert.same({ B, nil }, { twilio:holder(number.sid), message })
      end)

      it("returns the number along with the service's refusal", function()
        twilio.services[A].most, twilio.services[B].most = 0, 0
        local number, message, info = buy { messaging_service_sid = { A, B } }
        assert.equal(PHONES[1]:sub(1, 8), number.phone_number:sub(1, 8))
        local missing = info.incomplete.messaging_service
        assert.same({ {}, B, 21714, "api" }, {
          info.incomplete.differences,
          missing.sid,
          missing.err.code,
          missing.err.kind,
        })
        local words = "^the number was bought, but it is not in Messaging Service "
        assert.matches(words .. B .. ": Messaging Service %w+ is full", message)
        assert.equal(1, bought())
      end)

      it("reports that an owned number is in another service", function()
        for _, phone_number in ipairs(PHONES) do
          twilio:put(B, sid_of(phone_number))
        end
        local number, message, info = buy { messaging_service_sid = A }
        assert.equal(B, twilio:holder(number.sid))
        assert.equal(21712, info.incomplete.messaging_service.err.code)
        assert.matches("it is not in Messaging Service MGa+: the number is in another", message)
      end)

      it("reports as unknown whether an unanswered attachment succeeded", function()
        open { retries = 0 }
        twilio.on_request = function(what)
          if what:find("^POST") then
            return nil, "lost", "network"
          end
        end
        local number, message, info = buy { messaging_service_sid = A }
        assert.is_table(number)
        assert.equal("network", info.incomplete.messaging_service.err.kind)
        assert.matches("whether it is in Messaging Service MGa+ is unknown: ", message)
      end)

      it("retries the attachment", function()
        local count = 0
        twilio.on_request = function(what)
          count = count + (what:find("^POST") and 1 or 0)
          return what:find("^POST") and count == 1 and messaging.refusal(409, 20409) or nil
        end
        local number, message = buy { messaging_service_sid = A }
        assert.same({ A, nil, 2 }, { twilio:holder(number.sid), message, count })
      end)

      it(
        "is refused with another account_sid than the client's, before anything is sent",
        function()
          local number, message, err =
            buy { messaging_service_sid = A, account_sid = "AC" .. ("9"):rep(32) }
          assert.is_nil(number)
          assert.same({ "invalid", "no", "account_sid", 0 }, {
            err.kind,
            err.purchased,
            err.problems[1].name,
            #log.requests,
          })
          assert.matches("account_sid must be the client's own", message, 1, true)
        end
      )

      it("reports the service to on_event, with a warning if it has no campaign", function()
        twilio.services[A].us_app_to_person_registered = false
        for _, service in ipairs { A, B } do
          assert(buy { messaging_service_sid = service })
          local event
          for _, one in ipairs(log.events) do
            event = one.kind == "messaging_service" and one or event
          end
          assert.same({ service, owned[event.phone_number] }, { event.service_sid, true })
          assert.equal(sid_of(event.phone_number), event.sid)
          assert.equal(service == A, event.note ~= nil)
          assert.is_true(service == B or event.note:find("30034", 1, true) ~= nil)
          owned, twilio.services[A].numbers = {}, {}
        end
      end)
    end)
  end

  it("is refused if it is not a service SID, with all other problems", function()
    for _, wrong in ipairs { "MG1", "", {}, { A, A }, { A, 1 }, 5, true, { sid = A } } do
      local number, _, err = client:purchase(
        { phone_number = PHONES[1] },
        { messaging_service_sid = wrong, retries = -1 }
      )
      assert.is_nil(number)
      assert.same({ "invalid", "messaging_service_sid", "retries" }, {
        err.kind,
        err.problems[1].name,
        err.problems[2].name,
      })
    end
    assert.equal(0, #log.requests)
  end)

  it("makes a search request numbers with SMS, and skips those without", function()
    local candidates = {
      '{"phone_number":"' .. PHONES[1] .. '","capabilities":{"SMS":false,"MMS":true}}',
      '{"phone_number":"' .. PHONES[2] .. '","capabilities":{"SMS":true}}',
    }
    client:close()
    local gets = {}
    client = scripted.apart {
      GET = {
        function(request)
          gets[#gets + 1] = request.url
          local response = twilio:handle(request)
          local list = table.concat(candidates, ",")
          return response
            or request.url:find("/Available", 1, true) and {
              status = 200,
              body = '{"available_phone_numbers":[' .. list .. "]}",
            }
            or { status = 200, body = scripted.page {} }
        end,
      },
      POST = {
        function(request)
          return twilio:handle(request) or scripted.created(request)
        end,
      },
    }
    local number = client:purchase_available(FILTER, nil, { messaging_service_sid = A })
    assert.equal(PHONES[2], number.phone_number)
    assert.matches("SmsEnabled=true", table.concat(gets, " "), 1, true)
    gets = {}
    local report = client:purchase_many({ country = "US", count = 2 }, nil, {
      messaging_service_sid = A,
    })
    assert.equal(1, report.bought)
    assert.matches("SmsEnabled=true", table.concat(gets, " "), 1, true)
  end)

  it("cannot be combined with a filter for numbers without SMS", function()
    local filter = { country = "us", sms_enabled = false }
    local options = { messaging_service_sid = A }
    local _, message, err = client:purchase_available(filter, nil, options)
    assert.same({ "invalid", 2, "sms_enabled" }, {
      err.kind,
      #err.problems,
      err.problems[2].name,
    }, message)
    filter.country, filter.count = "US", 1
    assert.equal("invalid", (select(3, client:purchase_many(filter, nil, options))).kind)
    assert.equal(0, #log.requests)
  end)

  it("reads the service in a dry run, without adding a number", function()
    local options = { messaging_service_sid = D, dry_run = true }
    assert.equal("invalid", (select(3, client:purchase_available(FILTER, nil, options))).kind)
    options.messaging_service_sid = A
    assert.is_table((client:purchase_available(FILTER, nil, options)).candidate)
    assert.equal(0, #log.posts)
  end)

  it("adds the number after the settings were completed, even if that fails", function()
    open({ retries = 0 }, function()
      return { friendly_name = "other", echo = false }
    end)
    local params = { phone_number = PHONES[1], friendly_name = "Desk" }
    local number, message, info = client:purchase(params, { messaging_service_sid = A })
    assert.equal(A, twilio:holder(number.sid))
    assert.is_true(#info.incomplete.differences == 1, message)
    assert.is_nil(info.incomplete.messaging_service)
    local urls = {}
    for i, request in ipairs(log.posts) do
      urls[i] = request.url:match("/(%a+)/PN") or request.url:match("(%a+)$")
    end
    assert.same({ "json", "IncomingPhoneNumbers", "PhoneNumbers" }, urls)
  end)

  it("is reported along with settings that could not be completed", function()
    open({ retries = 0 }, function()
      return { friendly_name = "other", echo = false }
    end)
    twilio.services[A].most = 0
    local number, message, info = client:purchase(
      { phone_number = PHONES[1], friendly_name = "Desk" },
      { messaging_service_sid = A }
    )
    assert.is_table(number)
    assert.equal(1, #info.incomplete.differences)
    assert.equal(A, info.incomplete.messaging_service.sid)
    assert.matches("did not set friendly_name.*; the number was bought, but it is not in", message)
  end)

  it("adds a number bought by phone number even if it was owned before", function()
    owned[PHONES[1]] = true
    local number = client:purchase({ phone_number = PHONES[1] }, { messaging_service_sid = A })
    assert.equal(A, twilio:holder(number.sid))
  end)

  it("does not add a number that a filter chose and that was owned before", function()
    open(nil, function()
      return { date_created = "Sun, 29 Nov 2020 10:00:00 +0000" }
    end)
    local transport = twilio.handle
    twilio.handle = function(self, request)
      local response, message, kind = transport(self, request)
      if response then
        response.headers = { Date = "Sun, 29 Nov 2026 10:00:00 GMT" }
      end
      return response, message, kind
    end
    local number, _, info =
      client:purchase_available(FILTER, nil, { messaging_service_sid = A, unless_owned = false })
    assert.same({ true, nil }, { info.adopted, twilio:holder(number.sid) })
    assert.equal(0, twilio:count("^POST"))
  end)

  it("does not warn about toll-free numbers, which need no campaign", function()
    twilio.services[A].us_app_to_person_registered = false
    local note_of = {}
    for _, phone_number in ipairs { "+18335550101", "+14155550101" } do
      assert(client:purchase({ phone_number = phone_number }, { messaging_service_sid = A }))
      local event = log.events[#log.events]
      note_of[event.phone_number] = event.note or false
    end
    assert.is_false(note_of["+18335550101"])
    assert.is_string(note_of["+14155550101"])
  end)

  it("is not read for a purchase that cannot be sent", function()
    local options = { messaging_service_sid = A, type = "local" }
    local _, _, err = client:purchase({ area_code = "415" }, options)
    assert.same({ "invalid", "area_code" }, { err.kind, err.problems[1].name })
    options = { messaging_service_sid = A, unless_owned = true }
    assert.equal("invalid", (select(3, client:purchase({ area_code = "415" }, options))).kind)
    assert.equal(0, #log.requests)
  end)

  it("is read after the spending policy, which searches for a number by area code", function()
    open { allow = { countries = { "US" } } }
    local options = { messaging_service_sid = A }
    local number = client:purchase({ area_code = "415" }, options)
    assert.equal(A, twilio:holder(number.sid))
    local searches = {}
    for _, request in ipairs(log.gets) do
      searches[#searches + 1] = request.url:find("/Available", 1, true) and request.url or nil
    end
    assert.matches("SmsEnabled=true", searches[1], 1, true)
    open { allow = { countries = { "CA" } } }
    for _, buy in ipairs { "purchase_available", "purchase_many" } do
      local filter = { country = "US", count = buy == "purchase_many" and 1 or nil }
      assert.equal("policy", (select(3, client[buy](client, filter, nil, options))).kind)
    end
    assert.equal(0, #twilio.requests)
  end)

  it("does not add the number again after a temporary shortage of memory", function()
    local call = { options = { messaging_service_sid = A }, state = { is_attached = true } }
    local number, info = {}, {}
    assert.same({ number, "said", info }, { services.of(call):attach(call, number, "said", info) })
  end)

  describe("in a purchase of many", function()
    it("reads the services once, and adds all numbers", function()
      for _, wanted in ipairs { PHONES, { country = "US", count = 3 } } do
        open()
        local report = client:purchase_many(wanted, nil, { messaging_service_sid = A })
        assert.equal(3, report.bought)
        assert.equal(1, twilio:count("^GET"))
        assert.equal(3, twilio:count("^POST"))
        for _, number in ipairs(report.numbers) do
          assert.equal(A, twilio:holder(number.sid))
        end
      end
    end)

    it("does not retry a service that is full", function()
      twilio.services[A].most = 1
      local report = client:purchase_many(PHONES, nil, { messaging_service_sid = { A, B } })
      assert.equal(3, report.bought)
      assert.equal(2, twilio:count("^POST /v1/Services/" .. A)) -- a transport in Lua: one after another
      assert.equal(2, twilio:count("^POST /v1/Services/" .. B))
    end)

    it("reports numbers that could not be added in the result's info", function()
      twilio.cannot_send[sid_of(PHONES[2])] = true
      local report, message = client:purchase_many(PHONES, nil, { messaging_service_sid = A })
      assert.same({ 3, nil }, { report.bought, message })
      local info = report.results[2].info
      assert.equal(21715, info.incomplete.messaging_service.err.code)
      assert.is_nil(report.results[1].info)
    end)
  end)
end)
