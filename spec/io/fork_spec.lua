-- A child of fork() has no part in what its parent has in flight, and buys for itself.
local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
local simulator = require("spec.support.simulator")

describe("a fork with purchases in flight", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  --- Runs a program in a process of its own, which must succeed without output.
  local function run(program, older)
    local output, status =
      interpreter.result(flights.program(twilio, program), 60, { older = older })
    assert.equal("", output)
    assert.equal(0, status)
  end

  local ORPHANS = [[
    for i, pending in ipairs(pendings) do
      local outcome = flights.outcome(pending)
      assert(outcome:match("^c%a+ed unknown$") or outcome:match("^c%a+ed no$"), outcome)
      assert(calls[i] == 1, "a callback was called " .. calls[i] .. " times")
    end
  ]]

  -- What the child does with the parent's client and purchases, which are in flight, queued and in
  -- back-off.
  local CHILDREN = {
    ["buys by waiting"] = [[assert(client:purchase { area_code = "510" })]],
    ["buys in flight"] = [[
      local own = client:purchase_async { area_code = "510" }
      for i = 1, #pendings do
        assert(calls[i] == 0, "a callback was called by purchase_async")
      end
      assert(own:wait())
    ]],
    ["polls"] = [[flights.finish(client)]] .. ORPHANS,
    ["waits for its parent's"] = [[
      for _, pending in ipairs(pendings) do
        pending:wait()
      end
    ]] .. ORPHANS,
    ["waits a while for its parent's"] = [[
      for _, pending in ipairs(pendings) do
        pending:wait(5)
      end
    ]] .. ORPHANS,
    ["cancels its parent's"] = [[
      for _, pending in ipairs(pendings) do
        pending:cancel()
      end
      flights.finish(client)
    ]] .. ORPHANS,
    ["closes the client"] = [[client:close()]] .. ORPHANS,
    ["lets all finish and closes the client"] = [[client:close(10)]] .. ORPHANS,
    ["asks for the descriptor"] = [[
      assert(client:pollfd() ~= descriptor)
      flights.finish(client)
    ]] .. ORPHANS,
    ["collects the client"] = [[
      client, pendings = nil, nil
      collectgarbage()
      collectgarbage()
      assert(clients.of(twilio):purchase { area_code = "510" })
    ]],
  }

  local ENDS = {
    ["os.exit"] = "os.exit(0)",
    ["os.exit and a closed state"] = "os.exit(0, true)",
    ["leaving"] = "process.leave(0)",
    ["the end of the program"] = "do return end",
  }

  local PARENT = [[
    core.jitter = function() return 0.2 end
    local client = clients.of(twilio, { max_in_flight = 4 })
    flights.begin(client, 1)
    flights.finish(client)
    local descriptor = client:pollfd()
    local pendings, calls = flights.begin(client, 8)
    core.sleep(0.05)
    client:poll()
    local child = process.fork()
    if child == 0 then
      local good, why = pcall(function() %s end)
      if not good then
        print(why)
        process.leave(1)
      end
      %s
    end
    flights.finish(client)
    for i, pending in ipairs(pendings) do
      assert(flights.outcome(pending) == "number", flights.outcome(pending))
      assert(calls[i] == 1)
    end
    assert(process.wait(child) == 0)
    client:close()
  ]]

  local function check(name, child, way)
    it(("in which the child %s, and ends by %s"):format(name, way), function()
      twilio:limits { latency = 0.1 }
      twilio:fault { fault = "rate_limit", skip = 1, times = 2 }
      run(PARENT:format(child, ENDS[way]))
      local state, own = twilio:state(), 0
      for _, number in ipairs(state.owned) do
        own = own + (number.phone_number:match("^%+1510") and 1 or 0)
      end
      assert.equal(child:match("510") and 1 or 0, own)
      assert.equal(9 + own, state.purchases)
      assert.equal(9 + own + 2, state.posts)
    end)
  end

  for name, child in pairs(CHILDREN) do
    check(name, child, "os.exit and a closed state") -- in which most happens
  end
  for way in pairs(ENDS) do
    check("buys in flight", CHILDREN["buys in flight"], way)
    check("polls", CHILDREN.polls, way)
  end

  it("or only an idle I/O thread leaves both able to buy", function()
    run([[
      local client = clients.of(twilio)
      flights.begin(client, 3)
      flights.finish(client)
      local child = process.fork()
      for _ = 1, 3 do
        flights.begin(client, 3)
        flights.finish(client)
        assert(client:purchase { area_code = "415" })
      end
      if child == 0 then
        os.exit(0, true)
      end
      assert(process.wait(child) == 0)
    ]])
    assert.equal(3 + 2 * 12, twilio:state().purchases)
    assert.equal(3 + 2 * 12, twilio:state().posts)
  end)

  -- #race: a sanitizer has locks of its own, which do not survive a fork()
  it("at any moment of a TLS handshake leaves the child able to buy #race", function()
    run([[
      math.randomseed(os.time())
      for round = 1, 60 do
        local client = clients.of(twilio, { base_url = twilio.base_url })
        local plain = {}
        for i = 1, 6 do -- six engines at work at once
          plain[i] = clients.of(twilio)
          flights.begin(plain[i], 2)
        end
        core.sleep(math.random() * 0.01)
        local child = process.fork()
        if child == 0 then
          process.alarm(0)
          local good = client:purchase { area_code = "510" }
          local also = client:purchase_async({ area_code = "510" }):wait()
          os.exit(good and also and 0 or 1, round % 2 == 0)
        end
        for i = 1, 6 do
          flights.finish(plain[i])
          plain[i]:close()
        end
        local status = process.wait(child)
        assert(status == 0, "round " .. round .. ": " .. status)
      end
    ]])
    assert.equal(60 * (12 + 2), twilio:state().purchases)
  end)

  -- One thread forks while others start and end purchases. LuaJIT's compiler is off: it raises errors
  -- through libgcc, whose lock stays locked in a child.
  local function fork_among_threads(url, rounds, also, older)
    local inner = flights.program(
      twilio,
      ([[
      if jit then
        jit.off()
      end
      local arrived = false
      while true do
        local client = clients.of(twilio, { base_url = twilio.%s })
        client:purchase_async { area_code = "415" }
        %s
        client:poll()
        client:close()
        if not arrived then
          arrived = true
          process.arrive()
        end
      end
    ]]):format(url, also)
    )
    run(
      ([[
      if jit then
        jit.off()
      end
      clients.of(twilio):purchase_async { area_code = "510" }
      process.leave_running(4, %q)
      flights.until_(function() -- all have loaded their modules: the system's loader is not safe
        return process.arrivals() == 4
      end, "running")
      for round = 1, %d do
        core.sleep(0.001)
        local child = process.fork()
        if child == 0 then
          local client = clients.of(twilio)
          local bought = client:purchase_async({ area_code = "510" }):wait()
          client:close()
          process.leave(bought and 0 or 1)
        end
        local status = process.wait(child)
        assert(status == 0, "round " .. round .. ": " .. status)
      end
      process.leave(0)
    ]]):format(inner, rounds),
      older
    )
  end

  it("by one thread is safe while others start and end theirs #race", function()
    fork_among_threads("http_url", 100, "")
  end)

  it("waits for a thread that creates a handle under libcurl's lock #race", function()
    fork_among_threads("http_url", 20, [[client:purchase { area_code = "415" }]], "lingers")
  end)

  -- OpenSSL frees what a thread of it had when the system ends that thread, in a lock of its own.
  it("waits for the end of a thread that has used TLS #race", function()
    fork_among_threads("base_url", 20, "", "ends_slowly")
  end)
end)
