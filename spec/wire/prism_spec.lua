-- The module's requests, checked by Prism against Twilio's own OpenAPI document; and whether the module's
-- checks agree with it.

if require("spec.support.left_out").without_npm("spec/wire/prism_spec.lua") then
  return
end

local cjson = require("cjson")
local core = require("twilio.numbers.core")
local prism = require("spec.support.prism")
local purchases = require("spec.support.purchases")

local ACCOUNT_SID = "AC" .. ("0123456789abcdefABCDEF"):rep(2):sub(1, 32)
local POST = ("post /2010-04-01/Accounts/%s/IncomingPhoneNumbers.json"):format(ACCOUNT_SID)
local COUNT = 288

---A copy without JSON's nulls, like the module returns.
local function without_null(value)
  if type(value) ~= "table" then
    return value
  end
  local copy = {}
  for name, part in pairs(value) do
    if part ~= cjson.null then
      copy[name] = without_null(part)
    end
  end
  return copy
end

describe("Twilio's OpenAPI document", function()
  local server, client, properties

  local block = { setup = setup, teardown = teardown, before_each = before_each }
  prism.shared(block, ACCOUNT_SID, function(started, its_client)
    server, client = started, its_client
    local body = server:operation().requestBody.content["application/x-www-form-urlencoded"]
    properties = body.schema.properties
  end)

  describe("and the purchases that the module sends", function()
    local seed = purchases.seed()
    local list = purchases.generate(seed, COUNT)

    it("allows every one of them, and receives each once", function()
      local json = server:operation().responses["201"].content["application/json"]
      local example = without_null(json.examples.create.value)
      local any_number = example.phone_number
      local expected = {}
      for i, params in ipairs(list) do
        local number, message = client:purchase(params, { complete = false })
        assert(number, ("%s: %s"):format(purchases.describe(seed, i), tostring(message)))
        example.account_sid = ACCOUNT_SID
        example.phone_number = params.phone_number or any_number
        assert.same(example, number)
        expected[i] = POST
      end
      assert.same(expected, server:requests())
    end)

    it("includes every parameter in some of them, and omits it in others", function()
      local counts = purchases.count(list)
      for wire_name in pairs(properties) do
        local name = wire_name:gsub("%u", "_%1"):lower():sub(2)
        local seen = counts[name]
        assert(seen, "never generated: " .. name)
        assert.is_true(seen.absent > 0 and seen.absent < COUNT, name)
        for _, choice in ipairs(server:resolve(properties[wire_name]).enum or {}) do
          assert.is_truthy(seen[choice], name .. " is never " .. choice)
        end
      end
      assert.is_truthy(counts.voice_caller_id_lookup["true"])
      assert.is_truthy(counts.voice_caller_id_lookup["false"])
    end)

    it("allows a purchase for a subaccount", function()
      local subaccount = "AC" .. ("9f"):rep(16)
      local params = { phone_number = "+15005550006" }
      assert(client:purchase(params, { account_sid = subaccount }))
      assert.same({ (POST:gsub(ACCOUNT_SID, subaccount)) }, server:requests())
    end)
  end)

  describe("refuses what the module does not send:", function()
    local function encode(text)
      return (text:gsub("[^%w]", function(c)
        return ("%%%02X"):format(c:byte())
      end))
    end

    ---Whether Prism's response blames the parameter.
    local function blames(answer, wire_name)
      for _, violation in ipairs(answer.validation) do
        if violation.location[1] == "body" and violation.location[2] == wire_name then
          return true
        end
      end
      return false
    end

    local function refused(name, wire_name, value)
      it(name .. " = " .. cjson.encode(value), function()
        local params = { phone_number = "+15005550006", [name] = value }
        local number, _, err = client:purchase(params)
        assert.is_nil(number)
        assert.equal("invalid", err.kind)
        assert.equal("no", err.purchased)
        assert.equal(0, err.attempts)
        assert.equal(1, #err.problems)
        assert.equal(name, err.problems[1].name)
        assert.same({}, server:requests())

        local body = "PhoneNumber=%2B15005550006&" .. wire_name .. "=" .. encode(value)
        local status, answer = server:post(body)
        assert.equal(422, status)
        assert.is_true(blames(answer, wire_name), cjson.encode(answer))
      end)
    end

    local SIDS = {
      { "sms_application_sid", "SmsApplicationSid", "AP", "AD" },
      { "voice_application_sid", "VoiceApplicationSid", "AP", "TK" },
      { "emergency_address_sid", "EmergencyAddressSid", "AD", "AP" },
      { "trunk_sid", "TrunkSid", "TK", "AP" },
      { "identity_sid", "IdentitySid", "RI", "RN" },
      { "address_sid", "AddressSid", "AD", "AC" },
      { "bundle_sid", "BundleSid", "BU", "BN" },
    }
    for _, row in ipairs(SIDS) do
      local name, wire_name, prefix, other = row[1], row[2], row[3], row[4]
      local digits = ("0123456789abcdef"):rep(2)
      refused(name, wire_name, other .. digits)
      refused(name, wire_name, prefix:lower() .. digits)
      refused(name, wire_name, prefix .. digits:sub(2))
      refused(name, wire_name, prefix .. digits .. "0")
      refused(name, wire_name, prefix .. digits .. "\n")
      refused(name, wire_name, " " .. prefix .. digits:sub(2))
      refused(name, wire_name, prefix .. digits:gsub("f$", "g"))
      refused(name, wire_name, prefix)
      refused(name, wire_name, digits)
      refused(name, wire_name, "")
    end

    local METHODS = {
      { "sms_fallback_method", "SmsFallbackMethod" },
      { "sms_method", "SmsMethod" },
      { "status_callback_method", "StatusCallbackMethod" },
      { "voice_fallback_method", "VoiceFallbackMethod" },
      { "voice_method", "VoiceMethod" },
    }
    for _, row in ipairs(METHODS) do
      for _, value in ipairs { "PUT", "HEAD", "get", "Post", "GET POST", "GE", "POST ", "" } do
        refused(row[1], row[2], value)
      end
    end

    local CHOICES = {
      { "emergency_status", "EmergencyStatus", { "active", "INACTIVE", "Active Inactive", "" } },
      { "voice_receive_mode", "VoiceReceiveMode", { "Voice", "FAX", "sms", "voice fax", "" } },
      { "voice_caller_id_lookup", "VoiceCallerIdLookup", { "yes", "on", "TRUE", "0x1" } },
    }
    for _, row in ipairs(CHOICES) do
      for _, value in ipairs(row[3]) do
        refused(row[1], row[2], value)
      end
    end

    local URLS = {
      { "sms_fallback_url", "SmsFallbackUrl" },
      { "sms_url", "SmsUrl" },
      { "status_callback", "StatusCallback" },
      { "voice_fallback_url", "VoiceFallbackUrl" },
      { "voice_url", "VoiceUrl" },
    }
    for _, row in ipairs(URLS) do
      refused(row[1], row[2], "example.com/voice")
      refused(row[1], row[2], "/voice")
      refused(row[1], row[2], "https://example.com/a b")
      refused(row[1], row[2], "https://example.com/\195\164")
      refused(row[1], row[2], "https://example.com/{id}")
      refused(row[1], row[2], "https://example.com/100%")
      refused(row[1], row[2], "https://example.com/%zz")
      refused(row[1], row[2], "https://exa%mple/")
      refused(row[1], row[2], "https://example.com/[x]")
      refused(row[1], row[2], "https://example.com/#[")
      refused(row[1], row[2], "https://example.com/#b#c")
      refused(row[1], row[2], "https://[:::]/")
    end
  end)

  describe("and the module's table of parameters", function()
    it("have the same 24 names", function()
      local expected, names = {}, {}
      for wire_name in pairs(properties) do
        expected[#expected + 1] = wire_name
      end
      for _, row in ipairs(core.parameters()) do
        names[#names + 1] = row.wire_name
        local snake_case = row.wire_name:gsub("%u", "_%1"):lower():sub(2)
        assert.equal(snake_case, row.name)
      end
      table.sort(expected)
      table.sort(names)
      assert.equal(24, #names)
      assert.same(expected, names)
    end)

    ---The document's kind of a parameter, and what it expects.
    local function described(property)
      local schema = server:resolve(property)
      if schema.pattern then
        assert.equal(34, schema.minLength)
        assert.equal(34, schema.maxLength)
        return "sid", assert(schema.pattern:match("^%^(%u%u)%[0%-9a%-fA%-F%]{32}%$$"))
      elseif schema.enum then
        return "choice", table.concat(schema.enum, " ")
      elseif schema.format == "uri" then
        return "url"
      elseif schema.format == "phone-number" then
        return "phone"
      end
      assert.is_nil(schema.format)
      return schema.type
    end

    ---For the document these are strings like any other; their rules stand in its prose.
    local STRINGS = { text = true, area_code = true }

    it("have the same kinds, prefixes and choices", function()
      for _, row in ipairs(core.parameters()) do
        local kind, expects = described(properties[row.wire_name])
        local own = STRINGS[row.kind] and "string" or row.kind
        assert.equal(kind, own, row.name)
        assert.equal(expects, row.expects, row.name)
      end
    end)

    it("have the same limit of a friendly name, and none for other strings", function()
      for _, row in ipairs(core.parameters()) do
        local words = properties[row.wire_name].description or ""
        local characters = tonumber(words:match("up to (%d+) characters"))
        assert.equal(characters, row.most, row.name)
      end
    end)
  end)
end)
