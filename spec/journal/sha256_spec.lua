-- core.hash(): SHA-256 over strings and their lengths. The values here are those of Python's hashlib. FIPS
-- 180-4's own vectors are in fuzz/record.c, which sees whole digests.
local core = require("twilio.numbers.core")
local globals = require("twilio.numbers.globals")

-- The first eight bytes of SHA-256 over each argument, with its length in eight bytes before it.
local HASHES = {
  { "e3b0c44298fc1c14" }, -- of nothing: the start of FIPS 180-4's hash of the empty message
  { "af5570f5a1810b7a", "" },
  { "e64cf59bfbcf3c57", "\0" },
  { "c3494ca1a2cf8eeb", "abc" },
  { "819263174026ea60", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq" },
  { "568bd6b0d11afeab", ("a"):rep(1000000) },
  { "f5a934b5ab96157b", "abc", "" },
  { "e7fa8174d147ee73", "", "abc" },
  { "601d5476e2ccfe2c", "ab", "c" },
}

local function hash_of(list, first)
  return core.hash(globals.unpack(list, first or 1))
end

describe("a hash", function()
  it("has the first eight bytes of SHA-256", function()
    for _, row in ipairs(HASHES) do
      assert.equal(row[1], hash_of(row, 2))
    end
  end)

  it("is correct for every length around the block size", function()
    local hash = ""
    for length = 0, 399 do
      local bytes = {}
      for i = 0, length - 1 do
        bytes[#bytes + 1] = string.char((i * 7 + length) % 256)
      end
      hash = core.hash(hash, table.concat(bytes))
    end
    assert.equal("c2401e5b1ace52c3", hash)
  end)

  it("distinguishes lists of strings with the same concatenation", function()
    local seen = {}
    for _, list in ipairs { { "abc" }, { "ab", "c" }, { "a", "bc" }, { "abc", "" }, { "", "abc" } } do
      local hash = hash_of(list)
      assert.is_nil(seen[hash])
      seen[hash] = true
    end
  end)

  it("accepts only strings, since versions of Lua format numbers differently", function()
    for _, value in ipairs { 1, 1.5, true, {} } do
      assert.has_error(function()
        core.hash("a", value)
      end)
    end
  end)
end)
