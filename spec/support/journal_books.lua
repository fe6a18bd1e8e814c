--- The books of a journal: its orders agree with what the account owns, and no number has two orders.
local journals = require("spec.support.journals")
local records = require("twilio.numbers.journal.records")

local journal_books = {}

local PAGE = 500 -- records

--- All records of a kind, decoded.
local function all(journal, kind)
  local list, after = {}, nil
  repeat
    local page = assert(journal:scan(journals.call(), kind .. "/", after, PAGE))
    for _, entry in ipairs(page) do
      local record = assert(records.decode(entry.value))
      list[#list + 1] = { key = entry.key, parts = records.parse(entry.key), record = record }
      after = entry.key
    end
  until #page < PAGE
  return list
end

local function set_of(list)
  local set = {}
  for _, name in ipairs(list) do
    set[name] = true
  end
  return set
end

--- The orders of a journal, of single purchases and of slots: key -> purchase.
local function orders(journal)
  local found = {}
  for _, kind in ipairs { "order", "slot" } do
    for _, entry in ipairs(all(journal, kind)) do
      local name = entry.parts.slot and entry.parts.slot .. "/" .. entry.parts.key
        or entry.parts.key
      found[name] = entry
    end
  end
  return found
end

--- Raises if an invariant is broken. Every key has a bought order; each has its own number, which the
--- account owns and which the order has claimed; and no owned number lacks an order. The counts of the days
--- add up to the orders.
---@param spec string
---@param state table of the simulator
---@param keys string[] all keys that were used; of slots "2/KEY"
function journal_books.check(spec, state, keys)
  local journal = assert(journals.open(spec))
  local owned, of_number, count, wanted = {}, {}, 0, set_of(keys)
  for _, number in ipairs(state.owned) do
    owned[number.sid] = number.phone_number
  end
  for name, entry in pairs(orders(journal)) do
    local record = entry.record
    assert(wanted[name], "an order of no key: " .. name)
    assert(record.state == "bought", name .. " is " .. tostring(record.state))
    assert(owned[record.sid] == record.number, "lost: " .. name .. " bought " .. record.number)
    assert(not of_number[record.number], "two orders bought " .. record.number)
    of_number[record.number], count, wanted[name] = entry.key, count + 1, nil
  end
  assert(next(wanted) == nil, "no order: " .. tostring(next(wanted)))
  for _, number in ipairs(state.owned) do
    local words = "no order names %s, which was bought as %s"
    assert(of_number[number.phone_number], words:format(number.phone_number, number.friendly_name))
  end
  assert(count == state.purchases, ("%d orders, %d purchases"):format(count, state.purchases))
  local claims = all(journal, "number")
  for _, claim in ipairs(claims) do
    local number = claim.parts.phone_number
    assert(of_number[number] == claim.record.order, "a claim without an order: " .. number)
  end
  assert(#claims == count, ("%d claims, %d orders"):format(#claims, count))
  local counted = 0
  for _, day in ipairs(all(journal, "limit")) do
    counted = counted + day.record.numbers
  end
  assert(counted == count, ("%d counted, %d orders"):format(counted, count))
  journal:close(5)
end

--- Deletes all records.
function journal_books.clear(spec)
  local journal = assert(journals.open(spec))
  repeat
    local page, writes = assert(journal:scan(journals.call(), "", nil, PAGE)), {}
    for i, entry in ipairs(page) do
      writes[i] = { key = entry.key, version = entry.version }
    end
    assert(#page == 0 or journal:apply(journals.call(), writes))
  until #page < PAGE
  journal:close(5)
end

return journal_books
