-- The _async twins, and the functions themselves in a host that runs meanwhile, return the same.
local clients = require("spec.support.clients")
local cqueues = require("cqueues")
local flights = require("spec.support.flights")
local scripted = require("spec.support.scripted")
local simulator = require("spec.support.simulator")

local FILTER = { country = "US", area_code = "415" }

--- Each operation: its arguments, given a number that the account owns; its result; and its result for
--- invalid arguments.
local OPERATIONS = {
  {
    name = "purchase",
    arguments = function()
      return { phone_number = "+14155550777" }
    end,
    check = function(number)
      return number.phone_number == "+14155550777"
    end,
    wrong = { { phone_number = "x" } },
  },
  {
    name = "purchase_available",
    arguments = function()
      return FILTER, { friendly_name = "New" }
    end,
    check = function(number)
      return number.friendly_name == "New"
    end,
    wrong = { { country = "x" }, {} },
  },
  {
    name = "purchase_many",
    arguments = function()
      return { country = "US", area_code = "415", count = 3 }, { friendly_name = "New" }
    end,
    check = function(report)
      return report.bought == 3 and #report.numbers == 3
    end,
    wrong = { { "x" }, {} },
  },
  {
    name = "search",
    arguments = function()
      return "US", "local", { area_code = "415", limit = 7 }
    end,
    check = function(items)
      return #items == 7
    end,
    wrong = { "x", "local", {} },
    is_list = true,
  },
  {
    name = "list",
    arguments = function()
      return { page_size = 1 }
    end,
    check = function(items)
      return #items == 2
    end,
    wrong = { { limit = 0 } },
    is_list = true,
  },
  {
    name = "countries",
    arguments = function() end,
    check = function(countries)
      return #countries > 1
    end,
  },
  {
    name = "country",
    arguments = function()
      return "US"
    end,
    check = function(country)
      return country.country == "United States"
    end,
    wrong = { "us" },
  },
  {
    name = "fetch",
    arguments = function(number)
      return number.sid
    end,
    check = function(number)
      return number.friendly_name == "Old"
    end,
    wrong = { "x" },
  },
  {
    name = "update",
    arguments = function(number)
      return number.sid, { friendly_name = "New" }
    end,
    check = function(number)
      return number.friendly_name == "New"
    end,
    wrong = { "x", {} },
  },
  {
    name = "release",
    arguments = function(number)
      return number.sid
    end,
    check = function(released)
      return released == true
    end,
    wrong = { "x" },
  },
}

-- luacheck: push std max
local unpack = table.unpack or unpack
-- luacheck: pop

