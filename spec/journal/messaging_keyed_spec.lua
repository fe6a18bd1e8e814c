--- messaging_service_sid in a client with a journal: the services are read before a number is chosen. Adding
--- the number to one is a pending step of the order, which the next call with the key does.
local World = require("spec.support.world")
local messaging = require("spec.support.messaging")
local orders = require("spec.support.orders")

local X, Y = orders.X, orders.Y
local A, B, D = messaging.sid("a"), messaging.sid("b"), messaging.sid("d")
local IN_A = { messaging_service_sid = A }

describe("messaging_service_sid in a client with a journal", function()
  local world, twilio

  before_each(function()
    World.start_clocks()
    world = orders.world()
    twilio = messaging.new { A, B }
    world.messaging = twilio
  end)
  after_each(World.stop_clocks)

  --- Runs a purchase in a process that dies at the first request to a service that matches.
  local function dies_at(pattern, buy, ...)
    local arguments = { ... }
    World.elsewhere(-9, function()
      local call = coroutine.create(function()
        return buy(arguments[1], arguments[2], arguments[3], arguments[4])
      end)
      twilio.on_request = function(what)
        if what:find(pattern) then
          coroutine.yield()
        end
      end
      assert(coroutine.resume(call))
      assert(coroutine.status(call) == "suspended")
      twilio.on_request = false
    end)
  end

  --- How often a number was put into a service.
  local function posts()
    return twilio:count("^POST")
  end

  local function is_pending(key)
    return world:order(key or "k").unattached or false
  end

  for name, buy in pairs {
    ["any number"] = function(key, options)
      return orders.any(world, key, options)
    end,
    ["a certain number"] = function(key, options)
      return orders.named(world, X, key, options)
    end,
  } do
    describe("of " .. name, function()
      it("adds the number to the service, and records that", function()
        local number, message, info = buy("k", IN_A)
        assert.same({ A, nil, nil }, { twilio:holder(number.sid), message, info })
        assert.same({ "bought", true, false }, {
          world:order("k").state,
          world:order("k").whole,
          is_pending(),
        })
        assert.matches("^GET /v1/Services/MGa+$", twilio.requests[1])
      end)

      it("adds the number to the service without a key", function()
        local number = assert(buy(nil, IN_A))
        assert.equal(A, twilio:holder(number.sid))
      end)

      it("changes nothing in a repeated call", function()
        assert(buy("k", IN_A))
        local requests = #twilio.requests
        local number, message, info = buy("k", IN_A)
        assert.same({ A, nil, true }, { twilio:holder(number.sid), message, info.replayed })
        assert.equal(requests, #twilio.requests)
      end)

      it("is recorded as pending when the process dies, and done by the next call", function()
        dies_at("^POST", buy, "k", IN_A)
        assert.same({ "bought", true }, { world:order("k").state, is_pending() })
        assert.is_nil(next(twilio.services[A].numbers))
        local number, message, info = buy("k", IN_A)
        assert.same({ A, nil, true }, { twilio:holder(number.sid), message, info.replayed })
        assert.same({ false, 1, 1 }, { is_pending(), world.purchases, #world.posts })
        assert(buy("k", IN_A))
        assert.equal(2, posts())
      end)

      it("buys and writes nothing if the account has no such service", function()
        local number, message, err = buy("k", { messaging_service_sid = { D, A } })
        assert.is_nil(number)
        assert.same({ "invalid", "no", "k" }, { err.kind, err.purchased, err.idempotency_key })
        assert.matches("has no Messaging Service MGd", message, 1, true)
        assert.same({ {}, {}, 0 }, { world.posts, world.store.rows, world:counted() })
      end)

      it("buys nothing if a service cannot be read", function()
        twilio.on_request = function()
          return messaging.refusal(403, 20403)
        end
        local number, _, err = buy("k", IN_A)
        assert.is_nil(number)
        assert.same({ "api", "no", 20403 }, { err.kind, err.purchased, err.code })
        assert.same({ {}, {} }, { world.posts, world.store.rows })
      end)

      it("returns the bought number even if the service is gone, and reports that", function()
        dies_at("^POST", buy, "k", IN_A)
        twilio.services[A] = nil
        local number, message, info = buy("k", IN_A)
        assert.is_table(number)
        assert.same({ A, 404 }, {
          info.incomplete.messaging_service.sid,
          info.incomplete.messaging_service.err.status,
        })
        assert.matches("has no Messaging Service MGa", message, 1, true)
        assert.same({ true, true }, { info.replayed, is_pending() })
      end)

      it("stays pending if the service refuses, and is done once that has room", function()
        twilio.services[A].most = 0
        local number, _, info = buy("k", IN_A)
        assert.equal(21714, info.incomplete.messaging_service.err.code)
        assert.is_true(is_pending())
        twilio.services[A].most = 1
        assert(buy("k", IN_A))
        assert.same({ A, false, 1 }, { twilio:holder(number.sid), is_pending(), #world.posts })
      end)

      it("is left unchanged once no purchase can be in flight", function()
        twilio.services[A].most = 0
        local number = buy("k", IN_A)
        twilio.services[A].most = 1
        world:pass(400)
        local before = posts()
        local again, message, info = buy("k", IN_A)
        assert.same({ number.sid, before, nil }, { again.sid, posts(), twilio:holder(number.sid) })
        assert.same({ replayed = true, incomplete = info.incomplete }, info)
        assert.same({ differences = {}, messaging_service = { sid = A } }, info.incomplete)
        assert.matches("it is not in Messaging Service " .. A, message, 1, true)
        twilio:put(A, number.sid) -- by hand
        again, message, info = buy("k", IN_A)
        assert.same({ number.sid, nil, nil }, { again.sid, message, info.incomplete })
      end)

      it("reports that the look-up failed once that time is over", function()
        twilio.services[A].most = 0
        buy("k", IN_A)
        world:pass(400)
        twilio.on_request = function()
          return messaging.refusal(403, 20403)
        end
        local number, message, info = buy("k", IN_A)
        assert.is_table(number)
        assert.equal(20403, info.incomplete.messaging_service.err.code)
        assert.matches("whether it is in Messaging Service MGa+ is unknown", message)
      end)

      it("keeps settings that were changed since", function()
        dies_at("^POST", buy, "k", IN_A)
        local owned = world.owned[world:order("k").number]
        owned.voice_url = "https://changed.example"
        assert(buy("k", IN_A))
        assert.equal("https://changed.example", owned.voice_url)
        assert.is_nil(world.updates)
      end)

      it("is part of the key's request", function()
        assert(buy("k", IN_A))
        for _, other in ipairs {
          { messaging_service_sid = B },
          {},
          { messaging_service_sid = { A, B } },
        } do
          local number, message, err = buy("k", other)
          assert.is_nil(number)
          assert.same({ "conflict", "yes", 1, "messaging_service_sid" }, {
            err.kind,
            err.purchased,
            #err.problems,
            err.problems[1].name,
          }, message)
        end
        assert(buy("k", { messaging_service_sid = { A } }))
        assert.equal(1, posts())
      end)

      it("is not done by a call that only finishes the key of another request", function()
        dies_at("^POST", buy, "k", IN_A)
        local number, message, info = buy("k", { messaging_service_sid = B, finish = true })
        assert.same({ nil, { replayed = true } }, { message, info })
        assert.is_nil(twilio:holder(number.sid))
        assert(buy("k", IN_A))
        assert.equal(A, twilio:holder(number.sid))
      end)

      --- An order that is trying a number which nothing shows yet.
      local function leave_trying(what, options)
        world.on_post = function()
          return what
        end
        world.on_look = function()
          return #world.posts > 0
        end
        assert.equal("unknown", (select(3, buy("k", options))).purchased)
        world.on_post, world.on_look = false, false
        world:pass(60)
      end

      it("is the finishing call's service if that sends the purchase", function()
        for i, given in ipairs { { A, B }, { A, nil }, { nil, B } } do
          leave_trying("lost", { messaging_service_sid = given[1], retries = 0 })
          local options = { messaging_service_sid = given[2], finish = true }
          if given[2] then
            dies_at("^POST", buy, "k", options)
            assert.is_true(is_pending(), i)
          else
            assert(buy("k", options))
          end
          local number = assert(buy("k", options))
          assert.same({ given[2], false }, { twilio:holder(number.sid), is_pending() }, i)
          World.start_clocks() -- a process without reservations
          world, twilio = orders.world(), messaging.new { A, B }
          world.messaging = twilio
        end
      end)

      it("is not done by a finishing call that finds the number bought", function()
        leave_trying("unheard", { messaging_service_sid = A, retries = 0 })
        local number, message = buy("k", { messaging_service_sid = B, finish = true })
        assert.same({ nil, nil, 1 }, { message, twilio:holder(number.sid), #world.posts })
      end)

      it("is done if only the look-up finds the number", function()
        world.on_post = function()
          return "unheard"
        end
        local number = assert(buy("k", IN_A))
        assert.same({ A, false, 1 }, { twilio:holder(number.sid), is_pending(), #world.posts })
      end)

      it("is repeated by the next call if recording it was lost", function()
        world.store.on_apply = function(writes)
          return writes[1].value
              and not writes[1].value:find("unattached")
              and posts() > 0
              and "lost"
            or nil
        end
        local number, message = buy("k", IN_A)
        world.store.on_apply = false
        assert.same({ A, nil, true }, { twilio:holder(number.sid), message, is_pending() })
        assert(buy("k", IN_A))
        assert.same({ A, false }, { twilio:holder(number.sid), is_pending() })
      end)

      it("is done even if the journal cannot record the purchase", function()
        world.store.on_apply = function(writes)
          return writes[1].value and writes[1].value:find("bought") and "failed" or nil
        end
        local number, _, info = buy("k", IN_A)
        assert.same({ A, "journal" }, { twilio:holder(number.sid), info.journal.kind })
      end)

      it("is no longer pending if Twilio refused the number", function()
        world.on_post = function()
          return "refused"
        end
        assert.is_nil((buy("k", IN_A)))
        assert.equal("open", world:order("k").state)
        assert.is_false(is_pending())
        world.on_post = false
        local number = assert(buy("k", {}))
        assert.same({ false, nil }, { is_pending(), twilio:holder(number.sid) })
      end)

      it("is left to the next call with the key by recover()", function()
        world.on_post = function()
          return "unheard"
        end
        world.on_look = function()
          return #world.posts > 0 and { status = 503, body = "", headers = {} }
        end
        assert.equal("unknown", (select(3, buy("k", IN_A))).purchased)
        world.on_post, world.on_look = false, false
        assert.equal(1, #assert(world:client():recover()).bought)
        assert.is_true(is_pending())
        local number = assert(buy("k", IN_A))
        assert.same({ A, false }, { twilio:holder(number.sid), is_pending() })
      end)
    end)
  end

  it("does not add a number that was owned before and that a filter chose", function()
    world:give(X)
    world.for_sale = { X }
    local options = { messaging_service_sid = A, unless_owned = false }
    local number, _, info = orders.any(world, "k", options)
    assert.same({ X, true, nil }, {
      number.phone_number,
      info.adopted,
      twilio:holder(number.sid),
    })
    assert.is_false(is_pending())
    assert.equal(0, #twilio.requests)
  end)

  it("does not add a number whose date shows that it was owned before", function()
    local number
    world.on_post = function(phone_number)
      number = world:give(phone_number, { date_created = "Sun, 29 Nov 2020 10:00:00 +0000" })
    end
    local _, _, info = orders.any(world, "k", IN_A)
    assert.same({ true, nil }, { info.adopted, twilio:holder(number.sid) })
    assert.same({ false, true }, { is_pending(), world:order("k").adopted })
  end)

  describe("of a number that is bought by phone number and was owned before", function()
    for _, has_settings in ipairs { true, false } do
      local what = has_settings and "with settings" or "without"

      local function buy(key, options)
        local all = { idempotency_key = key }
        for name, value in pairs(options) do
          all[name] = value
        end
        local params = { phone_number = X, voice_url = has_settings and "https://a" or nil }
        return world:client():purchase(params, all)
      end

      it("adds it to the service, " .. what, function()
        local sid = world:give(X).sid
        local number, _, info = buy("k", IN_A)
        assert.same({ sid, true, A }, { number.sid, info.adopted, twilio:holder(sid) })
        assert.same({ false, 0 }, { is_pending(), #world.posts })
      end)

      it("adds it to the service, without a key, " .. what, function()
        local sid = world:give(X).sid
        assert(buy(nil, IN_A))
        assert.equal(A, twilio:holder(sid))
      end)

      it("changes nothing if the account has no such service, " .. what, function()
        world:give(X)
        local number, _, err = buy("k", { messaging_service_sid = D })
        assert.is_nil(number)
        assert.same({ "invalid", "no" }, { err.kind, err.purchased })
        assert.same({ {}, nil }, { world.store.rows, world.updates })
      end)

      it("is left to the next call if the process dies, " .. what, function()
        local sid = world:give(X).sid
        dies_at("^POST", buy, "k", IN_A)
        assert.is_true(is_pending())
        local number, _, info = buy("k", IN_A)
        assert.same({ sid, true, A, false }, {
          number.sid,
          info.adopted,
          twilio:holder(sid),
          is_pending(),
        })
      end)
    end
  end)

  it("requests SMS in the searches of a purchase by area code", function()
    local searches = {}
    world.on_request = function(request, path)
      searches[#searches + 1] = path:find("^Available") and request.url or nil
    end
    local number = assert(world:client():purchase({ area_code = "415" }, IN_A))
    assert.equal(A, twilio:holder(number.sid))
    assert.matches("SmsEnabled=true", searches[1], 1, true)
  end)

  it("ignores SMS in the filter when it compares requests", function()
    local client = world:client()
    local options = { idempotency_key = "k", messaging_service_sid = A }
    local number = assert(client:purchase_available({ country = "US" }, nil, options))
    local filter = { country = "US", sms_enabled = true }
    assert.equal(number.sid, assert(client:purchase_available(filter, nil, options)).sid)
  end)

  describe("of many", function()
    local function many(key, options, wanted)
      local all = { idempotency_key = key }
      for name, value in pairs(options) do
        all[name] = value
      end
      return world:client():purchase_many(wanted or { country = "US", count = 2 }, nil, all)
    end

    for name, wanted in pairs {
      ["a filter"] = { country = "US", count = 2 },
      ["a list"] = { X, Y },
    } do
      it("adds each number to the service, which is read once: " .. name, function()
        for _, key in ipairs { "m", false } do
          local report = many(key or nil, IN_A, wanted)
          assert.equal(2, report.bought)
          for _, number in ipairs(report.numbers) do
            assert.equal(A, twilio:holder(number.sid))
            world:release(number.phone_number)
          end
          assert.equal(1, twilio:count("^GET /v1/Services/MG"))
          twilio.requests = {}
          world:pass(400)
        end
      end)

      it("is done by the next call for numbers that an earlier one left: " .. name, function()
        twilio.services[A].most = 1
        local report = many("m", IN_A, wanted)
        assert.same({ 2, 1 }, { report.bought, twilio:count("^POST") - 1 })
        twilio.services[A].most = 2
        report = many("m", IN_A, wanted)
        assert.same({ 2, 2 }, { report.bought, world.purchases })
        for _, number in ipairs(report.numbers) do
          assert.equal(A, twilio:holder(number.sid))
        end
      end)

      it("is part of the key's request: " .. name, function()
        assert(many("m", IN_A, wanted))
        local _, _, err = many("m", { messaging_service_sid = B }, wanted)
        assert.same({ "conflict", "messaging_service_sid" }, { err.kind, err.problems[1].name })
      end)

      it("buys none if the account has no such service: " .. name, function()
        local report, message, err = many("m", { messaging_service_sid = D }, wanted)
        if report then
          assert.same({ 2, "invalid" }, { report.refused, report.results[2].err.kind })
          message = report.results[1].message
        else
          assert.same({ "invalid", "no" }, { err.kind, err.purchased })
        end
        assert.matches("has no Messaging Service MGd", message, 1, true)
        assert.same({ {}, 1 }, { world.posts, twilio:count(".") })
      end)
    end

    it("returns the bought numbers of a list even if the service is gone", function()
      assert.equal(2, many("m", IN_A, { X, Y }).bought)
      twilio.services[A] = nil
      assert.equal(2, many("m", IN_A, { X, Y }).bought)
    end)
  end)
end)
