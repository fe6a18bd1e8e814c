local core = require("twilio.numbers.core")
local asked = require("twilio.numbers.journal.asked")
local options = require("twilio.numbers.config.options")

local KEY = "order-1042"

--- The names of the fields that differ between two requests with one key.
local function differences(a, b)
  return asked.differences(assert(asked.of(KEY, a)), assert(asked.of(KEY, b)))
end

--- A request as purchase_available makes it, with other fields in its filter and parameters.
local function request(filter, params, more)
  local made = { operation = "purchase_available", filter = { country = "US" }, params = params }
  for name, value in pairs(filter or {}) do
    made.filter[name] = value
  end
  for name, value in pairs(more or {}) do
    made[name] = value
  end
  return made
end

describe("a request's fingerprint", function()
  it("is the same for the same request", function()
    local filter, params = { area_code = "415" }, { voice_url = "https://example.com/voice" }
    assert.same({}, differences(request(filter, params), request(filter, params)))
  end)

  it("reports each field that differs, is missing or is new, in order", function()
    local a = request(
      { area_code = "415" },
      { voice_url = "https://a.example", sms_url = "https://a.example" }
    )
    local b = request(
      { area_code = "212" },
      { voice_url = "https://b.example", friendly_name = "x" }
    )
    assert.same({ "area_code", "friendly_name", "sms_url", "voice_url" }, differences(a, b))
    assert.same({ "area_code", "friendly_name", "sms_url", "voice_url" }, differences(b, a))
  end)

  it("compares operation, count, type and messaging service", function()
    local a = request()
    for _, name in ipairs { "operation", "count", "type", "messaging_service_sid" } do
      assert.same({ name }, differences(a, request(nil, nil, { [name] = "another" })))
    end
  end)

  it("has a hash for each field, and none of the values", function()
    local secret = "https://user:s3cr3t@example.com/voice"
    local fingerprint = asked.of(KEY, request({ area_code = "415" }, { voice_url = secret }))
    local names = {}
    for name, hash in pairs(fingerprint) do
      names[#names + 1] = name
      assert.truthy(hash:find("^%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x$"))
    end
    table.sort(names)
    assert.same({ "area_code", "country", "operation", "voice_url" }, names)
    assert.is_nil(core.encode_record(fingerprint):find("s3cr3t", 1, true))
  end)

  it("is salted with the key and the name, so that equal values do not show", function()
    local url = "https://example.com/"
    local one = asked.of("a", { params = { voice_url = url, sms_url = url } })
    local other = asked.of("b", { params = { voice_url = url } })
    assert.not_equal(one.voice_url, one.sms_url)
    assert.not_equal(one.voice_url, other.voice_url)
    assert.equal(core.hash("a", "voice_url", url), one.voice_url)
  end)

  it("uses defaults for absent fields", function()
    assert.same({}, differences(request(), request { type = "local" }))
    assert.same({ "type" }, differences(request(), request { type = "mobile" }))
    assert.same({}, differences(request(nil, nil), request(nil, {})))
  end)

  it("treats false as absent in fields of a filter for which nothing is sent", function()
    for _, row in ipairs(core.parameters("search")) do
      if row.kind == "boolean" then
        local is_default = core.form({ [row.name] = false }, "search") == ""
        local found = differences(request(), request { [row.name] = false })
        assert.same(is_default and {} or { row.name }, found)
        assert.same({ row.name }, differences(request(), request { [row.name] = true }))
      end
    end
  end)

  it("treats a number like the text that is sent for it", function()
    assert.same({}, differences(request { area_code = 415 }, request { area_code = "415" }))
    assert.same({}, differences(request { distance = 25 }, request { distance = 25.0 }))
    assert.same({ "distance" }, differences(request { distance = 25 }, request { distance = 50 }))
  end)

  it("compares a list of numbers in its order", function()
    local function many(list)
      return { operation = "purchase_many", list = list }
    end
    local a, b = "+14155550100", "+14155550101"
    assert.same({}, differences(many { a, b }, many { a, b }))
    assert.same({}, differences(many { a, b }, many { { phone_number = a }, b }))
    assert.same({ "wanted" }, differences(many { a, b }, many { b, a }))
    assert.same({ "wanted" }, differences(many { a, b }, many { a }))
    assert.same(
      { "wanted" },
      differences(many { a }, many { { phone_number = a, friendly_name = "x" } })
    )
    local one = { { phone_number = a, friendly_name = "x" }, { area_code = 415 } }
    local same = { { friendly_name = "x", phone_number = a }, { area_code = "415" } }
    assert.same({}, differences(many(one), many(same)))
  end)

  it("can be made of a list of ten thousand numbers", function()
    local list, other = {}, {}
    for i = 1, 10000 do
      list[i] = ("+1415%07d"):format(i)
      other[i] = list[i]
    end
    other[10000] = "+14155550100"
    local a = { operation = "purchase_many", list = list }
    assert.same({ "wanted" }, differences(a, { operation = "purchase_many", list = other }))
  end)

  it("compares a value that is a list in its order", function()
    local function with(types)
      return request(nil, nil, { type = types })
    end
    assert.same({}, differences(with { "local", "mobile" }, with { "local", "mobile" }))
    assert.same({ "type" }, differences(with { "local", "mobile" }, with { "mobile", "local" }))
  end)

  it("compares area codes in their order, and treats widen = false as absent", function()
    local a, b =
      request { area_codes = { "415", "628" } }, request { area_codes = { "628", "415" } }
    assert.same({ "area_codes" }, differences(a, b))
    assert.same({}, differences(a, request { area_codes = { "415", "628" } }))
    assert.same({}, differences(request(), request { widen = false }))
    assert.same({ "widen" }, differences(request(), request { widen = true }))
  end)

  it("reports values that cannot be written", function()
    local fingerprint, message = asked.of(KEY, { params = { voice_url = { "\255" } } })
    assert.is_nil(fingerprint)
    assert.truthy(message:find("not valid UTF-8", 1, true))
    fingerprint, message = asked.of(KEY, { list = { "\255" } })
    assert.is_nil(fingerprint)
    assert.truthy(message:find("not valid UTF-8", 1, true))
    fingerprint, message = asked.of(KEY, { list = { { x = { "\255" } } } })
    assert.is_nil(fingerprint)
    assert.truthy(message:find("not valid UTF-8", 1, true))
  end)

  it("differs in every field from a record without a fingerprint", function()
    assert.same({}, asked.differences(nil, nil))
    assert.same({ "country", "operation" }, asked.differences(nil, asked.of(KEY, request())))
  end)

  it("has distinct names for fields of the filter and of the parameters", function()
    local seen = {}
    for _, row in ipairs(core.parameters("search")) do
      seen[row.name] = true
    end
    for _, row in ipairs(core.parameters()) do
      assert.is_true(not seen[row.name] or row.name == "area_code", row.name)
    end
  end)

  -- Options of the call are not compared; none of the fields of a request is one.
  it("has no field for how a request is carried out", function()
    local compared = { type = true, messaging_service_sid = true }
    local fingerprint = asked.of(KEY, { operation = "purchase", type = "local", timeout = 5 })
    assert.is_nil(fingerprint.timeout)
    for _, rows in ipairs { options.PURCHASE, options.AVAILABLE, options.MANY } do
      for _, row in ipairs(rows) do
        local found = asked.of(KEY, { [row.name] = "x" })
        assert.equal(compared[row.name] or false, found[row.name] ~= nil, row.name)
      end
    end
  end)
end)
