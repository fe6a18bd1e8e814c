--- purchase_many with an idempotency key: its numbers are the slots of the key, and a repeated call finishes
--- them.
local World = require("spec.support.world")
local asked = require("twilio.numbers.journal.asked")
local cjson = require("cjson")
local clients = require("spec.support.clients")
local journals = require("spec.support.journals")
local orders = require("spec.support.orders")
local reservations = require("twilio.numbers.api.reservations")
local simulator = require("spec.support.simulator")

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

  it(
    "has purchased = unknown in the error of a call that an error interrupts at the start",
    function()
      assert.equal(1, buy({ X }).bought)
      local differences = asked.differences
      finally(function()
        asked.differences = differences
      end)
      function asked.differences()
        error("interrupted!", 0)
      end
      local report, _, err = buy { X }
      assert.is_nil(report)
      assert.same({ "cancelled", "unknown", "k" }, { err.kind, err.purchased, err.idempotency_key })
    end
  )

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

  describe("and other parameters", function()
    local A, B = { voice_url = "https://a.example" }, { voice_url = "https://b.example" }
    local AREA_CODES = { { area_code = "415" }, { area_code = "415" } }
    local WANTED = {
      ["a filter"] = { country = "US", count = 2 },
      ["a list of numbers"] = { X, Y },
      ["a list of area codes"] = AREA_CODES,
    }

    --- The kind of the error, or how many numbers were bought.
    local function outcome(report, _, err)
      return report and report.bought or err.kind
    end

    local function urls(report)
      local all = {}
      for i, number in ipairs(report.numbers) do
        all[i] = number.voice_url
      end
      return all
    end

    --- The second purchase has this outcome, and no other number can be bought instead.
    local function buy_first(wanted, what)
      world:remove(Z)
      local searches = 0
      world.on_post = function(_, n)
        return n == 2 and what or nil
      end
      world.on_request = function(_, path)
        searches = searches + (path:find("^Available") and 1 or 0)
        if what == "refused" and #world.posts > 1 and path:find("^Available") then
          local body = '{"available_phone_numbers":[]}'
          return { status = 200, body = body, headers = {} }
        end
      end
      assert.equal(1, buy(wanted, A, { retries = 0 }, world:client { max_in_flight = 1 }).bought)
      go_on()
    end

    for name, wanted in pairs(WANTED) do
      for _, what in ipairs { "lost", "refused" } do
        local title = ("finishes with them a number whose purchase was %s: %s"):format(what, name)
        it(title, function()
          buy_first(wanted, what)
          assert.equal("conflict", outcome(buy(wanted, B)))
          local report, message = buy(wanted, B, { finish = true })
          assert.equal(2, report.bought, message)
          assert.same({ "https://a.example", "https://b.example" }, urls(report))
          assert.same({ 2, nil }, { world.purchases, world.updates })
          -- later calls are compared with these, and change nothing either
          report, message = buy(wanted, B)
          assert.equal(2, report.bought, message)
          assert.same({ "https://a.example", "https://b.example" }, urls(report))
          assert.equal("conflict", outcome(buy(wanted, A)))
          assert.same({ 2, nil }, { world.purchases, world.updates })
        end)
      end

      it("returns numbers that only the lookup finds unchanged with finish: " .. name, function()
        lose_responses()
        assert.equal(2, buy(wanted, A, { retries = 0 }).unknown)
        go_on()
        local report = buy(wanted, B, { finish = true })
        assert.same({ "https://a.example", "https://a.example" }, urls(report))
        assert.same({ 2, nil }, { #world.posts, world.updates })
      end)

      it("still belongs to its first call after finish found all bought: " .. name, function()
        assert.equal(2, buy(wanted, A).bought)
        assert.equal(2, buy(wanted, B, { finish = true }).bought)
        assert.equal(2, buy(wanted, A).bought)
        assert.equal("conflict", outcome(buy(wanted, B)))
        assert.same({ 2, nil }, { world.purchases, world.updates })
      end)
    end

    it("takes a corrected filter and count after nothing was bought", function()
      world.on_request = function(_, path)
        if path:find("AreaCode=999", 1, true) then
          return { status = 200, body = '{"available_phone_numbers":[]}', headers = {} }
        end
      end
      local report = buy { country = "US", area_code = "999", count = 3 }
      assert.same({ 0, 3 }, { report.bought, report.stopped })
      local corrected = { country = "US", area_code = "415", count = 2 }
      assert.equal(2, buy(corrected).bought)
      assert.equal(2, buy(corrected).bought)
      assert.equal(2, world.purchases)
      assert.equal(2, assert(world:client():order("k")).count)
    end)

    it("takes a corrected list after all of it was refused", function()
      world.on_post = function()
        return "refused"
      end
      assert.equal(1, buy({ X }).refused)
      go_on()
      assert.equal(2, buy({ Y, Z }).bought)
    end)

    it("keeps fields of a newer version in the header that it replaces", function()
      world:write("many", "k", { op = "purchase_many", asked = {}, count = 5, newer = "kept" })
      assert.equal(1, buy({ X }).bought)
      assert.equal("kept", world:record("many", "k").newer)
    end)

    it("has the key in the error of a call that bought nothing, and then takes others", function()
      world.on_request = function(_, path)
        if path:find("^Available") then
          local body = '{"code": 21452, "message": "bad", "status": 400}'
          return { status = 400, body = body, headers = {} }
        end
      end
      local report, _, err = buy { country = "US", area_code = "999", count = 1 }
      assert.is_nil(report)
      assert.same({ "api", "no", "k" }, { err.kind, err.purchased, err.idempotency_key })
      go_on()
      assert.equal(1, buy({ country = "US", area_code = "415", count = 1 }).bought)
    end)

    --- Runs a function as another process once, before a record of this kind is written.
    local function before_write(kind, f)
      world.store.on_apply = function(writes)
        if writes[1].key:find("^" .. kind .. "/") then
          world.store.on_apply = false
          orders.elsewhere(world, f)
        end
      end
    end

    it("is a conflict with finish if the count differs", function()
      buy_first({ country = "US", count = 2 }, "lost")
      for _, count in ipairs { 1, 3 } do
        local _, _, err = buy({ country = "US", count = count }, A, { finish = true })
        assert.same({ "conflict", "count" }, { err.kind, err.problems[1].name })
      end
    end)

    for name, wanted in pairs(WANTED) do
      it("begins no number once another call has replaced the request: " .. name, function()
        local report
        before_write("slot", function()
          report = buy({ Z }, B)
        end)
        local late = buy(wanted, A, nil, world:client { max_in_flight = 1 })
        assert.equal(1, report.bought)
        assert.same({ 0, 2 }, { late.bought, late.unknown })
        for i, purchased in ipairs { "yes", "unknown" } do
          local err = late.results[i].err
          assert.same({ "conflict", purchased }, { err.kind, err.purchased })
        end
        assert.equal(1, world.purchases)
      end)
    end

    it("begins no number if the request was replaced just before it is written", function()
      local report
      world.store.on_read = function(keys)
        if keys[1]:find("^limit/") then
          report = report or orders.elsewhere(world, buy, { Z }, B)
        end
      end
      local late = buy({ X, Y }, A, nil, world:client { max_in_flight = 1 })
      assert.equal(1, report.bought)
      assert.same({ 0, 2, 1 }, { late.bought, late.unknown, world.purchases })
    end)

    it("adopts no number once another call has replaced the request", function()
      world:give(X)
      before_write("slot", function()
        assert.equal(1, buy({ Y }, B).bought)
      end)
      local report = buy({ X }, A)
      assert.same({ 0, "conflict" }, { report.bought, report.results[1].err.kind })
      assert.same({ 1, nil }, { world.purchases, world.updates })
    end)

    --- A call that buys nothing, with a request that buys the numbers for sale when it is repeated.
    local function leave_open(count)
      local wanted = { country = "US", count = count }
      local accept = function()
        return false
      end
      assert.equal(count, buy(wanted, nil, { accept = accept }).stopped)
      return wanted
    end

    it("is a conflict if the first call begins a number while the request is replaced", function()
      local wanted = leave_open(1)
      before_write("many", function()
        assert.equal(1, buy(wanted).bought)
      end)
      local report, _, err = buy { X, Y }
      assert.is_nil(report)
      assert.same({ "conflict", "unknown" }, { err.kind, err.purchased })
      assert.equal(1, world.purchases)
    end)

    it("is a conflict if the first call begins a number while the slots are read", function()
      local wanted, report = leave_open(501), nil
      world.store.on_read = function(keys)
        if keys[#keys]:find("^slot/.*/501/k$") then
          report = report or orders.elsewhere(world, buy, wanted)
        end
      end
      local _, _, err = buy { X, Y }
      assert.equal(3, report.bought)
      assert.same({ "conflict", "unknown" }, { err.kind, err.purchased })
    end)
  end)
end)

describe("purchase_many with a key, with its purchases in flight together,", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local folder, client

  before_each(function()
    folder = journals.new_folder()
    local journal = assert(journals.open(folder .. "/journal.db", { create = true }))
    client = clients.of(twilio, { journal = journal })
  end)

  after_each(function()
    client:close()
    journals.remove(folder)
  end)

  it("looks each number up once, whether it is bought or adopted", function()
    local filter, wanted = { country = "US", area_code = "415", count = 8 }, {}
    local owned = assert(clients.of(twilio, {}):purchase_many(filter)).numbers
    for i, number in ipairs(owned) do
      wanted[2 * i - 1], wanted[2 * i] = number.phone_number, ("+1510555%04d"):format(100 + i)
    end
    local before = #twilio:requests()
    local report, message = client:purchase_many(wanted, nil, { idempotency_key = "k" })
    assert.equal(16, report.bought, message)
    local looks, requests = 0, twilio:requests()
    for i = before + 1, #requests do
      looks = looks + (requests[i].method == "GET" and 1 or 0)
    end
    assert.equal(16, looks)
  end)
end)
