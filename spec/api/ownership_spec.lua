-- Purchases that expect a new number but get one that the account already owns.
local form = require("spec.support.form")
local in_order = require("spec.support.in_order")
local scripted = require("spec.support.scripted")

local FILTER = { country = "US", area_code = "415" }
local PHONES = { "+14155550101", "+14155550102" }
local NOT_OWNED = { status = 200, body = scripted.page {} }
local NEXT_PAGE = ("/2010-04-01/Accounts/%s/IncomingPhoneNumbers.json?Page=1"):format(
  scripted.ACCOUNT
)
local SERVER_DATE = "Sat, 28 Nov 2026 12:00:00 GMT"
local VOICE = "https://example.com/voice"

local function found()
  return { status = 200, body = scripted.found(PHONES), headers = { Date = SERVER_DATE } }
end

local function number_of(request, fields)
  local body = scripted.body(form.decode(request.body).PhoneNumber)
  return body:gsub("{", "{" .. (fields or ""), 1)
end

--- Responds to a purchase with a number that was created at a given time and lacks the voice_url.
local function created(date)
  return function(request)
    local fields = ('"date_created":"%s","voice_url":"https://example.com/old",'):format(date or "")
    return { status = 201, body = number_of(request, fields) }
  end
end

--- The response to an update: the requested settings.
local function updated()
  local body = scripted.body(PHONES[1]):gsub("{", ('{"voice_url":"%s",'):format(VOICE), 1)
  return { status = 200, body = body }
end

