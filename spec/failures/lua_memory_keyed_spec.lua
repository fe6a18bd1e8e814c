-- Lua runs out of memory at any place of a purchase with an idempotency key: what was bought is never hidden,
-- and the key buys one number, which it returns when there is memory again.
local journals = require("spec.support.journals")
local simulator = require("spec.support.simulator")
local starved = require("spec.support.starved")

local BEFORE = [[
  local path, service, empty = %q, %s, nil
  local FILTER = { country = "US", area_code = "415" }
  local OPTIONS = { idempotency_key = "order", messaging_service_sid = service }

  local function read(name)
    local file = assert(io.open(name, "rb"))
    local text = file:read("*a")
    file:close()
    return text
  end

  -- Each run has an empty journal, which nothing has opened yet.
  local function empty_journal()
    empty = empty or read(path)
    local file = assert(io.open(path, "wb"))
    file:write(empty)
    file:close()
    os.remove(path .. "-journal")
  end

  local function buy_again(context)
    local client = clients.of(context.twilio, {
      base_url = context.twilio.http_url, ca_file = false, journal = path, loop = false,
    })
    local number, message = client:purchase_available(FILTER, nil, OPTIONS)
    if number and service then -- one that is in the service is taken by no other
      local _, _, err = client:attach(number.sid, "MG" .. ("0"):rep(31) .. "3")
      assert(not message and err and err.code == 21712, "it is not in the Messaging Service")
    end
    client:close()
    local bought = context.twilio:state().purchases
    if number and bought ~= 1 then
      return nil, "the key has bought " .. bought .. " numbers"
    end
    return number, message
  end
]]

local BLOCKING = [[{
  stride = 29,
  options = { journal = path, loop = false },
  prepare = empty_journal,
  buy_again = buy_again,
  act = function(context)
    return context.client:purchase_available(FILTER, nil, OPTIONS)
  end,
}]]

local IN_FLIGHT = [[steps.in_flight {
  stride = 47,
  options = { journal = path },
  prepare = empty_journal,
  buy_again = buy_again,
  act = function(context)
    return context.client:purchase_available_async(FILTER, nil, OPTIONS)
  end,
}]]

describe("a purchase with a key for which memory runs out", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local folder, path

  before_each(function()
    folder = journals.new_folder()
    path = folder .. "/journal.db"
    local journal = assert(journals.open(path, { create = true }))
    assert(journal:read(journals.call(), { "key" }))
    journal:close(5)
  end)

  after_each(function()
    journals.remove(folder)
  end)

  it("returns the number or an error with the right purchased", function()
    starved.check(twilio, "a key", BLOCKING, BEFORE:format(path, "nil"))
  end)

  it(
    "with a Messaging Service returns the number, which the next call adds, or a correct error",
    function()
      local service = ('"MG%s1"'):format(("0"):rep(31))
      starved.check(twilio, "a key and a service", BLOCKING, BEFORE:format(path, service))
    end
  )

  it("in flight returns the number or a correct error", function()
    starved.check(twilio, "a key, in flight", IN_FLIGHT, BEFORE:format(path, "nil"))
  end)
end)
