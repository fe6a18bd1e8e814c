-- An error, such as that of a debug hook (Ctrl-C), comes between two statements of poll().
local clients = require("spec.support.clients")
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
      scheduler:owe(pending.call)
    end
    scheduler.owing, scheduler.is_interrupted = -1, true
    client:poll()
    assert.equal(2, scheduler.owing)
    flights.finish(client)
    assert.equal(0, scheduler.owing)
  end)
end)
