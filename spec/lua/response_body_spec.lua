-- The body of a response at the C interface: its limits, and the object or the SID in it.
local core = require("twilio.numbers.core")
local response_object = require("spec.support.response_object")

local HEX = ("0123456789abcdef"):rep(2)
local SID = "PN" .. HEX
local KIB = 1024
local filled, read = response_object.filled, response_object.read

describe("the body of a response object", function()
  --- An object of the given size in bytes.
  local function object(size)
    return '{"x":"' .. ("x"):rep(size - 8) .. '"}'
  end

  it("may have 64 KiB if it answers POST or DELETE, and 4 MiB if it answers GET", function()
    for method, most in pairs { POST = 64 * KIB, DELETE = 64 * KIB, GET = 4096 * KIB } do
      local response = filled(object(most), 200, nil, method)
      assert.same({ "answered", most - 8 }, { response:outcome(), #response:json().x }, method)
      response = filled(object(most + 1), 200, { date = "today" }, method)
      assert.same({
        outcome = "response",
        status = 200,
        reason = "the body is larger than the limits",
        is_done = true,
        is_sent = true,
        is_success = false,
        is_empty = true,
        why = "not a JSON object",
        date = "today",
      }, read(response), method)
    end
  end)

  it("has the limit of the last begun request, even after a refusal", function()
    local response, large = core.new_response(), object(64 * KIB + 1)
    for method, wanted in pairs { GET = "answered", POST = "response" } do
      response:begin(method)
      response:refuse("closed", "", true)
      response:fill("answered", true, 200, nil, large)
      assert.equal(wanted, response:outcome(), method)
    end
  end)

  it("is empty only if it has no byte", function()
    assert.is_true(filled(""):is_empty())
    assert.is_true(filled(nil):is_empty())
    assert.is_false(filled(" "):is_empty())
    assert.is_false(filled("\0"):is_empty())
  end)

  it("raises the error that interrupts the making of its object, such as Ctrl-C", function()
    local response = filled(('{"sid":"%s"}'):format(SID))
    local method = response.number
    debug.sethook(function()
      local caller = debug.getinfo(3, "f")
      if caller and caller.func == method then
        debug.sethook()
        error("interrupted!", 0)
      end
    end, "c")
    local called, why = pcall(method, response)
    debug.sethook()
    assert.same({ false, "interrupted!" }, { called, why })
    assert.same({ sid = SID }, response:number())
  end)

  it("is not a number without the SID of a phone number", function()
    local sid_of = function(sid)
      return filled(('{"sid":%s,"phone_number":"+14155550100"}'):format(sid))
    end
    local number, why = sid_of('"' .. SID .. '"'):number()
    assert.same({ sid = SID, phone_number = "+14155550100" }, number)
    assert.is_nil(why)
    local WRONG = {
      '"AC' .. HEX .. '"',
      '"' .. SID .. '0"',
      '"' .. SID:sub(1, -2) .. '"',
      '""',
      "7",
      "null",
      "true",
      '["' .. SID .. '"]',
      '{"sid":"' .. SID .. '"}',
    }
    for _, sid in ipairs(WRONG) do
      local response = sid_of(sid)
      assert.same({ nil, "no phone number SID in it" }, { response:number() }, sid)
      assert.is_table(response:json(), sid)
      assert.is_nil((response:sid()), sid)
    end
  end)

  -- Bodies that are not an object -> their problem, and the SID in them.
  local NO_OBJECTS = {
    [""] = { "not a JSON object" },
    ["<html>"] = { "not a JSON object" },
    ["null"] = { "not a JSON object" },
    ["\0\255\0"] = { "not a JSON object" },
    ['"' .. SID .. '"'] = { "not a JSON object", SID },
    ['[{"sid":"' .. SID .. '"}]'] = { "not a JSON object", SID },
    [SID] = { "not a JSON object", SID },
    ["0" .. SID .. "0"] = { "not a JSON object", SID },
    ["P" .. SID] = { "not a JSON object", SID },
    [SID:sub(1, -2)] = { "not a JSON object" },
    [SID:sub(1, -2) .. "g"] = { "not a JSON object" },
    ["AC" .. HEX] = { "not a JSON object" },
    ['{"sid":"' .. SID .. '"'] = { "malformed JSON at byte 44: unexpected end", SID },
    ['{"sid":"' .. SID .. '"}}'] = {
      "malformed JSON at byte 45: unexpected text after the value",
      SID,
    },
    ['{"a":"\1","sid":"' .. SID .. '"}'] = {
      "malformed JSON at byte 7: control character in a string",
      SID,
    },
    [("["):rep(40)] = { "not a JSON object" },
    [('{"a":'):rep(33)] = { "malformed JSON at byte 161: nested too deeply" },
  }

  for body, wanted in pairs(NO_OBJECTS) do
    local shown = #body > 60 and body:sub(1, 60) .. "..." or body
    it(("of %q is not an object, with a reason"):format(shown), function()
      for _, method in ipairs { "GET", "POST" } do
        local response = filled(body, 201, nil, method)
        assert.same({ nil, wanted[1] }, { response:json() })
        assert.same({ nil, wanted[1] }, { response:number() })
        assert.equal(wanted[2], (response:sid()))
      end
    end)
  end

  it("names the first SID of a phone number in it", function()
    local other = "PN" .. ("f"):rep(32)
    assert.equal(other, (filled("cut: " .. other .. SID):sid()))
    assert.equal(SID, (filled(SID:sub(1, 20) .. SID .. other):sid()))
  end)

  it("may be any bytes", function()
    local seed = os.time()
    math.randomseed(seed)
    local parts =
      { "{", "}", "[", "]", ":", ",", '"', "\\", "\\u00", "1", "e", "-", "null", " ", SID }
    for _ = 1, 2000 do
      local bytes = {}
      for i = 1, math.random(0, 30) do
        bytes[i] = math.random(4) == 1 and string.char(math.random(0, 255))
          or parts[math.random(#parts)]
      end
      local body = table.concat(bytes)
      local response = filled(body, math.random(0, 999))
      local json, why = response:json()
      local decoded, problem = core.decode(body)
      assert.same({ decoded, problem }, { json, why }, "seed " .. seed)
      assert.equal(#body == 0, response:is_empty())
      response:number()
      response:sid()
      response:verdict(true)
      response:verdict_free(false)
    end
  end)
end)
