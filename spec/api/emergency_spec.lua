-- Numbers with a registered emergency address, which Twilio does not release.
local cjson = require("cjson")
local form = require("spec.support.form")
local scripted = require("spec.support.scripted")

local SID = scripted.NUMBER_SID
local ADDRESS, OTHER = "AD" .. ("a"):rep(32), "AD" .. ("b"):rep(32)
local OPTION = { unregister_emergency = true }

--- A response with the number and this registration.
local function shows(status, address, fields)
  local number = {
    sid = SID,
    phone_number = scripted.PHONE,
    emergency_address_status = status,
    emergency_address_sid = address,
  }
  for name, value in pairs(fields or {}) do
    number[name] = value
  end
  return { status = 200, body = cjson.encode(number) }
end

--- A client of an account with one number, whose GETs return these, one after the other.
local function client_of(gets, options, more)
  local script = {
    GET = gets,
    POST = { shows("pending-unregistration") },
    DELETE = { { status = 204, body = "" } },
  }
  for name, steps in pairs(more or {}) do
    script[name] = steps
  end
  return scripted.apart(script, options)
end

describe("client:release with unregister_emergency", function()
  it("unregisters the emergency address, waits until that is done, and then releases", function()
    local client, log = client_of {
      shows("registered", ADDRESS),
      shows("pending-unregistration"),
      shows("pending-unregistration"),
      shows("unregistered"),
    }
    assert.is_true(client:release(SID, OPTION))
    assert.same({ EmergencyAddressSid = "" }, form.decode(log.posts[1].body))
    assert.same({ 1, 1, { 1, 2, 4 } }, { #log.posts, #log.deletes, log.sleeps })
    assert.equal("DELETE", log.requests[#log.requests].method)
  end)

  it("waits for an unregistration that is already pending", function()
    local client, log = client_of { shows("pending-unregistration"), shows("unregistered") }
    assert.is_true(client:release(SID, OPTION))
    assert.same({ 0, 1 }, { #log.posts, #log.deletes })
  end)

  for name, answer in pairs {
    ["none was ever given"] = shows(nil),
    ["it has ended"] = shows("unregistered"),
    ["it has failed"] = shows("registration-failure", ADDRESS),
  } do
    it("releases at once without a registration: " .. name, function()
      local client, log = client_of { answer }
      assert.is_true(client:release(SID, OPTION))
      assert.same({ 0, 1, 0 }, { #log.posts, #log.deletes, #log.sleeps })
    end)
  end

  it(
    "keeps the number if the unregistration is pending at the deadline, and says when to retry",
    function()
      local answers = { shows("registered", ADDRESS), shows("pending-unregistration") }
      local client, log = client_of(answers, { deadline = 3 })
      local released, message, err = client:release(SID, OPTION)
      assert.is_nil(released)
      assert.same({ "timeout", "no", 60 }, { err.kind, err.purchased, err.retry_after })
      assert.matches(
        "was not released: its emergency address is still pending%-unregistration",
        message
      )
      assert.equal(0, #log.deletes)
    end
  )

  it("keeps the number if the registration has a status that may be anything", function()
    for _, status in ipairs { "\27[2J", ("x"):rep(1000), {}, true, 7 } do
      local answer = shows(status, ADDRESS)
      local client, log = client_of({ answer }, { deadline = 3 }, { POST = { answer } })
      local released, message, err = client:release(SID, OPTION)
      assert.is_nil(released)
      assert.same({ "timeout", 0 }, { err.kind, #log.deletes })
      assert.matches("its emergency address is still unknown", message, 1, true)
    end
  end)

  it("keeps the number if the registration cannot be removed", function()
    local client, log = client_of {
      shows("registered", ADDRESS),
      shows("unregistration-failure", ADDRESS),
    }
    local released, message, err = client:release(SID, OPTION)
    assert.is_nil(released)
    assert.equal("api", err.kind)
    assert.matches("its emergency address could not be unregistered", message)
    assert.equal(0, #log.deletes)
  end)

  it("returns Twilio's error for the look-up or the update", function()
    local refusal = { status = 403, body = scripted.refusal(20003, "no") }
    for _, script in ipairs {
      { GET = { refusal } },
      { GET = { shows("registered", ADDRESS) }, POST = { refusal } },
    } do
      local client, log = client_of(script.GET, nil, { POST = script.POST })
      local released, _, err = client:release(SID, OPTION)
      assert.is_nil(released)
      assert.same({ 403, 20003, 0 }, { err.status, err.code, #log.deletes })
    end
  end)

  it("is optional: without it only the release is sent", function()
    local client, log = client_of { shows("registered", ADDRESS) }
    assert.is_true(client:release(SID))
    assert.same({ 0, 0, 1 }, { #log.gets, #log.posts, #log.deletes })
  end)
end)

describe("purchase_many with all_or_nothing and unregister_emergency", function()
  local A, B = "+14155550101", "+14155550102"

  --- Buys A and B; B is not available. GETs of A return these fields, one after the other.
  ---@param bought table|nil the response to the purchase of A
  local function buy(params, gets, bought)
    local looks = { { status = 200, body = scripted.page {} } }
    local client, log = client_of(scripted.gets(gets, looks), { max_in_flight = 1 }, {
      POST = {
        function(request)
          local sent = form.decode(request.body)
          if sent.PhoneNumber == B then
            return { status = 400, body = scripted.refusal(21422, "gone") }
          elseif sent.PhoneNumber then
            return bought or { status = 201, body = scripted.body(A) }
          end
          return shows("pending-unregistration", nil, { phone_number = A })
        end,
      },
    })
    local options = { all_or_nothing = true, unregister_emergency = true }
    return client:purchase_many({ A, B }, params, options), log
  end

  it("unregisters an address that the call set", function()
    local report, log = buy({ emergency_address_sid = ADDRESS }, {
      shows("registered", ADDRESS, { phone_number = A }),
      shows("registered", ADDRESS, { phone_number = A }),
      shows("unregistered", nil, { phone_number = A }),
    })
    assert.same({ "released", 1 }, { report.results[1].outcome, #log.deletes })
    assert.same({ EmergencyAddressSid = "" }, form.decode(log.posts[3].body))
  end)

  it("unregisters an address whose SID Twilio writes in the other case", function()
    local report, log = buy({ emergency_address_sid = "AD" .. ("A"):rep(32) }, {
      shows("registered", ADDRESS, { phone_number = A }),
      shows("registered", ADDRESS, { phone_number = A }),
      shows("unregistered", nil, { phone_number = A }),
    }, shows("registered", ADDRESS, { phone_number = A }))
    assert.same({ "released", 1 }, { report.results[1].outcome, #log.deletes })
  end)

  it("does not unregister any other address", function()
    local report, log = buy({}, { shows("registered", OTHER, { phone_number = A }) })
    assert.same({ "kept", 2, 0 }, { report.results[1].outcome, #log.posts, #log.deletes })
    report, log = buy(
      { emergency_address_sid = ADDRESS },
      { shows("registered", OTHER, { phone_number = A }) }
    )
    assert.same({ "kept", 2, 0 }, { report.results[1].outcome, #log.posts, #log.deletes })
  end)

  it("keeps a number whose address could not be unregistered, and says so", function()
    local report, log = buy({ emergency_address_sid = ADDRESS }, {
      shows("registered", ADDRESS, { phone_number = A }),
      shows("registered", ADDRESS, { phone_number = A }),
      shows("unregistration-failure", ADDRESS, { phone_number = A }),
    })
    local result = report.results[1]
    assert.same({ "kept", 0 }, { result.outcome, #log.deletes })
    assert.matches("^kept: .*its emergency address could not be unregistered", result.message)
    assert.equal("api", result.err.kind)
  end)

  it("keeps a number that was changed during that wait", function()
    local report, log = buy({ emergency_address_sid = ADDRESS }, {
      shows("registered", ADDRESS, { phone_number = A }),
      shows("registered", ADDRESS, { phone_number = A }),
      shows("unregistered", nil, { phone_number = A, friendly_name = "Another's" }),
    })
    assert.same({ "kept", 0 }, { report.results[1].outcome, #log.deletes })
  end)
end)
