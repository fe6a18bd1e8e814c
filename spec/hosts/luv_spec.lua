local uv = require("spec.support.luv")

local clients = require("spec.support.clients")
local core = require("twilio.numbers.core")
local flights = require("spec.support.flights")
local host = require("spec.support.host")
local interpreter = require("spec.support.interpreter")
local simulator = require("spec.support.simulator")

local TOO_LONG = 60000 -- milliseconds

--- Handles that would keep uv.run() from returning.
local function count_active_handles()
  local count = 0
  uv.walk(function(handle)
    if handle:is_active() then
      count = count + 1
    end
  end)
  return count
end

--- luv ends the process after an error in a callback, so none may be raised there.
local function run()
  local guard, late = uv.new_timer(), false
  uv.update_time() -- the loop's clock stands while the loop does not run
  guard:start(TOO_LONG, 0, function()
    late = true
    uv.stop()
  end)
  guard:unref()
  uv.run()
  guard:close()
  local left = count_active_handles()
  uv.walk(function(handle)
    if not handle:is_closing() then
      handle:close()
    end
  end)
  uv.run()
  assert(not late, "the loop does not end")
  assert(left == 0, "an active handle is left behind")
end

local function sleep(seconds)
  local thread, timer = coroutine.running(), uv.new_timer()
  timer:start(math.ceil(seconds * 1000), 0, function()
    timer:close()
    assert(coroutine.resume(thread))
  end)
  coroutine.yield()
end

--- Each coroutine begins when the loop runs.
local function go_later(f)
  local timer = uv.new_timer()
  timer:start(0, 0, function()
    timer:close()
    coroutine.wrap(f)()
  end)
end

--- Each coroutine begins before the loop runs.
local function go_now(f)
  coroutine.wrap(f)()
end

local block = { setup = setup, teardown = teardown, before_each = before_each }

for _, choice in ipairs { "auto", "luv" } do
  describe('In luv, with loop = "' .. choice .. '", a client', function()
    local twilio = simulator.shared(block)
    host.behaves({ it = it, assert = assert }, twilio, function()
      return { go = go_later, run = run, sleep = sleep }
    end, choice)
  end)
end

describe("In luv, started before uv.run(), a client", function()
  local twilio = simulator.shared(block)
  host.behaves({ it = it, assert = assert }, twilio, function()
    return { go = go_now, run = run, sleep = sleep }
  end, "auto")
end)

describe("In luv, a pause that starts before uv.run()", function()
  it("has the right length even if the loop's clock lags", function()
    local luv, paused = require("twilio.numbers.hosts.luv"), nil
    uv.update_time()
    core.sleep(0.1)
    coroutine.wrap(function()
      local began = core.now()
      luv.sleep(0.1)
      paused = core.now() - began
    end)()
    run()
    assert.is_true(paused > 0.05)
  end)
end)

--- Calls that end outside of uv.run(), which the program never calls.
local OUTSIDE = {
  ["pending:wait()"] = 'bought = client:purchase_async({ area_code = "415" }):wait() and 1',
  ["pending:wait() in a coroutine"] = [[
    local pending = client:purchase_async { area_code = "415" }
    coroutine.wrap(function() bought = client:purchase { area_code = "415" } and 1 end)()
    pending:wait()
    flights.until_(function() client:poll() return bought end, "bought")
  ]],
  ["client:poll()"] = [[
    client:purchase_async({ area_code = "415" }, function() bought = 1 end)
    flights.finish(client)
  ]],
  ["purchase_many()"] = [[
    bought = client:purchase_many({ country = "US", area_code = "415", count = 3 }).bought - 2
  ]],
  ["a list"] = 'bought = client:search_async("US", "local", { limit = 1 }):wait() and 1',
  ["client:close(seconds)"] = [[
    client:purchase_async({ area_code = "415" }, function() bought = 1 end)
    client:close(60)
  ]],
  ["client:close()"] = [[
    client:purchase_async({ area_code = "415" }, function() bought = 1 end)
    client:close()
  ]],
  ["a client collected"] = [[
    for _ = 1, 3 do
      bought = clients.of(twilio, { loop = "auto" }):purchase_async({ area_code = "415" }):wait() and 1
      collectgarbage()
    end
  ]],
}

describe("In luv, a program that never calls uv.run()", function()
  local twilio = simulator.shared(block)

  for name, code in pairs(OUTSIDE) do
    it("ends cleanly after " .. name, function()
      local output, status = interpreter.result(flights.program(twilio, [[
          require("luv")
          local client, bought = clients.of(twilio, { loop = "auto" }), nil
          ]] .. code .. [[
          print("bought", bought)
        ]]))
      assert.same({ "bought\t1\n", 0 }, { output, status })
    end)
  end

  it("keeps one poll handle for all of its clients, and buys with each", function()
    local output = interpreter.result(flights.program(
      twilio,
      [[
        local uv = require("luv")
        for _ = 1, 20 do
          local client = clients.of(twilio, { loop = "auto" })
          assert(client:purchase_async({ area_code = "415" }):wait())
          client:close()
        end
        local handles = 0
        uv.walk(function() handles = handles + 1 end)
        print(handles)
      ]]
    ))
    assert.equal("1\n", output)
    assert.equal(20, twilio:state().purchases)
  end)
end)

