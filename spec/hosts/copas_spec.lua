local interpreter = require("spec.support.interpreter")
local left_out = require("spec.support.left_out")

-- No release of Debian has Copas and its dependencies for every Lua.
if
  left_out.without_module("spec/hosts/copas_spec.lua", "lua-copas", interpreter.command, "copas")
then
  describe("Copas, where it cannot be loaded,", function()
    it("cannot be chosen, and the error names what is missing", function()
      local client, message, err = require("twilio.numbers").client {
        account_sid = "AC" .. ("0"):rep(32),
        auth_token = "a-token",
        loop = "copas",
      }
      assert.is_nil(client)
      assert.equal("invalid", err.kind)
      assert.equal("loop", err.problems[1].name)
      assert.matches('loop "copas" needs the rock copas', message)
    end)
  end)
  return
end

local copas = require("copas") -- before socket.http

local clients = require("spec.support.clients")
local core = require("twilio.numbers.core")
local host = require("spec.support.host")
local simulator = require("spec.support.simulator")
local socket = require("socket")

local TOO_LONG = 60 -- seconds

local silent = socket.udp4()

--- The set of sockets that copas reads, which it does not show.
local function reading()
  for i = 1, 20 do
    local name, value = debug.getupvalue(copas.receive, i)
    if name == "_reading" then
      return value
    end
  end
end

--- Copas 1 has an endless loop. It has nothing to do when all threads are over.
local function new()
  local here = { alive = 0 }
  function here.go(f)
    here.alive = here.alive + 1
    copas.addthread(function()
      copas.setErrorHandler(function(message)
        here.failure = message
      end)
      f()
      here.alive = here.alive - 1
    end)
  end
  function here.sleep(seconds)
    local ends = core.now() + seconds
    copas.receive {
      getfd = function()
        return silent:getfd()
      end,
      dirty = function()
        return true
      end,
      receive = function()
        return core.now() >= ends, "timeout"
      end,
      close = function() end,
    }
  end
  function here.run()
    local ends = core.now() + TOO_LONG
    while here.alive > 0 or #reading() > 0 do
      copas.step(0.1)
      assert(not here.failure, here.failure)
      assert(core.now() < ends, "a thread does not end")
    end
  end
  return here
end

local block = { setup = setup, teardown = teardown, before_each = before_each }

for _, choice in ipairs { "auto", "copas" } do
  describe('In copas, with loop = "' .. choice .. '", a client', function()
    local twilio = simulator.shared(block)
    host.behaves({ it = it, assert = assert }, twilio, new, choice)
  end)
end

describe("In copas", function()
  local twilio = simulator.shared(block)

  it("a purchase by a transport in Lua waits in the loop", function()
    local here, answered, number = new(), false, nil
    local client = clients.of(twilio, {
      loop = "copas",
      transport = function()
        here.sleep(0.05)
        answered = true
        return { status = 201, body = '{"sid":"PN' .. ("0"):rep(32) .. '"}' }
      end,
    })
    here.go(function()
      local pending = client:purchase_async { area_code = "415" }
      assert(not answered)
      number = pending:wait()
    end)
    here.run()
    assert.is_table(number)
  end)

  it("an error in a callback goes to copas' error handler alone", function()
    local here, client = new(), clients.of(twilio, { loop = "auto" })
    local numbers, told = {}, nil
    here.go(function()
      client:purchase_async({ area_code = "415" }, function()
        copas.setErrorHandler(function(message)
          told = message
        end)
        error("a callback's own")
      end)
      for i = 1, 3 do
        client:purchase_async({ area_code = "415" }, function(number)
          numbers[i] = number
        end)
      end
      numbers[4] = client:purchase { area_code = "415" }
    end)
    here.run()
    assert.matches("a callback's own", told)
    assert.equal(4, #numbers)
  end)

  it("an error in the callback of a purchase started outside of the loop goes there too", function()
    local output = host.output(
      twilio,
      "auto",
      [[
        local copas = require("copas")
        local pending = client:purchase_async({ area_code = "415" }, function()
          error("a callback's own")
        end)
        local number
        copas.addthread(function()
          repeat number = assert(client:purchase { area_code = "415" }) until pending:done()
        end)
        repeat copas.step() until number and pending:done()
        print("bought " .. number.phone_number)
      ]]
    )
    assert.matches("a callback's own", output)
    assert.matches("bought %+1415", output)
  end)

  -- On PUC Lua 5.1 this cannot be detected; nothing is sent there before copas resumes the coroutine.
  for _, choice in ipairs { "auto", "copas" } do
    it("a plain coroutine within a thread buys nothing and gets an error: " .. choice, function()
      local here, client, outcomes = new(), clients.of(twilio, { loop = choice }), {}
      here.go(function()
        outcomes.before = client:purchase { area_code = "415" }
        coroutine.wrap(function()
          outcomes.nested = { client:purchase { area_code = "415" } }
        end)()
        here.go(function() -- begins at once, within this one
          outcomes.other = client:purchase { area_code = "415" }
        end)
        outcomes.after = client:purchase { area_code = "415" }
      end)
      here.run()
      assert.equal(3, twilio:state().posts)
      assert.is_table(outcomes.before)
      assert.is_table(outcomes.other)
      assert.is_table(outcomes.after)
      if _VERSION ~= "Lua 5.1" or rawget(_G, "jit") then
        local _, message, err = (table.unpack or unpack)(outcomes.nested, 1, 3) -- luacheck: ignore
        assert.same({ "invalid", "no" }, { err.kind, err.purchased })
        assert.matches("in a nested coroutine", message, 1, true)
      end
    end)
  end

  it("the loop needs no time limit of its own", function()
    local output = host.output(
      twilio,
      "copas",
      [[
        local copas = require("copas")
        copas.addthread(function()
          print("bought " .. assert(client:purchase { area_code = "415" }).phone_number)
          os.exit(0)
        end)
        copas.loop()
      ]]
    )
    assert.matches("bought %+1415", output)
  end)
end)
