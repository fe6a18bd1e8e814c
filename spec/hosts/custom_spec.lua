-- A custom host: a scheduler of about thirty lines over select().
local core = require("twilio.numbers.core")
local simulator = require("spec.support.simulator")
local socket = require("socket")
local table_store = require("spec.support.table_store")

local clients = require("spec.support.clients")

local TOO_LONG = 60 -- seconds

--- Coroutines that yield what they wait for: a descriptor or nil, and a time.
local function new_scheduler()
  local scheduler, waiting, ready = { waits = 0 }, {}, {}

  function scheduler.go(f)
    ready[#ready + 1] = coroutine.create(f)
  end

  function scheduler.wait(descriptor, seconds)
    scheduler.waits = scheduler.waits + 1
    coroutine.yield(descriptor, core.now() + seconds)
  end

  function scheduler.sleep(seconds)
    coroutine.yield(nil, core.now() + seconds)
  end

  local function resume(thread)
    local resumed, descriptor, due = coroutine.resume(thread)
    assert(resumed, descriptor)
    if coroutine.status(thread) ~= "dead" then
      local object = descriptor
        and {
          getfd = function()
            return descriptor
          end,
        }
      waiting[thread] = { due = due, object = object }
    end
  end

  --- Waits until a waiting coroutine can continue.
  local function select_ready(ends)
    local first, objects = ends, {}
    for _, wait in pairs(waiting) do
      first = math.min(first, wait.due)
      objects[#objects + 1] = wait.object
    end
    local readable = socket.select(objects, nil, math.max(0, first - core.now()))
    for thread, wait in pairs(waiting) do
      if wait.due <= core.now() or (wait.object and readable[wait.object]) then
        ready[#ready + 1] = thread
      end
    end
    for _, thread in ipairs(ready) do
      waiting[thread] = nil
    end
  end

  function scheduler.run()
    local ends = core.now() + TOO_LONG
    while ready[1] or next(waiting) do
      assert(core.now() < ends, "a coroutine does not end")
      local now = ready
      ready = {}
      for _, thread in ipairs(now) do
        resume(thread)
      end
      if not ready[1] and next(waiting) then
        select_ready(ends)
      end
    end
  end

  return scheduler
end

describe("In a custom host", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local scheduler, client

  before_each(function()
    scheduler = new_scheduler()
    client = clients.of(twilio, { loop = { wait = scheduler.wait, sleep = scheduler.sleep } })
  end)

  it("a purchase lets other coroutines run", function()
    local ticks, number = 0, nil
    twilio:limits { latency = 0.1 }
    scheduler.go(function()
      while not number do
        scheduler.sleep(0.005)
        ticks = ticks + 1
      end
    end)
    scheduler.go(function()
      number = client:purchase { area_code = "415" }
    end)
    scheduler.run()
    assert.is_table(number)
    assert.is_true(ticks > 1)
    assert.is_true(scheduler.waits > 0)
  end)

  it("50 purchases are made at once", function()
    local numbers, different = {}, {}
    for i = 1, 50 do
      scheduler.go(function()
        numbers[i] = client:purchase { area_code = "415" }
        different[numbers[i].sid] = true
      end)
    end
    scheduler.run()
    assert.equal(50, #numbers)
    local count = 0
    for _ in pairs(different) do
      count = count + 1
    end
    assert.equal(50, count)
    assert.equal(50, twilio:state().purchases)
  end)

  it("the wait for the next attempt uses the host", function()
    local number
    twilio:fault { fault = "rate_limit" }
    scheduler.go(function()
      number = client:purchase { area_code = "415" }
    end)
    scheduler.run()
    assert.is_table(number)
  end)

  it("purchases in flight progress while any coroutine polls or waits", function()
    local heard, numbers = {}, {}
    scheduler.go(function()
      for i = 1, 3 do
        client:purchase_async({ area_code = "415" }, function(number)
          heard[i] = number
        end)
      end
      numbers[1] = client:purchase_async({ area_code = "415" }):wait()
      numbers[2] = client:purchase { area_code = "415" }
      client:close(60)
    end)
    scheduler.run()
    assert.equal(2, #numbers)
    assert.equal(3, #heard)
    assert.equal(5, twilio:state().purchases)
  end)

  it("a callback may buy, and waits without the host", function()
    local inner, outer
    scheduler.go(function()
      outer = client
        :purchase_async({ area_code = "415" }, function()
          inner = client:purchase { area_code = "415" }
        end)
        :wait()
    end)
    scheduler.run()
    assert.is_table(inner)
    assert.is_table(outer)
    assert.equal(2, twilio:state().purchases)
  end)

  it("an error in another call's callback hides no number", function()
    local number
    scheduler.go(function()
      client:purchase_async({ area_code = "4" }, function()
        error("a callback's own")
      end)
      number = client:purchase { area_code = "415" }
    end)
    scheduler.run()
    assert.is_table(number)
    assert.error_matches(function()
      client:poll()
    end, "a callback's own")
  end)

  --- What a purchase ends with if the nth wait raises an error.
  local function buy_with_broken_wait(nth)
    local broken = clients.of(twilio, {
      loop = {
        wait = function()
          nth = nth - 1
          if nth == 0 then
            error("the host is at its end")
          end
        end,
      },
    })
    local called, number, message, err = pcall(broken.purchase, broken, { area_code = "415" })
    broken:close()
    if not called then
      return number
    end
    assert.is_nil(number)
    return message, err
  end

  it("a wait that raises ends the call with what is known", function()
    twilio:fault { fault = "hang" }
    local message, err = buy_with_broken_wait(2)
    assert.same({ "cancelled", "unknown" }, { err.kind, err.purchased })
    assert.matches("the host is at its end", message)
  end)

  it("a wait that raises before anything is sent ends the call, and nothing is bought", function()
    local message, err = buy_with_broken_wait(1)
    assert.matches("the host is at its end", message)
    assert.equal(0, twilio:state().posts)
    if not err then
      return assert.equal("Lua 5.1", _VERSION) -- which cannot yield within pcall, so it was raised
    end
    assert.same({ "cancelled", "no" }, { err.kind, err.purchased })
  end)

  it("a wait may leave the running coroutine to be resumed by the host", function()
    local parked, number = {}, nil
    local function park()
      parked[#parked + 1] = coroutine.running()
      coroutine.yield()
    end
    local parking = clients.of(twilio, { loop = { wait = park, sleep = park } })
    local first = coroutine.create(function()
      number = parking:purchase { area_code = "415" }
    end)
    parked[1] = first
    while parked[1] do
      assert(coroutine.resume(table.remove(parked, 1)))
    end
    assert.equal("dead", coroutine.status(first))
    assert.is_table(number)
    parking:close()
  end)

  it("nothing is bought where nothing can yield", function()
    local outcome
    local function buy()
      local called, number, message, err = pcall(client.purchase, client, { area_code = "415" })
      assert(called or _VERSION == "Lua 5.1", number)
      outcome = called and { number, message, err.kind } or { nil, number, "invalid" }
    end
    for place, call in pairs {
      ["a callback of string.gsub"] = function()
        scheduler.go(function()
          string.gsub("x", "x", buy)
        end)
        scheduler.run()
      end,
      ["code outside a coroutine"] = buy,
    } do
      call()
      assert.is_nil(outcome[1], place)
      assert.matches("yield", outcome[2])
      assert.equal("invalid", outcome[3])
    end
    assert.equal(0, twilio:state().posts)
  end)

  it("a key may have bought a number where nothing can yield", function()
    local keyed = clients.of(twilio, {
      journal = table_store.new(),
      loop = { wait = scheduler.wait, sleep = scheduler.sleep },
    })
    local called, number, _, err = pcall(function()
      return keyed:purchase({ area_code = "415" }, { idempotency_key = "k" })
    end)
    keyed:close()
    if not called then
      return assert.equal("Lua 5.1", _VERSION)
    end
    assert.is_nil(number)
    assert.same({ "invalid", "unknown", "k" }, { err.kind, err.purchased, err.idempotency_key })
  end)

  it("a purchase is made where nothing can yield if wait() blocks", function()
    local function wait(_, seconds)
      core.sleep(math.min(seconds, 0.01))
    end
    local blocking = clients.of(twilio, { loop = { wait = wait, sleep = core.sleep } })
    assert.is_table(blocking:purchase { area_code = "415" })
    blocking:close()
  end)

  it("a transport in Lua only needs sleep", function()
    local scripted = require("spec.support.scripted")
    local slept = 0
    for _, name in ipairs { "with wait", "alone" } do
      local answers = {
        { status = 429, body = scripted.refusal(20429, "busy") },
        { status = 201, body = scripted.body() },
      }
      local plain = clients.of(twilio, {
        transport = function()
          return table.remove(answers, 1)
        end,
        loop = {
          wait = name == "with wait" and error or nil,
          sleep = function()
            slept = slept + 1
          end,
        },
      })
      assert.is_table(plain:purchase { area_code = "415" })
    end
    assert.equal(2, slept)
  end)

  it("waits with a time limit advance purchases by a transport in Lua", function()
    local scripted = require("spec.support.scripted")
    local function new_client(answers)
      return scripted.apart(
        { POST = answers },
        { loop = { wait = scheduler.wait, sleep = scheduler.sleep } }
      )
    end
    local outcomes, seconds = {}, core.now()
    scheduler.go(function()
      local waiting = new_client { scripted.created }
      outcomes[1] = waiting:purchase_async({ phone_number = scripted.PHONE }):wait(60)
      local closing = new_client { scripted.error(429, 20429), scripted.created }
      closing:purchase_async({ phone_number = scripted.PHONE }, function(number)
        outcomes[2] = number
      end)
      closing:close(60)
      seconds = core.now() - seconds
    end)
    scheduler.run()
    assert.same({ "table", "table" }, { type(outcomes[1]), type(outcomes[2]) })
    assert.is_true(seconds < 10, seconds .. " s")
  end)

  it("close() does not wait for a call that an error has ended", function()
    local slept = 0
    local broken = clients.of(twilio, {
      transport = error,
      loop = {
        wait = error,
        sleep = function()
          slept = slept + 1
        end,
      },
    })
    function broken.credentials.authorize()
      error("interrupted!", 0)
    end
    assert.error_matches(function()
      broken:purchase { area_code = "415" }
    end, "interrupted!")
    broken:close(0.1)
    assert.equal(0, slept)
  end)

  it("requests block if only sleep is given", function()
    local slept = 0
    local polled = clients.of(twilio, {
      loop = {
        sleep = function()
          slept = slept + 1
        end,
      },
    })
    twilio:fault { fault = "rate_limit" }
    assert.is_table(polled:purchase { area_code = "415" })
    assert.equal(1, slept)
    assert.is_table(polled:purchase_async({ area_code = "415" }):wait())
  end)
end)
