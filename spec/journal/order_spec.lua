-- What the model's traces do not show of order.lua, see model_spec.lua: fields that the model does not have,
-- records that are left as they were, and more senders than the model has workers.
local core = require("twilio.numbers.core")
local order = require("twilio.numbers.journal.order")

local NUMBER = "+14155550100"

local function sender(token, fields)
  local made = { token = token, ends = 100000, term = 60000, settle = 90000, era = "boot 1" }
  for name, value in pairs(fields or {}) do
    made[name] = value
  end
  return made
end

local function trying(...)
  return { state = "trying", number = NUMBER, senders = { ... }, op = "purchase", later = { 1 } }
end

local function tokens(record)
  local list = {}
  for i, one in ipairs(record.senders) do
    list[i] = one.token
  end
  return list
end

describe("an order", function()
  it("is open if there is no record", function()
    assert.equal("open", order.state(nil))
    assert.is_nil(order.sender(nil, "a"))
    assert.is_false(order.is_trying(nil, NUMBER))
    assert.is_false(order.may_send(nil, "a"))
    assert.is_false(order.has_tried(nil, NUMBER))
  end)

  it("restarts with only the fields of its call, and keeps unknown fields", function()
    local open = { state = "open", tried = { "+1" }, last_error = "x", later = { 1 } }
    local new =
      order.begin(open, { number = NUMBER, op = "purchase", charged = "limit" }, sender("a"))
    assert.same({
      state = "trying",
      number = NUMBER,
      op = "purchase",
      charged = "limit",
      senders = { sender("a") },
      tried = { "+1" },
      later = { 1 },
    }, new)
  end)

  it("adopts the parameters of a call that finishes it", function()
    local new = order.join(trying(sender("a")), sender("b"), { asked = { voice_url = "1" } })
    assert.same({ "a", "b" }, tokens(new))
    assert.same({ voice_url = "1" }, new.asked)
  end)

  it("has no number, no charge and no parameters once the number is given up", function()
    local record = trying(sender("a"))
    record.charged, record.asked, record.looked = "limit", { voice_url = "1" }, 1
    assert.same({ state = "open", op = "purchase", later = { 1 } }, order.give_up(record, false))
    record.tried = { "+1" }
    local expected = { state = "open", op = "purchase", later = { 1 }, tried = { "+1", NUMBER } }
    assert.same(expected, order.give_up(record, true))
    assert.is_true(order.has_tried(expected, NUMBER))
    assert.is_false(order.has_tried(expected, "+14155550101"))
  end)

  it("keeps its senders when it is bought", function()
    local bought = order.buy(trying(sender("a"), sender("b")), "PN1", false)
    assert.same({ "a", "b" }, tokens(bought))
    assert.equal("PN1", bought.sid)
    assert.is_nil(bought.whole)
    assert.is_true(order.make_whole(bought).whole)
  end)

  it("is bought, complete and without senders if the number is adopted", function()
    local adopted = order.adopt(nil, { number = NUMBER, sid = "PN1", op = "purchase" })
    assert.equal("bought", order.state(adopted))
    assert.is_true(adopted.adopted and adopted.whole)
    assert.is_true((order.judge(adopted.senders, 1, "boot 1")))
  end)

  it("has a youngest sender, which started a term before its end", function()
    local record =
      trying(sender("a", { ends = 90000 }), sender("b", { term = 100000 }), sender("c"))
    local began, era = order.youngest(record)
    assert.equal(40000, began)
    assert.equal("boot 1", era)
    assert.is_nil(order.youngest { state = "open" })
  end)

  it("does not modify a record that is passed in", function()
    local record = trying(sender("a"), sender("b"), sender("c", { era = "boot 2" }))
    record.tried = { "+1" }
    local before = core.encode_record(record)
    order.begin(record, { number = "+2" }, sender("d"))
    order.join(record, sender("a"), { asked = {} })
    order.shorten(record, "a", 1000000, "boot 1")
    order.give_up(record, true)
    order.refuse(record, "a")
    order.sign_off(record, "a")
    order.buy(record, "PN1", true)
    order.make_whole(record)
    order.adopt(record, { number = "+2" })
    local _, senders = order.judge(record.senders, 1000000, "boot 1")
    order.renew(record, senders)
    assert.equal(before, core.encode_record(record))
  end)
end)

