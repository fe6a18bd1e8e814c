local globals = require("twilio.numbers.globals")

local clients = require("spec.support.clients")
local haproxy = require("spec.support.haproxy")
local host = require("spec.support.host")
local interpreter = require("spec.support.interpreter")
local simulator = require("spec.support.simulator")

local block = { setup = setup, teardown = teardown, before_each = before_each }

local function new_host()
  return {
    go = haproxy.core.register_task,
    run = haproxy.run,
    sleep = function(seconds)
      haproxy.core.msleep(seconds * 1000)
    end,
  }
end

describe("In HAProxy", function()
  local twilio = simulator.shared(block)

  setup(function()
    globals.core = haproxy.core
  end)

  teardown(function()
    globals.core = nil
  end)

  for _, choice in ipairs { "auto", "haproxy" } do
    describe('with loop = "' .. choice .. '", a client', function()
      host.behaves({ it = it, assert = assert }, twilio, new_host, choice)
    end)
  end

  it("the library loads its loop with itself, and needs no require later", function()
    local output = interpreter.output([[
      core = { msleep = function() end, register_service = function() end }
      local numbers = require("twilio.numbers")
      print(package.loaded["twilio.numbers.hosts.haproxy"] ~= nil)
      require, package = nil, nil
      local options = { account_sid = "AC" .. ("0"):rep(32), auth_token = "x", loop = "haproxy" }
      print(numbers.client(options) ~= nil)
    ]])
    assert.equal("true\ntrue\n", output)
  end)

  it("a purchase has sent nothing when it is dropped if HAProxy cannot sleep there", function()
    local client, was_dropped = clients.of(twilio, { loop = "haproxy" }), true
    local converter = coroutine.create(function()
      client:purchase { area_code = "415" }
      was_dropped = false
    end)
    assert(coroutine.resume(converter)) -- to its first sleep
    client:close()
    assert.is_true(was_dropped)
    assert.equal(0, twilio:state().requests)
  end)

  it("a client created while it reads its configuration buys by blocking", function()
    assert(clients.of(twilio, { loop = "auto" }):purchase { area_code = "415" })
  end)
end)
