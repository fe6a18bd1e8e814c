-- The form class at the C interface: comparing a returned number with the settings of a request.
local core = require("twilio.numbers.core")
local form_of = require("spec.support.purchase_form")
local purchases = require("spec.support.purchases")
local values = require("spec.support.values")

local HEX = ("0123456789abcdef"):rep(2)
local AP, TK, AD, AC = "AP" .. HEX, "TK" .. HEX, "AD" .. HEX, "AC" .. HEX

--- The names of the differences, joined; fit() must agree with them.
local function names(form, number)
  local differences = form:differences(number)
  local list = {}
  for i, difference in ipairs(differences or {}) do
    list[i] = difference.name
  end
  assert.equal(differences and "incomplete" or "whole", form:fit(number))
  return table.concat(list, " ")
end

-- The requested settings, the number's, and the names of the differences.
local COMPARED = {
  ["what is the same"] = { { voice_url = "https://a.b/c" }, { voice_url = "https://a.b/c" }, "" },
  ["what is not the same"] = {
    { voice_url = "https://a.b/c" },
    { voice_url = "https://a.b/C" },
    "voice_url",
  },
  ["what is absent"] = { { voice_url = "https://a.b/c" }, {}, "voice_url" },
  ["what is empty"] = { { voice_url = "https://a.b/c" }, { voice_url = "" }, "voice_url" },
  ["what is a table"] = { { voice_url = "https://a.b/c" }, { voice_url = {} }, "voice_url" },
  ["a name that is nil as a word"] = { { friendly_name = "nil" }, {}, "friendly_name" },
  ["a number for the text of it"] = { { friendly_name = "42" }, { friendly_name = 42 }, "" },
  ["another number for a text"] = {
    { friendly_name = "42" },
    { friendly_name = 43 },
    "friendly_name",
  },
  ["what was not asked for"] = { {}, { voice_url = "https://a.b/c", friendly_name = "x" }, "" },
  ["settings in the order of the form"] = {
    { voice_url = "https://a.b/", friendly_name = "x", sms_method = "GET", address_sid = AD },
    { friendly_name = "x" },
    "sms_method voice_url address_sid",
  },

  ["a URL that got a slash for its path"] = {
    { voice_url = "https://a.b" },
    { voice_url = "https://a.b/" },
    "",
  },
  ["a URL that got a slash before its query"] = {
    { voice_url = "https://u:p@a.b:8443?c=/d" },
    { voice_url = "https://u:p@a.b:8443/?c=/d" },
    "",
  },
  ["a URL that got a slash before its fragment"] = {
    { sms_url = "HTTP://a.b#c" },
    { sms_url = "HTTP://a.b/#c" },
    "",
  },
  ["a URL that got a slash behind its path"] = {
    { voice_url = "https://a.b/c" },
    { voice_url = "https://a.b/c/" },
    "voice_url",
  },
  ["a URL that got a second slash"] = {
    { voice_url = "https://a.b/" },
    { voice_url = "https://a.b//" },
    "voice_url",
  },
  ["a URL that got a slash in its query"] = {
    { voice_url = "https://a.b?c" },
    { voice_url = "https://a.b?c/" },
    "voice_url",
  },
  ["a URL that got another byte than a slash"] = {
    { voice_url = "https://a.b?c" },
    { voice_url = "https://a.b:?c" },
    "voice_url",
  },
  ["a URL that got a slash, and another host"] = {
    { voice_url = "https://a.b?c" },
    { voice_url = "https://x.b/?c" },
    "voice_url",
  },
  ["a URL that got a slash, and another query"] = {
    { voice_url = "https://a.b?c" },
    { voice_url = "https://a.b/?d" },
    "voice_url",
  },
  ["a URL that got a slash, and more behind it"] = {
    { voice_url = "https://a.b?c" },
    { voice_url = "https://a.b/?cd" },
    "voice_url",
  },
  ["a URL that lost its slash"] = {
    { voice_url = "https://a.b/" },
    { voice_url = "https://a.b" },
    "voice_url",
  },
  ["a name that is no URL and got a slash"] = {
    { friendly_name = "://a", api_version = "a1://b" },
    { friendly_name = "://a/", api_version = "a1://b/" },
    "api_version friendly_name",
  },
  ["a name with less than a host that got a slash"] = {
    { friendly_name = "a://?b", api_version = "a://" },
    { friendly_name = "a:///?b", api_version = "a:///" },
    "api_version friendly_name",
  },

  ["a name without the blanks around it"] = {
    { friendly_name = " \t\r\n a b \n" },
    { friendly_name = "a b" },
    "",
  },
  ["a name with the blanks around it"] = {
    { friendly_name = " a " },
    { friendly_name = " a " },
    "",
  },
  ["a name without one of the blanks around it"] = {
    { friendly_name = " a " },
    { friendly_name = "a " },
    "friendly_name",
  },
  ["a name of blanks that is empty"] = { { friendly_name = " \t" }, { friendly_name = "" }, "" },
  ["a name without another byte at its end"] = {
    { friendly_name = "a\11" },
    { friendly_name = "a" },
    "friendly_name",
  },
  ["another text without the blanks around it"] = {
    { api_version = " a " },
    { api_version = "a" },
    "api_version",
  },

  ["a boolean that is true"] = {
    { voice_caller_id_lookup = true },
    { voice_caller_id_lookup = true },
    "",
  },
  ["a boolean that is false"] = {
    { voice_caller_id_lookup = false },
    { voice_caller_id_lookup = false },
    "",
  },
  ["a boolean that is another"] = {
    { voice_caller_id_lookup = false },
    { voice_caller_id_lookup = true },
    "voice_caller_id_lookup",
  },
  ["a boolean that is absent"] = {
    { voice_caller_id_lookup = false },
    {},
    "voice_caller_id_lookup",
  },
  ["a boolean that is a word"] = {
    { voice_caller_id_lookup = true },
    { voice_caller_id_lookup = "true" },
    "",
  },

  ["another phone number, which is no setting"] = {
    { phone_number = "+14155550100", friendly_name = "a" },
    { friendly_name = "a" },
    "",
  },
  ["an area code, which is no setting"] = { { area_code = "415" }, { area_code = "510" }, "" },
}

