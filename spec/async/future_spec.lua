-- Futures complete while memory is lacking: each one has all its fields before.
local clients = require("spec.support.clients")
local flights = require("spec.support.flights")
local journals = require("spec.support.journals")
local numbers = require("twilio.numbers")
local simulator = require("spec.support.simulator")

local FIELDS = { "done", "wake", "task", "call", "before", "tag" }

describe("a future has all fields before it completes, which then takes no memory:", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local client, seen, missing

  --- Notes what the completed futures of a client lack.
  local function watch(name)
    local scheduler = client.scheduler
    local method = scheduler[name]
    scheduler[name] = function(self, future)
      seen = seen + 1
      for _, field in ipairs(FIELDS) do
        missing[field] = (future[field] == nil or missing[field]) and true or nil
      end
      return method(self, future)
    end
  end

  local function new_client(options)
    client, seen, missing = clients.of(twilio, options), 0, {}
    watch("queue")
    watch("settle")
  end

  local function check(least)
    assert.same({}, missing)
    assert.is_true(seen >= least)
  end

  after_each(function()
    client:close()
  end)

  it("that of a request, and that of pending:wait()", function()
    new_client()
    assert(flights.begin(client, 1)[1]:wait(10))
    check(3)
  end)

  it("that of a timer", function()
    new_client()
    client.scheduler:wait(client.scheduler:alarm(0))
    check(2)
  end)

  it("that of a group of calls", function()
    new_client()
    assert(client:purchase_many { "+14155550100", "+14155550101" })
    check(6)
  end)

  it("that of client:close()", function()
    new_client()
    flights.begin(client, 1)
    client:close(10)
    check(3)
  end)

  it("that of a result of a journal", function()
    local folder = journals.new_folder()
    local journal = assert(numbers.journal(folder .. "/purchases.db", { create = true }))
    new_client { journal = journal }
    local options = { idempotency_key = "order-1" }
    local pending = client:purchase_async({ phone_number = "+14155550142" }, options)
    flights.finish(client)
    assert(pending:result())
    client:close()
    journal:close(1)
    journals.remove(folder)
    check(6)
  end)
end)