describe("a sender of an order", function()
  it("that was refused is not replaced by one that may have sent", function()
    local record = trying(sender("a"), sender("b"))
    local noted, is_given_up = order.refuse(record, "a")
    assert.is_false(is_given_up)
    assert.is_true(order.sender(noted, "a").refused)
    assert.is_nil(order.sender(noted, "b").refused)
    assert.is_false(order.may_send(noted, "a"))
    local open
    open, is_given_up = order.refuse(noted, "b")
    assert.is_true(is_given_up)
    assert.equal("open", order.state(open))
    assert.is_nil(open.tried)
  end)

  it("that has sent nothing is removed", function()
    local rest, is_given_up = order.sign_off(trying(sender("a"), sender("b")), "a")
    assert.is_false(is_given_up)
    assert.same({ "b" }, tokens(rest))
    local refused = sender("c", { refused = true })
    rest, is_given_up = order.sign_off(trying(sender("a"), refused), "a")
    assert.is_true(is_given_up)
    assert.equal("open", order.state(rest))
  end)

  it("may send again once it has joined again", function()
    local noted = order.refuse(trying(sender("a"), sender("b")), "a")
    assert.is_true(order.may_send(order.join(noted, sender("a")), "a"))
  end)
end)

describe("the senders of an order that a call joins", function()
  local NOW = 500000

  local function shortened(...)
    return tokens(order.shorten(trying(...), "joins", NOW, "boot 1"))
  end

  local function late(token, fields)
    fields = fields or {}
    fields.ends = fields.ends or NOW - 90000
    return sender(token, fields)
  end

  it("keep one of those whose time is over, the last, for the doubt", function()
    local a, b, c = sender("a"), sender("b", { settle = 90001 }), sender("c", { ends = 99999 })
    assert.same({ "b" }, shortened(a, b, c))
    assert.same({ "b", "late" }, shortened(a, late("late"), b, c))
    local before, after = trying(a, b, c), trying(b)
    for _, now in ipairs { 190000, 190001, 190002 } do
      local was_over, _, was = order.judge(before.senders, now, "boot 1")
      local is_over, _, is = order.judge(after.senders, now, "boot 1")
      assert.same({ was_over, was }, { is_over, is })
    end
  end)

  it("keep all whose purchases may still take effect, and those of another era", function()
    assert.same({ "a", "b", "c" }, shortened(late("a"), late("b"), sender("c", { era = "boot 0" })))
  end)

  it("lose those that were refused, and the call itself", function()
    assert.same({ "b" }, shortened(late("a", { refused = true }), sender("b"), sender("joins")))
    assert.same({}, shortened(sender("a", { refused = true })))
    assert.same({}, tokens(order.shorten({ state = "trying" }, "joins", NOW, "boot 1")))
  end)
end)

describe("the time of an order's senders", function()
  it("is over after the latest end, with that sender's own settle time", function()
    local senders = { sender("a", { ends = 90000, settle = 120000 }), sender("b") }
    local is_over, changed, over_at = order.judge(senders, 210000, "boot 1")
    assert.is_false(is_over)
    assert.is_nil(changed)
    assert.equal(210000, over_at)
    assert.is_true((order.judge(senders, 210001, "boot 1")))
  end)

  it("counts only senders that may have sent", function()
    local late = sender("b", { ends = 10 ^ 9, era = "boot 7", refused = true })
    local is_over, changed = order.judge({ sender("a"), late }, 190001, "boot 1")
    assert.is_true(is_over)
    assert.is_nil(changed)
  end)

  it("restarts in another era with the term of each, which must be written first", function()
    local senders = { sender("a", { era = "boot 0", term = 5000 }), sender("b") }
    local is_over, changed, over_at = order.judge(senders, 1000000, "boot 1")
    assert.is_false(is_over)
    assert.same(sender("a", { term = 5000, ends = 1005000, renewed = true }), changed[1])
    assert.same(sender("b"), changed[2])
    assert.equal(1095000, over_at)
    assert.is_true((order.judge(changed, 1095001, "boot 1")))
  end)

  it("restarts after the clock was set back", function()
    local _, changed = order.judge({ sender("a") }, 39999, "boot 1")
    assert.same({ sender("a", { ends = 99999, renewed = true }) }, changed)
    _, changed = order.judge({ sender("a") }, 40000, "boot 1")
    assert.is_nil(changed)
  end)

  it("is over without senders", function()
    assert.is_true((order.judge(nil, 1, "boot 1")))
    assert.is_true((order.judge({}, 1, "boot 1")))
  end)
end)
