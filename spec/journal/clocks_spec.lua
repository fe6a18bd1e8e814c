-- Clocks that jump during a purchase with an idempotency key, and between the death of its sender and the
-- next call. The wall clock decides nothing; another era restarts each sender's time (rule R13); and the key
-- buys one number in any case.
local clock = require("spec.support.clock")
local flights = require("spec.support.flights")
local journals = require("spec.support.journals")
local keyed = require("spec.support.keyed")
local simulator = require("spec.support.simulator")

local DAY, HOUR = 86400, 3600 -- seconds

-- Buys, and sets the clocks after the nth step.
local BUY = [[
  local clocks = require("spec.support.clock").of_this_process()
  local steps = keyed.at_steps(function(n)
    if n == %d then clocks:set(%d, %d) end
  end)
  local client = client_of { on_event = steps.on_event }
  print_line(keyed.buy(client))
  steps.check()
]]

local KNOWN = 8 -- steps: read, search, read, look, read, begin, send, note

describe("a purchase with an idempotency key", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local folder, clocks, given

  before_each(function()
    folder, clocks = journals.new_folder(), clock.new()
    given = {
      twilio = twilio,
      folder = folder,
      journal = keyed.new_journal(folder),
      library = "spec_clock",
      variables = clocks.variables,
    }
  end)

  after_each(function()
    twilio:limits {}
    clocks:close()
    journals.remove(folder)
  end)

  local function start_anew()
    twilio:limits {}
    flights.until_(function()
      return twilio:state().unfinished == 0
    end, "nothing under way")
    twilio:reset()
    os.remove(given.journal)
    given.journal = keyed.new_journal(folder)
    clocks:set(0, 0)
  end

  local function buy(n, boot, wall)
    return keyed.result(given, BUY:format(n or 0, boot or 0, wall or 0))
  end

  --- The account owns one number, which a result names.
  local function assert_bought(result, words)
    local state = twilio:state()
    assert.same({ words, 1 }, { result.outcome, state.purchases }, result.message)
    assert.equal(state.owned[1].sid, result.sid)
  end

  for name, wall in pairs { forward = DAY, back = -DAY } do
    it("tolerates the wall clock set a day " .. name .. " after any of its steps", function()
      for n = 1, KNOWN do
        start_anew()
        assert_bought(buy(n, 0, wall), "bought")
        assert_bought(buy(), "replayed")
      end
    end)

    it("is finished even if the wall clock is set a day " .. name .. " after a crash", function()
      local phone_number = keyed.leave_post(given)
      clocks:set(0, wall)
      local result = buy()
      assert_bought(result, "bought")
      assert.equal(phone_number, result.phone_number)
    end)
  end

  it("is finished in another era, in which the time of a dead sender restarts", function()
    local phone_number = keyed.leave_post(given)
    local before = keyed.order(given.journal)
    clocks:boot("11111111-2222-3333-4444-555555555555")
    -- what is not released tells of the dead sender: its purchase is still held
    local result = keyed.result(given, [[ print_line(keyed.buy(client_of())) ]])
    assert_bought(result, "bought")
    assert.equal(phone_number, result.phone_number)
    assert_bought(keyed.result(given, [[ print_line(keyed.buy(client_of())) ]]), "replayed")
    local after = keyed.order(given.journal)
    local dead, old = after.senders[1], before.senders[1]
    assert.equal(old.token, dead.token)
    assert.not_equal(old.era, dead.era)
    assert.equal(after.senders[2].era, dead.era)
    assert.equal(old.term, dead.term)
    assert.is_true(dead.ends >= after.senders[2].ends - after.senders[2].term)
  end)

  it("is finished after the boot clock has jumped since its sender died", function()
    for _, boot in ipairs { HOUR, -HOUR } do
      start_anew()
      local phone_number = keyed.leave_post(given)
      clocks:set(boot, 0)
      local result = keyed.result(given, [[ print_line(keyed.buy(client_of())) ]])
      assert_bought(result, "bought")
      assert.equal(phone_number, result.phone_number)
      assert_bought(keyed.result(given, [[ print_line(keyed.buy(client_of())) ]]), "replayed")
    end
  end)

  it("sends nothing once the boot clock has passed its deadline, after any step", function()
    local refused = 0
    for n = 1, KNOWN do
      start_anew()
      local result = buy(n, HOUR, 0)
      if result.kind then
        refused = refused + 1
        assert.equal("timeout no", result.outcome)
        assert.equal(0, twilio:state().posts)
      end
      clocks:set(2 * HOUR, 0)
      local again = buy()
      assert_bought(again, result.kind and "bought" or "replayed")
      if result.purchased ~= "no" then
        assert.equal(result.phone_number, again.phone_number)
      end
    end
    assert.equal(2, refused) -- after the read before T1, and after T1
  end)

  it("counts against the limit of the wall clock's day in UTC", function()
    local program = [[
      local client = client_of { limit = { numbers = 1, per = "day" } }
      print_line(client:purchase_available(keyed.FILTER, {}, { idempotency_key = %q }))
    ]]
    assert.equal("bought", keyed.result(given, program:format("a")).outcome)
    local over = keyed.result(given, program:format("b"))
    assert.same({ "limit", "no" }, { over.kind, over.purchased })
    clocks:set(0, DAY)
    assert.equal("bought", keyed.result(given, program:format("b")).outcome)
    assert.equal("limit", keyed.result(given, program:format("c")).kind)
    clocks:set(0, 0)
    assert.equal("limit", keyed.result(given, program:format("d")).kind)
    clocks:set(0, -DAY)
    assert.equal("bought", keyed.result(given, program:format("e")).outcome)
    assert.equal(3, twilio:state().purchases)
  end)
end)
