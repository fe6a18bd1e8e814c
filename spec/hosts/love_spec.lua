-- The example of examples/love, whose callbacks this spec calls as LÖVE does.
local command = require("spec.support.command")
local interpreter = require("spec.support.interpreter")
local journals = require("spec.support.journals")
local simulator = require("spec.support.simulator")

local PROGRAM = [[
  love = {}
  dofile("examples/love/main.lua")
  love.load { "order-1", "order-2" }
  love.update()
  love.quit()
]]

describe("The example for LÖVE", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  it("buys one number for each order, however often it runs, and finishes when it quits", function()
    local folder = journals.new_folder()
    local variables = command.settings(twilio)
    variables.TWILIO_BASE_URL = twilio.base_url
    variables.TWILIO_NUMBERS_JOURNAL = folder .. "/purchases.db"
    assert(select(2, command.run({}, "journal", "init", variables.TWILIO_NUMBERS_JOURNAL)) == 0)
    local first = interpreter.result(PROGRAM, 60, { variables = variables })
    for _, number in ipairs(twilio:state().owned) do
      local line = ("%s\t%s\n"):format(number.friendly_name, number.phone_number)
      assert.is_truthy(first:find(line, 1, true), first)
    end
    local second = interpreter.result(PROGRAM, 60, { variables = variables })
    assert.equal(#first, #second)
    assert.equal(2, twilio:state().purchases)
    journals.remove(folder)
  end)
end)
