-- Whether a number matches a filter, by its own fields.
local fit = require("twilio.numbers.api.fit")

local function with(defaults, fields)
  local all = {}
  for _, part in ipairs { defaults, fields } do
    for name, value in pairs(part) do
      all[name] = value
    end
  end
  return all
end

local function number(fields)
  return with({ phone_number = "+14155550100", iso_country = "US" }, fields)
end

local function filter(fields)
  return with({ country = "US", type = "local" }, fields)
end

--- The names of the fields in which a number contradicts a filter.
local function contradicted(asked, said)
  local names = {}
  for i, difference in ipairs(fit.differences(filter(asked), number(said))) do
    names[i] = difference.name
  end
  return table.concat(names, " ")
end

describe("A number contradicts", function()
  for name, case in pairs {
    country = { {}, { iso_country = "CA" } },
    area_code = { { area_code = "628" }, {} },
    ["area_code as a number"] = { { area_code = 628 }, {}, "area_code" },
    ["area_code of another country"] = {
      { area_code = "207" },
      { phone_number = "+442071838750" },
      "area_code",
    },
    type = { {}, { type = "mobile" } },
    ["type as another of Twilio's pages spells it"] = { {}, { type = "tollfree" }, "type" },
    sms_enabled = { { sms_enabled = true }, { capabilities = { sms = false } } },
    ["sms_enabled = false"] = {
      { sms_enabled = false },
      { capabilities = { SMS = true } },
      "sms_enabled",
    },
    mms_enabled = { { mms_enabled = true }, { capabilities = { MMS = false, mms = false } } },
    voice_enabled = { { voice_enabled = false }, { capabilities = { voice = true } } },
    fax_enabled = { { fax_enabled = true }, { capabilities = { fax = false } } },
    beta = { { beta = false }, { beta = true } },
    exclude_all_address_required = {
      { exclude_all_address_required = true },
      { address_requirements = "any" },
    },
    exclude_local_address_required = {
      { exclude_local_address_required = true },
      { address_requirements = "local" },
    },
    exclude_foreign_address_required = {
      { exclude_foreign_address_required = true },
      { address_requirements = "foreign" },
    },
  } do
    it(name, function()
      assert.equal(case[3] or name, contradicted(case[1], case[2]))
    end)
  end

  it("nothing by fields that are absent or of an unknown form", function()
    local asked = { sms_enabled = true, beta = false, exclude_all_address_required = true }
    for _, said in ipairs {
      {},
      { capabilities = {} },
      { capabilities = "sms" },
      { capabilities = { sms = "yes", [1] = true } },
      { type = "satellite", iso_country = 1, beta = "no", address_requirements = true },
    } do
      assert.equal("", contradicted(asked, said))
    end
  end)

  it("no filter that it matches", function()
    local asked = {
      area_code = 415,
      sms_enabled = true,
      mms_enabled = false,
      beta = true,
      exclude_local_address_required = true,
      exclude_foreign_address_required = false,
    }
    local said = {
      type = "local",
      beta = false,
      capabilities = { SMS = true, MMS = false },
      address_requirements = "foreign",
    }
    assert.equal("", contradicted(asked, said))
    asked = { type = "toll_free", area_code = "800" }
    assert.equal("", contradicted(asked, { phone_number = "+18005550100", type = "tollfree" }))
  end)

  it("a filter, with the requested and the actual value reported", function()
    local said = number { capabilities = { SMS = false } }
    assert.same(
      { { name = "sms_enabled", asked = true, got = false } },
      fit.differences(filter { sms_enabled = true }, said)
    )
  end)
end)

describe("A number lacks an address", function()
  it("that it requires if neither an address nor a bundle is given", function()
    for _, requirement in ipairs { "any", "local", "foreign" } do
      local candidate = { address_requirements = requirement }
      assert.is_true(fit.lacks_address({}, candidate))
      assert.is_false(fit.lacks_address({ address_sid = "AD" }, candidate))
      assert.is_false(fit.lacks_address({ bundle_sid = "BU" }, candidate))
    end
    assert.is_false(fit.lacks_address({}, { address_requirements = "none" }))
    assert.is_false(fit.lacks_address({}, {}))
  end)
end)