--- Arguments, followed by more arguments.
local function with(arguments, ...)
  local all = { unpack(arguments) }
  for i = 1, select("#", ...) do
    all[#arguments + i] = select(i, ...)
  end
  return unpack(all, 1, #arguments + select("#", ...))
end

describe("in flight", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local client, owned

  before_each(function()
    client = clients.of(twilio)
    owned = assert(client:purchase { phone_number = "+15105550100", friendly_name = "Old" })
    assert(client:purchase { phone_number = "+15105550101" })
  end)

  after_each(function()
    client:close()
  end)

  for _, operation in ipairs(OPERATIONS) do
    describe(operation.name .. "_async", function()
      local function begin(callback, options)
        local arguments = { operation.arguments(owned) }
        return client[operation.name .. "_async"](client, with(arguments, options, callback))
      end

      it("calls back once with what the function returns, and the pending has it too", function()
        local calls = {}
        local pending = assert(begin(function(...)
          calls[#calls + 1] = { n = select("#", ...), ... }
        end))
        assert.equal(0, #calls)
        assert.is_false(pending:done())
        assert.equal("still in flight", select(2, pending:result()))
        flights.finish(client)
        assert.equal(1, #calls)
        local value, message, err = pending:result()
        assert.is_true(operation.check(value))
        assert.same({ value, message, err }, { calls[1][1], calls[1][2], calls[1][3] })
        assert.is_nil(err)
      end)

      it("needs no callback, since wait() returns the results", function()
        local pending = assert(begin())
        assert.is_true(operation.check(assert(pending:wait())))
        assert.is_true(pending:done())
      end)

      local reports_wrong = operation.wrong and it or function() end -- countries has no arguments
      reports_wrong("reports wrong arguments to the callback, with nothing sent", function()
        local before, got = twilio:state().requests, nil
        local call = client[operation.name .. "_async"]
        assert(call(
          client,
          with(operation.wrong, function(...)
            got = { ... }
          end)
        ))
        assert.is_nil(got)
        flights.finish(client)
        assert.is_nil(got[1])
        assert.same({ "invalid", "no", 0 }, { got[3].kind, got[3].purchased, got[3].attempts })
        assert.equal(got[2], got[3].message)
        assert.equal(before, twilio:state().requests)
      end)

      it("refuses invalid options at once", function()
        local pending, message, err = begin(nil, { timeuot = 1 })
        assert.is_nil(pending)
        assert.equal("invalid", err.kind)
        assert.matches("did you mean timeout?", message, 1, true)
      end)

      it("is refused by a closed client", function()
        client:close()
        local pending, _, err = begin()
        assert.is_nil(pending)
        assert.equal("closed", err.kind)
      end)

      it("can be cancelled", function()
        twilio:limits { latency = 60 }
        local before = twilio:state().requests
        local pending = assert(begin())
        flights.until_(function()
          client:poll()
          return twilio:state().requests > before
        end, "sent")
        assert.is_true(pending:cancel())
        flights.finish(client)
        local value, _, err = pending:result()
        if operation.name == "purchase_many" and value then
          err = value.results[1].err
          assert.same({ 0, 3 }, { value.bought, value.unknown + value.stopped + value.refused })
        else
          assert.is_nil(value)
        end
        assert.equal("cancelled", err.kind)
        assert.is_false(pending:cancel())
      end)

      it("works with a transport in Lua", function()
        local calls = 0
        local script = { GET = { { status = 403, body = "" } } }
        local other = scripted.client(script, { retries = 0 })
        local arguments = { operation.arguments(owned) }
        assert(other[operation.name .. "_async"](
          other,
          with(arguments, function(value, _, err)
            calls = calls + 1
            assert.is_true(value ~= nil or err.kind == "network" or err.status == 403)
          end)
        ))
        flights.finish(other)
        assert.equal(1, calls)
      end)

      it("must be called with a colon", function()
        local name = operation.name .. "_async"
        assert.has_error(function()
          client[name](with { operation.arguments(owned) })
        end, ("call client:%s(...) with a colon, on what numbers.client() returned"):format(
          name
        ))
      end)
    end)
  end

  it("all operations make progress together", function()
    local calls, seen = 0, {}
    for round = 1, 10 do
      for _, operation in ipairs(OPERATIONS) do
        if operation.name ~= "release" and (operation.name ~= "purchase" or round == 1) then
          local arguments = { operation.arguments(owned) }
          assert(client[operation.name .. "_async"](
            client,
            with(arguments, function(value, message)
              calls = calls + 1
              seen[operation.name] = value and (seen[operation.name] or 0) + 1 or message
            end)
          ))
        end
      end
    end
    flights.finish(client)
    assert.equal(81, calls)
    assert.same({
      purchase = 1,
      purchase_available = 10,
      purchase_many = 10,
      search = 10,
      list = 10,
      countries = 10,
      country = 10,
      fetch = 10,
      update = 10,
    }, seen)
    assert.equal(2 + 1 + 10 + 30, #twilio:state().owned)
  end)
end)

describe("in a coroutine of cqueues", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local client, owned, controller

  before_each(function()
    controller = cqueues.new()
    client = clients.of(twilio, { loop = "auto" })
    local outside = clients.of(twilio)
    owned = assert(outside:purchase { phone_number = "+15105550100", friendly_name = "Old" })
    assert(outside:purchase { phone_number = "+15105550101" })
    outside:close()
  end)

  after_each(function()
    client:close()
  end)

  --- Runs f in a coroutine next to one that counts; returns the count while f ran.
  local function ticks_during(f)
    local ticks, over = 0, false
    controller:wrap(function()
      while not over do
        ticks = ticks + 1
        cqueues.sleep(0.002)
      end
    end)
    local before, after
    controller:wrap(function()
      before = ticks
      f()
      after, over = ticks, true
    end)
    assert(controller:loop())
    assert.is_true(controller:empty())
    return after - before
  end

  for _, operation in ipairs(OPERATIONS) do
    it(operation.name .. " lets other coroutines run while it waits", function()
      twilio:limits { latency = 0.05 }
      local value, message
      local ticks = ticks_during(function()
        value, message = client[operation.name](client, operation.arguments(owned))
        if operation.is_list and value then
          value, message = value:all()
        end
      end)
      assert.is_true(operation.check(assert(value, message)))
      assert.is_true(ticks >= 3, ticks)
    end)

    it(operation.name .. "_async calls back from the host's loop", function()
      local value, message, calls = nil, nil, 0
      ticks_during(function()
        local arguments = { operation.arguments(owned) }
        local pending =
          assert(client[operation.name .. "_async"](
            client,
            with(arguments, function(...)
              calls = calls + 1
              value, message = ...
            end)
          ))
        assert.equal(0, calls)
        pending:wait()
      end)
      assert.equal(1, calls)
      assert.is_true(operation.check(assert(value, message)))
    end)
  end

  it("a search is read item by item with next()", function()
    local got = 0
    ticks_during(function()
      local list = assert(client:search("US", "local", { area_code = "415", limit = 5 }))
      while assert(list:next() or got == 5) ~= true do
        got = got + 1
      end
    end)
    assert.equal(5, got)
  end)

  it("fifty calls of purchase_available buy fifty numbers at once", function()
    local numbers, failed = {}, nil
    twilio:limits { latency = 0.2, search = 1000 }
    for i = 1, 50 do
      controller:wrap(function()
        numbers[i], failed = client:purchase_available(FILTER)
      end)
    end
    assert(controller:loop())
    assert.is_nil(failed)
    local state = twilio:state()
    assert.same({ 50, 52, 0 }, { #numbers, #state.owned, state.updates })
    assert.is_true(state.most_at_once > 10)
  end)
end)
