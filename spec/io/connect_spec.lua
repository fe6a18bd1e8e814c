-- Requests in flight to a server that accepts connections and sends nothing.
local clients = require("spec.support.clients")
local flights = require("spec.support.flights")
local socket = require("socket")

describe("the time limit of connecting", function()
  local listener, client

  before_each(function()
    listener = assert(socket.bind("127.0.0.1", 0, 100))
    local _, port = listener:getsockname()
    client = clients.of({
      account_sid = "AC" .. ("0"):rep(32),
      auth_token = "secret",
      base_url = "https://127.0.0.1:" .. port,
    }, { connect_timeout = 0.2, retries = 0 })
  end)

  after_each(function()
    client:close()
    listener:close()
  end)

  --- How many connections were opened.
  local function connections()
    local count = 0
    listener:settimeout(0)
    while true do
      local connection = listener:accept()
      if not connection then
        return count
      end
      connection:close()
      count = count + 1
    end
  end

  it("applies to requests that wait for another one's connection", function()
    local pendings = flights.begin(client, 6)
    flights.finish(client)
    assert.same({ ["timeout no"] = 6 }, flights.count(pendings))
    assert.is_true(connections() < 6) -- or they would have tried one after another
    local waited = 0
    for _, pending in ipairs(pendings) do
      local _, message = pending:result()
      waited = waited + (message:match("waiting for a connection") and 1 or 0)
    end
    assert.is_true(waited > 0)
  end)

  it("is the whole time limit if that is shorter", function()
    local pendings = flights.begin(client, 6, nil, { timeout = 0.1 })
    flights.finish(client)
    assert.same({ ["timeout no"] = 6 }, flights.count(pendings))
    assert.is_true(connections() < 6)
  end)
end)
