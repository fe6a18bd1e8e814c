-- The engine and the session as C hands them to Lua, without the layer that calls them rightly.
local curl = require("twilio.numbers.curl")
local process = require("spec_process")

local OPTIONS = { plain = true, max_in_flight = 2 }

describe("an engine", function()
  it("that is closed has nothing to watch, nothing to wait for and takes no credentials", function()
    local engine = curl.engine(OPTIONS)
    engine:authorize("Basic one")
    assert.equal("number", type(engine:descriptor()))
    engine:close()
    assert.is_nil(engine:descriptor())
    assert.is_nil(engine:wait(60))
    assert.is_nil(engine:authorize("Basic two"))
    assert.is_nil(engine:listen())
    assert.is_false(engine:exchange(1, "http://127.0.0.1:1/", nil, 1, 1, 1, "GET"))
    engine:close()
  end)

  it("has no socket where there is no folder for it, and says so", function()
    local engine = curl.engine(OPTIONS)
    for _, folder in ipairs { "/nowhere/at/all", "/" .. ("long"):rep(100) } do
      process.setenv("TMPDIR", folder)
      assert.is_nil(engine:listen())
    end
    process.setenv("TMPDIR", nil)
    assert.matches("/bell$", engine:listen())
    engine:unlisten()
    engine:close()
  end)

  it("knows the methods and versions of HTTP that are in use, and no others", function()
    local engine = curl.engine(OPTIONS)
    assert.error_matches(function()
      engine:exchange(1, "http://127.0.0.1:1/", nil, 1, 1, 1, "BREW")
    end, "no such method")
    engine:close()
    assert.has_error(function()
      curl.engine { plain = true, max_in_flight = 2, http_version = "0.9" }
    end, "no HTTP version '0.9'")
    assert.has_error(function()
      curl.session { plain = true, http_version = "0.9" }
    end, "no HTTP version '0.9'")
  end)
end)

describe("a session", function()
  it("that is closed sends nothing", function()
    local session = curl.session(OPTIONS)
    session:close()
    local url = "http://127.0.0.1:1/"
    assert.equal("closed", session:exchange("GET", url, nil, 1, 1).outcome)
    local number, problems, form, answer = session:purchase(url, { area_code = "415" }, 1, 1, {})
    assert.same({ nil, nil, "", "closed" }, { number, problems, form, answer.outcome })
  end)

  it("does not repeat a proxy's password that libcurl cannot read", function()
    local session = curl.session { proxy = "http://user:secret@[::1" }
    local answer = session:exchange("GET", "https://twilio.invalid/", nil, 1, 1)
    session:close()
    assert.same({ "connect", "the URL of the proxy is malformed" }, {
      answer.outcome,
      answer.reason,
    })
  end)
end)
