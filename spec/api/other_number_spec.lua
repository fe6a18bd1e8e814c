-- A response that describes another number than the requested one, or one of another account, does not count:
-- a gateway may mix up responses. The number in it is neither adopted nor changed.
local answered = require("spec.support.answered")
local core = require("twilio.numbers.core")
local reservations = require("twilio.numbers.api.reservations")
local scripted = require("spec.support.scripted")

local ASKED, OTHER = "+14155550101", "+14155559999"
local OTHER_SID = "PN" .. ("9"):rep(32)
local OTHER_ACCOUNT = "AC" .. ("9"):rep(32)
local NOW, LONG_AGO = "Sat, 28 Nov 2026 12:00:00 +0000", "Thu, 30 Jul 2015 23:19:04 +0000"

local function number(fields)
  return ('{"sid":"%s","phone_number":"%s","account_sid":"%s","date_created":"%s","voice_url":""}'):format(
    fields.sid or scripted.NUMBER_SID,
    fields.phone_number or ASKED,
    fields.account_sid or scripted.ACCOUNT:lower():gsub("^ac", "AC"),
    fields.date_created or NOW
  )
end

local function response(status, body)
  return { status = status, body = body, headers = { Date = "Sat, 28 Nov 2026 12:00:01 GMT" } }
end

local function created(fields)
  return response(201, number(fields))
end

local function list(...)
  return response(200, ('{"incoming_phone_numbers":[%s]}'):format(table.concat({ ... }, ",")))
end

local ANOTHER = created { sid = OTHER_SID, phone_number = OTHER }
local NOT_FOUND = response(404, '{"code":20404,"message":"not found","status":404}')
local PARAMS = { phone_number = ASKED, voice_url = "https://example.com/voice" }

