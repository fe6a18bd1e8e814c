--- The specs that the loops of all hosts share.
---
--- A host is a table of functions, made anew for each spec:
---   go(f)           runs f as a coroutine of the loop
---   sleep(seconds)  in such a coroutine
---   run()           runs the loop until it ends by itself; fails if it does not
local clients = require("spec.support.clients")
local core = require("twilio.numbers.core")
local interpreter = require("spec.support.interpreter")
local scripted = require("spec.support.scripted")

local host = {}

local TICK = 0.002 -- seconds

--- Replaces functions of the core for a while.
local function with(functions, f)
  local real = {}
  for name, stub in pairs(functions) do
    real[name], core[name] = core[name], stub
  end
  local ran, why = pcall(f)
  for name, original in pairs(real) do
    core[name] = original
  end
  if not ran then
    error(why, 0)
  end
end

--- A coroutine of the loop that counts until it is asked to stop.
local function start_ticker(here)
  local ticker = { count = 0 }
  here.go(function()
    while not ticker.over do
      here.sleep(TICK)
      ticker.count = ticker.count + 1
    end
  end)
  return ticker
end

--- Waits, in a coroutine of the loop, until Twilio has read the given number of purchases.
local function wait_for_posts(here, twilio, count)
  while twilio:state().posts < count do
    here.sleep(TICK)
  end
end

--- Checks that the numbers are distinct, and that Twilio sold these and no others.
local function check_books(assert, twilio, numbers, count)
  local seen, different = {}, 0
  for _, number in pairs(numbers) do
    different = different + (seen[number.sid] and 0 or 1)
    seen[number.sid] = true
  end
  assert.equal(count, different)
  assert.equal(count, twilio:state().purchases)
  assert.equal(count, twilio:state().posts)
end

