-- client:fetch, client:update and client:release: a number that the account owns.
local clients = require("spec.support.clients")
local core = require("twilio.numbers.core")
local form = require("spec.support.form")
local scripted = require("spec.support.scripted")
local simulator = require("spec.support.simulator")
local values = require("spec.support.values")

local SID = scripted.NUMBER_SID
local HEX = ("0123456789abcdef"):rep(2)
local OTHER = "AC" .. ("9"):rep(32)
local URL = ("https://api.example/2010-04-01/Accounts/%s/IncomingPhoneNumbers/%s.json"):format(
  scripted.ACCOUNT,
  SID
)
local OK = { status = 200, body = scripted.body() }
local NOT_FOUND = { status = 404, body = scripted.refusal(20404, "not found") }
local WRONG_SIDS =
  { "", "PN", "pn" .. HEX, "AC" .. HEX, SID .. "0", SID .. "\n", "PN/../x", 1, {}, true }

--- The call of each method with a SID.
local CALLS = {
  fetch = function(client, sid, options)
    return client:fetch(sid, options)
  end,
  update = function(client, sid, options)
    return client:update(sid, { friendly_name = "x" }, options)
  end,
  release = function(client, sid, options)
    return client:release(sid, options)
  end,
}
local METHODS = { fetch = "GET", update = "POST", release = "DELETE" }

