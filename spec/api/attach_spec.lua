--- client:attach and client:detach: a number that the account owns, in a Messaging Service.
local globals = require("twilio.numbers.globals")
local messaging = require("spec.support.messaging")
local scripted = require("spec.support.scripted")

local A, B, C = messaging.sid("a"), messaging.sid("b"), messaging.sid("c")
local PN = scripted.NUMBER_SID
local unpack = globals.unpack

--- A client of an account with these services.
local function open(sids, options)
  local twilio = messaging.new(sids)
  local steps = {
    function(request)
      return twilio:handle(request)
    end,
  }
  return twilio, scripted.client({ GET = steps, POST = steps, DELETE = steps }, options)
end

--- Loses the response to the first removal from A, which is carried out; A itself cannot be read.
local function lose_removal(twilio)
  local is_lost = false
  return function(what)
    if what:find("^DELETE") and not is_lost then
      is_lost, twilio.services[A].numbers = true, {}
      return nil, "lost", "network"
    end
    return what == "GET /v1/Services/" .. A and { status = 500, body = "" } or nil
  end
end

describe("client:attach", function()
  local twilio, client, log

  before_each(function()
    twilio, client, log = open { A, B, C }
  end)
  after_each(function()
    client:close()
  end)

  local function respond(pattern, responses)
    local count = 0
    twilio.on_request = function(what)
      if what:find(pattern) and count < #responses then
        count = count + 1
        return responses[count]
      end
    end
  end

  it("sends to messaging.twilio.com with the client's edge and region", function()
    local other, sent = scripted.client({
      POST = { { status = 400, body = scripted.refusal(21421, "bad") } },
    }, { region = "ie1", edge = "dublin", without = { "base_url" } })
    assert.is_nil((other:attach(PN, A)))
    assert.equal(
      "https://messaging.dublin.ie1.twilio.com/v1/Services/" .. A .. "/PhoneNumbers",
      sent.posts[1].url
    )
    assert.equal("PhoneNumberSid=" .. PN, sent.posts[1].body)
  end)

  it("returns the service's description of the number, with one request", function()
    local sender, message, err = client:attach(PN, A)
    assert.same({ PN, A, "+14155550101", nil, nil }, {
      sender.sid,
      sender.service_sid,
      sender.phone_number,
      message,
      err,
    })
    assert.same({ "MMS", "SMS", "Voice" }, sender.capabilities)
    assert.same({ "POST /v1/Services/" .. A .. "/PhoneNumbers" }, twilio.requests)
  end)

  it("accepts a 200 as success", function()
    respond("^POST", {
      { status = 200, body = ('{"sid":"%s","service_sid":"%s"}'):format(PN, A) },
    })
    assert.equal(A, assert(client:attach(PN, A)).service_sid)
  end)

  it("succeeds for a number that is already in the service, without a second POST", function()
    twilio:put(A, PN)
    assert.equal("+14155550101", assert(client:attach(PN, A)).phone_number)
    assert.same({ 1, 0 }, { #log.posts, #log.sleeps })
  end)

  it("succeeds for such a number even if it cannot be read from the service", function()
    twilio:put(A, PN)
    respond("^GET", { messaging.refusal(403, 20403) })
    assert.same({ sid = PN, service_sid = A }, (client:attach(PN, A)))
  end)

  it("retries after a conflict with another change, a 429 and a 5xx", function()
    respond("^POST", {
      messaging.refusal(409, 20409),
      messaging.refusal(429, 20429),
      { status = 503, body = "" },
    })
    assert(client:attach(PN, A))
    assert.same({ 4, 3 }, { #log.posts, #log.sleeps })
  end)

  it("retries after an unanswered attempt, and accepts that the number is there", function()
    local is_first = true
    twilio.on_request = function(what)
      if what:find("^POST") and is_first then
        is_first = false
        twilio:put(A, PN)
        return nil, "lost", "network"
      end
    end
    assert.equal(A, assert(client:attach(PN, A)).service_sid)
    assert.equal(2, #log.posts)
  end)

  it("looks the number up if a success cannot be parsed", function()
    respond("^POST", { { status = 201, body = "<html>" } })
    twilio:put(A, PN)
    assert.equal("+14155550101", assert(client:attach(PN, A)).phone_number)
    twilio.services[A].numbers = {}
    respond("^POST", { { status = 201, body = "<html>" } })
    local sender, _, err = client:attach(PN, A)
    assert.is_nil(sender)
    assert.equal("response", err.kind)
  end)

  it("rejects a response for another number or service", function()
    for _, body in ipairs {
      ('{"sid":"%s","service_sid":"%s"}'):format(PN, B),
      ('{"sid":"PN%s","service_sid":"%s"}'):format(("0"):rep(32), A),
      "[]",
    } do
      respond("^POST", { { status = 201, body = body } })
      local sender, _, err = client:attach(PN, A)
      assert.is_nil(sender)
      assert.equal("response", err.kind, body)
    end
  end)

  it("uses the next service if one is full", function()
    twilio.services[A].most, twilio.services[B].most = 0, 0
    assert.equal(C, assert(client:attach(PN, { A, B, C })).service_sid)
    assert.same({ 3, 0 }, { #log.posts, #log.sleeps })
    local number, message, err = client:attach(("PN" .. ("1"):rep(32)), { A, B })
    assert.is_nil(number)
    assert.same({ "api", 412, 21714, "no" }, { err.kind, err.status, err.code, err.purchased })
    assert.matches("Messaging Service " .. B .. " is full", message, 1, true)
  end)

  it("succeeds if the number is in a later service of the list", function()
    twilio:put(B, PN)
    twilio.services[A].most = 0
    assert.equal(B, assert(client:attach(PN, { A, B })).service_sid)
    assert.equal(B, twilio:holder(PN))
  end)

  it("reports a number that is in another service, and leaves it there", function()
    twilio:put(C, PN)
    local sender, message, err = client:attach(PN, { A, B })
    assert.is_nil(sender)
    assert.same({ "api", 409, 21712 }, { err.kind, err.status, err.code })
    assert.matches("the number is in another Messaging Service than " .. A, message, 1, true)
    assert.matches("move = true", message, 1, true)
    assert.same({ C, 0, 0 }, { twilio:holder(PN), #log.deletes, #log.sleeps })
    assert.is_nil(err.unheard)
  end)

  for name, response in pairs {
    [21715] = messaging.refusal(400, 21715),
    [21421] = messaging.refusal(400, 21421),
    [21669] = messaging.refusal(400, 21669),
  } do
    it("returns a refusal without a retry: " .. name, function()
      respond("^POST", { response })
      local sender, _, err = client:attach(PN, { A, B })
      assert.is_nil(sender)
      assert.same({ name, 1, 0 }, { err.code, #log.posts, #log.sleeps })
    end)
  end

  it("reports that the account has no such service", function()
    local sender, message, err = client:attach(PN, messaging.sid("d"))
    assert.is_nil(sender)
    assert.same({ "api", 404, 21705 }, { err.kind, err.status, err.code })
    assert.matches("has no Messaging Service MGd", message, 1, true)
  end)

  it("fails at its deadline", function()
    respond("^POST", { { status = 503, body = "", headers = { ["Retry-After"] = "100" } } })
    local sender, _, err = client:attach(PN, A, { deadline = 5 })
    assert.is_nil(sender)
    assert.same({ 503, true, 1 }, { err.status, err.unheard, #log.posts })
  end)

  it("reports all invalid arguments at once, before anything is sent", function()
    local other = "AC" .. ("9"):rep(32)
    local sender, _, err = client:attach("PN1", "x", { account_sid = other })
    assert.is_nil(sender)
    local names = {}
    for i, problem in ipairs(err.problems) do
      names[i] = problem.name
    end
    assert.same({ "invalid", "account_sid", "service_sid", "sid" }, { err.kind, unpack(names) })
    for _, wrong in ipairs { "MG1", {}, { A, A }, { A, A:upper() }, { A, "x" }, { [2] = A }, 5, true } do
      local _, message, problem = client:attach(PN, wrong)
      assert.same({ "invalid", "service_sid" }, { problem.kind, problem.problems[1].name })
      assert.not_matches("x", (message:gsub("hex", "")))
    end
    assert.equal(0, #log.requests)
  end)

  it("accepts the client's own account as account_sid", function()
    assert(client:attach(PN, A, {
      account_sid = scripted.ACCOUNT:gsub("^AC(.*)$", function(hex)
        return "AC" .. hex:lower()
      end),
    }))
  end)

  it("returns the same result in flight", function()
    local got
    local pending = assert(client:attach_async(PN, A, function(...)
      got = { ... }
    end))
    assert.equal(A, assert(pending:wait()).service_sid)
    assert.equal(A, got[1].service_sid)
  end)

  describe("with move = true", function()
    local MOVE = { move = true }

    it("first removes the number from its current service", function()
      twilio:put(C, PN)
      assert.equal(A, assert(client:attach(PN, A, MOVE)).service_sid)
      assert.equal(A, twilio:holder(PN))
      assert.equal("DELETE", log.deletes[1].method)
    end)

    it("finds the current service on a later page of services", function()
      twilio.page_size = 1
      twilio:put(C, PN)
      assert.equal(A, assert(client:attach(PN, A, MOVE)).service_sid)
      assert.equal(A, twilio:holder(PN))
    end)

    it("does not follow a page link to another host", function()
      twilio:put(C, PN)
      twilio.page_size, twilio.next_page_url = 1, "https://evil.example/v1/Services"
      local sender, message, err = client:attach(PN, A, MOVE)
      assert.is_nil(sender)
      assert.equal("response", err.kind)
      assert.matches("on another host", message, 1, true)
      assert.equal(C, twilio:holder(PN))
    end)

    it("removes nothing if no service of the account has the number", function()
      respond("^POST", { messaging.refusal(409, 21712) })
      local sender, message, err = client:attach(PN, A, MOVE)
      assert.is_nil(sender)
      assert.same({ "api", 21712, 1, 0 }, { err.kind, err.code, #log.posts, #log.deletes })
      assert.matches("the number is in another Messaging Service than " .. A, message, 1, true)
    end)

    it("gives up a list of services that does not end", function()
      twilio:put(C, PN)
      twilio.order = { A }
      twilio.next_page_url = "https://api.example/v1/Services?PageSize=100&Page=0"
      local sender, message, err = client:attach(PN, B, MOVE)
      assert.is_nil(sender)
      assert.same({ "response", C, 0 }, { err.kind, twilio:holder(PN), #log.deletes })
      assert.matches("it has more than 20 pages", message, 1, true)
      assert.equal(20, twilio:count("^GET /v1/Services%?"))
    end)

    it("sends nothing more for a number that is in no other service", function()
      assert(client:attach(PN, A, MOVE))
      assert.same({ 1, 0 }, { #log.requests, #log.deletes })
    end)

    it("puts the number back if no service accepts it", function()
      twilio:put(C, PN)
      local full = 0
      twilio.on_request = function(what)
        if what:find("^POST /v1/Services/" .. A) and not twilio:holder(PN) then
          full = full + 1
          return messaging.refusal(412, 21714)
        end
      end
      local sender, message, err = client:attach(PN, A, MOVE)
      assert.is_nil(sender)
      assert.same({ 21714, C, 1 }, { err.code, twilio:holder(PN), full })
      assert.matches("it was moved back into " .. C, message, 1, true)
    end)

    it("reports a number that cannot be put back", function()
      twilio:put(C, PN)
      twilio.on_request = function(what)
        if what:find("^POST") and not twilio:holder(PN) then
          return messaging.refusal(400, 21715)
        end
      end
      local sender, message = client:attach(PN, A, MOVE)
      assert.is_nil(sender)
      assert.matches("it is in no Messaging Service", message, 1, true)
    end)

    it("does not claim that the number is in no service after a lost response", function()
      for _, lost in ipairs { A, C } do
        for sid in pairs(twilio.services) do
          twilio.services[sid].numbers = {}
        end
        twilio:put(C, PN)
        local is_out = false
        twilio.on_request = function(what)
          is_out = is_out or what:find("^DELETE") ~= nil
          if is_out and what:find("^POST /v1/Services/" .. lost) then
            twilio:put(lost, PN) -- carried out
            return nil, "lost", "network"
          elseif is_out and what:find("^POST /v1/Services/" .. A) then
            return messaging.refusal(400, 21715)
          end
        end
        local sender, message, err = client:attach(PN, A, { move = true, retries = 0 })
        assert.is_nil(sender)
        assert.is_true(err.unheard)
        assert.matches("whether it is in a Messaging Service now is unknown", message, 1, true)
      end
    end)

    it("says that the number may have been removed if only an unanswered attempt did", function()
      twilio:put(A, PN)
      twilio.on_request = lose_removal(twilio)
      local sender, _, err = client:attach(PN, B, MOVE)
      assert.is_nil(sender)
      assert.same({ 500, true, nil }, { err.status, err.unheard, twilio:holder(PN) })
    end)

    it("finds the current service of a compatible service, whose SIDs are its own", function()
      client:close()
      twilio, client = open({ "one", "two-2" }, { opaque_sids = true })
      twilio:put("two-2", "number-1")
      assert.equal("one", assert(client:attach("number-1", "one", MOVE)).service_sid)
      assert.equal("one", twilio:holder("number-1"))
    end)

    for reason, body in pairs {
      ["it has no list of services"] = "{}",
      ["it has a service without a SID"] = '{"services":[{"sid":"MG1"}],"meta":{}}',
    } do
      it("leaves the number in its service if, of the list, " .. reason, function()
        twilio:put(C, PN)
        respond("^GET /v1/Services%?", { { status = 200, body = body } })
        local sender, message, err = client:attach(PN, A, MOVE)
        assert.is_nil(sender)
        assert.matches(reason, message, 1, true)
        assert.same({ "response", C }, { err.kind, twilio:holder(PN) })
      end)
    end

    it("leaves the number in its service if that cannot be found, or the removal fails", function()
      for _, step in ipairs { "^GET /v1/Services%?", "^GET /v1/Services/" .. A, "^DELETE" } do
        twilio:put(C, PN)
        respond(step, { messaging.refusal(403, 20403) })
        local sender, _, err = client:attach(PN, A, MOVE)
        assert.is_nil(sender)
        assert.same({ 20403, C }, { err.code, twilio:holder(PN) }, step)
      end
    end)
  end)
end)

describe("client:detach", function()
  local twilio, client, log

  before_each(function()
    twilio, client, log = open { A }
  end)
  after_each(function()
    client:close()
  end)

  it("removes the number from the service with one request", function()
    twilio:put(A, PN)
    assert.is_true(client:detach(PN, A))
    assert.same({ "DELETE /v1/Services/" .. A .. "/PhoneNumbers/" .. PN }, twilio.requests)
    assert.is_nil(twilio:holder(PN))
  end)

  it("succeeds for a number that is not in the service, after looking at the service", function()
    assert.is_true(client:detach(PN, A))
    assert.same({ 1, 1 }, { #log.deletes, #log.gets })
  end)

  it("fails for a service that the account does not have", function()
    local detached, message, err = client:detach(PN, messaging.sid("d"))
    assert.is_nil(detached)
    assert.same({ "api", 404, "no" }, { err.kind, err.status, err.purchased })
    assert.matches("has no Messaging Service MGd", message, 1, true)
  end)

  it("fails if the service cannot be read after a 404", function()
    twilio.on_request = function(what)
      return what:find("^GET") and messaging.refusal(403, 20403) or nil
    end
    local detached, _, err = client:detach(PN, A)
    assert.is_nil(detached)
    assert.equal(20403, err.code)
  end)

  it("says that it may have removed the number if only an unanswered attempt did", function()
    twilio:put(A, PN)
    twilio.on_request = lose_removal(twilio)
    local detached, _, err = client:detach(PN, A)
    assert.is_nil(detached)
    assert.same({ 500, true, nil }, { err.status, err.unheard, twilio:holder(PN) })
  end)

  it("does not accept a gateway's 404 as Twilio's", function()
    twilio.on_request = function()
      return { status = 404, body = "<html>" }
    end
    local detached, _, err = client:detach(PN, A)
    assert.is_nil(detached)
    assert.equal("response", err.kind)
  end)

  it("retries after a 503 and after an unanswered attempt", function()
    twilio:put(A, PN)
    local count = 0
    twilio.on_request = function(what)
      count = count + (what:find("^DELETE") and 1 or 0)
      if what:find("^DELETE") and count == 1 then
        return { status = 503, body = "" }
      elseif what:find("^DELETE") and count == 2 then
        twilio.services[A].numbers = {}
        return nil, "lost", "network"
      end
    end
    assert.is_true(client:detach(PN, A))
    assert.equal(3, #log.deletes)
  end)

  it("reports all invalid arguments at once, before anything is sent", function()
    local other = "AC" .. ("9"):rep(32)
    local detached, _, err = client:detach("PN1", { A }, { account_sid = other })
    assert.is_nil(detached)
    assert.same({ "invalid", 3 }, { err.kind, #err.problems })
    assert.equal("invalid", (select(3, client:detach(PN, A, { move = true }))).kind)
    assert.equal(0, #log.requests)
  end)

  it("returns the same result in flight", function()
    twilio:put(A, PN)
    assert.is_true((assert(client:detach_async(PN, A)):wait()))
  end)
end)
