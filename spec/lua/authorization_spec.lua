local core = require("twilio.numbers.core")

local PASSWORD = "s3cret-of-the-account"

describe("an authorization", function()
  it("is written by the scheme of RFC 6750 with a token", function()
    assert.equal("Bearer tok", core.bearer("tok"):text())
  end)

  it("shows nothing of its contents", function()
    for _, authorization in ipairs { core.basic("AC", PASSWORD), core.bearer(PASSWORD) } do
      assert.matches("^[%w%.]+: [%w]+$", tostring(authorization))
      assert.equal("twilio.numbers.authorization", getmetatable(authorization))
    end
  end)

  it("redacts its secrets in a text, at any position and any number of times", function()
    local basic = core.basic("AC", PASSWORD)
    local coded = basic:text():match("^Basic (.*)$")
    for text, expected in pairs {
      [""] = "",
      ["nothing to hide"] = "nothing to hide",
      [PASSWORD] = "[redacted]",
      [coded] = "[redacted]",
      ["Basic " .. coded .. "\0" .. PASSWORD .. "."] = "Basic [redacted]\0[redacted].",
      [PASSWORD .. PASSWORD] = "[redacted][redacted]",
      [PASSWORD:sub(1, -2)] = PASSWORD:sub(1, -2),
      [PASSWORD:sub(1, 5) .. PASSWORD] = PASSWORD:sub(1, 5) .. "[redacted]",
      [("x"):rep(5000) .. coded .. ("y"):rep(5000)] = ("x"):rep(5000) .. "[redacted]" .. ("y"):rep(
        5000
      ),
    } do
      assert.equal(expected, basic:redact(text))
    end
    assert.equal("Bearer [redacted]", core.bearer(PASSWORD):redact("Bearer " .. PASSWORD))
  end)

  it("redacts its secrets in a text that encodes them", function()
    local basic = core.basic("AC", "p/w+%\\=?" .. ("\127"):rep(2))
    local coded = basic:text():match("^Basic (.*)$") -- QUM6cC93KyVcPT9/fw==
    assert.equal("QUM6cC93KyVcPT9/fw==", coded)
    for text, expected in pairs {
      ["QUM6cC93KyVcPT9/fw=="] = "[redacted]",
      ["QUM6cC93KyVcPT9/fw"] = "[redacted]",
      ["QUM6cC93KyVcPT9\\/fw==."] = "[redacted].",
      ["QUM6cC93KyVcPT9\\u002ffw\\u003D\\u003d."] = "[redacted].",
      ["Basic%20QUM6cC93KyVcPT9%2Ffw%3D%3d."] = "Basic%20[redacted].",
      ["p/w+%\\=?\127\127."] = "[redacted].",
      ["p%2Fw%2b%25%5C%3d%3f%7f%7F."] = "[redacted].",
      ["p\\/w+%\\\\=?\\u007f\127."] = "[redacted].",
      ["p%2Gw%2b%25"] = "p%2Gw%2b%25",
      ["p%2"] = "p%2",
      ["p\\u00"] = "p\\u00",
      ["p\\"] = "p\\",
    } do
      assert.equal(expected, basic:redact(text))
    end
  end)

  it("redacts nothing for an empty secret", function()
    assert.equal("text", core.bearer(""):redact("text"))
    assert.equal("text", core.basic("AC", ""):redact("text"))
  end)

  it("has no secret left after forget()", function()
    for _, authorization in ipairs { core.basic("AC", PASSWORD), core.bearer(PASSWORD) } do
      authorization:forget()
      authorization:forget()
      assert.equal("", authorization:text())
      assert.equal(PASSWORD, authorization:redact(PASSWORD))
    end
  end)

  it("rejects arguments other than strings, and objects of other classes", function()
    assert.has_error(function()
      core.bearer("x"):redact {}
    end)
    assert.has_error(function()
      core.bearer("x").text(io.stdout)
    end)
  end)
end)
