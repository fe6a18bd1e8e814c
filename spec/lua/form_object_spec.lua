-- The form class at the C interface: the text of a request, and comparing a returned number with it.
local core = require("twilio.numbers.core")
local purchases = require("spec.support.purchases")
local values = require("spec.support.values")

local HEX = ("0123456789abcdef"):rep(2)
local AP, TK, AD, AC = "AP" .. HEX, "TK" .. HEX, "AD" .. HEX, "AC" .. HEX

--- The form of a purchase by area code with these parameters.
local function form_of(params)
  if not params.phone_number then
    params.area_code = "415"
  end
  return assert(core.new_form(params))
end

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

describe("a form object", function()
  it("has the same text as the form that is a string, for parameters of all kinds", function()
    for _, kind in ipairs { "purchase", "update", "search", "list" } do
      for _, row in ipairs(core.parameters(kind)) do
        for value, sent in pairs(values.right(row)) do
          local params = { [row.name] = value }
          if kind == "purchase" and row.name ~= "phone_number" and row.name ~= "area_code" then
            params.area_code = "415"
          end
          params.near_number = row.name == "distance" and "+14155550100" or params.near_number
          params.in_lata = row.name == "in_rate_center" and "722" or params.in_lata
          local form = assert(core.new_form(params, kind))
          local is_absent = value == false and row.name:find("^exclude_")
          assert.equal(core.form(params, kind), form:text())
          assert.equal(not is_absent and sent or nil, (form:value(row.name)), row.name)
        end
      end
    end
  end)

  it("has the same text for any purchase, and the values as they were given", function()
    local seed = purchases.seed()
    for i, params in ipairs(purchases.generate(seed, 500)) do
      local form, context = assert(core.new_form(params)), purchases.describe(seed, i)
      assert.equal(core.form(params), form:text(), context)
      assert.is_false(form:is_empty(), context)
      for _, row in ipairs(core.parameters()) do
        local value = params[row.name]
        local wanted = value ~= nil and tostring(value) or nil
        assert.equal(wanted, (form:value(row.name)), context .. " " .. row.name)
      end
    end
  end)

  it("is empty without parameters", function()
    for _, kind in ipairs { "update", "search", "list" } do
      local form = assert(core.new_form({}, kind))
      assert.same({ true, "" }, { form:is_empty(), form:text() })
    end
    local form = assert(core.new_form({ exclude_all_address_required = false }, "search"))
    assert.same({ true, "" }, { form:is_empty(), form:text() })
    form = assert(core.new_form({ voice_url = "" }, "update"))
    assert.same({ false, "VoiceUrl=" }, { form:is_empty(), form:text() })
    assert.equal("", form:value("voice_url"))
  end)

  it("returns only the values of its own parameters", function()
    local form = form_of { friendly_name = "Desk" }
    for _, name in ipairs { "voice_url", "phone_number", "FriendlyName", "friendly_nam", "sid", "" } do
      assert.is_nil((form:value(name)), name)
    end
  end)

  it("reports the same problems as the form that is a string", function()
    local HOLES = setmetatable({}, { __index = { area_code = "415" } })
    for _, params in ipairs { "x", 12, true, {}, HOLES, { area_code = 41, x = 1, voice_url = "y" } } do
      local _, wanted = core.form(params)
      local form, problems = core.new_form(params)
      assert.is_nil(form)
      assert.same(wanted, problems)
    end
    local none = { problem = "type", kind = "table", type = "nil" }
    assert.same({ nil, { none } }, { core.new_form(nil) })
  end)

  it("outlives the values in the table of its parameters", function()
    local params = { phone_number = "+14155550100", friendly_name = ("Desk"):rep(10) }
    local text = core.form(params)
    local form = form_of(params)
    for name in pairs(params) do
      params[name] = nil
    end
    collectgarbage()
    for i = 1, 100 do
      assert.equal(i, #("x"):rep(i)) -- takes the memory that was given back
    end
    assert.equal(text, form:text())
    assert.equal(("Desk"):rep(10), form:value("friendly_name"))
  end)
end)

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

describe("a part of a form object", function()
  local form = form_of {
    friendly_name = "a & b",
    voice_url = "https://a.b/?c=d",
    sms_method = "GET",
  }

  it("has the differing parameters, encoded, in the order of the form", function()
    local text = "FriendlyName=a+%26+b&SmsMethod=GET&VoiceUrl=https%3A%2F%2Fa.b%2F%3Fc%3Dd"
    assert.equal(text, form:only(form:differences {}))
    assert.equal("SmsMethod=GET", form:only { { name = "sms_method" } })
    local swapped = { { name = "voice_url" }, { name = "friendly_name" }, { name = "voice_url" } }
    assert.equal("FriendlyName=a+%26+b&VoiceUrl=https%3A%2F%2Fa.b%2F%3Fc%3Dd", form:only(swapped))
  end)

  it("can be the whole form at its maximum length", function()
    local params = {}
    for _, row in ipairs(core.parameters()) do
      if row.kind == "url" then
        params[row.name] = "https://a.b/" .. ("%20"):rep(5000)
      end
    end
    local long = form_of(params)
    local differences = long:differences {}
    assert.equal(long:text(), long:only(differences) .. "&AreaCode=415")
  end)

  it("omits parameters that the form does not have", function()
    assert.equal("", form:only {})
    local others = { { name = "sms_url" }, { name = "nothing" }, { name = "sms_method" } }
    assert.equal("SmsMethod=GET", form:only(others))
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

describe("a form object that is misused", function()
  local METHODS = { "text", "is_empty", "value", "fit", "differences", "only" }

  it("raises an error with the reason", function()
    local form = form_of { friendly_name = "a" }
    local function raises(pattern, method, ...)
      local called, message = pcall(form[method], form, ...)
      assert.is_false(called)
      assert.matches(pattern, message)
    end
    for _, value in ipairs { "x", 12, true, print, io.stdout } do
      raises("table expected", "fit", value)
      raises("table expected", "differences", value)
      raises("table expected", "only", value)
      raises("^.+$", "only", { value })
    end
    for _, method in ipairs { "value", "fit", "differences", "only" } do
      raises("bad argument", method)
    end
    raises("bad argument", "value", {})
    raises("bad argument", "fit", {}, {})
    raises("string expected", "only", { {} })
    raises("string expected", "only", { { name = {} } })
    local called, message = pcall(core.new_form, {}, "nothing")
    assert.is_false(called)
    assert.matches("no such table of parameters", message)
    assert.equal("FriendlyName=a&AreaCode=415", form:text())
  end)

  it("rejects any value that is not a form", function()
    local form = form_of { friendly_name = "a" }
    for _, name in ipairs(METHODS) do
      for _, self in ipairs { "x", 12, true, {}, print, io.stdout, core.new_response() } do
        local called, message = pcall(form[name], self, {})
        assert.is_false(called)
        assert.matches("twilio%.numbers%.form expected", message)
      end
      assert.is_false(pcall(form[name]))
    end
  end)

  it("shows neither its metatable nor its parameters", function()
    local form = form_of { voice_url = "https://user:secret@a.b/" }
    assert.equal("twilio.numbers.form", getmetatable(form))
    assert.equal("twilio.numbers form", tostring(form))
    assert.is_false(pcall(setmetatable, form, {}))
  end)
end)
