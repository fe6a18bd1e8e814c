local core = require("twilio.numbers.core")

local PASSWORD = "s3cret-of-the-account"

describe("an authorization", function()
  it("is written by the scheme of RFC 6750 with a token", function()
    assert.equal("Bearer tok", core.bearer("tok"):text())
  end)

  it("shows nothing of itself", function()
    for _, authorization in ipairs { core.basic("AC", PASSWORD), core.bearer(PASSWORD) } do
      assert.matches("^[%w%.]+: [%w]+$", tostring(authorization))
      assert.equal("twilio.numbers.authorization", getmetatable(authorization))
    end
  end)

  it("takes its secrets out of a text, wherever they are and however often", function()
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

  it("takes nothing out for a secret of no length", function()
    assert.equal("text", core.bearer(""):redact("text"))
    assert.equal("text", core.basic("AC", ""):redact("text"))
  end)

  it("knows nothing more once it has forgotten", function()
    for _, authorization in ipairs { core.basic("AC", PASSWORD), core.bearer(PASSWORD) } do
      authorization:forget()
      authorization:forget()
      assert.equal("", authorization:text())
      assert.equal(PASSWORD, authorization:redact(PASSWORD))
    end
  end)

  it("is asked nothing that is no text, and nothing else is asked", function()
    assert.has_error(function()
      core.bearer("x"):redact {}
    end)
    assert.has_error(function()
      core.bearer("x").text(io.stdout)
    end)
  end)
end)
