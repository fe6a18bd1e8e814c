-- Lua may run a finalizer whenever it allocates, and that may close the client that is buying.
local clients = require("spec.support.clients")
local core = require("twilio.numbers.core")
local simulator = require("spec.support.simulator")

local FINALIZERS = 30 -- one purchase for each: the first one to run closes, the second, ...

-- So that finalizers run at nearly every allocation. LuaJIT does not come out of its collector with
-- such settings, so there they run when they run.
local eager = not rawget(_G, "jit")

--- Calls `f` when the garbage made here is collected.
local function when_collected(f)
  if newproxy then -- luacheck: ignore 113
    getmetatable(newproxy(true)).__gc = f -- luacheck: ignore 113
  else
    setmetatable({}, { __gc = f })
  end
end

describe("a client that a finalizer closes while it buys", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  after_each(function()
    collectgarbage("setpause", 200)
    collectgarbage("setstepmul", 200)
  end)

  it("ends with a number or an error, and the books balance", function()
    local bought = 0
    for nth = 1, FINALIZERS do
      local client = clients.of(twilio, { base_url = twilio.http_url, ca_file = false })
      local run, buying = 0, false
      local function trap()
        when_collected(function()
          run = run + 1
          if buying and run == nth then
            client:close()
          elseif buying then
            trap()
          end
        end)
      end
      collectgarbage("setpause", eager and 0 or 100)
      collectgarbage("setstepmul", eager and 1000000 or 200)
      buying = true
      trap()
      local number, _, err = client:purchase { area_code = "415" }
      buying = false
      assert.is_true(number ~= nil or err.kind == "closed", err and err.message)
      bought = bought + (number and 1 or 0)
      client:close()
    end
    assert.equal(bought, twilio:state().purchases)
  end)
end)

-- Lua 5.4 makes such an error a warning; LuaJIT does not come out of its collector with it.
if eager and _VERSION ~= "Lua 5.4" then
  describe("a finalizer that raises #cjson_leaks", function()
    local twilio =
      simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

    after_each(function()
      collectgarbage("setpause", 200)
      collectgarbage("setstepmul", 200)
    end)

    --- Whether C functions run that this file called, or a file of that name, and no others.
    local function is_within(name)
      for level = 3, 8 do
        local caller = debug.getinfo(level, "S")
        if not caller or caller.what ~= "C" then
          return level > 3 and caller and caller.source:find(name, 1, true)
        end
      end
    end

    --- Calls f while the nth finalizer to run within C functions raises; returns pcall's results.
    local function call_with_trap(seen, nth, name, f, ...)
      local run, armed = 0, true
      local function trap()
        when_collected(function()
          run = run + (armed and is_within(name) and 1 or 0)
          if armed and run == nth then
            armed = false
            seen.raised = seen.raised + 1
            error("the host's finalizer")
          elseif armed then
            trap()
          end
        end)
      end
      collectgarbage("setpause", 0)
      collectgarbage("setstepmul", 1000000)
      collectgarbage() -- the pause counts from the end of a cycle
      trap()
      local called, result, message = pcall(f, ...)
      armed = false
      collectgarbage("setpause", 200)
      collectgarbage("setstepmul", 200)
      return called, result, message
    end

    --- Buys again and again; `check` gets what each purchase returned.
    local function buy(prepare, check)
      local seen = { raised = 0 }
      for nth = 1, FINALIZERS do
        local client =
          clients.of(twilio, { base_url = twilio.http_url, ca_file = false, retries = 0 })
        prepare()
        local posts = twilio:state().posts
        local called, number, message =
          call_with_trap(seen, nth, "over_curl", client.purchase, client, { area_code = "415" })
        if called then
          check(number, message)
        end
        assert.equal(posts + (called and 1 or 0), twilio:state().posts)
        twilio:clear()
        assert(client:purchase { area_code = "415" }) -- the session is still to be had
        client:close()
      end
      assert.is_true(seen.raised > 0)
    end

    it("hides no number that was bought", function()
      buy(function() end, function(number, message)
        assert.is_table(number, message)
      end)
    end)

    it("is not taken for a mistake in what is decoded", function()
      local seen, text = { raised = 0 }, '{"a": [' .. ('{"b": "c"}, '):rep(500) .. "1]}"
      for nth = 1, FINALIZERS do
        local called, decoded, why = call_with_trap(seen, nth, "finalizer_spec", core.decode, text)
        assert.is_true(not called or decoded ~= nil, why)
      end
      assert.is_true(seen.raised > 0)
    end)

    it("hides no refusal", function()
      buy(function()
        twilio:fault { fault = "status", status = 400 }
      end, function(number, message)
        assert.is_nil(number)
        assert.matches("400", message, 1, true)
      end)
    end)
  end)
end

describe("secrets", function()
  local function message_of(options)
    local client = clients.of({
      account_sid = "AC" .. ("0"):rep(32),
      auth_token = "the-auth-token",
    }, options)
    local _, message, err = client:purchase { area_code = "415" }
    return message .. tostring(err.details and err.details.header)
  end

  it("of a proxy's URL that libcurl cannot read are not repeated", function()
    local message = message_of { proxy = "http://user:hunter2/SECRET@127.0.0.1:8080", retries = 0 }
    assert.is_nil(message:find("SECRET", 1, true), message)
    assert.matches("proxy is malformed", message, 1, true)
  end)

  it("that a gateway echoes are not repeated", function()
    local message = message_of {
      transport = function(request)
        local header = request.headers.Authorization
        local body = '{"code": 1, "message": "got %s", "details": {"header": "%s"}}'
        return { status = 400, body = body:format(header, header) }
      end,
    }
    assert.matches("[redacted]", message, 1, true)
    assert.is_nil(
      message:find(
        require("twilio.numbers.core").basic("AC" .. ("0"):rep(32), "the-auth-token"):sub(7),
        1,
        true
      )
    )
  end)
end)
