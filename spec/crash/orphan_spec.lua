-- What a process has sent goes on without it: the system sends it again and again, and the server may read
-- it long after the process is dead. docs/purchased.md counts on an end to that after 30 seconds.
-- The experiment, with a link that is cut and a process that is killed: make kills, or bench/orphans.
local clients = require("spec.support.clients")
local process = require("spec_process")
local simulator = require("spec.support.simulator")
local ways = require("spec.support.ways")

describe("a connection", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  for way, buy in pairs(ways.PURCHASES) do
    for _, url in ipairs { "base_url", "http_url" } do
      it(
        ("is given up by the system after 30 s without an acknowledgement, %s (%s)"):format(
          way,
          url
        ),
        function()
          local port = tonumber(twilio[url]:match("%d+$"))
          assert.same({}, process.user_timeouts(port))
          local client = clients.of(twilio, { base_url = twilio[url] })
          assert(buy(client, { area_code = "415" }))
          assert.same({ 30000 }, process.user_timeouts(port))
          client:close()
        end
      )
    end
  end
end)
