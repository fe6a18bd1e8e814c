-- The system keeps retransmitting what a process has sent, and the server may read it long after the process
-- has died. docs/money.md relies on an end to that after 30 seconds. The experiment, with a cut link and a
-- killed process: make kills, or bench/orphans.
local clients = require("spec.support.clients")
local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
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

describe("after a process has died, none of its requests takes effect", function()
  local HTTPS, HTTP = "https://127.0.0.1:1", "http://127.0.0.1:1"
  local twilio = {
    account_sid = "AC" .. ("0"):rep(32),
    auth_token = "secret",
    base_url = HTTPS,
  }

  local VARIABLES = { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" }
  local before = {}

  setup(function()
    for _, name in ipairs(VARIABLES) do
      before[name] = os.getenv(name)
    end
  end)
  teardown(function()
    for _, name in ipairs(VARIABLES) do
      process.setenv(name, before[name])
    end
  end)

  local function settle_of(options, variables)
    for _, name in ipairs(VARIABLES) do
      process.setenv(name, (variables or {})[name])
    end
    local client = clients.of(twilio, options)
    local settle = client.transport.settle
    client:close()
    return settle
  end

  it("after 90 seconds, with libcurl on Linux", function()
    assert.equal(90000, settle_of())
    assert.equal(90000, settle_of({ proxy = "" }, { https_proxy = "http://127.0.0.1:1" }))
    assert.equal(
      90000,
      settle_of({ base_url = HTTP, ca_file = false }, { all_proxy = "http://127.0.0.1:1" })
    )
  end)

  it("after 180 seconds, through a proxy", function()
    assert.equal(180000, settle_of { proxy = "http://127.0.0.1:1" })
    for _, name in ipairs(VARIABLES) do
      assert.equal(180000, settle_of(nil, { [name] = "http://127.0.0.1:1" }), name)
    end
  end)

  it("after 180 seconds, with a transport in Lua", function()
    assert.equal(180000, settle_of { transport = function() end })
  end)

  it("after 180 seconds, if the system has no such limit", function()
    local program = [[
      twilio.ca_file = nil
      print(require("twilio.numbers.curl").has_user_timeout(), clients.of(twilio).transport.settle)
    ]]
    for older, expected in pairs { nothing = "true\t90000\n", emulated = "false\t180000\n" } do
      local fields = {
        account_sid = twilio.account_sid,
        auth_token = twilio.auth_token,
        base_url = HTTPS,
        http_url = HTTP,
        ca_file = "",
      }
      local variables = { https_proxy = "", HTTPS_PROXY = "", all_proxy = "", ALL_PROXY = "" }
      local output = interpreter.result(
        flights.program(fields, program),
        30,
        { older = older, variables = variables }
      )
      assert.equal(expected, output)
    end
  end)
end)