for name, call in pairs(CALLS) do
  describe("client:" .. name, function()
    local method = METHODS[name]
    local done = name == "release" and { status = 204, body = "" } or OK

    it("sends one request with the number's SID", function()
      local client, log = scripted.client { [method] = { done } }
      assert(call(client, SID))
      assert.equal(1, #log.requests)
      assert.same({ method, URL }, { log.requests[1].method, log.requests[1].url })
    end)

    it("refuses a value that is not a number SID, with nothing sent", function()
      local client, log = scripted.client {}
      for _, sid in ipairs(WRONG_SIDS) do
        local value, message, err = call(client, sid)
        assert.is_nil(value)
        assert.same({ "invalid", "no", 0 }, { err.kind, err.purchased, err.attempts })
        assert.equal("sid", err.problems[1].name)
        assert.matches("PN and 32 hex digits", message)
      end
      assert.equal("invalid", select(3, call(client, nil)).kind)
      assert.equal(0, #log.requests)
    end)

    it("retries after an unanswered attempt and after a 5xx", function()
      local client, log = scripted.client {
        [method] = {
          { broken = "network" },
          { status = 500, body = "" },
          { status = 429, headers = { ["Retry-After"] = "2" }, body = "" },
          done,
        },
      }
      assert(call(client, SID))
      assert.equal(4, #log.requests)
      assert.equal(3, #log.sleeps)
    end)

    it("stops after the allowed retries, and reports that nothing was bought", function()
      local client, log = scripted.client { [method] = { { broken = "timeout" } } }
      local value, message, err = call(client, SID, { retries = 2 })
      assert.is_nil(value)
      assert.same({ "timeout", "no", 3 }, { err.kind, err.purchased, err.attempts })
      assert.not_matches("bought", message)
      assert.equal(3, #log.requests)
    end)

    it("reports Twilio's refusals", function()
      local refusal = { status = 403, body = scripted.refusal(20403, "forbidden") }
      local client, log = scripted.client { [method] = { refusal } }
      local value, _, err = call(client, SID)
      assert.is_nil(value)
      assert.same({ "api", 403, 20403, 1 }, { err.kind, err.status, err.code, #log.requests })
    end)

    it("works for a subaccount's number", function()
      local client, log = scripted.client { [method] = { done } }
      assert(call(client, SID, { account_sid = OTHER }))
      assert.matches("/Accounts/" .. OTHER .. "/IncomingPhoneNumbers/", log.requests[1].url)
    end)

    it("refuses unknown options", function()
      local client, log = scripted.client {}
      local value, message = call(client, SID, { unless_owned = true })
      assert.is_nil(value)
      assert.matches("no option", message)
      assert.equal(0, #log.requests)
    end)

    it("must be called with a colon", function()
      local client = scripted.client {}
      local expected = ("call client:%s(...) with a colon, on what numbers.client() returned"):format(
        name
      )
      assert.has_error(function()
        client[name](SID)
      end, expected)
    end)
  end)
end

describe("client:fetch", function()
  it("returns the number with Twilio's own names", function()
    local client = scripted.client { GET = { OK } }
    local number = assert(client:fetch(SID))
    assert.same({ SID, scripted.PHONE }, { number.sid, number.phone_number })
  end)

  it("reports a missing number without a retry", function()
    local client, log = scripted.client { GET = { NOT_FOUND } }
    local number, _, err = client:fetch(SID)
    assert.is_nil(number)
    assert.same({ "api", 404, 20404, "no" }, { err.kind, err.status, err.code, err.purchased })
    assert.equal(1, #log.requests)
  end)

  it("rejects a response without a number", function()
    for _, body in ipairs { "{}", "", "<html>", '{"sid":"AC' .. HEX .. '"}' } do
      local client = scripted.client { GET = { { status = 200, body = body } } }
      local number, _, err = client:fetch(SID)
      assert.is_nil(number)
      assert.same({ "response", "no" }, { err.kind, err.purchased })
    end
  end)
end)

describe("client:update", function()
  local client, log

  before_each(function()
    client, log = scripted.client { POST = { OK } }
  end)

  local function refused(params)
    local number, message, err = client:update(SID, params)
    assert.is_nil(number)
    assert.same({ "invalid", "no", 0 }, { err.kind, err.purchased, err.attempts })
    assert.equal(0, #log.requests)
    return err.problems, message
  end

  local function sent(params)
    assert(client:update(SID, params))
    return form.decode(log.posts[#log.posts].body)
  end

  for _, row in ipairs(core.parameters("update")) do
    describe(row.name, function()
      it("is sent under Twilio's name, and nothing else is", function()
        for value, text in pairs(values.right(row)) do
          assert.same({ [row.wire_name] = text }, sent { [row.name] = value })
        end
        assert.is_true(#log.posts > 0)
      end)

      it("is refused by name if its value is invalid", function()
        for _, value in ipairs(values.WRONG[row.kind]) do
          assert.equal(row.name, refused({ [row.name] = value })[1].name)
        end
        for _, value in ipairs(values.wrong_types(row.kind)) do
          assert.equal(row.name, refused({ [row.name] = value })[1].name)
        end
        for value, words in pairs(row.kind ~= "boolean" and values.WRONG_TEXT or {}) do
          if value ~= "" then
            assert.matches(words, refused({ [row.name] = value })[1].message)
          end
        end
      end)

      it("is suggested for a similar name", function()
        local expected = ('there is no parameter "%s"; did you mean %s?'):format(
          row.wire_name,
          row.name
        )
        assert.equal(expected, refused({ [row.wire_name] = "x" })[1].message)
      end)

      if row.clears then
        it("is cleared by an empty string", function()
          assert.same({ [row.wire_name] = "" }, sent { [row.name] = "" })
        end)
      elseif row.kind ~= "boolean" then
        it("cannot be cleared", function()
          local message = refused({ [row.name] = "" })[1].message
          assert.matches("is empty", message)
          assert.is_nil(message:find("by an update", 1, true)) -- this is one
        end)
      end
    end)
  end

  it("can clear every URL and SID and the name, but not account, method or choice", function()
    for _, row in ipairs(core.parameters("update")) do
      local clears = row.kind == "url" or row.kind == "sid" or row.name == "friendly_name"
      assert.equal(clears and row.name ~= "account_sid", row.clears, row.name)
    end
  end)

  it("has 23 parameters, without those that choose a number", function()
    assert.equal(23, #core.parameters("update"))
    for _, name in ipairs { "phone_number", "area_code" } do
      assert.matches("there is no parameter", refused({ [name] = "415" })[1].message)
    end
  end)

  it("refuses an empty update", function()
    assert.matches("must name a setting to change", refused({})[1].message)
  end)

  it("refuses parameters that are not a plain table", function()
    for _, params in ipairs { "x", 1, true, setmetatable({}, { __index = { voice_url = "x" } }) } do
      assert.equal("params", refused(params)[1].name)
    end
    assert.equal("params", refused(nil)[1].name)
  end)

  it("reports all problems at once, including the SID", function()
    local number, _, err = client:update("PN", { voice_url = "x", colour = 1, trunk_sid = "" })
    assert.is_nil(number)
    local names = {}
    for i, problem in ipairs(err.problems) do
      names[i] = problem.name
    end
    assert.same({ "colour", "sid", "voice_url" }, names)
  end)

  it("sets a trunk or a voice application, or one while clearing the other", function()
    local trunk, application = "TK" .. HEX, "AP" .. HEX
    local problems = refused { trunk_sid = trunk, voice_application_sid = application }
    assert.matches("only one of", problems[1].message)
    assert.same(
      { TrunkSid = trunk, VoiceApplicationSid = "" },
      sent { trunk_sid = trunk, voice_application_sid = "" }
    )
    assert.same(
      { TrunkSid = "", VoiceApplicationSid = "" },
      sent { trunk_sid = "", voice_application_sid = "" }
    )
  end)

  it("finds a number that an unanswered attempt has already transferred", function()
    local there = { status = 200, body = scripted.body() }
    client, log = scripted.client { POST = { { broken = "network" }, NOT_FOUND }, GET = { there } }
    local number = assert(client:update(SID, { account_sid = OTHER }))
    assert.equal(SID, number.sid)
    assert.equal(1, #log.gets)
    assert.equal((URL:gsub(scripted.ACCOUNT, OTHER)), log.gets[1].url)
  end)

  it(
    "looks in no other account for a number that was not to be transferred, or never existed",
    function()
      client, log = scripted.client { POST = { { broken = "network" }, NOT_FOUND } }
      local number, _, err = client:update(SID, { friendly_name = "x" })
      assert.is_nil(number)
      assert.same({ 404, 2 }, { err.status, #log.requests })
      local busy = { status = 429, body = scripted.refusal(20429, "busy") }
      for count, answers in ipairs { { NOT_FOUND }, { busy, NOT_FOUND } } do
        client, log = scripted.client { POST = answers }
        number, _, err = client:update(SID, { account_sid = OTHER })
        assert.is_nil(number)
        assert.same({ 404, count }, { err.status, #log.requests })
      end
    end
  )

  it("returns the refusal if the number is not in the other account either", function()
    client, log =
      scripted.client { POST = { { broken = "network" }, NOT_FOUND }, GET = { NOT_FOUND } }
    local number, _, err = client:update(SID, { account_sid = OTHER })
    assert.is_nil(number)
    assert.same({ "api", 404, 3 }, { err.kind, err.status, err.attempts })
  end)
end)

describe("client:release", function()
  local GONE = { status = 404, body = scripted.refusal(20404, "not found") }

  it("returns true", function()
    local client = scripted.client { DELETE = { { status = 204, body = "" } } }
    assert.is_true(client:release(SID))
  end)

  it("does not report a number that the account never had as released", function()
    local unsent = { broken = "connect" }
    local busy = { status = 429, body = scripted.refusal(20429, "busy") }
    for attempts, answers in ipairs { { GONE }, { unsent, GONE }, { unsent, busy, GONE } } do
      local client = scripted.client { DELETE = answers }
      local released, message, err = client:release(SID)
      assert.is_nil(released)
      assert.same({ "api", 404, 20404, attempts }, { err.kind, err.status, err.code, err.attempts })
      assert.is_nil(err.unheard)
      local hint = "account " .. scripted.ACCOUNT .. " has no number with this SID"
      assert.truthy(message:find(hint, 1, true), message)
    end
  end)

  it("reports a number as released if it is gone after an unanswered attempt", function()
    for _, doubt in ipairs {
      { broken = "network" },
      { broken = "timeout" },
      { status = 500, body = "" },
      { status = 408, body = "" },
      { status = 429, body = "<html>" },
    } do
      local client, log = scripted.client { DELETE = { doubt, GONE } }
      assert.is_true(client:release(SID))
      assert.equal(2, #log.deletes)
    end
  end)

  it(
    "reports that an earlier attempt may have released the number when a later one fails",
    function()
      local forbidden = { status = 403, body = scripted.refusal(20403, "forbidden") }
      for _, answers in ipairs {
        { { broken = "timeout" } },
        { { broken = "timeout" }, forbidden },
        { { status = 403, body = "<html>" } },
      } do
        local client = scripted.client { DELETE = answers }
        local _, _, err = client:release(SID)
        assert.is_true(err.unheard)
      end
      for _, answers in ipairs { { forbidden }, { { broken = "connect" } } } do
        local client = scripted.client { DELETE = answers }
        local _, _, err = client:release(SID)
        assert.is_nil(err.unheard)
      end
    end
  )

  it("does not accept a gateway's 404", function()
    local page = { status = 404, body = "<html>no such page</html>" }
    local client = scripted.client { DELETE = { page } }
    local released, _, err = client:release(SID)
    assert.is_nil(released)
    assert.same({ "response", 404, true }, { err.kind, err.status, err.unheard })
    local portal = { status = 200, body = "<html>log in</html>" }
    client = scripted.client { DELETE = { portal } }
    released, _, err = client:release(SID)
    assert.is_nil(released)
    assert.same({ "response", "no" }, { err.kind, err.purchased })
  end)
end)

describe("a number of a simulated account", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local client, bought

  before_each(function()
    client = clients.of(twilio)
    bought = assert(client:purchase {
      phone_number = "+14155550100",
      friendly_name = "Desk",
      voice_url = "https://example.com/voice",
      sms_application_sid = "AP" .. HEX,
    })
  end)

  after_each(function()
    client:close()
  end)

  it("is fetched with its settings after the purchase", function()
    assert.same(bought, assert(client:fetch(bought.sid)))
  end)

  it("keeps changed and cleared settings", function()
    local after = assert(client:update(bought.sid, { voice_url = "", friendly_name = "Ü & Co." }))
    assert.same({ "Ü & Co.", nil }, { after.friendly_name, after.voice_url })
    after = assert(client:update(bought.sid, { friendly_name = "", sms_application_sid = "" }))
    assert.equal("(415) 555-0100", after.friendly_name)
    assert.is_nil(after.sms_application_sid)
    assert.same(after, assert(client:fetch(bought.sid)))
    assert.equal(1, twilio:state().purchases)
  end)

  it("is transferred to another account of the family", function()
    local there = { account_sid = twilio.subaccount_sid }
    assert.equal(there.account_sid, assert(client:update(bought.sid, there)).account_sid)
    assert.is_nil(client:fetch(bought.sid))
    assert.equal(bought.sid, assert(client:fetch(bought.sid, there)).sid)
  end)

  it("is transferred once, even if the response is lost", function()
    twilio:fault { fault = "close_after_commit", method = "POST" }
    local number = assert(client:update(bought.sid, { account_sid = twilio.subaccount_sid }))
    assert.same({ bought.sid, twilio.subaccount_sid }, { number.sid, number.account_sid })
    assert.equal(1, twilio:state().updates)
  end)

  it("is released once, even if the response is lost", function()
    twilio:fault { fault = "reset_after_commit", method = "DELETE" }
    assert.is_true(client:release(bought.sid))
    assert.equal(20404, select(3, client:release(bought.sid)).code)
    local state = twilio:state()
    assert.same({ 1, 0 }, { state.releases, #state.owned })
  end)

  for _, fault in ipairs { "close_before_read", "reset_after_read", "close_in_headers", "goaway" } do
    it("ends in the same state under the fault " .. fault, function()
      local function strike(method)
        twilio:fault { fault = fault, method = method }
      end
      strike("POST")
      assert.equal(
        "New",
        assert(client:update(bought.sid, { friendly_name = "New" })).friendly_name
      )
      strike("GET")
      assert.equal("New", assert(client:fetch(bought.sid)).friendly_name)
      strike("DELETE")
      assert.is_true(client:release(bought.sid))
      assert.equal(0, #twilio:state().owned)
    end)
  end

  it("is not released by a captive portal", function()
    twilio:fault { fault = "html", method = "DELETE", commit = false }
    assert.is_nil(client:release(bought.sid))
    assert.equal(1, #twilio:state().owned)
  end)
end)
