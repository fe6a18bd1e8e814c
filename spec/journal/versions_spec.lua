-- Two versions of the library on one journal, as in a rolling upgrade: the older one keeps unknown fields
-- when it writes, and refuses a record of a newer format.
local World = require("spec.support.world")
local keyed = require("spec.support.keyed")
local records = require("twilio.numbers.journal.records")

local made = 0

--- A number that this Lua state does not know.
local function new_number()
  made = made + 1
  return ("+1415555%04d"):format(7000 + made)
end

describe("along with a newer version, a purchase with an idempotency key", function()
  local world, client

  before_each(function()
    world = World.new { new_number(), new_number() }
    client = world:client {}
  end)

  after_each(function()
    client:close()
  end)

  --- The key of the only record of a kind.
  local function key_of(kind)
    local found
    for key in pairs(world.store.rows) do
      if records.parse(key).kind == kind then
        assert.is_nil(found)
        found = key
      end
    end
    return assert(found, kind)
  end

  local function record_of(kind)
    return assert(records.decode(world.store.rows[key_of(kind)].value))
  end

  --- Changes a record, like the newer version does.
  local function change(kind, f)
    local key = key_of(kind)
    local row = world.store.rows[key]
    local record = assert(records.decode(row.value))
    f(record)
    world.store.rows[key] = { version = row.version + 1, value = records.encode(record) }
  end

  local function add_field(kind)
    change(kind, function(record)
      record.newer = { "kept", { deeper = 7 } }
    end)
  end

  local function assert_kept(kind)
    assert.same({ "kept", { deeper = 7 } }, record_of(kind).newer)
  end

  local function leave_trying()
    world.on_post = function()
      return "lost"
    end
    local number, _, err = keyed.buy(client, { retries = 0 })
    assert.is_nil(number)
    assert.equal("unknown", err.purchased)
    world.on_post = false
  end

  it("keeps unknown fields of an order that it finishes", function()
    leave_trying()
    add_field("order")
    change("order", function(record)
      record.senders[1].newer = "kept, too"
    end)
    assert.is_table(keyed.buy(client))
    assert_kept("order")
    local order = record_of("order")
    assert.same({ "bought", "kept, too" }, { order.state, order.senders[1].newer })
  end)

  it("keeps unknown fields of an order that it replays and writes", function()
    assert.is_table(keyed.buy(client))
    add_field("order")
    world.store.era = "era 2"
    local version = world.store.rows[key_of("order")].version
    assert.is_table(keyed.buy(client))
    assert.is_true(world.store.rows[key_of("order")].version > version)
    assert_kept("order")
  end)

  it("keeps unknown fields of an order whose number it gives up and that restarts", function()
    leave_trying()
    add_field("order")
    local tried = record_of("order").number
    world.on_post = function(number)
      return number == tried and "refused" or nil
    end
    local number, _, err = keyed.buy(client, { retries = 0, deadline = 1 })
    assert.is_nil(number)
    assert.equal("unknown", err.purchased)
    assert_kept("order")
    world.store.now = world.store.now + 86400 * 1000
    local message
    number, message = keyed.buy(client, { retries = 0, deadline = 600 })
    assert.is_table(number, message)
    assert_kept("order")
  end)

  it("keeps unknown fields in the count of the day", function()
    assert.is_table(keyed.buy(client))
    add_field("limit")
    assert.is_table(keyed.buy(client, { idempotency_key = "order-2" }))
    assert_kept("limit")
    assert.equal(2, record_of("limit").numbers)
  end)

  --- Gives a record the format of a newer version.
  local function make_newer(key)
    local row = assert(world.store.rows[key])
    local value, count = row.value:gsub('"v":1', '"v":2')
    assert.equal(1, count)
    world.store.rows[key] = { version = row.version, value = value }
    return value
  end

  for kind, purchased in pairs { order = "unknown", limit = "no", number = "no" } do
    it("is refused where the " .. kind .. " has a newer format, and sends nothing", function()
      local key = keyed.KEY
      assert.is_table(keyed.buy(client))
      if kind == "number" then -- that of the number that is still for sale
        local claim = key_of("number")
        local prefix = claim:match("^.*/")
        world.store.rows[prefix .. world.for_sale[1]] = world.store.rows[claim]
        world.store.rows[claim] = nil
        make_newer(key_of("number"))
        key = "order-2"
      else
        make_newer(key_of(kind))
        key = kind == "order" and key or "order-2"
      end
      local rows, posts = {}, #world.posts
      for name, row in pairs(world.store.rows) do
        rows[name] = row.value
      end
      local number, message, err = keyed.buy(client, { idempotency_key = key })
      assert.is_nil(number)
      assert.same({ "journal", purchased }, { err.kind, err.purchased })
      assert.matches("newer", message)
      assert.equal(posts, #world.posts)
      for name, row in pairs(world.store.rows) do
        assert.equal(rows[name], row.value)
      end
    end)
  end

  it("is refused where the header of purchase_many has a newer format", function()
    local filter = { country = "US", area_code = "415", count = 1 }
    assert.is_truthy(client:purchase_many(filter, {}, { idempotency_key = keyed.KEY }))
    local posts = #world.posts
    make_newer(key_of("many"))
    local number, message, err = keyed.buy(client)
    assert.is_nil(number)
    assert.same({ "journal", "unknown" }, { err.kind, err.purchased })
    assert.matches("newer", message)
    local report, _, why = client:purchase_many(filter, {}, { idempotency_key = keyed.KEY })
    assert.is_nil(report)
    assert.equal("journal", why.kind)
    assert.equal(posts, #world.posts)
  end)
end)