--- The settings that an application or a trunk overrides.
local VOICE = {
  voice_url = "https://a.b/",
  voice_method = "GET",
  voice_fallback_url = "https://a.b/f",
  voice_fallback_method = "GET",
}
local SMS = {
  sms_url = "https://a.b/",
  sms_method = "GET",
  sms_fallback_url = "https://a.b/f",
  sms_fallback_method = "GET",
}
local VOICE_NAMES = "voice_fallback_method voice_fallback_url voice_method voice_url"
local SMS_NAMES = "sms_fallback_method sms_fallback_url sms_method sms_url"

local function both(a, b)
  local all = {}
  for _, values_of in ipairs { a, b } do
    for name, value in pairs(values_of) do
      all[name] = value
    end
  end
  return all
end

COMPARED["a SID in the other case of letters"] = {
  { address_sid = AD, trunk_sid = "TK" .. HEX:upper() },
  { address_sid = "AD" .. HEX:upper(), trunk_sid = TK },
  "",
}
COMPARED["another SID"] = {
  { address_sid = AD },
  { address_sid = AD:gsub("0", "1", 1) .. "" },
  "address_sid",
}
COMPARED["a text in the other case of letters"] = {
  { friendly_name = AD },
  { friendly_name = AD:upper() },
  "friendly_name",
}
COMPARED["voice URLs that nothing sets aside"] = { VOICE, {}, VOICE_NAMES }
COMPARED["voice URLs that an application sets aside"] = {
  both(VOICE, { voice_application_sid = AP }),
  { voice_application_sid = AP },
  "",
}
COMPARED["voice URLs that an application sets aside which was not set"] = {
  both(VOICE, { voice_application_sid = AP }),
  {},
  "voice_application_sid",
}
COMPARED["voice URLs that a trunk sets aside"] = {
  both(VOICE, { trunk_sid = TK }),
  { trunk_sid = TK },
  "",
}
COMPARED["voice URLs beside an application for messages"] = {
  both(VOICE, { sms_application_sid = AP }),
  { sms_application_sid = AP },
  VOICE_NAMES,
}
COMPARED["URLs for messages that nothing sets aside"] = { SMS, {}, SMS_NAMES }
COMPARED["URLs for messages that an application sets aside"] = {
  both(SMS, { sms_application_sid = AP }),
  { sms_application_sid = AP },
  "",
}
COMPARED["URLs for messages beside a trunk"] = {
  both(SMS, { trunk_sid = TK }),
  { trunk_sid = TK },
  SMS_NAMES,
}
COMPARED["URLs for messages beside an application for calls"] = {
  both(SMS, { voice_application_sid = AP }),
  { voice_application_sid = AP },
  SMS_NAMES,
}
COMPARED["what no application and no trunk sets aside"] = {
  {
    trunk_sid = TK,
    sms_application_sid = AP,
    voice_receive_mode = "fax",
    voice_caller_id_lookup = true,
    status_callback = "https://a.b/",
  },
  { trunk_sid = TK, sms_application_sid = AP },
  "status_callback voice_caller_id_lookup voice_receive_mode",
}

