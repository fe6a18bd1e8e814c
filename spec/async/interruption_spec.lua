-- An error, such as that of a debug hook (Ctrl-C), comes between two statements of poll().
local clients = require("spec.support.clients")
local compat = require("twilio.numbers.compat")
local flights = require("spec.support.flights")
local simulator = require("spec.support.simulator")

describe("an error that interrupts poll()", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local client, scheduler

  before_each(function()
    client = clients.of(twilio)
    scheduler = client.scheduler
    scheduler:get_io_thread():ring() -- poll() has work to do
  end)
  after_each(function()
    client:close()
  end)

  --- Begins purchases and waits until their responses have arrived.
  local function begin(count)
    local pendings, calls = flights.begin(client, count)
    flights.until_answered(client)
    return pendings, calls
  end

  --- Polls often enough for all that has arrived; returns what is left.
  local function poll()
    local left
    for _ = 1, 20 do
      left = client:poll()
    end
    return left
  end

  it("right at its end leaves nothing running", function()
    local globals = package.loaded._G -- busted gives specs a copy
    local call = pcall
    globals.pcall = function(...)
      globals.pcall = call
      call(...)
      error("interrupted", 0)
    end
    local polled = call(client.poll, client)
    globals.pcall = call
    assert.is_false(polled)
    assert.is_false(scheduler.is_running)
  end)

  it("while it queues a future loses neither that nor the others", function()
    local first, second = { done = false, wake = false }, { done = false, wake = false }
    scheduler:queue(first)
    local stored = setmetatable({ done = false, wake = false }, {
      __newindex = function(_, name)
        error("interrupted at " .. name)
      end,
    })
    assert.is_false(pcall(scheduler.queue, scheduler, stored))
    scheduler:queue(second)
    local woken = 0
    for _, future in ipairs { first, second } do
      scheduler.on_done(future, function()
        woken = woken + 1
      end)
    end
    client:poll()
    assert.equal(2, woken)
    assert.is_false(scheduler:has_work())
  end)

  it("while it ends a call counts the purchases to report again", function()
    twilio:limits { latency = 0.2 }
    for _, pending in ipairs((flights.begin(client, 2))) do
      scheduler:owe(pending.task.call)
    end
    scheduler.owing, scheduler.is_interrupted = -1, true
    client:poll()
    assert.equal(2, scheduler.owing)
    flights.finish(client)
    assert.equal(0, scheduler.owing)
  end)

  it("with a task in hand, which lacks memory for any call, loses no task", function()
    local pendings, calls = begin(1)
    local is_shortage = compat.is_shortage
    local function lack()
      error("not enough memory", 0)
    end
    local task = pendings[1].task
    task.go_on, compat.is_shortage = lack, lack
    local polled = pcall(client.poll, client)
    task.go_on, compat.is_shortage = nil, is_shortage
    assert.is_false(polled)
    assert.equal(0, poll())
    assert.same({ 1 }, calls)
  end)

  it("from a callback that lacks memory is raised at once", function()
    local called = 0
    client:purchase_async({ area_code = "415" }, function()
      called = called + 1
      error("not enough memory", 0)
    end)
    flights.until_answered(client)
    local polled, why = pcall(client.poll, client)
    assert.same({ false, "not enough memory" }, { polled, why })
    assert.equal(0, poll())
    assert.equal(1, called)
  end)

  it("is put right by the next poll, for a lack of memory too", function()
    local _, calls = begin(1)
    function scheduler:run_first()
      self.first_ready.is_ready = false
      self.first_ready = self.first_ready.next_ready
      error("not enough memory", 0)
    end
    local polled = pcall(client.poll, client)
    scheduler.run_first = nil
    assert.is_false(polled)
    assert.equal(0, poll())
    assert.same({ 1 }, calls)
  end)

  it("before a future is marked as done leaves no ring of futures", function()
    local first, second = { done = false, wake = false }, { done = false, wake = false }
    scheduler.unfinished, first.before = first, false
    scheduler:queue(second)
    local response = {
      is_done = function()
        return true
      end,
    }
    scheduler.futures[response], scheduler.is_interrupted = first, true
    client:poll()
    local is_left = scheduler:has_work()
    scheduler.unfinished = false -- close() would not end
    assert.is_true(first.done)
    assert.is_false(is_left)
  end)

  it("before a future is marked as done leaves no ring if that completes again", function()
    local first, second = { before = false, wake = false }, { done = false, wake = false }
    setmetatable(first, {
      __newindex = function()
        error("interrupted", 0)
      end,
    })
    assert.is_false(pcall(scheduler.queue, scheduler, first))
    setmetatable(first, nil).done = false
    scheduler:queue(second)
    scheduler:queue(first)
    local chain = { second.before, first.before }
    scheduler.unfinished = false
    assert.same({ first, false }, chain)
  end)

  it("leaves all ready tasks ready, whatever their marks say", function()
    local tasks, runs = {}, { 0, 0, 0, 0 }
    for i = 1, #runs do
      local task = { call = {}, is_ended = true, is_ready = false, next_ready = false }
      function task.go_on()
        runs[i] = runs[i] + 1
        scheduler.tasks[task.call] = nil
      end
      tasks[i], scheduler.tasks[task.call] = task, task
    end
    for i = 1, 3 do
      scheduler:make_ready(tasks[i])
    end
    tasks[1].is_ready, tasks[3].is_ready, tasks[4].is_ready = false, false, true
    scheduler.last_ready, scheduler.is_interrupted = tasks[1], true
    poll()
    assert.same({ 1, 1, 1, 1 }, runs)
  end)

  it("while it removes a call from those in flight leaves none of them", function()
    local remove = scheduler.remove
    for _, name in ipairs { "pending", "leave" } do
      local pending = client:purchase_async { area_code = "415" }
      flights.until_answered(client)
      function scheduler.remove(self, task)
        scheduler.remove = nil
        if name == "pending" then -- after its first statement
          self.tasks[task.call] = nil
        else
          function self.leave()
            self.leave = nil
            error("interrupted", 0)
          end
          return remove(self, task)
        end
        error("interrupted", 0)
      end
      assert.same({ false, "interrupted" }, { pcall(client.poll, client) })
      assert.equal(0, poll())
      assert.equal("number", flights.outcome(pending))
      assert.is_nil(next(scheduler.calls))
    end
  end)

  it("does not make close() run a purchase twice at once", function()
    local pendings, calls = begin(1)
    local operation = pendings[1].task.call.operation
    local take_first = operation.take_first
    function operation.take_first(call)
      operation.take_first = take_first
      client:poll() -- by a finalizer
      return take_first(call)
    end
    scheduler.is_interrupted = true
    local closed, why = pcall(client.close, client)
    operation.take_first = take_first
    assert.same({ true }, { closed, why })
    assert.same({ 1 }, calls)
    assert.equal("number", flights.outcome(pendings[1]))
  end)
end)
