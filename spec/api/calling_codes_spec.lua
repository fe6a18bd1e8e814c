--- The table of calling codes.
local calling_codes = require("twilio.numbers.api.calling_codes")

describe("The calling code of a number", function()
  for phone_number, expected in pairs {
    ["+14155550100"] = "1",
    ["+16715550100"] = "1",
    ["+447700900000"] = "44",
    ["+4930232125"] = "49",
    ["+353861234567"] = "353",
    ["+35880012345"] = "358",
    ["+77011234567"] = "7",
    ["+2125550100"] = "212",
    ["+27821234567"] = "27",
    ["+886912345678"] = "886",
  } do
    it("is found: " .. phone_number, function()
      assert.equal(expected, calling_codes.of(phone_number))
    end)
  end

  it("is nil for global networks, freephone and unassigned codes", function()
    for _, phone_number in ipairs {
      "+80012345678",
      "+88312345",
      "+870123456",
      "+21012345",
      "+0",
      "+",
    } do
      assert.is_nil(calling_codes.of(phone_number))
    end
  end)

  it("is found from a prefix that contains it", function()
    assert.equal("44", calling_codes.of("+44"))
    assert.is_nil(calling_codes.of("+4"))
    assert.is_nil(calling_codes.of("+35"))
  end)
end)

describe("The countries of a calling code", function()
  local all = {}

  for first = 1, 9 do
    for _, digits in ipairs { "", "%d", "%02d" } do
      for rest = 0, digits == "" and 0 or digits == "%d" and 9 or 99 do
        local code = first .. (digits == "" and "" or digits:format(rest))
        if calling_codes.of("+" .. code) == code then
          all[#all + 1] = code
        end
      end
    end
  end

  it("are known for all codes that ITU-T E.164 assigns to countries", function()
    assert.equal(208, #all)
  end)

  it("are ISO 3166-1 codes without duplicates", function()
    for _, code in ipairs(all) do
      local countries, seen = calling_codes.countries(code), {}
      assert.is_true(#countries > 0, code)
      for _, country in ipairs(countries) do
        assert.matches("^%u%u$", country)
        assert.is_nil(seen[country], code .. " " .. country)
        seen[country] = true
      end
    end
  end)

  it("have calling codes of which none is a prefix of another", function()
    local is_code = {}
    for _, code in ipairs(all) do
      is_code[code] = true
    end
    for _, code in ipairs(all) do
      for length = 1, #code - 1 do
        assert.is_nil(is_code[code:sub(1, length)], code)
      end
    end
  end)

  it("include all that share +1, of which the US and Canada are searched", function()
    assert.same({ "US", "CA" }, calling_codes.sold_in("1"))
    assert.equal(26, #calling_codes.countries("1"))
    for code, countries in pairs { ["44"] = "GB GG IM JE", ["7"] = "RU KZ", ["49"] = "DE" } do
      assert.equal(countries, table.concat(calling_codes.countries(code), " "))
      assert.equal(countries, table.concat(calling_codes.sold_in(code), " "))
    end
  end)
end)
