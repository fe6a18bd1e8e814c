local cjson = require("cjson")
local account = require("spec.support.account")

local PATH = "IncomingPhoneNumbers.json"

describe("buying a number from the simulator", function()
  local twilio, send

  local function buy(fields, options)
    return send("POST", PATH, fields, options)
  end

  local function refused(fields, expected_status, expected_code, path)
    local status, body = send("POST", path or PATH, fields)
    assert.same({ expected_status, expected_code }, { status, body.code })
    assert.equal(expected_status, body.status)
    assert.equal(("https://www.twilio.com/docs/errors/%d"):format(expected_code), body.more_info)
    assert.equal(0, twilio.counts.purchases)
  end

  before_each(function()
    twilio, send = account.new()
  end)

  it("returns the requested number", function()
    local status, number = buy { PhoneNumber = "+14155550123" }
    assert.equal(201, status)
    assert.equal("+14155550123", number.phone_number)
    assert.equal("(415) 555-0123", number.friendly_name)
    assert.truthy(number.sid:match("^PN%x+$"))
    assert.equal(34, #number.sid)
    assert.equal(twilio.credentials.account_sid, number.account_sid)
    assert.equal(1, twilio.counts.purchases)
  end)

  it("returns every field that Twilio describes, null if unset", function()
    local _, number = buy { PhoneNumber = "+14155550123" }
    for _, name in ipairs {
      "address_sid",
      "bundle_sid",
      "emergency_address_sid",
      "identity_sid",
      "sms_application_sid",
      "sms_fallback_url",
      "sms_url",
      "status_callback",
      "trunk_sid",
      "voice_application_sid",
      "voice_fallback_url",
      "voice_url",
    } do
      assert.equal(cjson.null, number[name], name)
    end
    local capabilities = { voice = true, sms = true, mms = true, fax = false }
    assert.same(capabilities, number.capabilities)
    for name, value in pairs {
      address_requirements = "none",
      api_version = "2010-04-01",
      beta = false,
      emergency_address_status = "unregistered",
      emergency_status = "Inactive",
      origin = "twilio",
      sms_fallback_method = "POST",
      sms_method = "POST",
      status = "in-use",
      status_callback_method = "POST",
      type = "local",
      voice_caller_id_lookup = false,
      voice_fallback_method = "POST",
      voice_method = "POST",
      voice_receive_mode = "voice",
    } do
      assert.equal(value, number[name], name)
    end
    assert.truthy(number.date_created:match("^%a%a%a, %d%d %a%a%a %d%d%d%d %d%d:%d%d:%d%d %+0000$"))
    local uri = ("/2010-04-01/Accounts/%s/IncomingPhoneNumbers/%s.json"):format(
      number.account_sid,
      number.sid
    )
    assert.equal(uri, number.uri)
  end)

  it("echoes the settings", function()
    local _, number = buy {
      PhoneNumber = "+14155550123",
      FriendlyName = "Büro & Co",
      VoiceUrl = "https://example.com/voice?a=1&b=2",
      VoiceMethod = "get",
      VoiceCallerIdLookup = "true",
      SmsUrl = "",
    }
    assert.equal("Büro & Co", number.friendly_name)
    assert.equal("https://example.com/voice?a=1&b=2", number.voice_url)
    assert.equal("GET", number.voice_method)
    assert.is_true(number.voice_caller_id_lookup)
    assert.equal(cjson.null, number.sms_url)
  end)

  it("returns another number of an area code each time, until none is left", function()
    local seen = {}
    for _ = 1, 3 do
      local status, number = buy { AreaCode = "907" }
      assert.equal(201, status)
      assert.truthy(number.phone_number:match("^%+1907"))
      assert.is_nil(seen[number.phone_number])
      seen[number.phone_number] = number.sid
    end
    local status, body = buy { AreaCode = "907" }
    assert.same({ 400, 21452 }, { status, body.code })
  end)

  it("does not sell a released number again, not even to its former account", function()
    local _, number = buy { PhoneNumber = "+19075550100" }
    send("DELETE", ("IncomingPhoneNumbers/%s.json"):format(number.sid))
    local status, body = buy { PhoneNumber = "+19075550100" }
    assert.same({ 400, 21422 }, { status, body.code })
    local path = "AvailablePhoneNumbers/US/Local.json"
    local _, page = send("GET", path, { AreaCode = "907" })
    assert.equal(2, #page.available_phone_numbers)
    buy { AreaCode = "907" }
    buy { AreaCode = "907" }
    status, body = buy { AreaCode = "907" }
    assert.same({ 400, 21452 }, { status, body.code })
    twilio.inventory:add("+19075550100")
    assert.equal("+19075550100", select(2, buy { AreaCode = "907" }).phone_number)
  end)

  it("sells Twilio's magic number as often as it is released", function()
    for _ = 1, 2 do
      local status, number = buy { PhoneNumber = "+15005550006" }
      assert.equal(201, status)
      send("DELETE", ("IncomingPhoneNumbers/%s.json"):format(number.sid))
    end
  end)

  it("updates a number that the account already owns", function()
    local _, first = buy { PhoneNumber = "+14155550123", FriendlyName = "a" }
    local status, second = buy { PhoneNumber = "+14155550123", FriendlyName = "b" }
    assert.equal(201, status)
    assert.equal(first.sid, second.sid)
    assert.equal("b", second.friendly_name)
    assert.same({ 1, 1 }, { twilio.counts.purchases, twilio.counts.updates })
  end)

  it("refuses a number that another account owns", function()
    buy({ PhoneNumber = "+14155550123" }, { sid = twilio.credentials.subaccount_sid })
    local status, body = buy { PhoneNumber = "+14155550123" }
    assert.same({ 400, 21422 }, { status, body.code })
  end)

  it("refuses a number that is not for sale", function()
    refused({ PhoneNumber = "+19995550123" }, 400, 21422)
    refused({ PhoneNumber = "4155550123" }, 400, 21421)
    refused({ AreaCode = "999" }, 400, 21452)
    refused({ AreaCode = "41" }, 400, 21451)
    refused({ AreaCode = "115" }, 400, 21451)
    refused({}, 400, 21401)
    assert.equal("did or area_code is required", select(2, buy {}).message)
  end)

  it("sells a number that was added", function()
    twilio.inventory:add("+19995550123")
    assert.equal(201, (buy { PhoneNumber = "+19995550123" }))
  end)

  it("recognizes Twilio's magic inputs", function()
    refused({ PhoneNumber = "+15005550000" }, 400, 21422)
    refused({ PhoneNumber = "+15005550001" }, 400, 21421)
    refused({ AreaCode = "533" }, 400, 21452)
    assert.equal("+15005550006", select(2, buy { AreaCode = "500" }).phone_number)
    assert.equal(201, (buy { PhoneNumber = "+15005550006" }))
    local subaccount = { sid = twilio.credentials.subaccount_sid }
    assert.equal(201, (buy({ PhoneNumber = "+15005550006" }, subaccount)))
  end)

  it("refuses invalid parameters before anything is bought", function()
    for code, fields in pairs {
      [21402] = { VoiceUrl = "nonsense" },
      [21403] = { SmsMethod = "PUT" },
      [21405] = { VoiceFallbackUrl = "https://example.com/" },
      [21406] = { SmsFallbackUrl = "https://example.com/" },
    } do
      fields.PhoneNumber = "+14155550123"
      refused(fields, 400, code)
    end
    for _, fields in ipairs {
      { AddressSid = "AD123" },
      { TrunkSid = "AD" .. ("0"):rep(32) },
      { VoiceReceiveMode = "telex" },
      { VoiceCallerIdLookup = "perhaps" },
      { FriendlyName = ("ü"):rep(65) },
    } do
      fields.PhoneNumber = "+14155550123"
      refused(fields, 422, 20422)
    end
  end)

  it("accepts a name of 64 characters, however many bytes", function()
    assert.equal(201, (buy { AreaCode = "415", FriendlyName = ("ü"):rep(64) }))
  end)

  it("reports a country's requirements one at a time", function()
    refused({ PhoneNumber = "+442079460001" }, 400, 21631)
    refused({ PhoneNumber = "+493023250001" }, 400, 21615)
    refused({ PhoneNumber = "+61491570001" }, 400, 21649)
    refused({ PhoneNumber = "+33199000001" }, 400, 21631)
    local fields = { PhoneNumber = "+33199000001", AddressSid = "AD" .. ("0"):rep(31) .. "1" }
    refused(fields, 400, 21650)
    fields.IdentitySid = "RI" .. ("0"):rep(32)
    assert.equal(201, (buy(fields)))
  end)

  it("sells by type if the path names one", function()
    refused({ AreaCode = "415" }, 400, 21457, "IncomingPhoneNumbers/Local.json")
    refused({ PhoneNumber = "+14155550123" }, 400, 21458, "IncomingPhoneNumbers/TollFree.json")
    for resource, phone_number in pairs {
      Local = "+14155550123",
      TollFree = "+18005550123",
      Mobile = "+447700900123",
    } do
      local path = ("IncomingPhoneNumbers/%s.json"):format(resource)
      local status, number = send("POST", path, { PhoneNumber = phone_number })
      assert.equal(201, status)
      local _, listed = send("GET", path)
      assert.same({ number.sid }, { listed.incoming_phone_numbers[1].sid })
      assert.is_nil(listed.incoming_phone_numbers[2])
    end
  end)

  it("sells a trial account one number", function()
    twilio.accounts[twilio.credentials.account_sid].trial = true
    assert.equal(201, (buy { AreaCode = "415" }))
    local status, body = buy { AreaCode = "415" }
    assert.same({ 400, 21404 }, { status, body.code })
  end)

  describe("with test credentials", function()
    local options

    before_each(function()
      local credentials = twilio.credentials
      twilio.tokens.test = credentials.test_account_sid
      options = { sid = credentials.test_account_sid, authorization = "Bearer test" }
    end)

    it("only pretends, and echoes the parameters", function()
      for _ = 1, 2 do
        local status, number =
          buy({ PhoneNumber = "+15005550006", VoiceUrl = "https://example.com/v" }, options)
        assert.equal(201, status)
        assert.equal("https://example.com/v", number.voice_url)
      end
      assert.equal(201, (buy({ AreaCode = "500" }, options)))
      assert.equal(0, twilio.counts.purchases)
    end)

    it("refuses any other number", function()
      for code, fields in pairs {
        [21422] = { PhoneNumber = "+14155550123" },
        [21421] = { PhoneNumber = "+15005550001" },
        [21452] = { AreaCode = "415" },
        [21451] = { AreaCode = "x" },
      } do
        local status, body = buy(fields, options)
        assert.same({ 400, code }, { status, body.code })
      end
    end)

    it("forbids everything else", function()
      for _, path in ipairs { PATH, "AvailablePhoneNumbers.json" } do
        local status, body = send("GET", path, nil, options)
        assert.same({ 403, 20008 }, { status, body.code })
      end
    end)
  end)
end)