describe("A number that was expected to be new", function()
  in_order { before_each = before_each, after_each = after_each }

  --- Buys with a voice_url that the response lacks; returns the call's results, and the log.
  local function buy(date, how)
    local client, log = scripted.apart {
      GET = scripted.gets(
        { found() },
        { { status = 200, body = NOT_OWNED.body, headers = { Date = SERVER_DATE } } }
      ),
      POST = { created(date), updated },
    }
    local number, message, info = how(client, { voice_url = VOICE })
    return number, message, info, log
  end

  local WAYS = {
    purchase_available = function(client, params)
      return client:purchase_available(FILTER, params)
    end,
    ["purchase_available without a look"] = function(client, params)
      return client:purchase_available(FILTER, params, { unless_owned = false })
    end,
    ["purchase with unless_owned"] = function(client, params)
      params.phone_number = PHONES[1]
      return client:purchase(params, { unless_owned = true })
    end,
    ["purchase_async with unless_owned"] = function(client, params)
      params.phone_number = PHONES[1]
      return client:purchase_async(params, { unless_owned = true }):wait()
    end,
  }

  for name, how in pairs(WAYS) do
    it("is returned as adopted and unchanged if it is older than the call: " .. name, function()
      local number, message, info, log = buy("Sat, 28 Nov 2026 11:54:59 +0000", how)
      assert.equal(PHONES[1], number.phone_number)
      assert.same({ adopted = true }, info)
      assert.matches("the account owned the number before this call", message)
      assert.equal(1, #log.posts)
    end)

    it("is completed if its date is recent or unknown: " .. name, function()
      for _, date in ipairs {
        "Sat, 28 Nov 2026 11:55:00 +0000",
        "Sat, 28 Nov 2026 12:07:00 +0000",
        "",
        "x",
      } do
        local number, message, info, log = buy(date, how)
        assert.equal(VOICE, number.voice_url)
        assert.same({ nil, nil, 2 }, { message, info, #log.posts })
      end
    end)
  end

  it("is never replaced by buying another one, among many too", function()
    local client, log = scripted.apart {
      GET = scripted.gets({ found() }, { NOT_OWNED }),
      POST = { created("Sat, 28 Nov 2026 11:00:00 +0000") },
    }
    local report = client:purchase_many { country = "US", area_code = "415", count = 1 }
    assert.same({ 1, 1 }, { report.bought, #log.posts })
    assert.same({ adopted = true }, report.results[1].info)
  end)

  it("is adopted when only the look-up after a lost response finds it", function()
    local body = scripted.page { PHONES[1] }
    body = body:gsub('"sid"', '"date_created":"Sat, 28 Nov 2026 11:00:00 +0000","sid"', 1)
    local client, log = scripted.apart {
      GET = scripted.gets({ found() }, { NOT_OWNED, { status = 200, body = body } }),
      POST = { { broken = "network" } },
    }
    local number, _, info = client:purchase_available(FILTER, { voice_url = VOICE })
    assert.equal(PHONES[1], number.phone_number)
    assert.same({ adopted = true }, info)
    assert.equal(1, #log.posts)
  end)

  it("is updated and completed if it was requested by its phone number", function()
    local number, message, info, log = buy(
      "Tue, 27 Jul 2010 20:21:11 +0000",
      function(client, params)
        params.phone_number = PHONES[1]
        return client:purchase(params)
      end
    )
    assert.equal(VOICE, number.voice_url)
    assert.same({ nil, nil, 2 }, { message, info, #log.posts })
  end)
end)

describe("Whether the account owns a candidate", function()
  in_order { before_each = before_each, after_each = after_each }

  local OWNED = { status = 200, body = scripted.page { PHONES[1] } }

  for name, how in pairs {
    purchase_available = function(client, options)
      return client:purchase_available(FILTER, nil, options)
    end,
    purchase_many = function(client, options)
      local wanted = { country = "US", area_code = "415", count = 1 }
      local report, message, err = client:purchase_many(wanted, nil, options)
      return report and report.numbers[1], message, report and report.results[1].err or err
    end,
  } do
    it("is looked up before it is bought, and the next one bought: " .. name, function()
      local client, log = scripted.apart {
        GET = scripted.gets({ found() }, { OWNED, NOT_OWNED }),
        POST = { created() },
      }
      -- purchase_many uses both candidates only if the first is owned
      assert.equal(PHONES[2], how(client).phone_number)
      assert.equal(1, #log.posts)
    end)

    it("is not looked up if the caller disables that: " .. name, function()
      local client, log = scripted.apart { GET = { found() }, POST = { created() } }
      assert.equal(PHONES[1], how(client, { unless_owned = false }).phone_number)
      assert.equal(1, #log.gets)
    end)

    for _, status in ipairs { 401, 403 } do
      local refusal = { status = status, body = scripted.refusal(70051, "Not authorized") }

      it(
        ("need not be known by default, and an event reports that (%d): %s"):format(status, name),
        function()
          local client, log =
            scripted.apart { GET = scripted.gets({ found() }, { refusal }), POST = { created() } }
          assert.equal(PHONES[1], how(client).phone_number)
          local notes = 0
          for _, event in ipairs(log.events) do
            if event.note then
              notes = notes + 1
              assert.matches("may not list numbers", event.note)
              assert.equal(status, event.status)
            end
          end
          assert.equal(1, notes)
        end
      )

      it(("must be known with unless_owned (%d): %s"):format(status, name), function()
        local client, log =
          scripted.apart { GET = scripted.gets({ found() }, { refusal }), POST = { created() } }
        local number, _, err = how(client, { unless_owned = true })
        assert.is_nil(number)
        assert.same({ status, "no", 0 }, { err.status, err.purchased, #log.posts })
        assert.matches("could not look up whether the account owns it: Not authorized", err.message)
      end)
    end

    it("must be known if the look-up fails for another reason: " .. name, function()
      local client, log = scripted.apart({
        GET = scripted.gets({ found() }, { { status = 500, body = "" } }),
      }, { retries = 0 })
      local number, _, err = how(client)
      assert.is_nil(number)
      assert.same({ 500, "no", 0 }, { err.status, err.purchased, #log.posts })
    end)

    it("must be known if a gateway rejects the look-up: " .. name, function()
      local client, log = scripted.apart {
        GET = scripted.gets({ found() }, { { status = 403, body = "<html>" } }),
      }
      local number, _, err = how(client)
      assert.is_nil(number)
      assert.same({ "response", "no", 0 }, { err.kind, err.purchased, #log.posts })
    end)

    for trouble, look in pairs {
      ["no list"] = { status = 200, body = '{"message":"come back later"}' },
      ["pages without an end"] = { status = 200, body = scripted.page({}, NEXT_PAGE) },
      ["an object instead of a list"] = {
        status = 200,
        body = ('{"incoming_phone_numbers":{"0":%s}}'):format(scripted.body(PHONES[1])),
      },
      ["the number without a SID"] = {
        status = 200,
        body = ('{"incoming_phone_numbers":[{"phone_number":"%s"}]}'):format(PHONES[1]),
      },
    } do
      it(("must be known if the look-up returns %s: %s"):format(trouble, name), function()
        local client, log = scripted.apart { GET = scripted.gets({ found() }, { look }) }
        local number, _, err = how(client)
        assert.is_nil(number)
        assert.same({ "response", "no", 0 }, { err.kind, err.purchased, #log.posts })
      end)
    end
  end

  it("is looked up only once by purchase_many if the credentials may not list numbers", function()
    local refusal = { status = 403, body = scripted.refusal(70051, "Not authorized") }
    local client, log = scripted.apart({
      GET = scripted.gets({ found() }, { refusal }),
      POST = { created() },
    }, { max_in_flight = 1 })
    local report = client:purchase_many { country = "US", area_code = "415", count = 2 }
    assert.same({ 2, 2 }, { report.bought, #log.gets })
  end)

  it("is looked up in a dry run, which returns the number that would be bought", function()
    local client, log = scripted.apart { GET = scripted.gets({ found() }, { OWNED, NOT_OWNED }) }
    local plan = assert(client:purchase_available(FILTER, nil, { dry_run = true }))
    assert.equal(PHONES[2], plan.candidate.phone_number)
    assert.equal(0, #log.posts)
  end)
end)
