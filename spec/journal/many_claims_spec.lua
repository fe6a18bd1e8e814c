-- purchase_many by a filter buys other numbers instead of those that other orders are trying, which a search
-- still lists: it does not wait for these, since their processes may be dead.
local clients = require("spec.support.clients")
local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
local journals = require("spec.support.journals")
local simulator = require("spec.support.simulator")

local TRIED, SHOWN = 8, 9 -- numbers of a search

-- A process that dies with purchases in flight.
local PROGRAM = [[
  local simulator = require("spec.support.simulator").of(twilio)
  local client = clients.of(twilio, { journal = %q })
  for i = 1, %d do
    local filter, options = { country = "US", area_code = "415" }, { idempotency_key = "other " .. i }
    assert(client:purchase_available_async(filter, nil, options))
  end
  flights.until_(function()
    client:poll()
    return simulator:state().unfinished == %d
  end, "all are tried")
  process.leave(0)
]]

describe("a purchase of many with a journal", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local folder, client

  before_each(function()
    folder = journals.new_folder()
    local path = folder .. "/journal.db"
    local journal = assert(journals.open(path, { create = true }))
    client = clients.of(twilio, { journal = journal, deadline = 5 })
    assert(client:purchase { phone_number = "+15105550100" })
    twilio:limits { hold = TRIED, search = SHOWN }
    local program = flights.program(twilio, PROGRAM:format(path, TRIED, TRIED))
    assert.equal("", (interpreter.result(program)))
  end)

  after_each(function()
    twilio:limits {}
    client:close()
    journals.remove(folder)
  end)

  for name, options in pairs { ["a key"] = { idempotency_key = "many" }, ["no key"] = {} } do
    for _, count in ipairs { 1, SHOWN } do
      it(
        ("buys numbers that other orders are not trying, %d with %s"):format(count, name),
        function()
          local filter = { country = "US", area_code = "415", count = count }
          local report, message = client:purchase_many(filter, nil, options)
          assert.equal(count, report.bought, message)
        end
      )
    end
  end
end)
