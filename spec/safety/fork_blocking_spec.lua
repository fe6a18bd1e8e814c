-- A child of fork() never touches its parent's connection.
local process = require("spec_process")

local clients = require("spec.support.clients")
local simulator = require("spec.support.simulator")

describe("a client that was used before a fork", function()
  it("buys in the child and in the parent, each on a connection of its own", function()
    local twilio = simulator.start()
    local client = clients.of(twilio)
    assert(client:purchase { area_code = "415" })

    local child = process.fork()
    if child == 0 then
      local number = client:purchase { area_code = "415" }
      client:close() -- must not say good-bye in the parent's name
      process.leave(number and 0 or 1)
    end
    assert.equal(0, process.wait(child))

    assert(client:purchase { area_code = "415" })
    local state, connection = twilio:state(), {}
    for i, request in ipairs(twilio:requests()) do
      connection[i] = request.connection
    end
    twilio:stop()
    assert.equal(3, state.purchases)
    assert.equal(2, state.connections)
    assert.equal(connection[1], connection[3])
    assert.not_equal(connection[1], connection[2])
  end)
end)

describe("a client that was made before a fork", function()
  it("does not end calls of a child when a wait in it times out", function()
    local twilio = simulator.start()
    local client = clients.of(twilio)

    local child = process.fork()
    if child == 0 then
      local wrong = client:purchase_async {} -- fails after a wait of zero seconds
      local pending = client:purchase_async { area_code = "415" }
      wrong:wait(10)
      local number = pending:wait(10)
      client:close()
      process.leave(number and 0 or 1)
    end
    local status = process.wait(child)
    twilio:stop()
    assert.equal(0, status)
  end)
end)
