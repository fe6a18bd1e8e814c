--- purchase_many with an idempotency key: its numbers are the slots of the key, and a repeated call finishes
--- them.
local World = require("spec.support.world")
local cjson = require("cjson")
local orders = require("spec.support.orders")
local reservations = require("twilio.numbers.api.reservations")

local X, Y, Z = orders.X, orders.Y, "+14155550103"

describe("purchase_many with a key", function()
  local world

  before_each(function()
    World.start_clocks()
    world = World.new { X, Y, Z }
  end)
  after_each(World.stop_clocks)

  local function buy(wanted, params, options, client)
    local all = { idempotency_key = "k" }
    for name, value in pairs(options or {}) do
      all[name] = value
    end
    return (client or world:client()):purchase_many(wanted, params, all)
  end

  --- The purchase arrives, its response does not, and no lookup shows the number yet.
  local function lose_responses()
    world.on_post = function()
      return "unheard"
    end
    world.on_look = function()
      return #world.posts > 0
    end
  end

  local function go_on()
    world.on_post, world.on_look, world.on_request = false, false, false
  end

  local function stop()
    return false
  end

  for name, wanted in pairs {
    ["a filter"] = { country = "US", count = 3 },
    ["a list of numbers"] = { X, Y, Z },
    ["a list of area codes"] = {
      { area_code = "415" },
      { area_code = "415" },
      { area_code = "415" },
    },
  } do
    for state, prepare in pairs {
      ["has bought"] = function() end,
      ["may have bought"] = lose_responses,
    } do
      local title = ("reports numbers that it %s as unknown after a stop: %s"):format(state, name)
      it(title, function()
        prepare()
        local first = buy(wanted, nil, { retries = 0 })
        go_on()
        local client = world:client { max_in_flight = 1 }
        local report, message = buy(wanted, nil, { on_progress = stop }, client)
        assert.same({ 1, 2, 0 }, { report.bought, report.unknown, report.stopped }, message)
        for i, result in ipairs(report.results) do
          assert.equal(first.results[i].phone_number, result.phone_number)
        end
        local last = report.results[3]
        local err = last.err
        assert.same(
          { "cancelled", "unknown", last.phone_number, "k", err.message },
          { err.kind, err.purchased, err.phone_number, err.idempotency_key, last.message }
        )
        assert.matches("repeat the call with the same idempotency key", last.message, 1, true)
        assert.equal(3, buy(wanted).bought)
        assert.equal(3, world.purchases)
      end)
    end
  end

  it(
    "does not count the numbers of earlier calls in the progress before it has started them",
    function()
      local wanted, counts = { country = "US", count = 3 }, {}
      buy(wanted)
      buy(wanted, nil, {
        on_progress = function(progress)
          counts[#counts + 1] = progress.bought .. " " .. progress.unknown
        end,
      }, world:client { max_in_flight = 1 })
      assert.same({ "1 0", "2 0", "3 0" }, counts)
    end
  )

  it("reports a number as unknown if its purchase cannot start any more", function()
    local wanted = { country = "US", count = 2 }
    assert.equal(2, buy(wanted).bought)
    local client = world:client { max_in_flight = 1 }
    local report = buy(wanted, nil, {
      on_progress = function()
        client.closed = true
      end,
    }, client)
    client.closed = false
    assert.same({ 1, 1 }, { report.bought, report.unknown })
    local err = report.results[2].err
    assert.same(
      { "closed", "unknown", "k", report.results[2].phone_number },
      { err.kind, err.purchased, err.idempotency_key, err.phone_number }
    )
  end)

  --- Lets another process with the key begin a slot after this one has chosen a number for it.
  ---@return function(): string? chosen
  local function begin_elsewhere(wanted)
    local chosen
    world.store.on_apply = function(writes)
      if chosen or not writes[1].key:find("^slot/") then
        return
      end
      for _, write in ipairs(writes) do
        chosen = write.key:match("^number/.*/(%+%d+)$") or chosen
      end
      orders.elsewhere(world, function()
        world:remove(chosen)
        world.on_post = function()
          return "late"
        end
        buy(wanted, nil, { retries = 0, deadline = 5 })
        world.for_sale[#world.for_sale + 1] = chosen
      end)
    end
    return function()
      return chosen
    end
  end

  it("names the number of the order in err, not the one that it had chosen", function()
    local wanted = { country = "US", count = 1 }
    local chosen = begin_elsewhere(wanted)
    world.on_post = function()
      return "late"
    end
    local client = world:client()
    local report = buy(wanted, nil, { retries = 0, deadline = 5 }, client)
    local result, tried = report.results[1], world.posts[1]
    assert.not_equal(chosen(), tried)
    assert.same({ "unknown", tried, tried }, {
      result.outcome,
      result.phone_number,
      result.err.phone_number,
    })
    local call = { client = client, options = { account_sid = world.account_sid } }
    assert.is_true(reservations.is_anothers(call, tried))
  end)

  for name, key in pairs { ["with a key"] = "k", ["without a key"] = false } do
    it("names the number that Twilio bought in another spelling in err, " .. name, function()
      local other = "+14155559999"
      world.on_post = function()
        return {
          status = 201,
          body = cjson.encode(world:give(other)),
          headers = { date = "Sun, 29 Nov 2026 10:00:00 GMT" },
        }
      end
      local options = { idempotency_key = key or nil }
      local report = world:client():purchase_many({ X }, nil, options)
      local err = report.results[1].err
      assert.same(
        { "yes", other, world.owned[other].sid },
        { err.purchased, err.phone_number, err.sid }
      )
    end)
  end
end)
