-- The mod of examples/luanti in a real server.
local left_out = require("spec.support.left_out")
local luanti = require("spec.support.luanti")
local simulator = require("spec.support.simulator")

if left_out.without(luanti.program(), "spec/hosts/luanti_spec.lua", "luanti-server") then
  return
end

local LATENCY = 0.5 -- seconds

describe("The mod for Luanti", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local world

  setup(function()
    world = luanti.new_world(twilio)
  end)

  teardown(function()
    world:remove()
  end)

  before_each(function()
    world:reset()
  end)

  local function run(settings)
    local result, log = world:run(settings)
    return assert(result, log)
  end

  --- The numbers of the account, by order.
  local function owned()
    local numbers = {}
    for _, number in ipairs(twilio:state().owned) do
      numbers[number.friendly_name] = number.phone_number
    end
    return numbers
  end

  it("buys one number for each of five orders, and the server's steps continue", function()
    twilio:limits { latency = LATENCY }
    local result = run { ["buyer.orders"] = "order-1 order-2 order-3 order-4 order-5" }
    assert.same(owned(), result.bought)
    assert.equal(5, twilio:state().purchases)
    assert.is_true(result.steps > 3, result.steps .. " steps")
    assert.is_true(result.longest_poll < LATENCY * 1e6, result.longest_poll .. " us in a poll")
  end)

  it("buys one number for an order that is repeated after the server was stopped", function()
    local first = run { ["buyer.orders"] = "order-1" }
    local second = run { ["buyer.orders"] = "order-1 order-2" }
    assert.equal(first.bought["order-1"], second.bought["order-1"])
    assert.same(owned(), second.bought)
    assert.equal(2, twilio:state().purchases)
  end)

  it("lets a purchase finish when the server is stopped", function()
    twilio:limits { latency = LATENCY / 2 }
    local result = run { ["buyer.orders"] = "order-1", ["buyer.stops_early"] = "true" }
    assert.equal(1, twilio:state().purchases)
    assert.same(owned(), result.bought)
  end)

  it("buys by a chat command, and tells the player", function()
    local result = run { ["buyer.orders"] = "", ["buyer.command"] = "415 order-1" }
    assert.same({ ann = "order-1: " .. owned()["order-1"] }, result.told)
  end)

  it("lets no other mod require a module", function()
    assert.is_false(run({ ["buyer.orders"] = "" }).requires)
  end)

  for _, setting in ipairs { "secure.trusted_mods", "secure.twilio_numbers" } do
    it("stops the server and names the setting that is missing: " .. setting, function()
      local result, log = world:run { [setting] = false }
      assert.is_nil(result)
      assert.matches("in " .. setting, log, 1, true)
    end)
  end
end)
