local suggest = require("twilio.numbers.config.suggest")

local KNOWN = { "phone_number", "area_code", "friendly_name", "sms_url", "voice_url" }

describe("the nearest known name", function()
  it("is the same name in another naming style", function()
    assert.equal("phone_number", suggest.name("PhoneNumber", KNOWN))
    assert.equal("phone_number", suggest.name("phone-number", KNOWN))
    assert.equal("phone_number", suggest.name("PHONE NUMBER", KNOWN))
    assert.equal("sms_url", suggest.name("smsurl", KNOWN))
  end)

  it("is the mistyped one", function()
    assert.equal("friendly_name", suggest.name("frendly_name", KNOWN))
    assert.equal("friendly_name", suggest.name("firendly_name", KNOWN))
    assert.equal("area_code", suggest.name("area_cod", KNOWN))
    assert.equal("voice_url", suggest.name("voice_urls", KNOWN))
  end)

  it("is the only one with that prefix", function()
    assert.equal("sms_enabled", suggest.name("sms", { "sms_enabled", "mms_enabled", "area_code" }))
    assert.is_nil(suggest.name("sms", { "sms_url", "sms_fallback_url" }))
  end)

  it("is nil if no name is similar", function()
    assert.is_nil(suggest.name("colour", KNOWN))
    assert.is_nil(suggest.name("", KNOWN))
    assert.is_nil(suggest.name("x", KNOWN))
    assert.is_nil(suggest.name("phone_number", {}))
  end)

  it("is nil for anything but a name", function()
    for _, value in ipairs { 1, true, {}, print, 0 / 0 } do
      assert.is_nil(suggest.name(value, KNOWN))
    end
    assert.is_nil(suggest.name(nil, KNOWN))
    assert.is_nil(suggest.name(("phone_number"):rep(1000000), KNOWN))
    assert.is_nil(suggest.name("\0\255\r\n", KNOWN))
  end)
end)
