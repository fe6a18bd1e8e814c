local core = require("twilio.numbers.core")
local show = require("twilio.numbers.config.show")

describe("an absolute URL", function()
  it("is parsed into its parts", function()
    assert.same({
      scheme = "https",
      host = "example.com",
      port = "8443",
      path = "/a/b",
      query = "?c=d#e",
      user_info = false,
    }, core.url("https://example.com:8443/a/b?c=d#e"))
  end)

  it("needs no path, no port and no query", function()
    local url = core.url("http://example.com")
    assert.same({ "http", "example.com", "", "", "" }, {
      url.scheme,
      url.host,
      url.port,
      url.path,
      url.query,
    })
    assert.equal("#top", core.url("http://example.com#top").query)
    assert.equal("?x=/", core.url("http://example.com?x=/").query)
  end)

  it("has a scheme of any case", function()
    assert.equal("https", core.url("HTTPS://example.com/").scheme)
    assert.equal("http", core.url("hTtP://example.com/").scheme)
  end)

  it("may be an IPv6 address in brackets", function()
    local url = core.url("http://[::1]:8080/x")
    assert.same({ "::1", "8080", "/x" }, { url.host, url.port, url.path })
    assert.is_nil(core.url("http://[::1"))
    assert.is_nil(core.url("http://[]/"))
    assert.is_nil(core.url("http://[::1]8080/"))
    assert.is_nil(core.url("http://::1/"))
  end)

  it("may have user info up to the last @ of the authority", function()
    assert.is_true(core.url("https://user:pass@example.com/").user_info)
    local url = core.url("https://api.twilio.com@evil.example/")
    assert.same({ "evil.example", true }, { url.host, url.user_info })
    assert.equal("c", core.url("https://a@b@c/").host)
    assert.is_false(core.url("https://example.com/?mail=a@b").user_info)
    assert.is_nil(core.url("https://user@"))
  end)

  it("has a port from 1 to 65535", function()
    for _, port in ipairs { "1", "80", "65535", "00080" } do
      assert.equal(port, core.url("http://example.com:" .. port).port)
    end
    for _, port in ipairs { "", "0", "65536", "99999", "100000", "8o", "-1", "+1", ":" } do
      assert.is_nil(core.url("http://example.com:" .. port .. "/"), port)
    end
    assert.is_nil(core.url("http://example.com:" .. ("9"):rep(1000000)))
  end)

  it("has no other scheme and is not relative", function()
    local bad = {
      "",
      "h",
      "http:",
      "http:/",
      "http://",
      "https://",
      "http:///path",
      "http://?x",
      "http://#x",
      "http://:80/",
      "/path",
      "example.com",
      "//example.com",
      "ftp://example.com",
      "javascript:alert(1)",
      "httpss://example.com",
      " http://example.com",
    }
    for _, text in ipairs(bad) do
      assert.is_nil(core.url(text), text)
    end
  end)

  it("holds only the characters that RFC 3986 allows, in every part", function()
    local refused = {}
    -- a percent sign needs two hex digits
    for c in ('"<>\\^`{|} %'):gmatch(".") do
      refused[c] = true
    end
    for byte = 0, 255 do
      local c = string.char(byte)
      local allowed = byte > 32 and byte < 127 and not refused[c]
      local is_bracket = c == "[" or c == "]"
      for _, before in ipairs { "http://example.com/a", "http://example.com/?a" } do
        local allowed_here = allowed and not (is_bracket and not before:find("?", 1, true))
        assert.equal(allowed_here, core.url(before .. c .. "b") ~= nil, "byte " .. byte)
      end
    end
    assert.is_nil(core.url("https://[@example.com/"))
    assert.is_nil(core.url("https://a:]@[::1]/"))
  end)

  it("may have brackets in its query, as on Twilio's own pages", function()
    local text = "http://twimlets.com/forward?AllowedCallers[0]=415-555-0101&Dest[]=1"
    assert.equal("?AllowedCallers[0]=415-555-0101&Dest[]=1", core.url(text).query)
    assert.is_nil(core.url("https://example.com#a[0]"))
  end)

  it("that is rejected gets the problem and its position", function()
    local why = {
      ["http://example.com/{id}"] = 'must not contain "{" at position 20: write it as %7B',
      ["http://example.com/a b"] = "must not contain a space at position 21: write it as %20",
      ["http://example.com/a|b"] = 'must not contain "|" at position 21: write it as %7C',
      ["http://example.com/a\n"] = "must not contain the byte \\x0A at position 21: write it as %0A",
      ["http://example.com/\255"] = "must not contain the byte \\xFF at position 20: write it as %FF",
      ["http://a.b/\194\155[2J"] = "must not contain the bytes \\xC2\\x9B at position 12: write it as %C2%9B",
      ["http://a.b/\192\155"] = "must not contain the bytes \\xC0\\x9B at position 12: write it as %C0%9B",
      ["http://example.com/ü"] = 'must not contain "ü" at position 20: write it as %C3%BC',
      ["http://bücher.example/"] = 'must not contain "ü" at position 9: write the host as xn--...',
      ["http://example.com/[0]"] = 'must not contain "[" at position 20: write it as %5B',
      ["http://example.com/#a#b"] = 'must not contain "#" at position 22: write it as %23',
      ["http://example.com/%SPACE%"] = 'has a "%" without two hex digits at position 20: write it as %25',
      ["example.com"] = "must be an absolute http or https URL",
      ["ftp://example.com"] = "must be an absolute http or https URL",
      ["http:///path"] = "must have a host at position 8",
      ["http://example.com:0/"] = "must have a port from 1 to 65535 at position 20",
    }
    for text, reason in pairs(why) do
      local message = show.url_problem(text)
      assert.equal(reason, (message:gsub(", got .*$", "")), text)
    end
    assert.is_nil(show.url_problem("http://example.com/"))
    assert.is_true(#show.url_problem("http://example.com/\192" .. ("\128"):rep(1e5)) < 300)
  end)

  it("that is rejected shows no password", function()
    assert.equal(
      'must not contain a space at position 20: write it as %20, got "https://...@example.com"',
      show.url_problem("https://user:s3cr3t p@example.com")
    )
  end)

  it("has a host of letters, digits and the few signs of a name", function()
    for c in ("!$&'()*+,;=[]"):gmatch(".") do
      assert.is_nil(core.url("http://exam" .. c .. "ple.com/"), c)
    end
  end)

  it("has no overlong address in brackets", function()
    assert.is_truthy(core.url("http://[::1]/"))
    assert.is_nil(core.url("http://[" .. ("0000:"):rep(12) .. ":1]/"))
  end)

  it("is a valid parameter exactly if it can be parsed", function()
    local places =
      { "ht%stps://a.b/", "https://%s", "https://a%s", "https://a.b/%s", "https://a.b/?c=%s" }
    for _, place in ipairs(places) do
      for byte = 1, 255 do
        local text = place:format(string.char(byte):gsub("%%", "%%%%"))
        local is_parameter = core.form { area_code = "415", voice_url = text } ~= nil
        assert.equal(core.url(text) ~= nil, is_parameter, text)
      end
    end
  end)

  it("may be of any length", function()
    local url = core.url("https://example.com/" .. ("a"):rep(10000000))
    assert.equal(10000001, #url.path)
    assert.is_nil(core.url(("a"):rep(10000000)))
  end)
end)
