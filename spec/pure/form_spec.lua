local core = require("twilio.numbers.core")
local form = require("spec.support.form")

local function friendly_name(body)
  return form.decode(body).FriendlyName
end

describe("a form", function()
  it("encodes every Unicode character so that a server can decode it", function()
    for byte = 1, 127 do
      local text = "a" .. string.char(byte) .. "z"
      local body = assert(core.form { area_code = "415", friendly_name = text })
      assert.equal(text, friendly_name(body), "byte " .. byte)
    end
    for _, text in ipairs { "ä", "€", "\240\159\152\128", "\194\128", "\239\191\191" } do
      assert.equal(
        text,
        friendly_name(assert(core.form { area_code = "415", friendly_name = text }))
      )
    end
  end)

  it("encodes every byte that UTF-8 can contain", function()
    local seen = {}
    local function check(text)
      local body = assert(core.form { area_code = "415", friendly_name = text })
      assert.equal(text, friendly_name(body))
      for i = 1, #text do
        seen[text:byte(i)] = true
      end
    end
    for byte = 1, 127 do
      check(string.char(byte))
    end
    for last = 0x80, 0xBF do
      check(string.char(0xC2, last))
    end
    for lead = 0xC2, 0xDF do
      check(string.char(lead, 0x80))
    end
    for lead = 0xE1, 0xEF do
      check(string.char(lead, 0x80, 0x80))
    end
    check("\224\160\128")
    for lead = 0xF1, 0xF4 do
      check(string.char(lead, 0x80, 0x80, 0x80))
    end
    check("\240\144\128\128")
    for byte = 1, 255 do
      local never = byte == 0xC0 or byte == 0xC1 or byte > 0xF4
      assert.equal(not never, seen[byte] or false, "byte " .. byte)
    end
  end)

  it("encodes a plus as %2B, a space as +, with upper-case hex digits", function()
    assert.equal("PhoneNumber=%2B15005550006", core.form { phone_number = "+15005550006" })
    local body = assert(core.form { area_code = "415", friendly_name = "a b&c=d~\127/*-._" })
    assert.truthy(body:find("FriendlyName=a+b%26c%3Dd%7E%7F%2F*-._", 1, true))
  end)

  it("does not let a value add another field", function()
    local text = "x&PhoneNumber=%2B15005550001&AreaCode=415"
    local body = assert(core.form { phone_number = "+15005550006", friendly_name = text })
    local values, names = form.decode(body)
    assert.same({ "FriendlyName", "PhoneNumber" }, names)
    assert.same({ FriendlyName = text, PhoneNumber = "+15005550006" }, values)
  end)

  it("has Twilio's order of fields, whatever the table's order", function()
    local body = core.form {
      voice_url = "https://example.com/v",
      area_code = "415",
      friendly_name = "n",
      api_version = "2010-04-01",
    }
    local _, names = form.decode(body)
    assert.same({ "ApiVersion", "FriendlyName", "VoiceUrl", "AreaCode" }, names)
  end)
end)