describe("a response to a purchase", function()
  it("for another number is rejected, and that number is left alone", function()
    answered.each_way({ ANOTHER, list(), NOT_FOUND }, function(ask, way, sent)
      local got, message, err = ask("purchase", PARAMS)
      assert.is_nil(got, way)
      assert.same({ "response", "unknown" }, { err.kind, err.purchased }, way)
      assert.is_nil(err.sid or err.other)
      assert.truthy(message:find("describes " .. OTHER, 1, true), message)
      if sent then
        assert.same({
          "POST IncomingPhoneNumbers.json",
          "GET IncomingPhoneNumbers.json?PhoneNumber=%2B14155550101&PageSize=50",
          "GET IncomingPhoneNumbers/" .. OTHER_SID .. ".json",
        }, sent)
      end
    end)
  end)

  it("identifies another number or account only by well-formed fields", function()
    local echoes = { scripted.TOKEN, "+1" .. scripted.TOKEN, "", "+1415 " }
    for _, echo in ipairs(echoes) do
      local script = {
        created { sid = OTHER_SID, phone_number = echo, account_sid = "AC" .. echo },
        list(),
        response(200, number { sid = OTHER_SID, phone_number = echo }),
      }
      answered.each_way(script, function(ask, way)
        local got, message, err = ask("purchase", PARAMS)
        assert.is_nil(got, way)
        assert.same({ "response", "yes", OTHER_SID }, { err.kind, err.purchased, err.sid }, way)
        assert.is_nil(err.phone_number, way)
        assert.truthy(
          message:find("describes another number of an account that it does not name", 1, true)
        )
      end)
    end
  end)

  it("for another number does not make the purchase be sent again", function()
    local client, log = scripted.client {
      POST = { ANOTHER },
      GET = { list(), NOT_FOUND },
    }
    local _, _, err = client:purchase(PARAMS)
    assert.same({ "unknown", 1, 2 }, { err.purchased, #log.posts, #log.gets })
  end)

  it("for another number is followed by a look-up that finds the right one", function()
    local ours = number({}):gsub('"voice_url":""', '"voice_url":"https://example.com/voice"')
    answered.each_way({ ANOTHER, list(ours) }, function(ask, way)
      local got, message = ask("purchase", PARAMS)
      assert.equal(scripted.NUMBER_SID, got and got.sid, way .. ": " .. tostring(message))
    end)
  end)

  it("with the number in another spelling is a purchase whose SID is known", function()
    local fetched = response(200, number { sid = OTHER_SID, phone_number = OTHER })
    answered.each_way({ ANOTHER, list(), fetched }, function(ask, way)
      local got, _, err = ask("purchase", PARAMS)
      assert.is_nil(got, way)
      assert.same({ "yes", OTHER_SID, OTHER }, { err.purchased, err.sid, err.phone_number }, way)
    end)
  end)

  it("for a number owned long before does not count as its purchase", function()
    local owned =
      response(200, number { sid = OTHER_SID, phone_number = OTHER, date_created = LONG_AGO })
    answered.each_way({ ANOTHER, list(), owned }, function(ask, way)
      local got, _, err = ask("purchase", PARAMS)
      assert.is_nil(got, way)
      assert.same({ "unknown" }, { err.purchased, err.sid }, way)
    end)
  end)

  it("for a number that another call is buying does not count as its purchase", function()
    local client = scripted.apart {
      GET = scripted.gets(
        { response(200, number { sid = OTHER_SID, phone_number = OTHER }) },
        { list() }
      ),
      POST = { ANOTHER },
    }
    local other = {
      client = client,
      options = { account_sid = scripted.ACCOUNT },
      ends = core.now() + 60,
    }
    assert.is_truthy(reservations.take(other, OTHER, true))
    local got, _, err = client:purchase(PARAMS)
    assert.is_nil(got)
    assert.same({ "unknown" }, { err.purchased, err.sid })
    reservations.settle(other, OTHER, "no")
    local _, _, now = client:purchase(PARAMS)
    assert.same({ "yes", OTHER_SID }, { now.purchased, now.sid })
  end)

  it("for the number of an earlier purchase does not count as its purchase", function()
    local client = scripted.apart {
      GET = scripted.gets(
        { response(200, number { sid = OTHER_SID, phone_number = OTHER }) },
        { list() }
      ),
      POST = { ANOTHER },
    }
    assert.equal(OTHER_SID, assert(client:purchase { phone_number = OTHER }).sid)
    local got, _, err = client:purchase(PARAMS) -- which gets the same response again
    assert.is_nil(got)
    assert.same({ "response", "unknown" }, { err.kind, err.purchased, err.sid })
  end)

  it("for another account is rejected, by area code too", function()
    local foreign = created { account_sid = OTHER_ACCOUNT }
    answered.each_way({ foreign, NOT_FOUND }, function(ask, way)
      local got, message, err = ask("purchase", { area_code = "415" })
      assert.is_nil(got, way)
      assert.same({ "response", "unknown" }, { err.kind, err.purchased }, way)
      assert.truthy(message:find(OTHER_ACCOUNT, 1, true), message)
    end)
  end)

  it("is accepted whatever the case of the account SID", function()
    answered.each_way({ created {} }, function(ask, way)
      assert.equal(scripted.NUMBER_SID, assert(ask("purchase", { area_code = "415" })).sid, way)
    end)
  end)
end)

describe("a response about an owned number", function()
  it("that describes another number is an error", function()
    local another = response(200, number { sid = OTHER_SID, phone_number = OTHER })
    for _, case in ipairs { { "fetch" }, { "update", { voice_url = "" } } } do
      answered.each_way({ another }, function(ask, way)
        local got, message, err = ask(case[1], scripted.NUMBER_SID, case[2])
        assert.is_nil(got, way)
        assert.same({ "response", "no" }, { err.kind, err.purchased }, way)
        assert.truthy(message:find(OTHER_SID, 1, true), message)
      end)
    end
  end)

  it(
    "after an update that completes a purchase is rejected if it describes another number",
    function()
      local another = response(200, number { sid = OTHER_SID, phone_number = OTHER })
      answered.each_way({ created {}, another }, function(ask, way)
        local got, _, info = ask("purchase", PARAMS)
        assert.equal(scripted.NUMBER_SID, got.sid, way)
        assert.equal("response", info.incomplete.err.kind, way)
      end)
    end
  )
end)
