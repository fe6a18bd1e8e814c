-- The simulator inside its host's own loop, which needs a Lua that lua-http works with; Debian's does not
-- work with 5.3 and 5.4.
local simulator = require("twilio.simulator")
local has_http, why = pcall(require, "twilio.simulator.server")

describe("the simulator inside a program", function()
  if not has_http then
    it("reports what is missing if lua-http does not work", function()
      local made, problem = pcall(simulator.new)
      assert.is_false(made)
      assert.equal(why, problem)
      assert.matches("module '[^']+' not found", problem)
    end)
    return
  end

  it("responds while the program does other things", function()
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

  it("measures the time without a request from the last one", function()
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

  it("accepts faults and returns its state", function()
    local server = assert(simulator.new {})
    assert.same({ nil, "no fault is called flood" }, { server:fault { fault = "flood" } })
    assert.is_true(server:fault { fault = "hang" })
    local state = server:state()
    assert.same({ 0, server.credentials }, { state.purchases, state.credentials })
    server:reset()
    server:close()
  end)

  it("reports that it cannot listen", function()
    local server = assert(simulator.new {})
    local port = tonumber(server.base_url:match("%d+$"))
    local second, problem = simulator.new { port = port }
    server:close()
    assert.is_nil(second)
    assert.equal(("127.0.0.1:%d: Address already in use"):format(port), problem)
  end)

  it("reports that there is no such profile", function()
    local server, problem = simulator.new { profile = "other" }
    assert.same({ nil, "there is no profile other" }, { server, problem })
  end)

  it("cannot start a simulator in the background", function()
    for _, words in ipairs { "nil", "{ [-1] = 'lua' }" } do
      local program = "arg = %s require('twilio.simulator.command').run { '--background' }"
      local output = require("spec.support.interpreter").output(program:format(words))
      assert.matches("--background needs bin/twilio-simulator", output, 1, true)
      assert.not_matches("traceback", output, 1, true)
    end
  end)
end)
