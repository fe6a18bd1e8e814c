-- Pending calls and their client, apart from the outcome.
local clients = require("spec.support.clients")
local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")
local flights = require("spec.support.flights")
local scripted = require("spec.support.scripted")
local simulator = require("spec.support.simulator")
local uv = require("spec.support.luv")

describe("a pending purchase", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  it("shows its state in one word, and no secret", function()
    local client = clients.of(twilio)
    local pending = client:purchase_async { area_code = "415" }
    assert.equal("twilio.numbers pending call (in flight)", tostring(pending))
    flights.finish(client)
    assert.equal("twilio.numbers pending call (done)", tostring(pending))
    client:close()
  end)

  it("is polled by its client, which rejects any other value", function()
    local client = clients.of(twilio)
    for _, other in ipairs { {}, { flight = false }, setmetatable({}, {}) } do
      assert.has_error(function()
        client.poll(other)
      end, "call client:poll(...) with a colon, on what numbers.client() returned")
    end
    client:close()
  end)

  it("does not keep a client that the program has dropped", function()
    local dropped = setmetatable({}, { __mode = "k" })
    local function buy()
      local client = clients.of(twilio)
      dropped[client] = true
      flights.begin(client, 3)
      flights.finish(client)
    end
    buy()
    local jit = rawget(_G, "jit") -- whose compiled code keeps what it was compiled with
    if jit then
      jit.flush()
    end
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(dropped))
  end)

  it("ends with the block of a to-be-closed client", function()
    local load_string = loadstring or load -- luacheck: ignore
    local program = load_string([[
      local client, pending = ...
      do
        local closed <close> = client
      end
      return pending:result()
    ]])
    if not program then -- before 5.4 there is no such block, and the method is called as it would be
      program = function(client, pending)
        getmetatable(client).__close(client)
        return pending:result()
      end
    end
    local client = clients.of(twilio)
    twilio:fault { fault = "hang" }
    local pending = client:purchase_async { area_code = "415" }
    local number, _, err = program(client, pending)
    assert.is_nil(number)
    assert.equal("closed", err.kind)
  end)
end)

--- A scripted client that calls yield() when it needs its nth access token, and its log.
local function client_that_yields(yield, nth, script, options)
  local asked = 0
  options = options or {}
  options.without = { "auth_token" }
  function options.access_token()
    asked = asked + 1
    if asked == nth then
      yield()
    end
    return "token"
  end
  return scripted.client(script, options)
end

--- A client whose host leaves each purchase before anything is sent.
local function client_that_is_left()
  return client_that_yields(coroutine.yield, 1, {}, { loop = "luv" })
end

