-- A purchase that Twilio carries out late, after its process is dead or its call is over: at each step of the
-- next call with the same key. One number is bought, and both calls return that one.
local flights = require("spec.support.flights")
local journals = require("spec.support.journals")
local keyed = require("spec.support.keyed")
local postgresql = require("spec.support.postgresql")
local simulator = require("spec.support.simulator")

local STEPS_MAX = 20

describe("a late purchase", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local folder

  before_each(function()
    folder = journals.new_folder()
  end)

  after_each(function()
    twilio:limits {}
    journals.remove(folder)
  end)

  local function deliver()
    twilio:limits {}
    flights.until_(function()
      return twilio:state().unfinished == 0
    end, "delivered")
  end

  --- Calls with the key; the late purchase is delivered after the nth step.
  ---@return integer steps of the call and its replay
  local function call(journal, n, phone_number)
    local steps = keyed.at_steps(function(count)
      if count == n then
        deliver()
      end
    end)
    local client = keyed.client(twilio, { journal = journal, on_event = steps.on_event })
    if n == 0 then
      deliver()
    end
    local number, message = keyed.buy(client)
    steps.check()
    if steps.count < n then
      deliver()
    end
    local again = keyed.buy(client)
    client:close()
    local state = twilio:state()
    assert.is_table(number, message)
    assert.same({ phone_number, phone_number }, { number.phone_number, again.phone_number })
    assert.equal(1, state.purchases, "delivered after step " .. n)
    assert.equal(1, #state.owned)
    assert.equal(state.owned[1].sid, number.sid)
    assert.equal(state.owned[1].sid, again.sid)
    return steps.count
  end

  --- leave() begins an order and leaves its purchase held.
  ---@param first_steps integer of the shortest call
  local function at_each_step(leave, first_steps)
    local n, most = 0, first_steps
    while n <= most do
      assert(n < STEPS_MAX, "a call has too many steps")
      twilio:reset()
      local journal, phone_number = leave()
      most = math.max(most, call(journal, n, phone_number))
      n = n + 1
    end
    return most
  end

  it("of a killed process is returned by the next call, whenever that is made", function()
    local steps = at_each_step(function()
      journals.shell(("rm -f '%s'/*"):format(folder))
      local given = { twilio = twilio, folder = folder, journal = keyed.new_journal(folder) }
      return given.journal, keyed.leave_post(given)
    end, 3)
    assert.equal(7, steps) -- read, look, join, send, note; and its replay: read, fetch
  end)

  it("of a call that timed out is returned by the next call, whenever that is made", function()
    at_each_step(function()
      journals.shell(("rm -f '%s'/*"):format(folder))
      local journal = keyed.new_journal(folder)
      local client = keyed.client(twilio, { journal = journal })
      twilio:limits { hold = 1 }
      local number, _, err = keyed.buy(client, { deadline = 0.5, retries = 0 })
      client:close()
      assert.is_nil(number)
      assert.same({ "timeout", "unknown" }, { err.kind, err.purchased })
      return journal, err.phone_number
    end, 3)
  end)

  if not postgresql.is_missing("spec/journal/late_post_spec.lua: PostgreSQL") then
    it("is returned by the next call with PostgreSQL", function()
      local server = postgresql.start()
      local called, why = pcall(at_each_step, function()
        server:sql("DELETE FROM twilio_numbers_journal")
        local journal = "postgresql:" .. server:conninfo()
        local client = keyed.client(twilio, { journal = journal })
        twilio:limits { hold = 1 }
        local _, _, err = keyed.buy(client, { deadline = 0.5, retries = 0 })
        client:close()
        return journal, err.phone_number
      end, 3)
      server:stop()
      assert(called, why)
    end)
  end
end)