describe("In luv", function()
  local twilio = simulator.shared(block)

  it("purchase_async may be called outside of coroutines", function()
    local output = host.output(
      twilio,
      "auto",
      [[
        local uv = require("luv")
        client:purchase_async({ area_code = "415" }, function(number)
          print("bought " .. number.phone_number)
          client:purchase_async({ area_code = "415" }, function()
            print("and another")
          end)
        end)
        uv.run()
        print("all over")
      ]]
    )
    assert.matches("^bought %+1415%d+\nand another\nall over\n$", output)
  end)

  it("an error in a callback ends the process, like in any luv callback", function()
    local output = host.output(
      twilio,
      "auto",
      [[
        local uv = require("luv")
        coroutine.wrap(function()
          client:purchase_async({ area_code = "415" }, function() error("a callback's own") end)
          client:purchase { area_code = "415" }
        end)()
        uv.run()
        print("not reached")
      ]]
    )
    assert.matches("Uncaught Error: .*a callback's own", output)
    assert.is_nil(output:find("not reached", 1, true))
  end)

  it("an error in a coroutine after its purchase is reported", function()
    local output = host.output(
      twilio,
      "luv",
      [[
        local uv = require("luv")
        coroutine.wrap(function()
          client:purchase { area_code = "415" }
          error("a coroutine's own")
        end)()
        uv.run()
        print("not reached")
      ]]
    )
    assert.matches("Uncaught Error: .*a coroutine's own", output)
    assert.is_nil(output:find("not reached", 1, true))
  end)

  it("a coroutine that is resumed by other code keeps waiting", function()
    local client, number = clients.of(twilio, { loop = "luv" }), nil
    twilio:limits { latency = 0.05 }
    local thread = coroutine.create(function()
      number = client:purchase { area_code = "415" }
    end)
    assert(coroutine.resume(thread))
    assert(coroutine.resume(thread, "nothing of yours"))
    run()
    assert.is_table(number)
    assert.equal("dead", coroutine.status(thread))
  end)

  it("a generator that waits for Twilio yields a marker, not the end", function()
    local client, items = clients.of(twilio, { loop = "luv" }), {}
    twilio:limits { latency = 0.05 }
    coroutine.wrap(function()
      local generator = coroutine.wrap(function()
        local list = assert(client:search("US", "local", { area_code = "415", limit = 1 }))
        coroutine.yield((list:next()))
      end)
      items[1] = generator()
      items[2] = select(
        2,
        pcall(function()
          return items[1].phone_number
        end)
      )
    end)()
    run()
    assert.equal("twilio.numbers waits for Twilio", tostring(items[1]))
    assert.matches("cannot be a generator: see docs/hosts/luv.md", items[2], 1, true)
  end)

  it("a host that closes all handles between purchases can still buy", function()
    local client, numbers = clients.of(twilio, { loop = "luv" }), {}
    for i = 1, 3 do
      coroutine.wrap(function()
        numbers[i] = client:purchase { area_code = "415" }
      end)()
      run()
    end
    assert.equal(3, #numbers)
  end)

  -- A finalizer may run while uv.new_poll() allocates its handle.
  for what, act in pairs {
    ["begins another purchase"] = function(client, buy)
      client:purchase_async({ area_code = "510" }, buy)
    end,
    ["polls until the purchase is over"] = function(client, buy)
      flights.until_answered(client)
      client:poll()
      buy(true)
    end,
  } do
    it("a finalizer that " .. what .. " while the watch is created disturbs nothing", function()
      local client, new_poll = clients.of(twilio, { loop = "luv" }), uv.new_poll
      local number, another
      function uv.new_poll(descriptor)
        uv.new_poll = new_poll
        act(client, function(found)
          another = found
        end)
        return new_poll(descriptor)
      end
      coroutine.wrap(function()
        number = client:purchase { area_code = "415" }
      end)()
      run()
      assert.is_table(number)
      assert.is_truthy(another)
    end)
  end

  it("the descriptor of a client can be watched by hand", function()
    local client, numbers = clients.of(twilio, { loop = "block" }), {}
    for i = 1, 20 do
      client:purchase_async({ area_code = "415" }, function(number)
        numbers[i] = number
      end)
    end
    local poll = uv.new_poll(client:pollfd())
    poll:start("r", function()
      if client:poll() == 0 then
        poll:close()
      end
    end)
    run()
    assert.equal(20, #numbers)
  end)
end)
