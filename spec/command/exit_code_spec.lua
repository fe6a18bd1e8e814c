--- The exit code of a purchase of one number that failed.
local World = require("spec.support.world")
local bought = require("twilio.numbers.command.bought")
local orders = require("spec.support.orders")
local outcome = require("twilio.numbers.command.outcome")
local streams = require("twilio.numbers.command.streams")

local X = orders.X

describe("the purchase of a number that the account turns out to own", function()
  local world, say, complain, said

  before_each(function()
    World.start_clocks()
    world = orders.world()
    say, complain, said = streams.say, streams.complain, {}
    streams.say = function(text)
      said[#said + 1] = text
    end
    streams.complain = streams.say
  end)

  after_each(function()
    streams.say, streams.complain = say, complain
    World.stop_clocks()
  end)

  --- Buys X as the command does, and returns the exit code.
  local function buy()
    local number, message, err = orders.named(world, X, "k", { unless_owned = true })
    local context = { args = { command = "buy", key = "k" }, client = {} }
    return bought.conclude(context, { list = { X } }, number, message, err), err
  end

  it("is refused: 1", function()
    world:give(X)
    local code, err = buy()
    assert.same({ "no", outcome.REFUSED }, { err.purchased, code })
  end)

  it("may have spent money if a write to the journal was not acknowledged: 3", function()
    orders.on_writes(world, "lost")
    world.on_look = function()
      if world.store.applied > 0 then
        world.on_look = false
        world:give(X)
      end
    end
    local code, err = buy()
    assert.same({ "unknown", outcome.UNKNOWN }, { err.purchased, code })
    assert.matches("repeat the command with --key k", table.concat(said, "\n"), 1, true)
  end)
end)
