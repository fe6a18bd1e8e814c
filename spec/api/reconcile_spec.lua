-- The requested settings of a purchase are compared with the returned ones.
local cjson = require("cjson")
local form = require("spec.support.form")
local scripted = require("spec.support.scripted")

local ADDRESS = "AD" .. ("ab"):rep(16)

--- A response with just these settings.
local function shows(status, settings)
  local number = { sid = scripted.NUMBER_SID, phone_number = scripted.PHONE }
  for name, value in pairs(settings) do
    number[name] = value
  end
  return { status = status, body = cjson.encode(number), echo = false }
end

local function params()
  return {
    phone_number = scripted.PHONE,
    friendly_name = "Front desk + 50 %",
    voice_caller_id_lookup = true,
    emergency_address_sid = ADDRESS,
  }
end

local SET = { friendly_name = "Front desk + 50 %", voice_caller_id_lookup = true }
local ALL = {
  friendly_name = "Front desk + 50 %",
  voice_caller_id_lookup = true,
  emergency_address_sid = ADDRESS,
}

describe("a number that was bought", function()
  it("is not updated if it has the requested settings", function()
    local client, log = scripted.client { POST = { shows(201, ALL) } }
    local number, message, info = client:purchase(params())
    assert.equal(ADDRESS, number.emergency_address_sid)
    assert.same({ nil, nil, 1 }, { message, info, #log.posts })
  end)

  it("is not updated if Twilio only added a slash to a URL without a path", function()
    for asked, got in pairs {
      ["https://example.com"] = "https://example.com/",
      ["https://example.com?a=/b"] = "https://example.com/?a=/b",
    } do
      local client, log = scripted.client { POST = { shows(201, { voice_url = got }) } }
      local _, message, incomplete =
        client:purchase { phone_number = scripted.PHONE, voice_url = asked }
      assert.same({ nil, nil, 1 }, { message, incomplete, #log.posts })
    end
    local client = scripted.client { POST = { shows(201, { voice_url = "https://example.com/" }) } }
    local other = { phone_number = scripted.PHONE, voice_url = "https://example.com/a" }
    assert.matches("did not set voice_url", (select(2, client:purchase(other))))
  end)

  it("is not updated if Twilio only trimmed its name", function()
    local client, log = scripted.client { POST = { shows(201, { friendly_name = "Front desk" }) } }
    local asked = { phone_number = scripted.PHONE, friendly_name = " Front desk \n" }
    local _, message, incomplete = client:purchase(asked)
    assert.same({ nil, nil, 1 }, { message, incomplete, #log.posts })
    client = scripted.client { POST = { shows(201, { friendly_name = "Frontdesk" }) } }
    assert.matches("did not set friendly_name", (select(2, client:purchase(asked))))
  end)

  it("gets the settings that Twilio ignored, and no others, by one update", function()
    local client, log = scripted.client { POST = { shows(201, SET), shows(200, ALL) } }
    local number, message = client:purchase(params())
    assert.equal(ADDRESS, number.emergency_address_sid)
    assert.is_nil(message)
    assert.equal(2, #log.posts)
    assert.matches("/IncomingPhoneNumbers/" .. scripted.NUMBER_SID .. ".json$", log.posts[2].url)
    assert.same({ EmergencyAddressSid = ADDRESS }, form.decode(log.posts[2].body))
  end)

  local APPLICATION, TRUNK = "AP" .. ("cd"):rep(16), "TK" .. ("ef"):rep(16)

  for name, case in pairs {
    voice_application_sid = { "voice", APPLICATION },
    trunk_sid = { "voice", TRUNK },
    sms_application_sid = { "sms", APPLICATION },
  } do
    local kind, sid = case[1], case[2]
    it("keeps its application if URLs were given too, which Twilio clears: " .. name, function()
      local asked = { phone_number = scripted.PHONE, [name] = sid, friendly_name = "x" }
      for _, field in ipairs { "_url", "_fallback_url" } do
        asked[kind .. field] = "https://example.com/"
      end
      asked[kind .. "_method"], asked[kind .. "_fallback_method"] = "GET", "GET"
      local client, log =
        scripted.client { POST = { shows(201, { [name] = sid, friendly_name = "x" }) } }
      local number, message, info = client:purchase(asked)
      assert.equal(sid, number[name])
      assert.same({ nil, nil, 1 }, { message, info, #log.posts })
    end)

    it("gets its application if Twilio set the URLs instead: " .. name, function()
      local url = kind .. "_url"
      local asked = { phone_number = scripted.PHONE, [name] = sid, [url] = "https://example.com/" }
      local client, log = scripted.client {
        POST = { shows(201, { [url] = "https://example.com/" }), shows(200, { [name] = sid }) },
      }
      assert.equal(sid, assert(client:purchase(asked))[name])
      local sent = form.decode(log.posts[2].body)
      assert.same({ sid, nil, nil }, { select(2, next(sent)), next(sent, (next(sent))) })
    end)
  end

  it("is returned with the settings that could not be applied", function()
    local client, log = scripted.client { POST = { shows(201, SET), shows(200, SET) } }
    local number, message, info = client:purchase(params())
    assert.equal(scripted.NUMBER_SID, number.sid)
    assert.matches("did not set emergency_address_sid", message)
    assert.same(
      { { name = "emergency_address_sid", asked = ADDRESS } },
      info.incomplete.differences
    )
    assert.is_nil(info.incomplete.err)
    assert.equal(2, #log.posts)
  end)

  it("is not updated if the caller disables that", function()
    local client, log = scripted.client { POST = { shows(201, SET) } }
    local number, message, info = client:purchase(params(), { complete = false })
    assert.equal(scripted.NUMBER_SID, number.sid)
    assert.matches("did not set emergency_address_sid", message)
    assert.equal(1, #info.incomplete.differences)
    assert.equal(1, #log.posts)
  end)

  it("is returned even if the update fails", function()
    local refusal = { status = 400, body = scripted.refusal(21629, "no such address") }
    local client = scripted.client { POST = { shows(201, SET), refusal } }
    local number, message, info = client:purchase(params())
    assert.equal(scripted.NUMBER_SID, number.sid)
    assert.matches("no such address", message)
    assert.same({ "api", 21629, "no" }, {
      info.incomplete.err.kind,
      info.incomplete.err.code,
      info.incomplete.err.purchased,
    })
  end)

  it("is completed if a look-up found it", function()
    local page = ('{"incoming_phone_numbers":[%s]}'):format(shows(200, SET).body)
    local client, log = scripted.client {
      POST = { { broken = "network" }, shows(200, ALL) },
      GET = { { status = 200, body = page } },
    }
    local number, message = client:purchase(params())
    assert.equal(ADDRESS, number.emergency_address_sid)
    assert.is_nil(message)
    assert.same({ EmergencyAddressSid = ADDRESS }, form.decode(log.posts[2].body))
  end)

  it("has differences without values in the message, since values may be secret", function()
    local client = scripted.client { POST = { shows(201, {}) } }
    local _, message = client:purchase {
      phone_number = scripted.PHONE,
      voice_url = "https://user:pass-word@example.com/",
    }
    assert.matches("did not set voice_url", message)
    assert.is_nil(message:find("pass-word", 1, true))
  end)
end)
