-- Malformed responses: where libcurl parses them differently from the library, no purchase may be hidden.
local interpreter = require("spec.support.interpreter")
local libcurl = require("spec.support.libcurl")
local process = require("spec_process")
local raw_server = require("spec.support.raw_server")

local numbers = require("twilio.numbers")

local TOKEN = "0123456789abcdef0123456789abcdef"
local BODY = '{"sid": "PN' .. ("0a"):rep(16) .. '"}'

-- The bytes, the kind of error (nil: it hangs on when libcurl sees the end of the connection), and
-- whether a number was bought.
local CASES = {
  ["101 Switching Protocols"] = {
    "HTTP/1.1 101 Switching Protocols\r\n\r\n",
    nil,
    "unknown",
  },
  ["a status behind two spaces"] = {
    "HTTP/1.1  201 Created\r\nContent-Length: 2\r\n\r\n{}",
    "response",
    libcurl.is_before("8.0.0") and "yes" or "unknown", -- since then libcurl takes it for no status line
  },
  ["a NUL byte behind the status"] = {
    "HTTP/1.1 201 \0\r\nContent-Length: 2\r\n\r\n{}",
    "response",
    "yes",
  },
  ["a trailer that looks like a status line"] = {
    "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nHTTP/1.1 400 x: y\r\n\r\n",
    "response",
    "yes",
  },
  ["no head at all"] = { "bought!\r\n\r\n", "response", "unknown" },
  ["a head cut in its status line"] = { "HTTP/1.1 20", "network", "unknown" },
  ["a head cut behind its status line"] = { "HTTP/1.1 201 Created\r\nX: y", "network", "yes" },
  ["a status that is no number"] = { "HTTP/1.1 2x1 Created\r\n\r\n{}", nil, "unknown" },
  ["a status of five digits behind two spaces"] = {
    "HTTP/2  40022 Bad\r\nContent-Length: 2\r\n\r\n{}",
    "response",
    "unknown",
  },
  ["a status with a letter behind it"] = {
    "HTTP/1.1 404x Not Found\r\nContent-Length: 2\r\n\r\n{}",
    "response",
    "unknown",
  },
  ["a status with a fraction"] = {
    "HTTP/1.1 404.5 Not Found\r\nContent-Length: 2\r\n\r\n{}",
    "response",
    "unknown",
  },
  ["a status of four digits"] = {
    "HTTP/1.1 4040 Not Found\r\nContent-Length: 2\r\n\r\n{}",
    "response",
    "unknown",
  },
  ["a status behind a tab"] = {
    "HTTP/1.1\t404 Not Found\r\nContent-Length: 2\r\n\r\n{}",
    "response",
    "unknown",
  },
  ["a status before a tab"] = {
    "HTTP/1.1 404\tNot Found\r\nContent-Length: 2\r\n\r\n{}",
    "response",
    "unknown",
  },
  ["a refusal behind two spaces"] = {
    "HTTP/1.1  404 Not Found\r\nContent-Length: 2\r\n\r\n{}",
    "response",
    "unknown",
  },
  ["a purchase with a letter behind its status"] = {
    "HTTP/1.1 201x Created\r\nContent-Length: 2\r\n\r\n{}",
    "response",
    "yes",
  },
  ["a status without a reason"] = {
    'HTTP/1.1 404\r\nContent-Length: 14\r\n\r\n{"code":20404}',
    "api",
    "no",
  },
  ["a line that is no header"] = {
    "HTTP/1.1 201 Created\r\nre\r\nContent-Length: 2\r\n\r\n{}",
    "response",
    "yes",
  },
  ["a final answer behind an interim one"] = {
    "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: "
      .. #BODY
      .. "\r\n\r\n"
      .. BODY,
    "number",
  },
}

describe("a malformed response", function()
  for name, case in pairs(CASES) do
    it("gets a verdict by what it may have meant: " .. name, function()
      local base_url, child = raw_server.start(case[1])
      local client = assert(numbers.client {
        account_sid = "AC" .. ("0"):rep(32),
        auth_token = "token",
        base_url = base_url,
      })
      local number, _, err = client:purchase { area_code = "415" }
      client:close()
      process.wait(child)
      if number then
        assert.same({ "number" }, { case[2], case[3] })
      else
        assert.same({ case[2] or err.kind, case[3] }, { err.kind, err.purchased })
        assert.is_true((err.status or 0) <= 999)
      end
    end)
  end

  -- libcurl 7.88 would write where the header before was (curl issue 11101). It takes a status line in
  -- small letters for one that says 200.
  local FOLDED =
    { ["HTTP/1.1 400 Bad"] = "400\tunknown\n", ["HTTp/1.1 400 Bad"] = "200\tunknown\n" }

  local function check_folded(status_line, expected, how)
    local rest = "\r\nContent-Length: 2\r\n\r\n{}"
    local base_url, child = raw_server.start(
      "HTTP/1.1 400 Bad\r\nX-Long: " .. ("y"):rep(500) .. rest,
      status_line .. "\r\n folded: " .. ("z"):rep(3000) .. rest
    )
    local output, status = interpreter.result(([[
      local numbers, params = require("twilio.numbers"), { area_code = "415" }
      local client = assert(numbers.client {
        account_sid = "AC" .. ("0"):rep(32),
        auth_token = "token",
        base_url = "%s",
      })
      for _ = 1, 2 do
        local _, _, err = client:%s
        print(err.status, err.purchased)
      end
      client:close()
    ]]):format(base_url, how))
    process.wait(child)
    assert.same({ "400\tunknown\n" .. expected, 0 }, { output, status })
  end

  for _, how in ipairs { "purchase(params)", "purchase_async(params):wait(20)" } do
    it(
      "is harmless if its first header is folded and another response came before: " .. how,
      function()
        for status_line, expected in pairs(FOLDED) do
          check_folded(status_line, expected, how)
        end
      end
    )
  end

  -- The error of a purchase that is answered with a header and such a value.
  local function error_with(header, value)
    local head = "HTTP/1.1 400 Bad Request\r\n%s: %s\r\nContent-Length: 2\r\n\r\n{}"
    local base_url, child = raw_server.start(head:format(header, value))
    local client = assert(numbers.client {
      account_sid = "AC" .. ("0"):rep(32),
      auth_token = TOKEN,
      base_url = base_url,
    })
    local _, message, err = client:purchase { area_code = "415" }
    client:close()
    process.wait(child)
    assert.same({ "response", "unknown" }, { err.kind, err.purchased })
    return err, message
  end

  it("has a header dropped that is too long to store", function()
    assert.equal(
      ("RQ"):rep(63) .. "Q",
      error_with("Twilio-Request-Id", ("RQ"):rep(63) .. "Q").request_id
    )
    assert.is_nil(error_with("Twilio-Request-Id", ("RQ"):rep(64)).request_id)
    assert.is_nil(error_with("Twilio-Request-Id", ("RQ"):rep(5000)).request_id)
  end)

  it("that echoes the token after a long text shows no part of it", function()
    for _, header in ipairs { "Twilio-Request-Id", "Content-Type", "Retry-After" } do
      for before = 95, 127 do
        local err, message = error_with(header, ("x"):rep(before) .. TOKEN)
        local shown = { message }
        for _, value in pairs(err) do
          shown[#shown + 1] = tostring(value)
        end
        assert.is_nil(table.concat(shown, "\n"):find(TOKEN:sub(1, 4), 1, true))
      end
    end
  end)
end)
