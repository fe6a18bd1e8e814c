-- The simulator as a transport in its client's process.
local interpreter = require("spec.support.interpreter")
local numbers = require("twilio.numbers")
local simulator = require("twilio.simulator")

describe("the simulator's transport", function()
  local client, transport, twilio

  local function client_of(options)
    options.loop = { sleep = function() end }
    return assert(numbers.client(options))
  end

  before_each(function()
    transport, twilio = simulator.transport()
    client = client_of {
      account_sid = twilio.account_sid,
      auth_token = twilio.auth_token,
      transport = transport,
    }
  end)

  after_each(function()
    client:close()
  end)

  it("sells, lists, changes and releases numbers", function()
    local number = assert(client:purchase { phone_number = "+14155550177", friendly_name = "Ada" })
    assert.equal("Ada", assert(client:fetch(number.sid)).friendly_name)
    assert.equal("Bob", assert(client:update(number.sid, { friendly_name = "Bob" })).friendly_name)
    local list = assert(client:list():all())
    assert.same({ 1, number.sid }, { #list, list[1].sid })
    assert.is_true(client:release(number.sid))
    local state = twilio:state()
    assert.same({ 1, 1, 0 }, { state.purchases, state.releases, #state.owned })
    assert.same({ ["+14155550177"] = 1 }, state.bought)
  end)

  it("serves lists page by page, and prices", function()
    for last = 0, 59 do
      assert(client:purchase { phone_number = ("+141555502%02d"):format(last) })
    end
    assert.equal(60, #assert(client:list({ page_size = 25 }):all()))
    assert.is_truthy(assert(client:price("US", "local")))
  end)

  it("serves a subaccount, and refuses wrong credentials", function()
    local options = { account_sid = twilio.credentials.subaccount_sid }
    assert(client:purchase({ area_code = "415" }, options))
    assert.equal(options.account_sid, twilio:state().owned[1].account_sid)
    local stranger = client_of {
      account_sid = twilio.account_sid,
      auth_token = ("0"):rep(32),
      transport = transport,
    }
    local number, _, err = stranger:purchase { area_code = "415" }
    assert.same({ nil, 401, "no" }, { number, err.status, err.purchased })
  end)

  it("records its requests", function()
    assert(client:purchase { area_code = "415" })
    local request = twilio:requests()[1]
    assert.same(
      { "POST", "AreaCode=415", "api.twilio.com" },
      { request.method, request.body, request.headers.host }
    )
  end)

  -- fault, the error of a purchase by area code without retries (kind, purchased), the POSTs read, and the
  -- numbers bought
  local OUTCOMES = {
    { "close_before_read", "network", "unknown", 0, 0 },
    { "reset_before_read", "network", "unknown", 0, 0 },
    { "close_after_read", "network", "unknown", 1, 0 },
    { "reset_after_read", "network", "unknown", 1, 0 },
    { "close_after_commit", "network", "unknown", 1, 1 },
    { "reset_after_commit", "network", "unknown", 1, 1 },
    { "close_in_headers", "network", "unknown", 1, 1 },
    { "close_in_body", "network", "yes", 1, 1 },
    { "hang", "timeout", "unknown", 1, 0 },
    { "goaway", "network", "unknown", 1, 0 },
    { "status", "api", "unknown", 1, 0 },
    { "rate_limit", "rate_limit", "no", 1, 0 },
    { "redirect", "response", "unknown", 1, 1 },
    { "html", "response", "unknown", 1, 1 },
    { "invalid_json", "response", "yes", 1, 1 },
    { "nested_json", "response", "yes", 1, 1 },
    { "huge_json", "response", "yes", 1, 1 },
    { "gzip_bomb", "response", "yes", 1, 1 },
    { "empty", "response", "yes", 1, 1 },
    { "drip", nil, nil, 1, 1 },
    { "many_headers", nil, nil, 1, 1 },
  }
  for _, row in ipairs(OUTCOMES) do
    it("plays the fault " .. row[1], function()
      assert.is_true(twilio:fault { fault = row[1], method = "POST" })
      local number, message, err = client:purchase({ area_code = "415" }, { retries = 0 })
      local state = twilio:state()
      assert.same({ row[2] == nil, row[2], row[3], row[4], row[5] }, {
        number ~= nil,
        err and err.kind,
        err and err.purchased,
        state.posts,
        state.purchases,
      }, message)
    end)
  end

  it("plays every fault that is about purchases", function()
    local played = { bare_page = true, ignore = true, stale = true } -- of lists and parameters
    for _, row in ipairs(OUTCOMES) do
      played[row[1]] = true
    end
    for _, name in ipairs(require("twilio.simulator.faults").names()) do
      assert.is_true(played[name], name)
    end
  end)

  it("aborts a response that drips for longer than the time limit", function()
    twilio:fault { fault = "drip", method = "POST", seconds = 10 }
    local _, _, err = client:purchase({ area_code = "415" }, { retries = 0, timeout = 5 })
    assert.same({ "timeout", "yes", 201 }, { err.kind, err.purchased, err.status })
  end)

  it("ends a hang shorter than the time limit by closing the connection", function()
    twilio:fault { fault = "hang", method = "POST", seconds = 1 }
    local _, _, err = client:purchase({ area_code = "415" }, { retries = 0, timeout = 5 })
    assert.equal("network", err.kind)
  end)

  it("buys even if the response would come too late", function()
    twilio:control("POST limits", { latency = 100 })
    local _, _, err = client:purchase({ area_code = "415" }, { retries = 0 })
    assert.same({ "timeout", "unknown", 1 }, { err.kind, err.purchased, twilio:state().purchases })
    twilio:control("POST limits", { latency = 0.1 })
    assert(client:list():all())
  end)

  it("carries out a held purchase when the hold is switched off", function()
    twilio:control("POST limits", { hold = true })
    local _, _, err = client:purchase({ area_code = "415" }, { retries = 0 })
    local state = twilio:state()
    assert.same({ "timeout", 1, 0 }, { err.kind, state.unfinished, state.purchases })
    twilio:control("POST limits", { hold = true })
    assert.equal(0, twilio:state().purchases)
    twilio:control("POST limits", {})
    state = twilio:state()
    assert.same({ 0, 1 }, { state.unfinished, state.purchases })
  end)

  it("forgets everything but the credentials", function()
    assert(client:purchase { area_code = "415" })
    twilio:control("POST limits", { hold = true })
    client:purchase({ area_code = "415" }, { retries = 0 })
    twilio:fault { fault = "status", times = 9 }
    twilio:reset()
    local state = twilio:state()
    assert.same({ 0, 0, {} }, { state.purchases, state.unfinished, state.owned })
    assert(client:purchase { area_code = "415" })
  end)

  it("accepts what the control endpoint accepts, and explains refusals", function()
    assert.same({}, twilio:control("POST inventory", { phone_number = "+14155559999" }))
    assert(client:purchase { phone_number = "+14155559999" })
    assert.same(
      { nil, "phone_number must be a string" },
      { twilio:control("POST strangers", { phone_number = 1 }) }
    )
    assert.same({ nil, "there is no POST /simulator/nothing" }, { twilio:control("POST nothing") })
    assert.same({ nil, "no fault is called flood" }, { twilio:fault { fault = "flood" } })
  end)

  it("buys for each call in flight", function()
    local outcomes = {}
    for _ = 1, 5 do
      client:purchase_async({ area_code = "415" }, function(number)
        outcomes[#outcomes + 1] = number ~= nil
      end)
    end
    for _ = 1, 100 do
      client:poll()
    end
    assert.same({ { true, true, true, true, true }, 5 }, { outcomes, twilio:state().purchases })
  end)

  -- The state after a run with random faults.
  local function random_run(options)
    local send, own = simulator.transport(options)
    local buyer = client_of {
      account_sid = own.account_sid,
      auth_token = own.auth_token,
      transport = send,
    }
    own.faults:set_chaos { probability = 0.5, faults = { "close_after_commit", "close_after_read" } }
    own.faults:seed(options.seed)
    local outcomes = {}
    for index = 1, 30 do
      local number, _, err = buyer:purchase({ area_code = "415" }, { retries = 0 })
      outcomes[index] = number and number.sid or err.kind
    end
    buyer:close()
    return { own.credentials, outcomes, own:state().owned }
  end

  it("repeats its behaviour for the same seed, and differs for another one", function()
    local first = random_run { seed = 7 }
    assert.same(first, random_run { seed = 7 })
    assert.not_same(first[1], random_run({ seed = 8 })[1])
    assert.not_same(first[2], random_run({ seed = 8 })[2])
  end)

  it("accepts the caller's credentials", function()
    local given = { account_sid = "AC" .. ("1"):rep(32), auth_token = ("2"):rep(32) }
    local send, own = simulator.transport(given)
    given.transport = send
    assert(client_of(given):purchase { area_code = "415" })
    assert.equal(given.account_sid, own:state().owned[1].account_sid)
  end)

  it("plays a compatible service", function()
    local send, own = simulator.transport { profile = "signalwire" }
    local buyer = client_of {
      account_sid = own.account_sid,
      auth_token = own.auth_token,
      transport = send,
      base_url = "https://space.signalwire.example/api/laml",
      opaque_sids = true,
    }
    local number = assert(buyer:purchase { phone_number = "+14155550177" })
    assert.matches("^%x+%-%x+%-%x+%-%x+%-%x+$", number.sid)
    assert.equal(number.sid, assert(buyer:list():all())[1].sid)
    buyer:close()
  end)

  it("leaves a gateway's page of a compatible service as it is", function()
    local send, own = simulator.transport { profile = "signalwire" }
    own:fault { fault = "status", status = 503, body = "<html>" }
    local base_url = "https://space.signalwire.example/api/laml"
    local path = ("/2010-04-01/Accounts/%s/IncomingPhoneNumbers.json"):format(own.account_sid)
    local response = send { method = "GET", url = base_url .. path, headers = {}, timeout = 10 }
    assert.same({ 503, "<html>" }, { response.status, response.body })
  end)

  it("refuses an unknown option, and one of the wrong type", function()
    assert.has_error(function()
      simulator.transport { sed = 1 }
    end, "the simulator's transport has no option sed")
    assert.has_error(function()
      simulator.transport { seed = "1" }
    end, "seed must be a number")
    assert.has_error(function()
      simulator.transport { profile = "other" }
    end, "there is no profile other")
  end)

  it("loads no module outside of this library", function()
    local output = interpreter.output([[
      for name in ("cjson cjson.safe socket cqueues http.h1_connection openssl.pkey"):gmatch("%S+") do
        package.preload[name] = function() error(name .. " is loaded") end
      end
      local transport, twilio = require("twilio.simulator").transport()
      local client = assert(require("twilio.numbers").client {
        account_sid = twilio.account_sid, auth_token = twilio.auth_token, transport = transport })
      print(assert(client:purchase { phone_number = "+14155550100" }).phone_number)
      print(pcall(require("twilio.simulator").new))
    ]])
    assert.matches("^%+14155550100\nfalse\t[^\n]* is loaded", output)
  end)
end)