describe("a form object compares", function()
  for what, case in pairs(COMPARED) do
    it(what, function()
      local form = form_of(both(case[1], {}))
      assert.equal(case[3], names(form, case[2]))
    end)
  end

  it("each setting of a purchase except the number itself", function()
    for _, row in ipairs(core.parameters()) do
      local is_setting = row.kind ~= "phone" and row.kind ~= "area_code"
      for value in pairs(values.right(row)) do
        local form = form_of { [row.name] = value }
        assert.equal("", names(form, { [row.name] = value }))
        assert.equal(is_setting and row.name or "", names(form, {}))
      end
    end
  end)

  it("any number with any purchase like a number with those settings", function()
    local seed = purchases.seed()
    for i, params in ipairs(purchases.generate(seed, 200)) do
      assert.equal("", names(form_of(params), params), purchases.describe(seed, i))
    end
  end)

  it("requested with actual values, and returns both unchanged", function()
    local form = form_of { friendly_name = "a&b", voice_caller_id_lookup = true, address_sid = AD }
    local number = { friendly_name = 42, voice_caller_id_lookup = false }
    assert.same({
      { name = "friendly_name", asked = "a&b", got = 42 },
      { name = "voice_caller_id_lookup", asked = "true", got = false },
      { name = "address_sid", asked = AD },
    }, form:differences(number))
    assert.same({ friendly_name = 42, voice_caller_id_lookup = false }, number)
  end)

  it("the fields of a number without its metamethods", function()
    local trap = function()
      error("a metamethod ran")
    end
    local number = setmetatable(
      { friendly_name = "a" },
      { __index = trap, __eq = trap, __len = trap }
    )
    local form =
      form_of { friendly_name = "a", voice_method = "GET", phone_number = "+14155550100" }
    assert.equal("voice_method", names(form, number))
    number.friendly_name = setmetatable({}, { __tostring = trap, __eq = trap })
    assert.equal("friendly_name voice_method", names(form, number))
    assert.equal("incomplete", form:fit(number, AC))
  end)
end)

describe("a number", function()
  local PHONE = "+14155550100"
  local form = form_of { phone_number = PHONE, friendly_name = "a" }

  local function fit(number, account_sid)
    return form:fit(number, account_sid)
  end

  it("that was requested fits a form completely or incompletely", function()
    assert.equal("whole", fit { phone_number = PHONE, friendly_name = "a" })
    assert.equal("incomplete", fit { phone_number = PHONE, friendly_name = "b" })
  end)

  it("other than the requested one fits no form, whatever its settings are", function()
    for _, other in ipairs {
      "+14155550101",
      "+1415555010",
      "+141555501000",
      "",
      14155550100,
      {},
      true,
    } do
      assert.equal("other", fit { phone_number = other, friendly_name = "a" })
      assert.equal("other", fit { phone_number = other })
    end
  end)

  it("of another account fits no form, ignoring the case of letters", function()
    local number = { friendly_name = "a", account_sid = AC }
    assert.equal("whole", fit(number, AC))
    assert.equal("whole", fit(number, "ac" .. HEX:upper()))
    for _, other in ipairs { "AC" .. ("0"):rep(32), "AC" .. HEX .. "0", "AC", "" } do
      assert.equal("other", fit(number, other))
    end
    for _, account_sid in ipairs { "", 12, {}, false } do
      assert.equal("other", fit({ friendly_name = "a", account_sid = account_sid }, AC))
    end
    for _, account_sid in ipairs { 12, {}, false } do
      assert.equal("other", fit({ friendly_name = "a", account_sid = account_sid }, ""))
    end
  end)

  it("without its number or its account contradicts nothing", function()
    assert.equal("whole", fit({ friendly_name = "a" }, AC))
    assert.equal("incomplete", fit({}, AC))
    assert.equal("whole", fit { friendly_name = "a", account_sid = AC })
  end)

  it("fits a form that requests none, whatever it is", function()
    local by_area = form_of { friendly_name = "a" }
    assert.equal("whole", by_area:fit({ phone_number = "+1", friendly_name = "a" }, AC))
  end)
end)
