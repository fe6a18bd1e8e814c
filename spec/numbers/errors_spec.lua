local scripted = require("spec.support.scripted")

--- The error that a purchase ends with when Twilio answers with this.
local function refused(response)
  response.status = response.status or 400
  local client = scripted.client({ POST = { response } }, { retries = 0 })
  local number, message, err = client:purchase { area_code = "415" }
  assert.is_nil(number)
  assert.equal(message, err.message)
  return err, message
end

describe("an error of Twilio's", function()
  it("is read in its usual shape", function()
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

  it("is read in its newer shape", function()
    local err, message = refused {
      body = '{"code":70002,"message":"no","httpStatusCode":400,"params":{"x":1},"userError":true}',
    }
    assert.same({ 70002, { x = 1 } }, { err.code, err.details })
    assert.truthy(message:find(": no (status 400, error 70002)", 1, true), message)
  end)

  it("is read in the shape of RFC 9457", function()
    local err, message = refused {
      body = [[{"type":"https://t.example/e","title":"Bad","status":400,"code":20001,
        "detail":"the detail","errors":[{"pointer":"/x"}]}]],
    }
    assert.same(
      { 20001, "https://t.example/e", { { pointer = "/x" } } },
      { err.code, err.more_info, err.details }
    )
    assert.truthy(message:find("the detail", 1, true), message)
    message = select(2, refused { body = '{"title":"Just a title"}' })
    assert.truthy(message:find("Just a title", 1, true), message)
  end)

  it("may say nothing at all", function()
    for _, body in ipairs { "", "<html>", "[]", "{}", "null", '{"code":null}', "{" } do
      local err, message = refused { status = 403, body = body }
      assert.equal("Twilio answered with an error (status 403).", message)
      assert.same({ "api", 403, "no" }, { err.kind, err.status, err.purchased })
      assert.is_nil(err.code)
    end
  end)

  it("may have any value in any place", function()
    local values = { "{}", "[]", "true", "1.5", "1e999", "-1e999", '""', '"\\u0000"', "1e15" }
    for _, value in ipairs(values) do
      local fields = {}
      for _, name in ipairs { "code", "message", "more_info", "details", "detail", "title", "type" } do
        fields[#fields + 1] = ('"%s":%s'):format(name, value)
      end
      local err = refused { body = "{" .. table.concat(fields, ",") .. "}" }
      assert.equal("api", err.kind)
      assert.is_nil(err.code)
    end
  end)

  it("has a code that is an integer where Lua has them", function()
    local math_type = math.type -- luacheck: ignore 143
    local err = refused { status = 400.0, body = '{"code":21422.0}' }
    assert.equal("21422 400", ("%s %s"):format(err.code, err.status))
    assert.is_true(math_type == nil or math_type(err.code) == "integer")
  end)

  it("reaches no terminal with control characters", function()
    local _, message = refused {
      body = '{"message":"a\\u001b[31mb\\r\\nc\\u0000d\\u007fe\\u009b2Jf","more_info":"x\\ny"}',
      headers = { ["Twilio-Request-Id"] = "RQ\r\nX: y\27" },
    }
    assert.is_nil(message:find("%c"))
    assert.is_nil(message:find("\194\155", 1, true))
    assert.truthy(message:find("a [31mb c d e 2Jf", 1, true), message)
    local err =
      refused { body = '{"more_info":"x\\ny"}', headers = { ["twilio-request-id"] = "R\n" } }
    assert.same({ "x y", "R " }, { err.more_info, err.request_id })
  end)

  it("is repeated in part, and in whole characters", function()
    for _, filler in ipairs { "", "a", "aa", "aaa" } do
      for _, character in ipairs { "x", "\195\188", "\226\130\172", "\240\159\152\128" } do
        local text = filler .. character:rep(1000)
        local _, message = refused { body = ('{"message":"%s"}'):format(text) }
        local said = message:match("error: (.*) %(status 400%)")
        assert.is_true(#said <= 500 and #said > 496, #said)
        assert.equal(filler .. character:rep((#said - #filler) / #character), said)
      end
    end
  end)

  it("has no field but those that are described", function()
    local err = refused { body = "{}" }
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
