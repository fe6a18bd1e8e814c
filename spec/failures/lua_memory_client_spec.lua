-- Lua runs out of memory where nothing is bought: each call ends with a value or an error, and nothing leaks.
local interpreter = require("spec.support.interpreter")
local left_out = require("spec.support.left_out")
local starved = require("spec.support.starved")
local simulator = require("spec.support.simulator")

--- A call that buys nothing only raises if there was no memory to start it.
local FREE = [[
  local function judge(outcome)
    local called, value, message, err = outcome[1], outcome[2], outcome[3], outcome[4]
    if not called then
      return not tostring(value):find("not enough memory", 1, true) and "raised " .. tostring(value) or nil
    elseif not value and type(err) ~= "table" then
      return "neither a value nor an error: " .. tostring(message)
    elseif err and err.purchased ~= "no" then
      return "purchased = " .. tostring(err.purchased)
    end
  end
]]

--- Loads the modules of journals with the first client that has one, again and again.
local LOADING = [[
    local starving = require("spec_starving")
    local numbers = require("twilio.numbers")
    local path = os.tmpname()
    os.remove(path)
    local given = { account_sid = "AC" .. ("0"):rep(32), auth_token = "x", journal = path }
    assert(numbers.journal(path, { create = true })):close()
    local function create() return numbers.client(given) end
    local before, nth, refused = {}, 0, nil
    for name in pairs(package.loaded) do before[name] = true end
    repeat
      nth = nth + 31
      for name in pairs(package.loaded) do
        if not before[name] and name:find("^twilio%.numbers%.journal%.") then package.loaded[name] = nil end
      end
      starving.arm(nth)
      pcall(create)
      refused = select(2, starving.disarm())
      collectgarbage()
      local created, client, message = pcall(create)
      if not (created and client) then
        print("after a lack of memory at", nth, client, message)
        os.exit(1)
      end
      client:close()
    until refused == 0
    os.remove(path)
    print("passed")
]]

describe("Where nothing is bought and memory runs out,", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  local function passes(name, act, prepare, stride, refused_as)
    starved.check(
      twilio,
      name,
      ([[{
        stride = %d,
        judge = judge,
        refused_as = "%s",
        prepare = function(context)
          %s
        end,
        act = function(context)
          %s
        end,
      }]]):format(stride or 3, refused_as or "success", prepare or "", act),
      FREE
    )
  end

  it("creating a client succeeds or fails cleanly", function()
    passes(
      "client",
      [[
        local client, message, err = require("twilio.numbers").client(context.options)
        if client then
          client:close()
          return true
        end
        return client, message, err
      ]],
      [[
        context.options = {
          account_sid = twilio.account_sid,
          auth_token = twilio.auth_token,
          base_url = twilio.http_url,
        }
      ]]
    )
  end)

  it("invalid parameters are refused", function()
    passes(
      "validation",
      [[return context.client:purchase { phone_number = "555", voice_ulr = "x" }]],
      nil,
      nil,
      "invalid"
    )
  end)

  it("reading a list succeeds or fails cleanly", function()
    passes(
      "list",
      [[
      local list, message, err = context.client:list()
      if list then
        return list:all()
      end
      return list, message, err
    ]],
      nil,
      7
    )
  end)

  it("modules that could not be loaded are loaded the next time", function()
    if left_out.in_luajit("memory that runs out: modules") then
      return
    end
    assert.equal("passed\n", (interpreter.result(LOADING, 300)))
  end)

  it("updating and releasing a number succeeds or fails cleanly", function()
    passes(
      "update",
      [[
        local number, message, err = context.client:update(context.sid, { friendly_name = "Sales" })
        if number then
          return context.client:release(context.sid)
        end
        return number, message, err
      ]],
      [[context.sid = assert(context.client:purchase { area_code = "415" }).sid]],
      7
    )
  end)

  it("a client is closed with a purchase in flight", function()
    passes(
      "close",
      [[
        pcall(context.client.close, context.client)
        return true
      ]],
      [[context.client:purchase_async { area_code = "415" }]]
    )
  end)

  it("no session and no I/O thread leaks", function()
    passes(
      "leak",
      [[
        local curl = require("twilio.numbers.curl")
        local session = curl.session(context.options)
        session:authorize("Basic xyz")
        return curl.io_thread(context.options) ~= nil
      ]],
      [[context.options = { max_in_flight = 2, http_version = "2", user_agent = "spec" }]]
    )
  end)
end)
