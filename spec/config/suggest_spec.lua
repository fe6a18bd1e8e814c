local suggest = require("twilio.numbers.config.suggest")

local KNOWN = { "phone_number", "area_code", "friendly_name", "sms_url", "voice_url" }

describe("the nearest known name", function()
  it("is the same name as other habits spell it", function()
    assert.equal("phone_number", suggest.name("PhoneNumber", KNOWN))
    assert.equal("phone_number", suggest.name("phone-number", KNOWN))
    assert.equal("phone_number", suggest.name("PHONE NUMBER", KNOWN))
    assert.equal("sms_url", suggest.name("smsurl", KNOWN))
  end)

  it("is the one that was mistyped", function()
    assert.equal("friendly_name", suggest.name("frendly_name", KNOWN))
    assert.equal("friendly_name", suggest.name("firendly_name", KNOWN))
    assert.equal("area_code", suggest.name("area_cod", KNOWN))
    assert.equal("voice_url", suggest.name("voice_urls", KNOWN))
  end)

  it("is the only one that begins so", function()
    assert.equal("sms_enabled", suggest.name("sms", { "sms_enabled", "mms_enabled", "area_code" }))
    assert.is_nil(suggest.name("sms", { "sms_url", "sms_fallback_url" }))
  end)

  it("is none where nothing is alike", function()
    assert.is_nil(suggest.name("colour", KNOWN))
    assert.is_nil(suggest.name("", KNOWN))
    assert.is_nil(suggest.name("x", KNOWN))
    assert.is_nil(suggest.name("phone_number", {}))
  end)

  it("is not sought for what is no name", function()
    for _, value in ipairs { 1, true, {}, print, 0 / 0 } do
      assert.is_nil(suggest.name(value, KNOWN))
    end
    assert.is_nil(suggest.name(nil, KNOWN))
    assert.is_nil(suggest.name(("phone_number"):rep(1000000), KNOWN))
    assert.is_nil(suggest.name("\0\255\r\n", KNOWN))
  end)
end)
