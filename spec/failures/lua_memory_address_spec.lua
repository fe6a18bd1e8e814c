-- Lua runs out of memory at any place of the creation of an address: it is created once, and an error that
-- does not say that it may be there is right.
local simulator = require("spec.support.simulator")
local starved = require("spec.support.starved")

local BEFORE = [[
  local PARAMS = {
    customer_name = "Ada Lovelace",
    street = "12 St James Sq",
    city = "London",
    region = "London",
    postal_code = "SW1Y 4JH",
    iso_country = "GB",
  }

  -- How many there are.
  local function count(context)
    local client = clients.of(context.twilio, { base_url = context.twilio.http_url, ca_file = false })
    local list = assert(client:addresses({ customer_name = PARAMS.customer_name }):all())
    for _, address in ipairs(list) do
      assert(client:delete_address(address.sid)) -- for the next place
    end
    client:close()
    return #list
  end

  -- Room, so that storing calls in flight takes no memory.
  local function make_room(context)
    context.pending = false
  end

  local function judge(outcome, _, times, context)
    local called, address, message, err = outcome[1], outcome[2], outcome[3], outcome[4]
    local created = count(context)
    if created > 1 then
      return "created: " .. created
    elseif not called then
      local is_shortage = tostring(address):find("not enough memory", 1, true)
      local may_raise = created == 0 or times ~= steps.ONCE
      return not (may_raise and is_shortage) and "raised " .. tostring(address) or nil
    elseif address then
      return created ~= 1 and "an address, but created: " .. created or nil
    elseif type(message) ~= "string" or type(err) ~= "table" or tostring(err) ~= message then
      return "neither an address nor an error: " .. tostring(message)
    elseif created == 1 and not err.unheard then
      return "created, and not told: " .. message
    elseif message:find("Lovelace", 1, true) or message:find("James", 1, true) then
      return "it says something of the person: " .. message
    end
  end
]]

describe("the creation of an address for which memory runs out", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  for name, prepare in pairs {
    ["an answer"] = "make_room",
    ["a lost answer"] = [[function(context)
      make_room(context)
      context.twilio:fault { fault = "close_after_commit", method = "POST", path = "/Addresses" }
    end]],
  } do
    it("returns the address or a correct error: " .. name, function()
      local case = [[{
        stride = 7,
        options = { deadline = 60 },
        prepare = %s,
        judge = judge,
        act = function(context)
          return context.client:create_address(PARAMS)
        end,
      }]]
      starved.check(twilio, name, case:format(prepare), BEFORE)
    end)

    it("returns the address or a correct error in flight: " .. name, function()
      local case = [[steps.in_flight {
        stride = 11,
        options = { deadline = 60 },
        prepare = %s,
        judge = judge,
        act = function(context)
          return context.client:create_address_async(PARAMS)
        end,
      }]]
      starved.check(twilio, name .. ", in flight", case:format(prepare), BEFORE)
    end)
  end
end)
