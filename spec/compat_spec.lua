local scripted = require("spec.support.scripted")

local CREATED = { status = 201, body = scripted.body() }

--- Runs f in a coroutine and answers each yield with the next whole number.
---@return table results of f
---@return table yielded what each yield said
local function drive(f)
  local yielded, results = {}, nil
  local thread = coroutine.create(function()
    results = { f() }
  end)
  local resumed, value = coroutine.resume(thread)
  while resumed and coroutine.status(thread) ~= "dead" do
    yielded[#yielded + 1] = value
    resumed, value = coroutine.resume(thread, #yielded)
  end
  assert.is_true(resumed, value)
  return results, yielded
end

describe("in a coroutine", function()
  it("a transport may yield to its host", function()
    local heard = {}
    local client = scripted.client {
      POST = {
        function()
          heard[1] = coroutine.yield("connecting")
          heard[2] = coroutine.yield("reading")
          return CREATED
        end,
      },
    }
    local results, yielded = drive(function()
      return client:purchase { area_code = "415" }
    end)
    assert.equal(scripted.NUMBER_SID, results[1].sid)
    assert.same({ "connecting", "reading" }, yielded)
    assert.same({ 1, 2 }, heard)
  end)

  it("an access_token function, on_event and a sleep may yield too", function()
    local client = scripted.client(
      { POST = { { status = 429, body = scripted.refusal(20429, "busy") }, CREATED } },
      {
        without = { "auth_token" },
        access_token = function()
          coroutine.yield("token")
          return "tok"
        end,
        on_event = function(event)
          coroutine.yield("event " .. event.attempt)
        end,
        loop = {
          sleep = function()
            coroutine.yield("sleep")
          end,
        },
      }
    )
    local results, yielded = drive(function()
      return client:purchase { area_code = "415" }
    end)
    assert.equal(scripted.NUMBER_SID, results[1].sid)
    assert.same({ "token", "event 1", "sleep", "event 2" }, yielded)
  end)

  it("an error after a yield is caught", function()
    local client = scripted.client({
      POST = {
        function()
          coroutine.yield("connecting")
          error("gone")
        end,
      },
    }, { retries = 0 })
    local results = drive(function()
      return client:purchase { area_code = "415" }
    end)
    assert.is_nil(results[1])
    assert.truthy(results[2]:find("gone", 1, true), results[2])
    assert.equal("unknown", results[3].purchased)
  end)

  it("several calls of one client take turns", function()
    local client, log = scripted.client {
      POST = {
        function(request)
          coroutine.yield()
          return { status = 201, body = scripted.body(request.body:match("AreaCode=(%d+)")) }
        end,
      },
    }
    local results, threads = {}, {}
    for i = 1, 5 do
      threads[i] = coroutine.create(function()
        results[i] = assert(client:purchase { area_code = 200 + i }).phone_number
      end)
      assert(coroutine.resume(threads[i]))
    end
    assert.equal(5, #log.posts)
    for i = 5, 1, -1 do
      assert(coroutine.resume(threads[i]))
    end
    assert.same({ "201", "202", "203", "204", "205" }, results)
  end)

  it("functions written in C work", function()
    local client = scripted.client({}, { transport = tostring, on_event = error, retries = 0 })
    local results = drive(function()
      return client:purchase { area_code = "415" }
    end)
    assert.same({ "response", "unknown" }, { results[3].kind, results[3].purchased })
  end)
end)

describe("outside of coroutines", function()
  it("a transport that yields leaves the purchase unknown and raises nothing", function()
    local interpreter = require("spec.support.interpreter")
    local output = interpreter.output([[
      local client = assert(require("twilio.numbers").client {
        account_sid = "AC" .. ("0"):rep(32), auth_token = "x", retries = 0,
        transport = function() coroutine.yield() end, on_event = coroutine.yield })
      local number, message, err = client:purchase { area_code = "415" }
      print(number, err.kind, err.purchased)
    ]])
    assert.equal("nil\tnetwork\tunknown\n", output)
  end)
end)
