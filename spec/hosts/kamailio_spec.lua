-- The example of examples/kamailio in a real Kamailio.
local flights = require("spec.support.flights")
local kamailio = require("spec.support.kamailio")
local left_out = require("spec.support.left_out")
local simulator = require("spec.support.simulator")

describe("The page about Kamailio", function()
  it("shows the example", function()
    local text = {}
    for _, path in ipairs { "docs/hosts/kamailio.md", "examples/kamailio/buy.lua" } do
      local file = assert(io.open(path))
      text[#text + 1] = file:read("*a")
      file:close()
    end
    assert.is_truthy(text[1]:find("```lua\n" .. text[2] .. "```\n", 1, true))
  end)
end)

if left_out.without(kamailio.program(), "spec/hosts/kamailio_spec.lua", "kamailio-lua-modules") then
  return
end

describe("The example for Kamailio", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local server

  setup(function()
    server = kamailio.start(twilio)
    server:await()
  end)

  teardown(function()
    server:stop()
  end)

  local function owned()
    local numbers = {}
    for _, number in ipairs(twilio:state().owned) do
      numbers[number.friendly_name] = number.phone_number
    end
    return numbers
  end

  it("serves other requests while two purchases wait for Twilio", function()
    twilio:limits { hold = true }
    local orders = {}
    for _, order in ipairs { "order-1", "order-2" } do
      orders[order] = server:begin("MESSAGE", "415 " .. order)
    end
    flights.until_(function()
      return twilio:state().unfinished == 2
    end, "two purchases have arrived")
    for _ = 1, 50 do
      assert.equal("200 OK", server:ask("OPTIONS"))
    end
    assert.equal(0, twilio:state().purchases)
    twilio:limits { hold = false }
    local bought = {}
    for order, cseq in pairs(orders) do
      bought[order] = server:response(cseq):match("^200 (%+%d+)$")
    end
    assert.same(owned(), bought)
    assert.equal(2, twilio:state().purchases)
  end)

  it("buys one number for an order that is sent twice", function()
    local first = server:ask("MESSAGE", "415 order-3")
    assert.equal("200 " .. owned()["order-3"], first)
    assert.equal(first, server:ask("MESSAGE", "415 order-3"))
    assert.equal(1, twilio:state().purchases)
  end)

  it("says whether a number may have been bought", function()
    assert.equal("500 Purchased: no", server:ask("MESSAGE", "533 order-4"))
    twilio:fault { fault = "close_after_commit", method = "POST" }
    twilio:fault {
      fault = "status",
      status = 403,
      method = "GET",
      path = "/Incoming",
      skip = 1,
      times = 50,
    }
    assert.equal("504 Purchased: unknown", server:ask("MESSAGE", "415 order-5"))
    twilio:clear()
    assert.equal("200 " .. owned()["order-5"], server:ask("MESSAGE", "415 order-5"))
    assert.equal(1, twilio:state().purchases)
  end)

  it("buys nothing for another text, or another request", function()
    assert.matches("^400 ", server:ask("MESSAGE", "buy me one"))
    assert.matches("^405 ", server:ask("INVITE"))
    assert.equal(0, twilio:state().requests)
  end)
end)
