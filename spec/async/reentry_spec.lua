-- A finalizer may run wherever Lua allocates, and may poll: here one does at chosen places.
local clients = require("spec.support.clients")
local core = require("twilio.numbers.core")
local flights = require("spec.support.flights")
local simulator = require("spec.support.simulator")

describe("a finalizer that polls", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local reserve_stack, new_response = core.reserve_stack, core.new_response
  local client, is_polling, heard

  before_each(function()
    is_polling, heard = true, 0
    client = clients.of(twilio, {
      base_url = twilio.http_url,
      ca_file = false,
      on_event = function()
        heard = heard + 1
      end,
    })
  end)

  after_each(function()
    core.reserve_stack, core.new_response = reserve_stack, new_response
    client:close()
  end)

  local function poll()
    if not is_polling then
      is_polling = true
      client:poll()
      is_polling = false
    end
  end

  --- Buys, while a finalizer polls.
  local function buy(params)
    local pendings, calls = flights.begin(client, 1, function()
      return params
    end)
    is_polling = false
    flights.finish(client)
    return flights.outcome(pendings[1]), calls[1]
  end

  -- the handler of the response, the end of the purchase, and its callback
  for nth = 1, 3 do
    it("just before the function number " .. nth .. " is called leaves all called once", function()
      local asked = 0
      core.reserve_stack = function()
        asked = asked + 1
        if asked == nth then
          poll()
        end
        reserve_stack()
      end
      assert.same({ "number", 1 }, { buy { area_code = "415" } })
      assert.is_true(asked >= nth)
      assert.equal(1, heard)
    end)
  end

  it("while a purchase resumes after its first response does not resume it twice", function()
    local made = 0
    core.new_response = function()
      made = made + (is_polling and 0 or 1)
      poll()
      return new_response()
    end
    twilio:fault { fault = "close_after_commit", method = "POST" }
    assert.same({ "number", 1 }, { buy { phone_number = "+14155550142" } })
    assert.is_true(made > 0)
    -- the purchase and one look-up
    assert.equal(2, twilio:state().requests)
    assert.equal(1, twilio:state().posts)
  end)
end)

describe("while the I/O thread of a client is created, a finalizer", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local client

  --- Begins a purchase whose I/O thread is created after a finalizer has acted.
  local function buy_after(act)
    client = clients.of(twilio, { base_url = twilio.http_url, ca_file = false })
    local scheduler, make = client.scheduler, client.scheduler.make_io_thread
    scheduler.make_io_thread = function()
      scheduler.make_io_thread = make
      act()
      return make()
    end
    return assert(client:purchase_async { area_code = "415" })
  end

  it("that begins a purchase loses neither", function()
    local another
    local first = buy_after(function()
      another = assert(client:purchase_async { area_code = "510" })
    end)
    flights.finish(client)
    assert.same({ "number", "number" }, { flights.outcome(first), flights.outcome(another) })
    assert.equal(2, twilio:state().purchases)
    client:close()
  end)

  it("that closes the client leaves no I/O thread", function()
    local first = buy_after(function()
      client:close()
    end)
    flights.finish(client)
    assert.equal("closed no", flights.outcome(first))
    assert.is_nil(client:pollfd())
    assert.equal(0, twilio:state().purchases)
  end)
end)

-- Before Lua 5.4, its error is raised by the code that allocates; a debug hook's is in every Lua.
describe("a finalizer that raises an error", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local reserve_stack = core.reserve_stack

  after_each(function()
    core.reserve_stack = reserve_stack
  end)

  for nth = 1, 3 do
    it("just before the function number " .. nth .. " is called leaves all called once", function()
      local client = clients.of(twilio, { base_url = twilio.http_url, ca_file = false })
      local pendings, calls = flights.begin(client, 1)
      local asked, raised = 0, nil
      core.reserve_stack = function()
        asked = asked + 1
        if asked == nth then
          error("of a finalizer", 0)
        end
        reserve_stack()
      end
      flights.until_(function()
        local polled, left = pcall(client.poll, client)
        raised = raised or not polled and left
        return left == 0
      end, "nothing in flight")
      assert.equal("of a finalizer", raised)
      assert.same({ "number", 1 }, { flights.outcome(pendings[1]), calls[1] })
      client:close()
    end)
  end
end)

-- As that of a debug hook may be. The library's own coroutine gets it.
describe("an error that is", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local new_response = core.new_response

  after_each(function()
    core.new_response = new_response
  end)

  for name, value in pairs { ["nil"] = { nil }, ["false"] = { false } } do
    it(name .. " ends the call that it interrupts", function()
      local client = clients.of(twilio, { base_url = twilio.http_url, ca_file = false })
      local made = 0
      core.new_response = function(...)
        made = made + 1
        if made == 2 then -- the first one belongs to the call
          error(value[1], 0)
        end
        return new_response(...)
      end
      local pending = assert(client:search_async("US", "local", { limit = 1 }))
      flights.finish(client)
      local _, message, err = pending:result()
      assert.equal("cancelled", err.kind)
      assert.matches(name, message, 1, true)
      client:close()
    end)
  end
end)

describe("on_event that polls until its purchase is over, and then begins another", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  it("does not end the other before its response", function()
    local client, second
    client = clients.of(twilio, {
      base_url = twilio.http_url,
      ca_file = false,
      on_event = function()
        if not second then
          flights.finish(client)
          twilio:limits { hold = true } -- its response cannot have arrived when this one returns
          second = assert(client:purchase_async { area_code = "212" })
        end
      end,
    })
    local first = assert(client:purchase_async { area_code = "415" })
    flights.until_(function()
      client:poll()
      return second
    end, "the second purchase")
    client:poll()
    assert.is_false(second:done())
    twilio:limits { hold = false }
    flights.finish(client)
    assert.same({ "number", "number" }, { flights.outcome(first), flights.outcome(second) })
    assert.equal(2, twilio:state().posts)
    client:close()
  end)
end)
