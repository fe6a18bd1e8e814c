local errors = require("twilio.numbers.errors")
local scripted = require("spec.support.scripted")

--- The error of a purchase for this response.
local function refused(response)
  response.status = response.status or 400
  local client = scripted.client({ POST = { response } }, { retries = 0 })
  local number, message, err = client:purchase { area_code = "415" }
  assert.is_nil(number)
  assert.equal(message, err.message)
  return err, message
end

describe("a Twilio error", function()
  it("is read in its usual format", function()
    local err, message = refused {
      body = [[{"code":21422,"message":"+1 is not available","status":400,
        "more_info":"https://www.twilio.com/docs/errors/21422","details":{"a":"b"}}]],
      headers = { ["Twilio-Request-Id"] = "RQ123", ["Retry-After"] = "9" },
    }
    assert.equal("api", err.kind)
    assert.equal(400, err.status)
    assert.equal(21422, err.code)
    assert.equal("https://www.twilio.com/docs/errors/21422", err.more_info)
    assert.same({ a = "b" }, err.details)
    assert.equal("RQ123", err.request_id)
    assert.equal(9, err.retry_after)
    assert.equal(
      "Twilio answered with an error: +1 is not available (status 400, error 21422).",
      message
    )
  end)

  it("is read in its newer format", function()
    local err, message = refused {
      body = '{"code":70002,"message":"no","httpStatusCode":400,"params":{"x":1},"userError":true}',
    }
    assert.same({ 70002, { x = 1 } }, { err.code, err.details })
    assert.truthy(message:find(": no (status 400, error 70002)", 1, true), message)
  end)

  it("is read in the format of RFC 9457", function()
    local err, message = refused {
      body = [[{"type":"https://t.example/e","title":"Bad","status":400,"code":20001,
        "detail":"the detail","errors":[{"pointer":"/x"}]}]],
    }
    assert.same(
      { 20001, "https://t.example/e", { { pointer = "/x" } } },
      { err.code, err.more_info, err.details }
    )
    assert.truthy(message:find("the detail", 1, true), message)
    message = select(2, refused { body = '{"status":400,"title":"Just a title"}' })
    assert.truthy(message:find("Just a title", 1, true), message)
  end)

  it("ends in one mark, whatever Twilio's message ends in", function()
    local _, message = refused { body = '{"code":20001,"message":"stop!"}' }
    assert.matches(": stop! (status 400, error 20001).", message, 1, true)
    message = select(2, errors.fail { kind = "cancelled", reason = "interrupted!" })
    assert.equal("the request was cancelled: interrupted!", message)
  end)

  it("may contain only the status", function()
    local err, message = refused { status = 403, body = '{"status":403}' }
    assert.equal("Twilio answered with an error (status 403).", message)
    assert.same({ "api", 403, "no" }, { err.kind, err.status, err.purchased })
    assert.is_nil(err.code)
  end)

  it("may have any value in any field", function()
    local values = { "{}", "[]", "true", "1.5", "1e999", "-1e999", '""', '"\\u0000"', "1e15" }
    for _, value in ipairs(values) do
      local fields = {}
      for _, name in ipairs { "code", "message", "more_info", "details", "detail", "title", "type" } do
        fields[#fields + 1] = ('"%s":%s'):format(name, value)
      end
      local err = refused { status = 500, body = "{" .. table.concat(fields, ",") .. "}" }
      assert.equal("api", err.kind)
      assert.is_nil(err.code)
    end
  end)

  it("has an integer code if Lua has integers", function()
    local math_type = math.type -- luacheck: ignore 143
    local err = refused { status = 400.0, body = '{"code":21422.0}' }
    assert.equal("21422 400", ("%s %s"):format(err.code, err.status))
    assert.is_true(math_type == nil or math_type(err.code) == "integer")
  end)

  it("has no control characters that could reach a terminal", function()
    local _, message = refused {
      body = '{"code":20001,"message":"a\\u001b[31mb\\r\\nc\\u0000d\\u007fe\\u009b2Jf","more_info":"x\\ny"}',
      headers = { ["Twilio-Request-Id"] = "RQ\r\nX: y\27" },
    }
    assert.is_nil(message:find("%c"))
    assert.is_nil(message:find("\194\155", 1, true))
    assert.truthy(message:find("a [31mb c d e 2Jf", 1, true), message)
    local err = refused {
      body = '{"status":400,"more_info":"x\\ny"}',
      headers = { ["twilio-request-id"] = "R\n" },
    }
    assert.same({ "x y", "R" }, { err.more_info, err.request_id })
  end)

  it("is truncated between characters", function()
    for _, filler in ipairs { "", "a", "aa", "aaa" } do
      for _, character in ipairs { "x", "\195\188", "\226\130\172", "\240\159\152\128" } do
        local text = filler .. character:rep(1000)
        local _, message = refused { body = ('{"status":400,"message":"%s"}'):format(text) }
        local said = message:match("error: (.*) %(status 400%)")
        assert.is_true(#said <= 500 and #said > 496, #said)
        assert.equal(filler .. character:rep((#said - #filler) / #character), said)
      end
    end
  end)

  it("has only the documented fields", function()
    local err = refused { body = '{"code":20001}' }
    local known = {
      kind = 1,
      purchased = 1,
      message = 1,
      status = 1,
      code = 1,
      more_info = 1,
      details = 1,
      request_id = 1,
      retry_after = 1,
      attempts = 1,
      problems = 1,
    }
    for name in pairs(err) do
      assert.truthy(known[name], name)
    end
  end)
end)

--- The bodies of refusals, by their origin.
local GATEWAYS = {
  "",
  "<html>blocked</html>",
  "[]",
  "{}",
  "null",
  "{",
  '{"code":null}',
  '{"code":403}',
  '{"code":1000000}',
  '{"code":21422.5}',
  '{"code":"21422x"}',
  '{"status":"403"}',
  '{"status":400}',
  '{"httpStatusCode":400}',
  '{"code":21422,"status":400}',
  '{"code":21422,"status":"403"}',
  '{"code":21422,"httpStatusCode":400}',
  '{"status":403,"httpStatusCode":400}',
  '{"message":"Your policy forbids it"}',
}
local TWILIOS = {
  '{"code":21422}',
  '{"code":21422.0}',
  '{"code":"21422"}',
  '{"code":180017,"status":403}',
  '{"status":403}',
  '{"httpStatusCode":403,"message":"no"}',
  '{"code":20403,"status":403,"message":"no","more_info":"x"}',
  '{"code":20403,"status":null}',
}

describe("a refusal", function()
  it("is Twilio's if it has a code of Twilio's, or its status and no other", function()
    for _, body in ipairs(TWILIOS) do
      local err = refused { status = 403, body = body }
      assert.same({ "api", 403, "no" }, { err.kind, err.status, err.purchased }, body)
    end
  end)

  it("leaves the purchase unknown if it is not Twilio's", function()
    for _, status in ipairs { 403, 404, 413, 451 } do
      for _, body in ipairs(GATEWAYS) do
        local err = refused { status = status, body = (body:gsub("403", status)) }
        assert.same(
          { "response", status, "unknown" },
          { err.kind, err.status, err.purchased },
          body
        )
        assert.same({}, { err.code, err.details, err.more_info })
      end
    end
  end)

  it("from another server is quoted with its content type", function()
    local _, message = refused {
      status = 403,
      body = '{"message":"Your policy forbids it"}',
      headers = { ["Content-Type"] = "application/json" },
    }
    assert.equal(
      "the response is not from Twilio: content type application/json: Your policy forbids it (status 403)."
        .. " A number may have been bought: check the account's numbers (client:list) before you"
        .. " buy again.",
      message
    )
  end)

  it("with the status 407 is never Twilio's", function()
    for _, body in ipairs { "", '{"code":20407,"status":407}' } do
      local err = refused { status = 407, body = body }
      assert.same({ "response", "unknown" }, { err.kind, err.purchased })
    end
  end)
end)

describe("An error that is stated again", function()
  local UNKNOWN = "A number may have been bought: repeat the call with the same idempotency key."

  it("says of money only what its call knows", function()
    local _, _, err =
      errors.fail { kind = "network", purchased = "unknown", reason = "cut", advice = "Look." }
    local said = err.message
    assert.matches("check the account's numbers", said, 1, true)
    assert.equal(said, select(2, errors.restate(err, "unknown", "k")))
    _, _, err = errors.fail { kind = "journal", purchased = "unknown", idempotency_key = "k" }
    assert.equal("the journal cannot be used. " .. UNKNOWN, err.message)
    local _, message = errors.restate(err, "no")
    assert.same({ "the journal cannot be used.", "no" }, { message, err.purchased })
    assert.is_nil(err.idempotency_key)
    assert.equal(
      "the journal cannot be used. " .. UNKNOWN,
      select(2, errors.restate(err, "unknown", "k"))
    )
    assert.equal(
      "the journal cannot be used. A number was bought with the key.",
      select(2, errors.restate(err, "yes", "k"))
    )
    assert.equal(err.message, tostring(err))
  end)
end)