--- Defines the specs. To be called inside describe with the block's own functions, which busted
--- gives to spec files alone.
---@param block { it: function, assert: table }
---@param twilio table a simulator
---@param new function makes a host
---@param choice string the option `loop`
function host.behaves(block, twilio, new, choice)
  local it, assert = block.it, block.assert

  local function client_of(options)
    options = options or {}
    options.loop = choice
    return clients.of(twilio, options)
  end

  it("lets other code run while a purchase waits for its response", function()
    local here, client, ticks, number, why = new(), client_of(), nil, nil, nil
    twilio:limits { latency = 0.1 }
    local ticker = start_ticker(here)
    here.go(function()
      local before = ticker.count
      number, why = client:purchase { area_code = "415" }
      ticks, ticker.over = ticker.count - before, true
    end)
    here.run()
    assert.is_table(number, why)
    assert.is_true(ticks > 0)
    check_books(assert, twilio, { number }, 1)
  end)

  it("buys 50 numbers at once", function()
    local here, client, numbers, why = new(), client_of(), {}, nil
    twilio:limits { latency = 0.1 }
    for i = 1, 50 do
      here.go(function()
        numbers[i], why = client:purchase { area_code = "415", friendly_name = "Order " .. i }
      end)
    end
    here.run()
    assert.equal(50, #numbers, why)
    for i = 1, 50 do
      assert.equal("Order " .. i, numbers[i].friendly_name)
    end
    check_books(assert, twilio, numbers, 50)
  end)

  it("waits for the next attempt without blocking", function()
    local here, ticks, number, why, ticker = new(), {}, nil, nil, nil
    local client = client_of {
      retries = 2,
      on_event = function(event)
        ticks[event.attempt] = ticker.count
      end,
    }
    twilio:fault { fault = "rate_limit" }
    twilio:fault { fault = "status", status = 503 }
    local function jitter()
      return 0.1
    end
    with({ jitter = jitter, sleep = error }, function()
      ticker = start_ticker(here)
      here.go(function()
        number, why = client:purchase { phone_number = "+14155550123" }
        ticker.over = true
      end)
      here.run()
    end)
    assert.is_table(number, why)
    assert.equal(1, twilio:state().purchases)
    assert.is_true(ticks[2] > ticks[1])
    assert.is_true(#ticks >= 3) -- with the look-up
    assert.is_true(ticks[#ticks] > ticks[2])
  end)

  it("calls the callback of a purchase in flight without poll()", function()
    local here, client, heard, early = new(), client_of(), {}, nil
    local number, kind
    here.go(function()
      client:purchase_async({ area_code = "415" }, function(got)
        number = got
        heard[#heard + 1] = "bought"
      end)
      client:purchase_async({ area_code = "4" }, function(_, _, err)
        kind = err.kind
        heard[#heard + 1] = "refused"
      end)
      early = #heard
    end)
    here.run()
    table.sort(heard) -- either may be the first
    assert.equal(0, early)
    assert.same({ "bought", "refused" }, heard)
    assert.equal("invalid", kind)
    check_books(assert, twilio, { number }, 1)
  end)

  it("can wait for a purchase in flight, with or without a time limit", function()
    local here, client, outcomes = new(), client_of(), {}
    twilio:limits { latency = 0.1 }
    local ticker = start_ticker(here)
    here.go(function()
      local pending = client:purchase_async { area_code = "415" }
      outcomes[1] = { pending:wait(0.001) }
      outcomes[2] = { pending:done() }
      outcomes[3] = { pending:wait(60) }
      outcomes[4] = { client:purchase_async({ area_code = "415" }):wait() }
      outcomes[5] = { pending:wait() }
      ticker.over = true
    end)
    here.run()
    assert.same({ nil, "still in flight" }, outcomes[1])
    assert.same({ false }, outcomes[2])
    assert.equal(outcomes[3][1], outcomes[5][1])
    assert.is_true(ticker.count > 0)
    check_books(assert, twilio, { outcomes[3][1], outcomes[4][1] }, 2)
  end)

  it("cancels a purchase in flight", function()
    local here, client, results, pendings = new(), client_of(), {}, {}
    twilio:fault { fault = "hang", times = 2 }
    here.go(function()
      pendings[1] = client:purchase_async { area_code = "415" }
      wait_for_posts(here, twilio, 1)
      results.first, results.again = pendings[1]:cancel(), nil
      pendings[1]:wait()
      results.again = pendings[1]:cancel()
      pendings[2] = client:purchase_async { area_code = "415" }
      pendings[2]:cancel()
      pendings[2]:wait()
    end)
    here.run()
    assert.same({ first = true, again = false }, results)
    local _, _, err = pendings[1]:result()
    assert.same({ "cancelled", "unknown" }, { err.kind, err.purchased })
    _, _, err = pendings[2]:result()
    assert.equal("cancelled", err.kind)
    assert.equal(0, twilio:state().purchases)
  end)

  it("cancels a purchase that waits for its next attempt", function()
    local here, pending, events = new(), nil, 0
    local client = client_of {
      on_event = function()
        events = events + 1
      end,
    }
    twilio:fault { fault = "rate_limit", retry_after = 60 }
    here.go(function()
      pending = client:purchase_async { area_code = "415" }
      while events == 0 do
        here.sleep(TICK)
      end
      pending:cancel()
      pending:wait()
    end)
    here.run()
    local _, _, err = pending:result()
    assert.same({ "cancelled", "no", 1 }, { err.kind, err.purchased, err.attempts })
  end)

  it("lets purchases finish before it closes", function()
    local here, client, numbers, after = new(), client_of(), {}, {}
    twilio:limits { latency = 0.1 }
    local ticker = start_ticker(here)
    here.go(function()
      numbers[1] = client:purchase { area_code = "415" }
    end)
    here.go(function()
      wait_for_posts(here, twilio, 1)
      for i = 2, 5 do
        client:purchase_async({ area_code = "415" }, function(number)
          numbers[i] = number
        end)
      end
      client:close(60)
      ticker.over = true
      after = { client:purchase { area_code = "415" } }
    end)
    here.run()
    assert.equal(5, #numbers)
    assert.equal("closed", after[3].kind)
    assert.is_true(ticker.count > 0)
    check_books(assert, twilio, numbers, 5)
  end)

  it("reports to every waiter that it was closed", function()
    local here, client, outcomes = new(), client_of(), {}
    twilio:fault { fault = "hang", times = 2 }
    twilio:fault { fault = "rate_limit", retry_after = 60 }
    for i = 1, 3 do
      here.go(function()
        outcomes[i] = { client:purchase { area_code = "415" } }
      end)
    end
    here.go(function()
      wait_for_posts(here, twilio, 3)
      client:close()
    end)
    here.run()
    for i = 1, 3 do
      assert.equal("closed", outcomes[i][3].kind)
    end
    assert.equal(0, twilio:state().purchases)
  end)

  it("finishes even if other code calls poll()", function()
    local here, client, numbers = new(), client_of(), {}
    twilio:limits { latency = 0.05 }
    for i = 1, 5 do
      here.go(function()
        numbers[i] = client:purchase { area_code = "415" }
      end)
    end
    here.go(function()
      while #numbers < 5 do
        client:poll()
        here.sleep(TICK)
      end
    end)
    here.run()
    check_books(assert, twilio, numbers, 5)
  end)

  for _, look in ipairs { "poll()", "future:done()" } do
    it("returns what came while the host was busy until after the deadline, to " .. look, function()
      local here, heard = new(), {}
      local client = client_of { deadline = 0.5 }
      twilio:limits { latency = 0.2 }
      here.go(function()
        local pending = client:purchase_async({ area_code = "415" }, function(...)
          heard = { ... }
        end)
        wait_for_posts(here, twilio, 1)
        core.sleep(1.7)
        repeat
          local is_over = look == "future:done()" and pending:done()
          here.sleep(TICK)
        until is_over or #heard > 0
      end)
      here.run()
      assert.same({ "table", nil }, { type(heard[1]), heard[2] })
      check_books(assert, twilio, { heard[1] }, 1)
    end)
  end

  it("ends a call at once if the system has no means to send it", function()
    local here, client, err = new(), client_of { retries = 0 }, nil
    client.scheduler.make_io_thread = error
    here.go(function()
      local _
      _, _, err = client:purchase { area_code = "415" }
    end)
    here.run()
    assert.same({ "connect", "no" }, { err.kind, err.purchased })
    assert.equal(0, twilio:state().posts)
  end)

  it("works along with a second client", function()
    local here, ours, numbers = new(), { client_of(), client_of() }, {}
    for i = 1, 10 do
      here.go(function()
        numbers[i] = ours[i % 2 + 1]:purchase { area_code = "415" }
      end)
    end
    here.run()
    check_books(assert, twilio, numbers, 10)
  end)

  it("works with the descriptors of closed clients", function()
    local here, numbers, why = new(), {}, nil
    here.go(function()
      for i = 1, 20 do
        local client = client_of()
        numbers[i], why = client:purchase { area_code = "415" }
        if i % 2 == 0 then
          client:close()
        else
          client = nil -- luacheck: ignore
          collectgarbage()
          collectgarbage()
        end
      end
    end)
    here.run()
    assert.equal(20, #numbers, why)
    check_books(assert, twilio, numbers, 20)
  end)

  it("works in one loop after another", function()
    local client, numbers = client_of(), {}
    for i = 1, 3 do
      local here = new()
      here.go(function()
        numbers[i] = client:purchase { area_code = "415" }
      end)
      here.run()
    end
    check_books(assert, twilio, numbers, 3)
  end)

  it("waits in the host between the attempts of a transport in Lua", function()
    local here, number, why, ticks, ticker = new(), nil, nil, {}, nil
    local answers = {
      { status = 429, body = scripted.refusal(20429, "busy") },
      { status = 201, body = scripted.body() },
    }
    local client = client_of {
      transport = function()
        ticks[#ticks + 1] = ticker.count
        return table.remove(answers, 1)
      end,
    }
    local function jitter()
      return 0.5
    end
    with({ jitter = jitter }, function()
      ticker = start_ticker(here)
      here.go(function()
        number, why = client:purchase { area_code = "415" }
        ticker.over = true
      end)
      here.run()
    end)
    assert.is_table(number, why)
    assert.is_true(ticks[2] > ticks[1] + 1)
  end)

  it("calls the callback of a purchase by a transport in Lua later", function()
    local here, early, heard = new(), nil, {}
    local client = client_of {
      transport = function()
        return { status = 201, body = scripted.body() }
      end,
    }
    here.go(function()
      local pending = client:purchase_async({ area_code = "415" }, function(number)
        heard[1] = number.sid
      end)
      early = heard[1]
      heard[2] = pending:wait(60).sid
    end)
    here.run()
    assert.is_nil(early)
    assert.same({ scripted.NUMBER_SID, scripted.NUMBER_SID }, heard)
  end)

  if _VERSION == "Lua 5.1" and not rawget(_G, "jit") then
    it("raises an error across pcall, before anything is sent", function()
      local here, client, called, why, woken = new(), client_of(), nil, nil, false
      here.go(function()
        called, why = pcall(function()
          return client:purchase { area_code = "415" }
        end)
        here.sleep(0.01)
        woken = true
      end)
      here.run()
      assert.is_false(called)
      assert.matches("yield", why)
      assert.is_true(woken)
      assert.equal(0, twilio:state().posts)
    end)
  else
    it("works across pcall", function()
      local here, client, called, number = new(), client_of(), nil, nil
      here.go(function()
        called, number = pcall(client.purchase, client, { area_code = "415" })
      end)
      here.run()
      assert.is_true(called)
      check_books(assert, twilio, { number }, 1)
    end)
  end

  for place, call_in in pairs {
    ["a callback of string.gsub"] = function(f)
      string.gsub("x", "x", f)
    end,
    ["a callback of table.sort"] = function(f)
      table.sort({ 1, 2 }, f)
    end,
    ["a module that is being required"] = function(f)
      package.preload["spec.waits"] = f
      local required, why = pcall(require, "spec.waits")
      package.loaded["spec.waits"], package.preload["spec.waits"] = nil, nil
      return required or error(why, 0)
    end,
  } do
    it("buys nothing in " .. place .. ", which cannot yield, and reports that", function()
      local here, client, number, message, err = new(), client_of(), nil, nil, nil
      here.go(function()
        assert(client:purchase { area_code = "415" }) -- warm: the next could be bought at once
        local called, why = pcall(call_in, function()
          number, message, err = client:purchase { area_code = "415" }
        end)
        message = called and message or why
      end)
      here.run()
      assert.is_nil(number)
      assert.matches("yield", message)
      if _VERSION ~= "Lua 5.1" or rawget(_G, "jit") then -- else it raises
        assert.same({ "invalid", "no", 0 }, { err.kind, err.purchased, err.attempts })
      end
      assert.equal(1, twilio:state().posts)
    end)
  end

  if choice ~= "auto" then
    it("names the place where it works, and sends nothing elsewhere", function()
      local client = client_of()
      local none, message, err = client:purchase { area_code = "415" }
      assert.is_nil(none)
      assert.equal("invalid", err.kind)
      assert.matches("in a ", message)
      assert.equal(0, twilio:state().requests)
    end)
  end
end

--- Runs a program that has a client of the simulator's and the loop's name.
---@param twilio table a simulator
---@param choice string
---@param program string
---@return string output
function host.output(twilio, choice, program)
  local values = { "base_url", "account_sid", "auth_token", "ca_file" }
  local lines = { "local options = { loop = '" .. choice .. "' }" }
  for _, name in ipairs(values) do
    lines[#lines + 1] = ("options.%s = %q"):format(name, twilio[name])
  end
  local client = 'local client = assert(require("twilio.numbers").client(options))'
  return interpreter.output(table.concat(lines, "\n") .. "\n" .. client .. "\n" .. program)
end

return host
