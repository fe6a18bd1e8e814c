-- Answers that no honest server gives: what libcurl reads otherwise than we do must not hide a purchase.
local interpreter = require("spec.support.interpreter")
local process = require("spec_process")
local socket = require("socket")

local numbers = require("twilio.numbers")

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
    "yes",
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
  ["a final answer behind an interim one"] = {
    "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: "
      .. #BODY
      .. "\r\n\r\n"
      .. BODY,
    "number",
  },
}

--- Answers requests on one connection with these bytes, in a process of its own.
local function serve(...)
  local server = assert(socket.bind("127.0.0.1", 0))
  local _, port = server:getsockname()
  local child = process.fork()
  if child == 0 then
    server:settimeout(30)
    local client = server:accept()
    client:settimeout(30)
    for _, bytes in ipairs { ... } do
      local length = 0
      repeat
        local line = client:receive("*l") or ""
        length = tonumber(line:lower():match("^content%-length: (%d+)")) or length
      until line == ""
      client:receive(length)
      client:send(bytes)
    end
    client:close()
    process.leave(0)
  end
  server:close()
  return port, child
end

describe("an answer that makes no sense", function()
  for name, case in pairs(CASES) do
    it("is judged by what it may have meant: " .. name, function()
      local port, child = serve(case[1])
      local client = assert(numbers.client {
        account_sid = "AC" .. ("0"):rep(32),
        auth_token = "token",
        base_url = "http://127.0.0.1:" .. port,
      })
      local number, _, err = client:purchase { area_code = "415" }
      client:close()
      process.wait(child)
      if number then
        assert.same({ "number" }, { case[2], case[3] })
      else
        assert.same({ case[2] or err.kind, case[3] }, { err.kind, err.purchased })
      end
    end)
  end

  -- libcurl 7.88 would write where the header before was (curl issue 11101). It takes a status line in
  -- small letters for one that says 200.
  local FOLDED = { ["HTTP/1.1 400 Bad"] = "400\tno\n", ["HTTp/1.1 400 Bad"] = "200\tunknown\n" }

  local function check_folded(status_line, expected, how)
    local rest = "\r\nContent-Length: 2\r\n\r\n{}"
    local port, child = serve(
      "HTTP/1.1 400 Bad\r\nX-Long: " .. ("y"):rep(500) .. rest,
      status_line .. "\r\n folded: " .. ("z"):rep(3000) .. rest
    )
    local output, status = interpreter.result(([[
      local numbers, params = require("twilio.numbers"), { area_code = "415" }
      local client = assert(numbers.client {
        account_sid = "AC" .. ("0"):rep(32),
        auth_token = "token",
        base_url = "http://127.0.0.1:%d",
      })
      for _ = 1, 2 do
        local _, _, err = client:%s
        print(err.status, err.purchased)
      end
      client:close()
    ]]):format(port, how))
    process.wait(child)
    assert.same({ "400\tno\n" .. expected, 0 }, { output, status })
  end

  for _, how in ipairs { "purchase(params)", "purchase_async(params):wait(20)" } do
    it("does no harm when its first header is folded and another came before: " .. how, function()
      for status_line, expected in pairs(FOLDED) do
        check_folded(status_line, expected, how)
      end
    end)
  end
end)
