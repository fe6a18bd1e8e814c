-- The response class at the C interface: filling it from a transport in Lua, and reading it. The body is in
-- response_body_spec.lua.
local core = require("twilio.numbers.core")
local interpreter = require("spec.support.interpreter")
local response_object = require("spec.support.response_object")

local HEX = ("0123456789abcdef"):rep(2)
local SID = "PN" .. HEX
local KIB = 1024
local filled, read = response_object.filled, response_object.read

describe("a response object", function()
  it("reads as not sent before it is used", function()
    assert.same({
      outcome = "connect",
      reason = "",
      is_done = true,
      is_sent = false,
      is_success = false,
      is_empty = true,
      why = "not a JSON object",
    }, read(core.new_response()))
  end)

  it("reads as sent and unanswered after begin() until it is filled", function()
    local response = core.new_response()
    local body = '{"sid":"' .. SID .. '"}'
    response:fill("network", false, 200, { date = "today" }, body, "it broke")
    response:begin("GET")
    assert.same({
      outcome = "cancelled",
      reason = "",
      is_done = false,
      is_sent = true,
      is_success = false,
      is_empty = true,
      why = "not a JSON object",
    }, read(response))
  end)

  it("returns what it was filled with any number of times", function()
    local response = core.new_response()
    response:begin("POST")
    local body = '{"sid":"' .. SID .. '","n":[1,null,true]}'
    response:fill("network", true, 201, { date = "today" }, body, "the connection broke")
    for _ = 1, 2 do
      assert.same({
        outcome = "network",
        status = 201,
        reason = "the connection broke",
        is_done = true,
        is_sent = true,
        is_success = false,
        is_empty = false,
        json = { sid = SID, n = { 1, nil, true } },
        sid = SID,
        date = "today",
      }, read(response))
    end
  end)

  it("can be filled with only an outcome", function()
    local response = core.new_response()
    response:begin("POST")
    response:fill("tls", false)
    assert.same({
      outcome = "tls",
      reason = "",
      is_done = true,
      is_sent = false,
      is_success = false,
      is_empty = true,
      why = "not a JSON object",
    }, read(response))
  end)

  it("reports that nothing was sent, and why, after refuse()", function()
    local response = filled('{"sid":"' .. SID .. '"}', 201, { date = "today" })
    response:begin("POST")
    response:refuse("closed", "the client was closed", true)
    assert.same({
      outcome = "closed",
      reason = "the client was closed",
      is_done = true,
      is_sent = false,
      is_success = false,
      is_empty = true,
      why = "not a JSON object",
    }, read(response))
  end)

  it("forgets that a retry cannot help when it is filled again", function()
    local response = core.new_response()
    response:refuse("tls", "no certificate", true)
    assert.is_nil((select(2, response:verdict(false))))
    response:fill("tls", false)
    assert.equal("yes", (select(2, response:verdict(false))))
  end)

  it("is a success exactly if it was answered with 2xx", function()
    for status, wanted in pairs { [199] = false, [200] = true, [204] = true, [299] = true } do
      assert.equal(wanted, filled("", status):is_success(), status)
    end
    for _, status in ipairs { 300, 302, 400, 500, 999 } do
      assert.is_false(filled("", status):is_success(), status)
    end
    local response = core.new_response()
    response:begin("POST")
    response:fill("network", true, 200, nil, "{}")
    assert.is_false(response:is_success())
  end)

  it("forgets everything of a request when the next one is begun, filled or refused", function()
    local response = core.new_response()
    for round = 1, 200 do
      local size = round % 7 == 0 and 60 * KIB or round * 10
      local method = round % 3 == 0 and "GET" or "POST"
      response:begin(method)
      if round % 5 == 0 then
        response:refuse("timeout", "too late", round % 2 == 0)
        assert.same({ "timeout", nil, nil, nil }, {
          response:outcome(),
          response:status(),
          response:json(),
          response:header("date"),
        })
      else
        local body = ('{"round":%d,"text":"%s"}'):format(round, ("x"):rep(size))
        local headers = round % 2 == 0 and { date = "day " .. round } or nil
        response:fill("answered", true, 200 + round % 50, headers, body)
        assert.same({ 200 + round % 50, round, size, headers and headers.date, "" }, {
          response:status(),
          response:json().round,
          #response:json().text,
          (response:header("date")),
          response:reason(),
        })
      end
    end
  end)
end)

describe("the headers of a response object", function()
  local NAMES = { "content-type", "date", "retry-after", "twilio-request-id" }

  it("are four, by their lower-case names", function()
    local headers = { ["x-other"] = "x", Date = "not this", [1] = "one" }
    for _, name in ipairs(NAMES) do
      headers[name] = "value of " .. name
    end
    local response = filled("", 200, headers)
    for _, name in ipairs(NAMES) do
      assert.equal("value of " .. name, response:header(name))
    end
    for _, name in ipairs { "x-other", "Date", "authorization", "" } do
      assert.error_matches(function()
        response:header(name)
      end, "this header is not kept")
    end
  end)

  it("are absent if none arrived or the value is not a string", function()
    for _, headers in ipairs { {}, { date = "" }, { date = " \t" }, { date = 12 }, { date = {} } } do
      assert.is_nil((filled("", 200, headers):header("date")))
    end
    for _, headers in ipairs { "date: x", 12, true } do
      assert.is_nil((filled("", 200, headers):header("date")))
    end
    assert.is_nil((filled("", 200, nil):header("date")))
  end)

  it("have trimmed values", function()
    assert.equal("a b", (filled("", 200, { date = "\t a b \r\n" }):header("date")))
  end)

  it("are dropped if they are longer than 127 bytes", function()
    local most = ("x"):rep(127)
    assert.equal(most, (filled("", 200, { date = most }):header("date")))
    assert.equal(most, (filled("", 200, { date = "  " .. most .. "  " }):header("date")))
    assert.is_nil((filled("", 200, { date = most .. "y" }):header("date")))
  end)

  it("are read from a table without its metamethods", function()
    local trap = function()
      error("a metamethod ran")
    end
    local headers = setmetatable(
      { date = "today" },
      { __index = trap, __pairs = trap, __len = trap }
    )
    local response = filled("", 200, headers)
    assert.same({ "today", nil }, { response:header("date"), (response:header("retry-after")) })
  end)
end)

