-- The I/O thread and the session at the C interface, without the Lua layer.
local core = require("twilio.numbers.core")
local curl = require("twilio.numbers.curl")
local exchange = require("spec.support.exchange")
local process = require("spec_process")

local OPTIONS = { plain = true, max_in_flight = 2 }
local URL = "http://127.0.0.1:1/"

describe("an I/O thread", function()
  it("that is closed watches, waits for, takes and sends nothing", function()
    local io_thread = curl.io_thread(OPTIONS)
    io_thread:authorize("Basic one")
    assert.equal("number", type(io_thread:descriptor()))
    io_thread:close()
    assert.is_nil(io_thread:descriptor())
    assert.is_nil(io_thread:wait(60))
    assert.is_nil(io_thread:authorize("Basic two"))
    assert.is_nil(io_thread:listen())
    local response = core.new_response()
    assert.is_false(io_thread:send(1, response, "GET", URL, nil, 1, 1, 1))
    assert.is_false(response:is_sent())
    assert.is_false(io_thread:take {})
    io_thread:close()
  end)

  it("returns no socket if there is no folder for it", function()
    local io_thread = curl.io_thread(OPTIONS)
    for _, folder in ipairs { "/nowhere/at/all", "/" .. ("long"):rep(100) } do
      process.setenv("TMPDIR", folder)
      assert.is_nil(io_thread:listen())
    end
    process.setenv("TMPDIR", nil)
    assert.matches("/wakeup$", io_thread:listen())
    io_thread:unlisten()
    io_thread:close()
  end)

  it("accepts only the HTTP methods and versions that are in use", function()
    local io_thread = curl.io_thread(OPTIONS)
    assert.error_matches(function()
      io_thread:send(1, core.new_response(), "BREW", URL, nil, 1, 1, 1)
    end, "no such method")
    io_thread:close()
    assert.has_error(function()
      curl.io_thread { plain = true, max_in_flight = 2, http_version = "0.9" }
    end, "no HTTP version '0.9'")
    assert.has_error(function()
      curl.session { plain = true, http_version = "0.9" }
    end, "no HTTP version '0.9'")
  end)

  it("fills the response of a request that may have been sent", function()
    local io_thread, response = curl.io_thread(OPTIONS), core.new_response()
    local responses = { response }
    assert.is_true(io_thread:authorize("Basic one"))
    assert.is_true(io_thread:send(1, response, "POST", URL, "a=b", 5, 5, core.now() + 5))
    assert.same({ false, true, "unknown" }, {
      response:is_done(),
      response:is_sent(),
      (response:verdict(false)),
    })
    local tag
    repeat
      io_thread:wait(5)
      tag = io_thread:take(responses)
    until tag
    assert.same({ 1, nil, true, false, "connect" }, {
      tag,
      responses[1],
      response:is_done(),
      response:is_sent(),
      response:outcome(),
    })
    assert.is_nil(io_thread:take(responses))
    io_thread:close()
  end)
end)

describe("a session", function()
  it("that is closed sends nothing", function()
    local session = curl.session(OPTIONS)
    session:close()
    local request = { method = "GET", url = URL, timeout = 1, connect_timeout = 1 }
    assert.equal("closed", exchange(session, request).outcome)
  end)

  it("does not quote a proxy's password that libcurl cannot parse", function()
    local session = curl.session { proxy = "http://user:secret@[::1" }
    local url = "https://twilio.invalid/"
    local answer =
      exchange(session, { method = "GET", url = url, timeout = 1, connect_timeout = 1 })
    session:close()
    assert.same({ "connect", "the URL of the proxy is malformed" }, {
      answer.outcome,
      answer.reason,
    })
  end)
end)
