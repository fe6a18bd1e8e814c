-- The module's requests to Messaging Services, checked by Prism against Twilio's own OpenAPI documents.

if require("spec.support.left_out").without_npm("spec/wire/prism_messaging_spec.lua") then
  return
end

local prism = require("spec.support.prism")

local HEX = ("0123456789abcdefABCDEF"):rep(2):sub(1, 32)
local ACCOUNT_SID, SERVICE, NUMBER = "AC" .. HEX, "MG" .. HEX, "PN" .. HEX
local NUMBERS = "/v1/Services/" .. SERVICE .. "/PhoneNumbers"

describe("Twilio's OpenAPI document of messaging", function()
  local server, client

  local block = { setup = setup, teardown = teardown, before_each = before_each }
  prism.shared(block, ACCOUNT_SID, function(started, its_client)
    server, client = started, its_client
  end)

  it("allows a number to be added to a service and removed", function()
    local sender = assert(client:attach(NUMBER, SERVICE))
    assert.same({ NUMBER, SERVICE }, { sender.sid, sender.service_sid })
    assert.is_true(client:detach(NUMBER, SERVICE))
    assert.same({ "post " .. NUMBERS, "delete " .. NUMBERS .. "/" .. NUMBER }, server:requests())
  end)

  it("allows a purchase that adds its number to a service", function()
    local options = { messaging_service_sid = SERVICE }
    local number, message, info = client:purchase({ phone_number = "+15005550006" }, options)
    assert(number, message)
    assert.is_nil(info)
    local requests = server:requests()
    assert.equal("get /v1/Services/" .. SERVICE, requests[1])
    assert.equal("post " .. NUMBERS, requests[#requests])
  end)

  it("refuses a SID of another kind, like the module", function()
    for _, sid in ipairs { "", ACCOUNT_SID, NUMBER .. "0", "PN" } do
      assert.equal(422, (server:send("POST", NUMBERS, "PhoneNumberSid=" .. sid)), sid)
      server:requests()
      local sender, _, err = client:attach(sid, SERVICE)
      assert.is_nil(sender)
      assert.same({ "invalid", "sid" }, { err.kind, err.problems[1].name })
      assert.same({}, server:requests())
    end
  end)

  it("refuses a service of another kind, like the module", function()
    for _, path in ipairs { "AC" .. HEX, "MG" .. HEX .. "0", "MG" } do
      local numbers = ("/v1/Services/%s/PhoneNumbers"):format(path)
      assert.equal(422, (server:send("POST", numbers, "PhoneNumberSid=" .. NUMBER)), path)
      server:requests()
      local sender, _, err = client:attach(NUMBER, path)
      assert.is_nil(sender)
      assert.same({ "invalid", "service_sid" }, { err.kind, err.problems[1].name })
      assert.same({}, server:requests())
    end
  end)
end)
