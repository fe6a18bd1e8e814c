-- A plain script: nothing else runs in the process, so waiting may block.
local clients = require("spec.support.clients")
local simulator = require("spec.support.simulator")
local socket = require("socket")

describe("In a plain script", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local client

  before_each(function()
    client = clients.of(twilio, { loop = "auto" })
  end)

  after_each(function()
    client:close()
  end)

  local function begin(count)
    local pendings = {}
    for i = 1, count do
      pendings[i] = client:purchase_async { area_code = "415", friendly_name = "Order " .. i }
    end
    return pendings
  end

  it("purchases can be started and waited for in any order", function()
    local pendings = begin(10)
    for _, i in ipairs { 7, 1, 10, 2, 9, 3, 8, 4, 6, 5 } do
      assert.equal("Order " .. i, assert(pendings[i]:wait()).friendly_name)
      assert.is_true(pendings[i]:done())
    end
    assert.equal(10, twilio:state().purchases)
  end)

  it("waiting twice gives the same number", function()
    local pending = begin(1)[1]
    assert.equal(pending:wait(), pending:wait())
    assert.equal(pending:result(), pending:wait(0.001))
  end)

  it("a wait can have a time limit, and be repeated", function()
    twilio:limits { latency = 0.1 }
    local pending = begin(1)[1]
    assert.same({ nil, "still in flight" }, { pending:wait(0.001) })
    assert.is_false(pending:done())
    assert.is_table(pending:wait(60))
  end)

  it("a wait for one purchase lets the others progress", function()
    local heard = 0
    twilio:fault { fault = "rate_limit" }
    for _ = 1, 20 do
      client:purchase_async({ area_code = "415" }, function()
        heard = heard + 1
      end)
    end
    local last = client:purchase_async { area_code = "415" }
    assert.is_table(last:wait())
    client:close(60)
    assert.equal(20, heard)
    assert.equal(21, twilio:state().purchases)
  end)

  it("a blocking purchase does not affect those in flight", function()
    twilio:limits { latency = 0.05 }
    local pendings = begin(5)
    assert.is_table(client:purchase { area_code = "510" })
    for i = 1, 5 do
      assert.is_table(pendings[i]:wait())
    end
    assert.equal(6, twilio:state().purchases)
  end)

  it("an error in another call's callback is raised when the wait ends", function()
    twilio:limits { latency = 0.05 }
    client:purchase_async({ area_code = "4" }, function()
      error("a callback's own")
    end)
    local pending = begin(1)[1]
    assert.error_matches(function()
      pending:wait()
    end, "a callback's own")
    assert.is_table(pending:wait())
  end)

  it("select() watches the descriptor of a client", function()
    local numbers = {}
    for i = 1, 20 do
      client:purchase_async({ area_code = "415" }, function(number)
        numbers[i] = number
      end)
    end
    local watched = {
      getfd = function()
        return client:pollfd()
      end,
    }
    while client:poll() > 0 do
      socket.select({ watched }, nil, client:timeout())
    end
    assert.equal(20, #numbers)
  end)

  it("the descriptor is readable at the time that timeout() returns", function()
    local done = false
    twilio:fault { fault = "rate_limit" }
    client:purchase_async({ area_code = "415" }, function()
      done = true
    end)
    local watched, most =
      {
        getfd = function()
          return client:pollfd()
        end,
      }, 0
    while client:poll() > 0 do
      most = math.max(most, client:timeout() or 0)
      socket.select { watched } -- without a limit
    end
    assert.is_true(done)
    assert.is_true(most > 0 and most <= 1)
    assert.is_nil(client:timeout())
  end)

  it("a wait returns at once if nothing is in flight", function()
    assert.equal(0, client:poll())
    assert.is_nil(client:timeout())
    local ready = socket.select({
      {
        getfd = function()
          return client:pollfd()
        end,
      },
    }, nil, 0)
    assert.equal(0, #ready)
    client:close(60)
  end)

  it("calls in flight may finish before the client closes", function()
    local pendings = begin(10)
    client:close(60)
    for i = 1, 10 do
      assert.is_table((pendings[i]:result()))
    end
  end)

  it("calls that do not finish in time are cancelled", function()
    twilio:fault { fault = "hang", times = 2 }
    local pendings = begin(2)
    while twilio:state().posts < 2 do
      client:poll()
    end
    client:close(0.01)
    for i = 1, 2 do
      local _, message, err = pendings[i]:result()
      assert.same({ "closed", "unknown", 1 }, { err.kind, err.purchased, err.attempts })
      assert.matches("may have been bought", message)
    end
    assert.same({ 0, "closed" }, { client:poll(), select(3, client:purchase_async {}).kind })
  end)

  it("a transport in Lua works for purchases in flight", function()
    local scripted = require("spec.support.scripted")
    local plain = clients.of(twilio, {
      loop = "auto",
      transport = function()
        return { status = 201, body = scripted.body() }
      end,
    })
    local heard
    local pending = plain:purchase_async({ area_code = "415" }, function(number)
      heard = number
    end)
    assert.is_nil(heard)
    assert.is_nil(plain:pollfd())
    assert.equal(pending:wait(), heard)
    assert.equal(scripted.NUMBER_SID, heard.sid)
  end)
end)
