--- The errors of calls with a journal, as their callers see them.
local World = require("spec.support.world")
local core = require("twilio.numbers.core")
local numbers = require("twilio.numbers")
local orders = require("spec.support.orders")

local X = orders.X
local SECRET = "s3cr3t"

describe("the error of a call with a key", function()
  local world, retry_after

  before_each(function()
    World.start_clocks()
    world = orders.world()
    retry_after = core.retry_after
  end)
  after_each(function()
    core.retry_after = retry_after
    World.stop_clocks()
  end)

  local function fail(...)
    local number, message, err = ...
    assert.is_nil(number)
    assert.equal(message, err.message)
    assert.is_nil(message:find(SECRET, 1, true), message)
    assert.is_nil(message:find("nil", 1, true), message)
    return err, message
  end

  it("has the key and purchased = unknown if the call ends before it has read its order", function()
    local client = world:client()
    client:close()
    local err, message = fail(orders.named(world, X, "k", nil, client))
    assert.same({ "closed", "unknown", "k" }, { err.kind, err.purchased, err.idempotency_key })
    assert.matches("repeat the call with the same idempotency key", message, 1, true)
    for _, wrong in ipairs {
      { { phone_number = X, voice_url = "x" } },
      { { phone_number = X }, { timeout = -1 } },
      { { area_code = "415" }, { type = "mobile" } },
      { { phone_number = 1 } },
    } do
      local options = { idempotency_key = "k" }
      for name, value in pairs(wrong[2] or {}) do
        options[name] = value
      end
      err = fail(world:client():purchase(wrong[1], options))
      assert.same({ "invalid", "unknown", "k" }, { err.kind, err.purchased, err.idempotency_key })
    end
    err = fail(world:client():purchase_available({ country = 1 }, {}, { idempotency_key = "k" }))
    assert.same({ "invalid", "unknown", "k" }, { err.kind, err.purchased, err.idempotency_key })
    for _, wrong in ipairs { { { 1 } }, { { X }, { all_or_nothing = true } }, { { X, X } } } do
      local options = wrong[2] or {}
      options.idempotency_key = "k"
      err = fail(world:client():purchase_many(wrong[1], nil, options))
      assert.same({ "invalid", "unknown", "k" }, { err.kind, err.purchased, err.idempotency_key })
    end
  end)

  it("has purchased = unknown after another call was quicker, which may have bought", function()
    local ways = {
      one = function(client)
        return orders.any(world, "k", { deadline = 10 }, client)
      end,
      many = function(client)
        return client:purchase_many({ X }, {}, { idempotency_key = "k", deadline = 10 })
      end,
    }
    for name, buy in pairs(ways) do
      world = orders.world()
      local store = world.store
      local client = world:client()
      store.on_apply = function()
        store.on_apply = false
        assert(orders.elsewhere(world, buy, world:client()))
        store.on_read = function()
          return "disk gone"
        end
      end
      local err = fail(buy(client))
      assert.same({ "journal", "unknown", 1 }, { err.kind, err.purchased, world.purchases }, name)
    end
  end)

  it("has purchased = no for invalid parameters without a key", function()
    local err = fail(world:client():purchase { phone_number = 1 })
    assert.same({ "invalid", "no" }, { err.kind, err.purchased })
    assert.is_nil(err.idempotency_key)
  end)

  it("refuses an invalid key without quoting it", function()
    for _, key in ipairs { "", ("x"):rep(256), "a\n", "\255", 1, {} } do
      local err = fail(orders.named(world, X, key))
      assert.same({ "invalid", "no", "idempotency_key" }, {
        err.kind,
        err.purchased,
        err.problems[1].name,
      })
      assert.is_nil(err.idempotency_key)
    end
  end)

  it("has a random key if none was given, with which the call can be repeated", function()
    world.on_post = function()
      return "unheard"
    end
    world.on_look = function()
      return true
    end
    local err = fail(orders.named(world, X, nil, { retries = 0 }))
    assert.same({ "network", "unknown", X }, { err.kind, err.purchased, err.phone_number })
    assert.equal(32, #err.idempotency_key)
    world.on_look, world.on_post = false, false
    assert.equal(X, assert(orders.named(world, X, err.idempotency_key)).phone_number)
    assert.equal(1, world.purchases)
  end)

  it("reports Twilio's refusal, the number, and that nothing was bought", function()
    world.on_post = function()
      return "refused"
    end
    local err, message = fail(orders.named(world, X, "k"))
    assert.same({ "api", "no", 400, 21422, X, "k" }, {
      err.kind,
      err.purchased,
      err.status,
      err.code,
      err.phone_number,
      err.idempotency_key,
    })
    assert.is_nil(message:find("may have been bought", 1, true))
  end)

  it("reports that the credentials must be able to list numbers", function()
    world.on_look = function()
      return { status = 403, body = '{"code":20003,"message":"no","status":403}', headers = {} }
    end
    local err, message = fail(orders.named(world, X, "k"))
    assert.same({ "invalid", "no", "k" }, { err.kind, err.purchased, err.idempotency_key })
    assert.matches("must be able to list", message, 1, true)
    assert.same({}, world.posts)
  end)

  it("reports what could not be looked up", function()
    orders.left_unfinished(world, "l")
    world.on_look = function()
      return { status = 500, body = "", headers = {} }
    end
    local err, message = fail(orders.named(world, orders.Y, "k", { retries = 0 }))
    assert.same({ "api", "no" }, { err.kind, err.purchased })
    assert.matches("could not look up", message, 1, true)
    err, message = fail(orders.named(world, X, "l", { retries = 0 }))
    assert.same({ "api", "unknown", X }, { err.kind, err.purchased, err.phone_number })
    assert.matches("repeat the call with the same idempotency key", message, 1, true)
  end)

  it("reports that no number matches and nothing was bought", function()
    world.for_sale = {}
    local err = fail(orders.any(world, "k"))
    assert.same({ "api", "no", "k" }, { err.kind, err.purchased, err.idempotency_key })
  end)

  it("reports how long another call with the key may still take", function()
    world.on_post = function()
      world.on_post = false
      local err
      orders.elsewhere(world, function()
        err = fail(orders.named(world, X, "k", { deadline = 5 }))
      end)
      assert.same({ "in_progress", "unknown", "k", X, 1 }, {
        err.kind,
        err.purchased,
        err.idempotency_key,
        err.phone_number,
        err.retry_after,
      })
    end
    assert(orders.named(world, X, "k"))
    assert.same({ X }, world.posts)
  end)

  it("shows nothing of a record that a newer version wrote", function()
    world:write("order", "k", { state = "trying", number = X })
    for _, row in pairs(world.store.rows) do
      row.value = row.value:gsub('"v":1', '"v":2')
    end
    local err, message = fail(orders.named(world, X, "k"))
    assert.same({ "journal", "unknown" }, { err.kind, err.purchased })
    assert.matches("newer version", message, 1, true)
    assert.same({}, world.requests)
  end)

  it("needs a journal", function()
    local client = assert(numbers.client {
      account_sid = world.account_sid,
      auth_token = SECRET,
      transport = function() end,
    })
    local err = fail(client:purchase({ phone_number = X }, { idempotency_key = "k" }))
    assert.same({ "invalid", "idempotency_key" }, { err.kind, err.problems[1].name })
  end)

  it("reports an error in the library too, after which no sent number is given up", function()
    local n = 0
    function core.retry_after(...)
      n = n + 1
      if n == 1 then
        error("not enough memory", 0)
      end
      return retry_after(...)
    end
    world.on_post = function(_, post)
      if post == 1 then
        return { status = 503, body = "", headers = { ["retry-after"] = "1" } }
      end
      return "refused"
    end
    local err = fail(orders.named(world, X, "k"))
    assert.same({ "api", 21422, "unknown" }, { err.kind, err.code, err.purchased })
    assert.same({ 1, 2 }, { n, #world.posts })
    assert.equal("trying", world:order("k").state)
  end)

  it("has purchased = unknown if an error aborts the call", function()
    function core.retry_after()
      error("a mistake", 0)
    end
    world.on_post = function()
      return { status = 503, body = "", headers = { ["retry-after"] = "1" } }
    end
    local err, message = fail(orders.named(world, X, "k"))
    assert.same({ "cancelled", "unknown", "k", X }, {
      err.kind,
      err.purchased,
      err.idempotency_key,
      err.phone_number,
    })
    assert.matches("repeat the call with the same idempotency key", message, 1, true)
  end)

  it("is reported by journal events without secrets", function()
    local steps = {}
    local client = world:client {
      on_event = function(event)
        if event.kind == "journal" then
          steps[#steps + 1] = event.step
          assert.equal("k", event.key)
          assert.equal("number", type(event.duration))
          assert.is_nil(event.err)
        end
      end,
    }
    world.on_post = function(_, n)
      return n == 1 and "refused" or nil
    end
    assert(orders.any(world, "k", nil, client))
    local seen = {}
    for _, step in ipairs(steps) do
      seen[step] = true
    end
    assert.same({ read = true, begin = true, give_up = true, settle = true }, seen)
  end)
end)
