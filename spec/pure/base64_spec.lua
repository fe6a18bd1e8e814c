local core = require("twilio.numbers.core")

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

--- Base64 read bit by bit, independently of the library.
local function decode(text)
  assert.equal(0, #text % 4)
  local bits, count, bytes = 0, 0, {}
  for c in text:gsub("=?=$", ""):gmatch(".") do
    bits = bits * 64 + assert(ALPHABET:find(c, 1, true), c) - 1
    count = count + 6
    if count >= 8 then
      count = count - 8
      bytes[#bytes + 1] = string.char(math.floor(bits / 2 ^ count))
      bits = bits % 2 ^ count
    end
  end
  assert.equal(0, bits)
  return table.concat(bytes)
end

describe("the Basic scheme", function()
  it("writes the examples of RFC 7617", function()
    assert.equal("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", core.basic("Aladdin", "open sesame"):text())
    assert.equal("Basic dGVzdDoxMjPCow==", core.basic("test", "123\194\163"):text())
  end)

  it("encodes the test vectors of RFC 4648, as far as the colon allows", function()
    -- user .. ":" .. password is what is encoded
    assert.equal("Basic Og==", core.basic("", ""):text())
    assert.equal("Basic Zjo=", core.basic("f", ""):text())
    assert.equal("Basic Zm86", core.basic("fo", ""):text())
    assert.equal("Basic Zm9vOg==", core.basic("foo", ""):text())
    assert.equal("Basic Zm9vOmI=", core.basic("foo", "b"):text())
    assert.equal("Basic Zm9vOmJh", core.basic("foo", "ba"):text())
    assert.equal("Basic Zm9vOmJhcg==", core.basic("foo", "bar"):text())
  end)

  it("encodes every byte and every length so that it can be decoded", function()
    local all = {}
    for byte = 0, 255 do
      all[#all + 1] = string.char(byte)
    end
    all = table.concat(all)
    for length = 0, 70 do
      local password = all:sub(256 - length)
      local header = core.basic("user", password):text()
      assert.equal("user:" .. password, decode(header:match("^Basic (.*)$")))
    end
    assert.equal("user:" .. all, decode(core.basic("user", all):text():match("^Basic (.*)$")))
  end)

  it("never breaks a line, however long", function()
    local header = core.basic("AC", ("x"):rep(100000)):text()
    assert.is_nil(header:find("[^%w+/= ]"))
    assert.equal("AC:" .. ("x"):rep(100000), decode(header:match("^Basic (.*)$")))
  end)
end)