describe("a purchase in flight that one of the caller's functions left by a yield", function()
  local thread, client, log

  local function yield()
    thread = coroutine.running()
    coroutine.yield("not the library's")
  end

  --- Sets the client, whose nth token comes from a function that yields, and its log.
  local function yielding(nth, script)
    client, log = client_that_yields(yield, nth, script)
  end

  local function outcome(params)
    local calls = 0
    local pending = client:purchase_async(params, nil, function()
      calls = calls + 1
    end)
    client:poll()
    assert.equal(1, calls)
    return pending:result()
  end

  it("sends nothing when the function is resumed later, since nothing was bought", function()
    yielding(1, { POST = { scripted.created } })
    local number, message, err = outcome { phone_number = scripted.PHONE }
    assert.is_nil(number)
    assert.matches("a function of the caller's yielded: in an _async call", message)
    assert.matches("only if the option loop names a supported event loop", message)
    assert.equal("no", err.purchased)
    coroutine.resume(thread)
    client:poll()
    assert.equal(0, #log.posts)
  end)

  it("reports the number that it had bought before", function()
    local function unset()
      return { status = 201, body = scripted.body(), echo = false }
    end
    yielding(2, { POST = { unset, { status = 401, body = scripted.refusal(20003, "expired") } } })
    local number, message = outcome { phone_number = scripted.PHONE, friendly_name = "Front desk" }
    assert.equal(scripted.NUMBER_SID, number.sid)
    assert.matches("its settings are unconfirmed", message)
  end)

  it("may have bought a number if its transport yielded", function()
    client, log = scripted.client { POST = { yield } }
    local _, _, err = outcome { phone_number = scripted.PHONE }
    assert.same({ "cancelled", "unknown" }, { err.kind, err.purchased })
  end)
end)

describe("a change in flight that one of the caller's functions left by a yield", function()
  local SID, SERVICE = scripted.NUMBER_SID, "MG" .. ("0"):rep(32)

  local CHANGES = {
    update = { "POST", SID, { friendly_name = "Front desk" } },
    release = { "DELETE", SID },
    attach = { "POST", SID, SERVICE },
    detach = { "DELETE", SID, SERVICE },
    delete_address = { "DELETE", "AD" .. ("0"):rep(32) },
  }

  --- The error of a change.
  local function error_of(client, name, ...)
    local _, _, err = assert(client[name .. "_async"](client, ...)):wait()
    assert.same({ "cancelled", "no" }, { err.kind, err.purchased }, name)
    return err
  end

  it("may have been carried out if its transport yielded", function()
    for name, change in pairs(CHANGES) do
      local client = scripted.client { [change[1]] = { coroutine.yield } }
      local err = error_of(client, name, change[2], change[3])
      assert.is_true(err.unheard, name)
    end
  end)

  it("may have been carried out by an earlier attempt", function()
    local client = scripted.client {
      POST = { { broken = "network" }, scripted.error(404, 20404) },
      GET = { coroutine.yield },
    }
    local elsewhere = "AC" .. ("1"):rep(32)
    assert.is_true(error_of(client, "update", SID, { account_sid = elsewhere }).unheard)
  end)

  it("was not carried out if it was refused, or never sent", function()
    local client = scripted.client { POST = { scripted.error(429, 20429) } }
    local pending = client:update_async(SID, CHANGES.update[3])
    client:poll()
    pending.task:abandon() -- before its next attempt
    local _, _, err = pending:wait()
    assert.same({ "cancelled", 1, nil }, { err.kind, err.attempts, err.unheard })
    for name, change in pairs(CHANGES) do
      client = client_that_yields(coroutine.yield, 1, {})
      assert.is_nil(error_of(client, name, change[2], change[3]).unheard, name)
    end
  end)
end)

describe("a purchase in flight that its host dropped before anything was sent", function()
  it("ends with an error", function()
    local client = client_that_is_left()
    local heard
    local pending = client:purchase_async({ phone_number = scripted.PHONE }, nil, function(...)
      heard = { ... }
    end)
    pending.task:abandon()
    local _, message, err = pending:result()
    assert.matches("the host dropped its coroutine", message)
    assert.same({ "cancelled", "no" }, { err.kind, err.purchased })
    assert.equal(err, heard[3])
    client:close()
  end)
end)

describe("a purchase in flight", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local create = compat.coroutine.create

  after_each(function()
    compat.coroutine.create = create
  end)

  it("takes no coroutine if its first response completes it", function()
    local client, made = clients.of(twilio), 0
    compat.coroutine.create = function(...)
      made = made + 1
      return create(...)
    end
    local begun = {}
    for i = 1, 2000 do -- more than are kept of those that have ended
      begun[i] = assert(client:purchase_async { area_code = "415" })
    end
    flights.finish(client)
    assert.equal(0, made)
    for _, pending in ipairs(begun) do
      assert.is_table(pending:result())
    end
    client:close()
  end)

  it("keeps its result while later purchases reuse its resources", function()
    local client = clients.of(twilio)
    local first = client:purchase_async { area_code = "415" }
    flights.finish(client)
    local number = assert(first:result())
    for _ = 1, 3 do
      local later = client:purchase_async { area_code = "510" }
      assert.equal(number, (first:result()))
      assert.equal(number, (first:wait(0)))
      assert.is_false(first:cancel())
      flights.finish(client)
      assert.is_table(later:result())
    end
    client:close()
  end)

  it(
    "is not continued by an error that comes as soon as its task is free for the next one",
    function()
      twilio:limits { latency = 0.2 }
      local client = clients.of(twilio)
      local first = client:purchase_async { area_code = "415" }
      local task, second, reused = first.task, nil, nil
      local go_on = task.go_on
      function task.go_on(...)
        task.go_on = nil
        go_on(...)
        second = client:purchase_async { area_code = "510" }
        reused = second.task
        error("from a finalizer", 0)
      end
      flights.until_answered(client)
      local polled, why = pcall(client.poll, client)
      assert.same({ false, "from a finalizer", task }, { polled, why, reused })
      assert.is_false(task.is_ready)
      flights.finish(client)
      assert.same({ "number", "number" }, { flights.outcome(first), flights.outcome(second) })
      assert.equal(2, twilio:state().posts)
      client:close()
    end
  )

  it("is not continued by an error that came as an earlier one began", function()
    local client, call_protected = clients.of(twilio), pcall
    local second
    -- a finalizer polls while the error of a hook is created, once everything is sent
    local globals = package.loaded._G -- busted gives specs a copy
    globals.pcall = function(...)
      globals.pcall = call_protected
      assert(call_protected(...))
      flights.until_answered(client)
      client:poll()
      second = client:purchase_async { area_code = "510" }
      return false, "interrupted!"
    end
    local began, first = call_protected(client.purchase_async, client, { area_code = "415" })
    globals.pcall = call_protected
    assert.is_true(began)
    flights.finish(client)
    assert.same({ "number", "number" }, { flights.outcome(first), flights.outcome(second) })
    assert.equal(2, twilio:state().posts)
    client:close()
  end)
end)

describe("a purchase in flight during a temporary shortage of memory", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local create, reserve_stack = compat.coroutine.create, core.reserve_stack

  after_each(function()
    compat.coroutine.create, core.reserve_stack = create, reserve_stack
  end)

  it("does not count as in flight if it could not start", function()
    local client = clients.of(twilio)
    compat.coroutine.create = function()
      error("not enough memory", 0)
    end
    local begun
    repeat -- until none is left of the coroutines that are kept
      begun = pcall(client.search_async, client, "US", "local")
    until not begun
    compat.coroutine.create = create
    flights.finish(client)
    client:close()
  end)

  it("does not wait for a request that could not be submitted", function()
    local client = clients.of(twilio)
    assert(client:purchase_async({ area_code = "415" }):wait()) -- so that there is an I/O thread
    local io_thread, is_short = client.scheduler.io_thread, true
    client.scheduler.io_thread = setmetatable({}, {
      __index = function(_, name)
        return function(_, ...)
          if name == "send" and is_short then
            is_short = false
            error("not enough memory", 0)
          end
          return io_thread[name](io_thread, ...)
        end
      end,
    })
    local pending = client:purchase_async { area_code = "415" }
    flights.finish(client)
    local _, message, err = pending:result()
    assert.matches("not enough memory", message)
    assert.equal("no", err.purchased)
    client.scheduler.io_thread = io_thread
    client:close()
  end)

  for _, name in ipairs { "settle", "make_ready", "run_first" } do
    it("continues at a later poll if " .. name .. "() could not be called", function()
      local client, is_short = clients.of(twilio), true
      local pending = client:purchase_async { area_code = "415" }
      local method = client.scheduler[name]
      client.scheduler[name] = function(...)
        if is_short then
          is_short = false
          error("not enough memory", 0)
        end
        return method(...)
      end
      flights.until_(function()
        pcall(client.poll, client)
        return pending:done()
      end, "it is done")
      assert.is_false(is_short)
      assert.is_table(pending:result())
      client:close()
    end)
  end

  it("still calls back once when it ends in its host", function()
    local client, calls, is_short = clients.of(twilio, { loop = "luv" }), 0, true
    local pending = client:purchase_async({ area_code = "415" }, nil, function()
      calls = calls + 1
    end)
    function core.reserve_stack()
      if is_short and pending.is_done then
        is_short = false
        error("not enough memory", 0)
      end
      reserve_stack()
    end
    uv.run()
    assert.same({ 1, false }, { calls, is_short })
    assert.truthy(pending:result())
    client:close()
  end)

  it("is abandoned by the next poll if its host dropped it", function()
    local client = client_that_is_left()
    local pending = client:purchase_async { phone_number = scripted.PHONE }
    local task, tries = pending.task, 0
    local abandon = task.abandon
    function task.abandon(...)
      tries = tries + 1
      if tries == 1 then
        error("not enough memory", 0)
      end
      return abandon(...)
    end
    client.scheduler:expect(task, -math.huge)
    task.is_late = true -- the host has had its last turn
    pcall(client.poll, client)
    assert.equal(0, client:poll())
    assert.is_true(pending:done())
    client:close()
  end)

  it("is abandoned a second later while responses are left to be taken", function()
    local client = client_that_is_left()
    local pending = client:purchase_async { phone_number = scripted.PHONE }
    local now, real_now = core.now(), core.now
    finally(function()
      core.now = real_now
    end)
    function core.now()
      return now
    end
    client.scheduler:expect(pending.task, now - 1)
    pending.task.is_late = true -- the host has had its last turn
    client.scheduler:abandon_overdue(true)
    assert.is_false(pending.is_done)
    now = now + 1
    client.scheduler:abandon_overdue(true)
    assert.is_true(pending.is_done)
    core.now = real_now
    client:close()
  end)
end)
