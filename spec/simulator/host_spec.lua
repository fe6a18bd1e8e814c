-- The simulator inside its host's own loop, which wants a Lua that lua-http runs on; Debian's does not
-- on 5.3 and 5.4.
local has_http, simulator = pcall(require, "twilio.simulator")

describe("the simulator inside a program", function()
  if not has_http then
    it("says what is missing where lua-http does not run", function()
      assert.matches("http", simulator)
    end)
    return
  end

  it("answers while the program does other things", function()
    local cqueues = require("cqueues")
    local socket = require("cqueues.socket")
    local server = assert(simulator.new { port = 0 })
    local host = cqueues.new()
    local line
    host:wrap(function()
      local client = socket.connect("127.0.0.1", tonumber(server.http_url:match("%d+$")))
      client:setmode("b", "b")
      client:write("GET /simulator/state HTTP/1.1\r\n\r\n")
      client:flush()
      line = client:read("*l")
      server:stop()
    end)
    host:wrap(function()
      while not server.stopped do
        server:step()
      end
    end)
    assert(host:loop(10))
    server:close()
    assert.truthy(line:match("^HTTP/1.1 200 OK"))
  end)

  it("counts the time without a request from the last one", function()
    local cqueues = require("cqueues")
    local socket = require("cqueues.socket")
    local server = assert(simulator.new { idle_timeout = 3600 })
    server.last_request = -3600
    local host = cqueues.new()
    host:wrap(function()
      local client = socket.connect("127.0.0.1", tonumber(server.http_url:match("%d+$")))
      client:setmode("b", "b")
      client:write("GET /simulator/state HTTP/1.0\r\n\r\n")
      client:flush()
      client:read("*a")
      server:stop()
    end)
    host:wrap(function()
      assert(server:loop())
    end)
    assert(host:loop(10))
    assert.is_true(server.last_request > 0)
  end)

  it("takes faults and tells its state", function()
    local server = assert(simulator.new {})
    assert.same({ nil, "no fault is called flood" }, { server:fault { fault = "flood" } })
    assert.is_true(server:fault { fault = "hang" })
    local state = server:state()
    assert.same({ 0, server.credentials }, { state.purchases, state.credentials })
    server:reset()
    server:close()
  end)

  it("says when it cannot listen", function()
    local server = assert(simulator.new {})
    local port = tonumber(server.base_url:match("%d+$"))
    local second, problem = simulator.new { port = port }
    server:close()
    assert.is_nil(second)
    assert.equal(("127.0.0.1:%d: Address already in use"):format(port), problem)
  end)
end)
