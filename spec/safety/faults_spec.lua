-- Rules 2, 3 and 5: what was sent decides what may be sent again; a 201 is a purchase; a bad answer
-- is an error. One row a fault: what a purchase by phone number and one by area code end as.
local clients = require("spec.support.clients")
local faults = require("spec.support.faults")
local simulator = require("spec.support.simulator")

local PHONE = "+14155550142"

-- by_phone and by_area: what comes back ("number", or the error's kind and `purchased`), how often
-- the purchase was sent, how many numbers the account owns.
local CASES = {
  { { fault = "close_before_read" }, { "number", 2, 1 }, { "network unknown", 1, 0 } },
  { { fault = "reset_before_read" }, { "number", 2, 1 }, { "network unknown", 1, 0 } },
  { { fault = "close_after_read" }, { "number", 2, 1 }, { "network unknown", 1, 0 } },
  { { fault = "reset_after_read" }, { "number", 2, 1 }, { "network unknown", 1, 0 } },
  { { fault = "close_after_commit" }, { "number", 1, 1 }, { "network unknown", 1, 1 } },
  { { fault = "reset_after_commit" }, { "number", 1, 1 }, { "network unknown", 1, 1 } },
  { { fault = "close_in_headers" }, { "number", 1, 1 }, { "network yes", 1, 1 } },
  {
    { fault = "close_in_headers", status_line = false },
    { "number", 1, 1 },
    { "network unknown", 1, 1 },
  },
  { { fault = "close_in_body" }, { "number", 1, 1 }, { "network yes", 1, 1 } },
  { { fault = "drip", seconds = 0 }, { "number", 1, 1 }, { "number", 1, 1 } },
  { { fault = "status", status = 500 }, { "number", 2, 1 }, { "api unknown", 1, 0 } },
  {
    { fault = "status", status = 503, commit = true },
    { "number", 1, 1 },
    { "api unknown", 1, 1 },
  },
  { { fault = "status", status = 408 }, { "number", 2, 1 }, { "api unknown", 1, 0 } },
  { { fault = "status", status = 409 }, { "number", 2, 1 }, { "api unknown", 1, 0 } },
  { { fault = "status", status = 400 }, { "api no", 1, 0 }, { "api no", 1, 0 } },
  { { fault = "status", status = 403 }, { "api no", 1, 0 }, { "api no", 1, 0 } },
  { { fault = "status", status = 401 }, { "api no", 1, 0 }, { "api no", 1, 0 } },
  {
    { fault = "status", status = 204, commit = true },
    { "number", 1, 1 },
    { "response unknown", 1, 1 },
  },
  { { fault = "rate_limit", retry_after = 1 }, { "number", 2, 1 }, { "number", 2, 1 } },
  { { fault = "redirect" }, { "number", 1, 1 }, { "response unknown", 1, 1 } },
  { { fault = "html" }, { "number", 1, 1 }, { "response unknown", 1, 1 } },
  {
    { fault = "html", commit = false },
    { "response unknown", 1, 0 },
    { "response unknown", 1, 0 },
  },
  { { fault = "invalid_json" }, { "number", 1, 1 }, { "response yes", 1, 1 } },
  { { fault = "nested_json" }, { "number", 1, 1 }, { "response yes", 1, 1 } },
  { { fault = "huge_json" }, { "number", 1, 1 }, { "response yes", 1, 1 } },
  { { fault = "gzip_bomb" }, { "number", 1, 1 }, { "response yes", 1, 1 } },
  { { fault = "many_headers" }, { "number", 1, 1 }, { "response yes", 1, 1 } },
  { { fault = "empty" }, { "number", 1, 1 }, { "response yes", 1, 1 } },
}

describe("a purchase that meets a fault", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  local function check(fault, params, expected)
    local client = clients.of(twilio)
    fault.method = "POST"
    twilio:fault(fault)
    local number, message, err = client:purchase(params)
    local state = twilio:state()
    client:close()
    local got = number and "number" or err.kind .. " " .. err.purchased
    assert.same(
      expected,
      { got, state.posts + (fault.fault:match("before_read") and 1 or 0), #state.owned }
    )
    if number then
      assert.equal(state.owned[1].sid, number.sid)
    else
      assert.equal(message, err.message)
      assert.equal(
        err.purchased ~= "no",
        message:match("was bought") ~= nil or message:match("have been bought") ~= nil
      )
    end
  end

  for _, case in ipairs(CASES) do
    local fault, by_phone, by_area = case[1], case[2], case[3]
    it("by phone number: " .. faults.describe(fault), function()
      check(fault, { phone_number = PHONE }, by_phone)
    end)
    it("by area code: " .. faults.describe(fault), function()
      check(fault, { area_code = "415" }, by_area)
    end)
  end

  it("looks up also with retries = 0, and says unknown when nothing is found", function()
    local client = clients.of(twilio, { retries = 0 })
    twilio:fault { fault = "close_after_read", method = "POST" }
    local _, _, err = client:purchase { phone_number = PHONE }
    assert.equal("unknown", err.purchased)
    assert.equal(2, err.attempts)
    assert.equal(1, twilio:state().posts)
  end)

  it("ends when the deadline has passed, and says that the outcome is unknown", function()
    local client = clients.of(twilio, { timeout = 0.2, deadline = 0.3 })
    twilio:fault { fault = "hang", times = 9 }
    local _, _, err = client:purchase { area_code = "415" }
    assert.equal("timeout", err.kind)
    assert.equal("unknown", err.purchased)
    assert.equal(1, twilio:state().posts)
  end)

  it("returns a number whose answer came slowly", function()
    local client = clients.of(twilio)
    twilio:fault { fault = "drip", seconds = 0.001 }
    assert(client:purchase { area_code = "415" })
  end)
end)
