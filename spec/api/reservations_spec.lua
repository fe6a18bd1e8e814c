-- The numbers that the calls of a Lua state are buying: a reservation belongs to a call and ends with it.
local reservations = require("twilio.numbers.api.reservations")
local core = require("twilio.numbers.core")

local PHONE = "+14155550100"
local count = 0

--- The part of a call that reservations use; each spec has its own account.
local function new_call(fields)
  local call = {
    client = { config = { base_url = "https://api.twilio.com" } },
    options = { account_sid = ("AC%032d"):format(count) },
    ends = core.now() + 60,
    is_over = false,
    parent = false,
    pending = {},
    loop = false,
  }
  for name, value in pairs(fields or {}) do
    call[name] = value
  end
  return call
end

local function at(base_url)
  return { client = { config = { base_url = base_url } } }
end

describe("A reservation", function()
  local holder

  before_each(function()
    count = count + 1
    holder = new_call()
    assert.is_truthy(reservations.take(holder, PHONE))
  end)

  it("keeps a number from other calls, but not from its own call and its parts", function()
    assert.is_false(reservations.take(new_call(), PHONE))
    assert.is_truthy(reservations.take(holder, PHONE))
    assert.is_truthy(reservations.take(new_call { parent = holder }, PHONE))
    assert.is_true(reservations.is_undisputed(holder, PHONE))
    assert.is_truthy(reservations.take(new_call(), "+14155550101"))
  end)

  it("ends when it is settled and when its call ends", function()
    reservations.settle(holder, PHONE, "no")
    local second = new_call()
    assert.is_truthy(reservations.take(second, PHONE))
    second.is_over = true
    assert.is_truthy(reservations.take(new_call(), PHONE))
  end)

  it("ends at the deadline of its call", function()
    holder.ends = core.now() - 1
    assert.is_truthy(reservations.take(new_call(), PHONE))
  end)

  it("ends when its call is collected", function()
    holder = nil -- luacheck: ignore
    collectgarbage()
    collectgarbage()
    assert.is_truthy(reservations.take(new_call(), PHONE))
  end)

  it("does not apply in a child of fork()", function()
    local process = core.process
    function core.process()
      return process() + 1
    end
    local taken = reservations.take(new_call(), PHONE)
    core.process = process
    assert.is_truthy(taken)
  end)

  it(
    "of the parent that a child of fork() ends in doubt keeps the number from the child's calls",
    function()
      local process, scope = core.process, reservations.take(holder, PHONE)
      function core.process()
        return process() + 1
      end
      reservations.settle(holder, PHONE, "unknown", scope)
      local taken = reservations.take(new_call(), PHONE)
      core.process = process
      assert.is_false(taken)
    end
  )

  it("is not its parent's in a child of fork() whose first one was interrupted anywhere", function()
    local process, child, count_left = core.process, 0, 0
    function core.process()
      return process() + child
    end
    local call, is_over, taken
    local function take()
      taken = reservations.take(call, PHONE)
    end
    local function take_until_interrupted()
      debug.sethook(function()
        count_left = count_left - 1
        if count_left == 0 then
          debug.sethook()
          error("interrupted!", 0)
        end
      end, "", 1)
      take()
      debug.sethook()
    end
    repeat
      child, call = child + 1, new_call()
      count_left = child
      is_over = pcall(take_until_interrupted)
      pcall(take)
    until is_over or not taken
    core.process = process
    assert.is_truthy(taken)
  end)

  it("is shared by all of Twilio's hosts, and separate for any other server", function()
    for _, url in ipairs { "https://api.dublin.ie1.twilio.com", "https://API.twilio.com:443" } do
      assert.is_false(reservations.take(new_call(at(url)), PHONE))
    end
    for _, url in ipairs { "https://twilio.com.example", "https://nottwilio.com", "http://[::1]:1" } do
      assert.is_truthy(reservations.take(new_call(at(url)), PHONE), url)
    end
  end)

  it("is contested once another call requests the phone number", function()
    assert.is_false(reservations.take(new_call(), PHONE, true))
    assert.is_false(reservations.is_undisputed(holder, PHONE))
  end)

  it("whose outcome is unknown keeps the number from all calls until it ends", function()
    reservations.settle(holder, PHONE, "unknown")
    assert.is_false(reservations.take(new_call(), PHONE))
    assert.is_false(reservations.is_in_progress(new_call(), PHONE))
    assert.is_truthy(reservations.take(new_call(), PHONE, true))
    local now = core.now
    function core.now()
      return now() + 60 + 180 + 1
    end
    local taken = reservations.take(new_call { ends = now() + 1000 }, PHONE)
    core.now = now
    assert.is_truthy(taken)
  end)

  it(
    "whose outcome is unknown does not look through all others, but for those that are over",
    function()
      local globals, each, now, walks = package.loaded._G, pairs, core.now, 0
      reservations.settle(holder, PHONE, "unknown")
      globals.pairs = function(...)
        walks = walks + 1
        return each(...)
      end
      for i = 1, 100 do
        reservations.settle(holder, ("+1415556%04d"):format(i), "unknown")
      end
      globals.pairs = each
      assert.equal(0, walks)
      function core.now()
        return now() + 60 + 180 + 1
      end
      reservations.settle(holder, "+14155570000", "unknown")
      local is_anothers = reservations.is_anothers(new_call(), PHONE)
      core.now = now
      assert.is_false(is_anothers)
    end
  )

  it("is waited for only if its call can continue meanwhile", function()
    local function waits(fields)
      fields.client = fields.client or holder.client
      return reservations.is_in_progress(new_call(fields), PHONE)
    end
    assert.is_true(waits {})
    assert.is_true(waits { loop = {}, client = at("https://api.twilio.com").client })
    assert.is_false(waits(at("https://api.twilio.com"))) -- which nothing polls
    holder.task = false -- it blocks, and is what called this one
    assert.is_false(waits {})
    holder.loop = {}
    assert.is_true(waits {})
    holder.is_over = true
    assert.is_false(waits {})
  end)
end)
