local core = require("twilio.numbers.core")
local form = require("spec.support.form")
local scripted = require("spec.support.scripted")
local values = require("spec.support.values")

local HEX = ("0123456789abcdef"):rep(2)

describe("the parameters of a purchase", function()
  local client, log

  before_each(function()
    client, log = scripted.client { POST = { { status = 201, body = scripted.body() } } }
  end)

  --- Buys with these parameters, which must be refused with nothing sent.
  local function refused(params)
    local number, message, err = client:purchase(params)
    assert.is_nil(number)
    assert.equal("invalid", err.kind)
    assert.equal("no", err.purchased)
    assert.equal(0, err.attempts)
    assert.equal(0, #log.posts + #log.gets)
    assert.equal(message, tostring(err))
    return err.problems, message
  end

  local function names(problems)
    local list = {}
    for i, problem in ipairs(problems) do
      list[i] = problem.name
    end
    return list
  end

  --- The required parameters of a purchase, and these.
  local function with(name, value)
    local params = { [name] = value }
    if name ~= "phone_number" and name ~= "area_code" then
      params.area_code = "415"
    end
    return params
  end

  it("are the 24 in Twilio's description", function()
    local rows = core.parameters()
    assert.equal(24, #rows)
    for _, row in ipairs(rows) do
      local wire = row.name:gsub("^%l", string.upper):gsub("_(%l)", string.upper)
      assert.equal(wire, row.wire_name)
    end
  end)

  for _, row in ipairs(core.parameters()) do
    describe(row.name, function()
      it("is sent under Twilio's name", function()
        for value, sent in pairs(values.right(row)) do
          log.posts[1] = nil
          assert(client:purchase(with(row.name, value)))
          assert.equal(sent, form.decode(log.posts[1].body)[row.wire_name])
        end
      end)

      it("is refused by name if its value is invalid", function()
        for _, value in ipairs(values.WRONG[row.kind]) do
          assert.same({ row.name }, names(refused(with(row.name, value))))
        end
      end)

      it("is refused by name if its type is wrong", function()
        for _, value in ipairs(values.wrong_types(row.kind)) do
          local problems, message = refused(with(row.name, value))
          assert.same({ row.name }, names(problems))
          assert.truthy(message:find(row.name .. " must be ", 1, true), message)
          assert.truthy(message:find("got a " .. type(value), 1, true), message)
        end
      end)

      if row.kind ~= "boolean" then
        if row.kind == "url" then
          it("if empty is refused with the hint that an update can clear it", function()
            local _, message = refused(with(row.name, ""))
            assert.matches("or clear it by an update after the purchase", message, 1, true)
          end)
        end

        it("is refused if it is empty, not a string, or too long", function()
          for value, words in pairs(values.WRONG_TEXT) do
            local problems = refused(with(row.name, value))
            assert.same({ row.name }, names(problems))
            assert.truthy(problems[1].message:match(words), problems[1].message)
          end
        end)
      end
    end)
  end

  it("may hold a friendly_name of 64 characters, however many bytes", function()
    for _, character in ipairs { "a", "ü", "€", "\240\159\152\128" } do
      assert(client:purchase { area_code = "415", friendly_name = character:rep(64) })
      log.posts[1] = nil
      local problems = refused { area_code = "415", friendly_name = character:rep(65) }
      assert.same({ "friendly_name" }, names(problems))
      assert.truthy(problems[1].message:find("64", 1, true))
    end
  end)

  it("may hold a text of 16384 bytes", function()
    assert(client:purchase { area_code = "415", api_version = ("a"):rep(16384) })
  end)

  it("are all reported at once, in the order of their names", function()
    local problems, message = refused {
      voice_url = "nonsense",
      trunk_sid = 12,
      sms_method = "PATCH",
      friendly_name = ("x"):rep(65),
      address_sid = "AC" .. HEX,
      voice_caller_id_lookup = "yes",
      emergency_status = "",
      phone_number = "555",
      colour = "red",
    }
    assert.same({
      "address_sid",
      "colour",
      "emergency_status",
      "friendly_name",
      "phone_number",
      "sms_method",
      "trunk_sid",
      "voice_caller_id_lookup",
      "voice_url",
    }, names(problems))
    for _, problem in ipairs(problems) do
      assert.truthy(message:find(problem.message, 1, true), problem.message)
    end
  end)

  it("are reported in the same order each time", function()
    local params = { phone_number = "x", area_code = "y", trunk_sid = "z", Phone = 1 }
    params.voice_application_sid = "z"
    local _, expected = refused(params)
    for _ = 1, 20 do
      local copy = {}
      for i = 1, 30 do
        copy["filler" .. i] = true
      end
      for name, value in pairs(params) do
        copy[name] = value
      end
      for i = 1, 30 do
        copy["filler" .. i] = nil
      end
      local _, message = refused(copy)
      assert.equal(expected, message)
    end
  end)

  it("need exactly one of phone_number and area_code", function()
    local none = refused {}
    assert.same({ "phone_number" }, names(none))
    assert.equal("give phone_number or area_code", none[1].message)
    local both = refused { phone_number = "+15005550006", area_code = "415" }
    assert.same({ "phone_number" }, names(both))
    assert.equal("give only one of phone_number and area_code", both[1].message)
  end)

  it("count an invalid phone_number as present", function()
    assert.equal(1, #refused { phone_number = "x" })
    assert.equal(1, #refused { area_code = false })
  end)

  it("cannot hold a trunk and a voice application, since each deletes the other", function()
    local problems = refused {
      area_code = "415",
      trunk_sid = "TK" .. HEX,
      voice_application_sid = "AP" .. HEX,
    }
    assert.same({ "trunk_sid" }, names(problems))
    assert.truthy(problems[1].message:find("voice_application_sid", 1, true))
  end)

  it("are refused with an unknown name, and suggest the nearest one", function()
    local meant = {
      PhoneNumber = "phone_number",
      ["phone number"] = "phone_number",
      frendly_name = "friendly_name",
      smsurl = "sms_url",
      VoiceUrl = "voice_url",
      bundle_id = "bundle_sid",
    }
    for name, known in pairs(meant) do
      local problems = refused { area_code = "415", [name] = "x" }
      assert.equal(1, #problems)
      local expected = ('there is no parameter "%s"; did you mean %s?'):format(name, known)
      assert.equal(expected, problems[1].message)
    end
    local problems = refused { area_code = "415", colour = "red" }
    assert.equal('there is no parameter "colour"', problems[1].message)
  end)

  it("are refused with a misspelled name", function()
    for _, name in ipairs { "phone_number ", "phone_number\0", "Phone_number", "phone_numbe" } do
      assert.equal(2, #refused { [name] = "+15005550006" })
    end
  end)

  it("must be a table", function()
    local thread = coroutine.create(function() end)
    for _, value in ipairs { "+15005550006", 12, true, false, print, thread, io.stdout } do
      local problems, message = refused(value)
      assert.same({ "params" }, names(problems))
      assert.truthy(message:find("must be a plain table, got a " .. type(value), 1, true), message)
    end
    local _, message = refused(nil)
    assert.truthy(message:find("must be a plain table, got nil", 1, true), message)
  end)

  it("are never modified", function()
    local params = { phone_number = "+15005550006", friendly_name = "x" }
    assert(client:purchase(params))
    assert.same({ phone_number = "+15005550006", friendly_name = "x" }, params)
  end)
end)