describe("the reason of a response object", function()
  it("is kept up to 511 bytes, and truncated between two words beyond", function()
    local response = core.new_response()
    local function reason_of(reason)
      response:refuse("connect", reason, false)
      local refused = response:reason()
      response:fill("connect", false, nil, nil, nil, reason)
      assert.equal(refused, response:reason())
      return refused
    end
    local most = ("word "):rep(102) .. "x"
    assert.equal(511, #most)
    assert.equal(most, reason_of(most))
    assert.equal(most:sub(1, -3), reason_of(most .. "y"))
    assert.equal(most, reason_of(most .. " y"))
    assert.equal("the password", reason_of("the password " .. ("secret"):rep(100)))
    assert.equal("", reason_of(("secret"):rep(100)))
  end)
end)

describe("a response object that is misused", function()
  local METHODS = {
    "begin",
    "refuse",
    "fill",
    "is_success",
    "is_sent",
    "is_done",
    "is_empty",
    "outcome",
    "status",
    "reason",
    "header",
    "json",
    "number",
    "sid",
    "verdict",
    "verdict_free",
  }

  local function raises(pattern, response, method, ...)
    local called, message = pcall(response[method], response, ...)
    assert.is_false(called)
    assert.matches(pattern, message)
  end

  it("raises an error with the reason, and stays unchanged", function()
    local response = filled('{"a":1}', 201, { date = "today" })
    local before = read(response)
    raises("bad argument", response, "begin")
    raises("no such method", response, "begin", "BREW")
    raises("no such method", response, "begin", "get")
    raises("bad argument", response, "begin", {})
    raises("bad argument", response, "refuse")
    raises("no such outcome", response, "refuse", "bored", "why")
    raises("bad argument", response, "refuse", "closed")
    raises("bad argument", response, "refuse", "closed", {})
    raises("bad argument", response, "fill")
    raises("no such outcome", response, "fill", "ANSWERED", true)
    raises("bad argument", response, "fill", "answered", true, "ok")
    raises("bad argument", response, "fill", "answered", true, {})
    for _, status in ipairs { -1, 1000, 2 ^ 40, -2 ^ 40 } do
      raises("no such status", response, "fill", "answered", true, status)
    end
    raises("bad argument", response, "fill", "answered", true, 200, nil, {})
    raises("bad argument", response, "fill", "answered", true, 200, nil, "", {})
    raises("bad argument", response, "header")
    raises("bad argument", response, "header", {})
    assert.same(before, read(response))
  end)

  it("rejects any value that is not a response", function()
    local response = core.new_response()
    local form = core.new_form { area_code = "415" }
    for _, name in ipairs(METHODS) do
      for _, self in ipairs { "x", 12, true, {}, print, io.stdout, form } do
        assert.error_matches(function()
          response[name](self, "GET", "why", "date")
        end, "twilio%.numbers%.response expected", name)
      end
      assert.has_error(function()
        response[name]()
      end)
    end
  end)

  it("shows neither its metatable nor its contents", function()
    local response = filled('{"a":"secret"}', 201, { date = "secret" })
    assert.equal("twilio.numbers.response", getmetatable(response))
    assert.equal("twilio.numbers response", tostring(response))
    assert.has_error(function()
      setmetatable(response, {})
    end)
  end)

  it("is empty after its finalizer was called explicitly", function()
    local response = filled('{"sid":"' .. SID .. '"}')
    response:__gc()
    response:__gc()
    assert.same(
      { true, "not a JSON object" },
      { response:is_empty(), (select(2, response:json())) }
    )
    assert.is_nil((response:sid()))
    response:begin("GET")
    response:fill("answered", true, 200, nil, '{"a":1}')
    assert.same({ a = 1 }, response:json())
  end)
end)

describe("the memory of a response object", function()
  it("is freed when it is collected, and when a large body is forgotten", function()
    local program = [[
      local core = require("twilio.numbers.core")
      local function resident()
        local file = io.open("/proc/self/status")
        local kib = file and file:read("*a"):match("VmRSS:%s*(%d+)")
        if file then file:close() end
        return tonumber(kib or 0)
      end
      local body = '{"x":"' .. ("x"):rep(4000000) .. '"}'
      local function fill()
        local response = core.new_response()
        response:begin("GET")
        response:fill("answered", true, 200, nil, body)
        return response
      end
      local kept = {}
      local function rounds(count)
        for i = 1, count do
          local response = fill()
          response:begin("POST")
          kept[#kept + 1] = response -- forgotten, and not collected
          fill()
          collectgarbage()
        end
      end
      rounds(30) -- what a sanitizer holds back is full then
      local before = resident()
      rounds(50)
      io.write(resident() - before < 50 * 1024 and "flat" or resident() - before)
    ]]
    local output, status = interpreter.result(program, 120)
    assert.equal("flat", output)
    assert.equal(0, status)
  end)
end)
