-- Lua may run a finalizer whenever it allocates, and that may close the client that is buying.
local clients = require("spec.support.clients")
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
