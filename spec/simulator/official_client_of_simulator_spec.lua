if
  require("spec.support.left_out").without_npm(
    "spec/simulator/official_client_of_simulator_spec.lua"
  )
then
  return
end

local simulator = require("spec.support.simulator")

local function run(command)
  local pipe = assert(io.popen(command .. " 2>&1"))
  local output = pipe:read("*a")
  pipe:close()
  return output
end

describe("Twilio's official client", function()
  -- Runs one of its programs against a simulator, over TLS and without: each step prints that it is done.
  local function check(program, count)
    for _, protocol in ipairs { "base_url", "http_url" } do
      local twilio = simulator.start()
      local output = run(
        ("BASE_URL=%s ACCOUNT_SID=%s SUBACCOUNT_SID=%s AUTH_TOKEN=%s NODE_EXTRA_CA_CERTS=%s %s"):format(
          twilio[protocol],
          twilio.account_sid,
          twilio.subaccount_sid,
          twilio.auth_token,
          twilio.ca_file,
          "node tools/official-client/" .. program
        )
      )
      twilio:stop()
      local _, steps = output:gsub("ok [^\n]+\n", "")
      assert.equal(count, steps, output)
    end
  end

  it(
    "searches, buys, lists, fetches, updates and releases on the simulator like on Twilio",
    function()
      check("life.js", 12)
    end
  )

  it("uses the products around a purchase on the simulator like on Twilio", function()
    check("products.js", 11)
  end)

  it("shows the bodies that it sends", function()
    local list =
      [=[[{"areaCode":"415","friendlyName":"B\u00fcro & Co","voiceCallerIdLookup":true}]]=]
    local output = run(("echo '%s' | node tools/official-client/bodies.js"):format(list))
    local body = "FriendlyName=B%C3%BCro%20%26%20Co&VoiceCallerIdLookup=true&AreaCode=415"
    assert.equal(('["%s"]\n'):format(body), output)
  end)
end)
