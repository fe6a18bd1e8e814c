-- The form class at the C interface: the text of a request. Comparing a number with it is in
-- form_compare_spec.lua.
local core = require("twilio.numbers.core")
local form_of = require("spec.support.purchase_form")
local purchases = require("spec.support.purchases")
local values = require("spec.support.values")

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
