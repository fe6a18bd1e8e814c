-- A client is closed while a call records in its journal what it bought.
local clients = require("spec.support.clients")
local flights = require("spec.support.flights")
local journals = require("spec.support.journals")
local numbers = require("twilio.numbers")
local simulator = require("spec.support.simulator")

local PARAMS, OPTIONS = { phone_number = "+14155550142" }, { idempotency_key = "order-1" }

--- Makes a journal accept requests and return no results.
local function hang(journal)
  local handle = journal.handle
  journal.handle = {
    is_foreign = function()
      return false
    end,
    submit = function()
      return true
    end,
    take = function() end,
    wait = function() end,
    descriptor = function()
      return handle:descriptor()
    end,
    close = function(_, seconds)
      handle:close(seconds)
    end,
  }
end

describe("closing a client right after the response to a purchase with a key", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local folder, journal, client

  before_each(function()
    folder = journals.new_folder()
    journal = assert(numbers.journal(folder .. "/purchases.db", { create = true }))
  end)
  after_each(function()
    client:close()
    journal:close(1)
    journals.remove(folder)
  end)

  --- Closes a client at that moment; returns the number of calls of the callback, and its arguments.
  local function close_after_response(option, at_response)
    local is_bought, calls, results = false, 0, {}
    client = clients.of(twilio, {
      journal = option,
      loop = false,
      on_event = function(event)
        if event.method == "POST" then
          is_bought = true
          at_response(client.journal)
        end
      end,
    })
    assert(client:purchase_async(PARAMS, OPTIONS, function(...)
      calls, results = calls + 1, { ... }
    end))
    flights.until_(function()
      client:poll()
      return is_bought
    end, "a purchase")
    client:close()
    assert.equal(0, client:poll())
    return calls, results[1], results[3]
  end

  for name, is_shared in pairs { ["its own journal"] = false, ["a shared journal"] = true } do
    it("records the purchase in " .. name .. ", and calls the callback", function()
      local option = is_shared and journal or folder .. "/purchases.db"
      local calls, number, info = close_after_response(option, function() end)
      assert.equal(1, calls)
      assert.is_nil(info)
      client = clients.of(twilio, { journal = journal, loop = false })
      local again, _, second = client:purchase(PARAMS, OPTIONS)
      assert.equal(number.sid, again.sid)
      assert.is_true(second.replayed)
      assert.equal(1, twilio:state().posts)
    end)

    it("calls the callback even if " .. name .. " hangs", function()
      local option = is_shared and journal or folder .. "/purchases.db"
      local calls, number, info = close_after_response(option, hang)
      assert.equal(1, calls)
      assert.equal(PARAMS.phone_number, number.phone_number)
      assert.equal("journal", info.journal.kind)
    end)
  end
end)
