-- Processes that share a journal: a limit of numbers a day for all of them together, of which some die
-- between their choice and its outcome; and two orders for the last number of an area.
local journals = require("spec.support.journals")
local keyed = require("spec.support.keyed")
local postgresql = require("spec.support.postgresql")
local records = require("twilio.numbers.journal.records")
local simulator = require("spec.support.simulator")

local LIVE, DEAD, EACH, LIMIT = 6, 2, 3, 5
local AREA, NUMBERS = "907", { "+19075550100", "+19075550101", "+19075550102" } -- all that it has

-- Buys with some keys, once it may start.
local BUY = [[
  while not keyed.exists(folder .. "/go") do core.sleep(0.001) end
  for i = 1, %d do
    local client = client_of { limit = { numbers = %d, per = "day" } }
    print_line(keyed.buy(client, { idempotency_key = "%s-" .. i }))
    client:close()
  end
]]

-- Is killed once the choice of its number was written.
local DIE = [[
  local key = "%s"
  local client = client_of {
    limit = { numbers = %d, per = "day" },
    on_event = function(event)
      if event.step == "begin" then
        assert(not event.err)
        keyed.halt(folder .. "/" .. key)
      end
    end,
  }
  print_line(keyed.buy(client, { idempotency_key = key }))
]]

-- Halts when it has found that the account does not own the number that it chose.
local BUY_ONE = [[
  local key, halted = "%s", false
  local client = client_of { on_event = function(event)
    if not halted and event.method == "GET" and event.url:find("IncomingPhoneNumbers") then
      halted = true
      keyed.halt(folder .. "/" .. key)
    end
  end }
  print_line(client:purchase_available(
    { country = "US", area_code = "%s" }, {}, { idempotency_key = key }))
]]

describe("processes with one journal", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local folder, given

  before_each(function()
    folder = journals.new_folder()
    given = { twilio = twilio, folder = folder }
  end)

  after_each(function()
    journals.remove(folder)
  end)

  --- The outcomes of all lines that programs printed, by outcome; and the numbers, by SID.
  local function count(children)
    local outcomes, sids, numbers = {}, {}, 0
    for _, child in ipairs(children) do
      for line in child:output():gmatch("[^\n]+") do
        local result = keyed.read_line(line)
        outcomes[result.outcome] = (outcomes[result.outcome] or 0) + 1
        if result.sid and not sids[result.sid] then
          sids[result.sid], numbers = true, numbers + 1
        end
      end
    end
    return outcomes, numbers
  end

  local function counted()
    local journal = assert(journals.open(given.journal))
    local list = assert(journal:scan(journals.call(), "limit/", nil, 10))
    journal:close(5)
    assert.equal(1, #list)
    return records.decode(list[1].value).numbers
  end

  --- Starts all of them; some die while the others continue.
  local function keep_within_limit()
    local dying, living = {}, {}
    for i = 1, LIVE do
      living[i] = keyed.start(given, BUY:format(EACH, LIMIT, "live" .. i))
    end
    for i = 1, DEAD do -- one after the other: each has written its choice at the first try
      dying[i] = keyed.start(given, DIE:format("dead" .. i, LIMIT))
      keyed.until_halted(folder .. "/dead" .. i)
    end
    keyed.touch(folder .. "/go")
    for i = 1, DEAD do
      dying[i]:kill()
    end
    local outcomes, numbers = count(living)
    assert.same({ bought = LIMIT - DEAD, ["limit no"] = LIVE * EACH - LIMIT + DEAD }, outcomes)
    assert.equal(LIMIT - DEAD, numbers)
    assert.equal(LIMIT - DEAD, twilio:state().purchases)
    assert.equal(LIMIT, counted())
  end

  local function finish_the_dead()
    local children = {}
    for i = 1, DEAD do
      -- what its number is counted for already
      children[i] =
        keyed.start(given, BUY:gsub('"%%s%-" .. i', "%%q"):format(1, LIMIT, "dead" .. i))
    end
    assert.same({ bought = DEAD }, (count(children)))
    assert.equal(LIMIT, twilio:state().purchases)
    assert.equal(LIMIT, counted())
    assert.same({ ["limit no"] = 1 }, (count { keyed.start(given, BUY:format(1, LIMIT, "new")) }))
  end

  --- Two orders choose the last number of an area at once.
  local function share_the_last()
    local keys, children = { "first", "second" }, {}
    for i = 2, #NUMBERS do
      twilio:stranger(NUMBERS[i], true)
    end
    for i, key in ipairs(keys) do
      children[i] = keyed.start(given, BUY_ONE:format(key, AREA))
    end
    for _, key in ipairs(keys) do
      keyed.until_halted(folder .. "/" .. key)
    end
    for _, key in ipairs(keys) do
      os.remove(folder .. "/" .. key)
    end
    local outcomes, numbers = count(children)
    assert.same({ bought = 1, ["api no"] = 1 }, outcomes)
    assert.equal(1, numbers)
    assert.equal(1, twilio:state().purchases)
    assert.equal(NUMBERS[1], twilio:state().owned[1].phone_number)
  end

  describe("in SQLite", function()
    before_each(function()
      given.journal = keyed.new_journal(folder)
    end)

    it("buy no more than the limit while some of them die, and finish their purchases", function()
      keep_within_limit()
      finish_the_dead()
    end)

    it("buy the last number of an area for one of two orders", share_the_last)
  end)

  if postgresql.is_missing("spec/journal/limit_processes_spec.lua: PostgreSQL") then
    return
  end
  describe("in PostgreSQL", function()
    local server

    setup(function()
      server = postgresql.start()
    end)

    teardown(function()
      server:stop()
    end)

    before_each(function()
      server:sql("DELETE FROM twilio_numbers_journal")
      given.journal = "postgresql:" .. server:conninfo()
    end)

    it("buy no more than the limit while some of them die", keep_within_limit)

    it("buy the last number of an area for one of two orders", share_the_last)
  end)
end)
