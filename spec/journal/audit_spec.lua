-- client:audit(): compares the account with the journal, both ways.
local records = require("twilio.numbers.journal.records")

local World = require("spec.support.world")

local A, B, C, D = "+14155550101", "+14155550102", "+14155550103", "+14155550104"

describe("client:audit()", function()
  local world, client, scope

  before_each(function()
    world = World.new { A, B, C, D }
    client = world:client()
    scope = records.scope("https://api.example", world.account_sid)
  end)

  after_each(function()
    client:close()
  end)

  local function buy(key, number)
    return assert(client:purchase({ phone_number = number }, { idempotency_key = key }))
  end

  local function put(key, record)
    world.store.rows[key] = { version = 1, value = records.encode(record) }
  end

  local EMPTY = { unnamed = {}, stray = {}, gone = {} }

  it("finds nothing if everything is in order", function()
    assert.same(EMPTY, client:audit())
    buy("order-1", A)
    assert(client:purchase_many({ B, C }, {}, { idempotency_key = "m" }))
    assert.same(EMPTY, client:audit())
  end)

  it("finds numbers that no order names", function()
    buy("order-1", A)
    world:give(D, { friendly_name = "by hand" })
    world:give(B)
    local report = assert(client:audit())
    assert.same({ 2, 0, 0 }, { #report.unnamed, #report.stray, #report.gone })
    assert.equal(B, report.unnamed[1].phone_number)
    assert.equal("by hand", report.unnamed[2].friendly_name)
  end)

  it("treats a number that is being bought as named", function()
    put(records.order(scope, "order-1"), { op = "purchase", state = "trying", number = A })
    world:give(A)
    assert.same(EMPTY, client:audit())
  end)

  it("finds numbers that were given up but are owned", function()
    put(records.order(scope, "order-1"), { op = "purchase", state = "open", tried = { A, B } })
    local sid = world:give(A).sid
    local report = assert(client:audit())
    assert.same({ 0, 1, 0 }, { #report.unnamed, #report.stray, #report.gone })
    local stray = report.stray[1]
    assert.same({ "order-1", A, sid, "open" }, {
      stray.key,
      stray.phone_number,
      stray.sid,
      stray.state,
    })
  end)

  it("does not report a number that another order has bought since", function()
    put(records.order(scope, "order-1"), { op = "purchase", state = "open", tried = { A } })
    buy("order-2", A)
    assert.same(EMPTY, client:audit())
  end)

  it("finds bought orders whose number is gone", function()
    buy("order-1", A)
    buy("order-2", B)
    world:release(A)
    local report = assert(client:audit())
    assert.same({ 0, 0, 1 }, { #report.unnamed, #report.stray, #report.gone })
    assert.same({ "order-1", "bought", A }, {
      report.gone[1].key,
      report.gone[1].state,
      report.gone[1].phone_number,
    })
  end)

  it("accepts a number under another SID while its claim names the order", function()
    buy("order-1", A)
    world.owned[A].sid = "PN" .. ("e"):rep(32)
    assert.same(EMPTY, client:audit())
    put(records.number(scope, A), { order = records.order(scope, "another") })
    local report = assert(client:audit())
    assert.same({ 0, 1 }, { #report.unnamed, #report.gone })
  end)

  it("accepts a number by its SID, in any spelling", function()
    local sid = world:give(A).sid
    put(records.order(scope, "order-1"), {
      op = "purchase",
      state = "bought",
      number = "+521415555",
      sid = sid:upper():gsub("^PN", "PN"),
    })
    assert.same(EMPTY, client:audit())
  end)

  it("does not report a number as gone that was bought while it read", function()
    local lists = 0
    world.on_request = function(request, path)
      if request.method == "GET" and path:find("^IncomingPhoneNumbers%.json") then
        lists = lists + 1
        if lists == 2 then
          world.on_request = false
        elseif lists == 1 then -- bought just after this answer
          local page = { status = 200, body = '{"incoming_phone_numbers":[]}', headers = {} }
          local sid = world:give(A).sid
          local record = { op = "purchase", state = "bought", number = A, sid = sid }
          put(records.order(scope, "order-1"), record)
          return page
        end
      end
    end
    assert.same(EMPTY, client:audit())
    assert.equal(2, lists)
  end)

  it("reports what it cannot read", function()
    world.store.scan = function()
      return nil, "disk gone"
    end
    local report, message, err = client:audit()
    assert.is_nil(report)
    assert.matches("disk gone", message)
    assert.equal("journal", err.kind)
    world.on_request = function()
      return { status = 500, body = "", headers = {} }
    end
    err = select(3, client:audit { retries = 0 })
    assert.equal("api", err.kind)
    for _, number in ipairs {
      ('{"phone_number":"%s"}'):format(A),
      ('{"sid":"%s"}'):format("PN" .. ("a"):rep(32)),
    } do
      world.on_request = function()
        local body = ('{"incoming_phone_numbers":[%s]}'):format(number)
        return { status = 200, body = body, headers = {} }
      end
      report, message, err = client:audit()
      assert.is_nil(report)
      assert.matches("it has a number without a SID or a phone number", message, 1, true)
      assert.equal("response", err.kind)
    end
  end)

  it("can run in flight, and be waited for", function()
    world:give(A)
    local report = assert(client:audit_async()):wait()
    assert.equal(A, report.unnamed[1].phone_number)
  end)
end)
