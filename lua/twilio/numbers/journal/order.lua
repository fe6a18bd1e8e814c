--- The rules of an order: record in, decision or new record out. Pure: no I/O, no clock; it never changes a
--- record that is passed in. protocol.lua reads and writes the records; docs/exactly-once.md has the rules.
---
--- An order is the record of one idempotency key, in one of three states:
---   open      nothing is bought and nothing can be (also if there is no record, which is nil here)
---   trying    one number may be bought, by any of the senders
---   bought    the number, under its SID; or adopted: the account owned it before
--- The record of a bought number also has what is left to do: its settings, unless it is `whole`, and its
--- Messaging Service, if it is `unattached`; and if the account owns the number in another spelling, that one
--- as `owned_as`.
--- A sender is a call that may have sent the purchase of the number. It has a token; `refused` if all its
--- purchases were refused; and its term, in milliseconds of the store's clock: it sends nothing after `ends`,
--- which is `term` after its start, and no purchase of it takes effect later than `settle` after `ends`.
--- `era` is the era of the store's clock for `ends`. `at` is the wall clock at its start, and `renewed` says
--- that its term was restarted in a later era (see age.lua).
local order = {}

local function copy(record)
  local new = {}
  for name, value in pairs(record or {}) do
    new[name] = value
  end
  return new
end

--- The senders without one of them, in order.
local function without(senders, token)
  local rest = {}
  for _, sender in ipairs(senders or {}) do
    if sender.token ~= token then
      rest[#rest + 1] = sender
    end
  end
  return rest
end

local function with(senders, sender)
  local all = without(senders, sender.token)
  all[#all + 1] = sender
  return all
end

--- The state of a record, which may be absent.
---@return "open"|"trying"|"bought"
function order.state(record)
  return record and record.state or "open"
end

--- The sender with a token.
function order.sender(record, token)
  for _, sender in ipairs(record and record.senders or {}) do
    if sender.token == token then
      return sender
    end
  end
end

--- Whether the order is trying a number.
function order.is_trying(record, number)
  return order.state(record) == "trying" and record.number == number
end

--- Whether a call is a sender whose purchase may be in progress: only such a call may send (rule R11).
function order.may_send(record, token)
  local sender = order.state(record) == "trying" and order.sender(record, token)
  return sender ~= nil and sender ~= false and not sender.refused
end

--- Whether another call's purchase of the number may be in progress, or may have succeeded.
function order.has_other_senders(record, token)
  for _, sender in ipairs(record.senders or {}) do
    if sender.token ~= token and not sender.refused then
      return true
    end
  end
  return false
end

--- Whether a number was given up in doubt, so that it must not be chosen again.
function order.has_tried(record, number)
  for _, tried in ipairs(record and record.tried or {}) do
    if tried == number then
      return true
    end
  end
  return false
end

--- T1: an open order tries a number. (Rule R1: the record is durable before the purchase is sent.)
---@param record table|nil
---@param fields table number, op, asked, by, charged (the limit record), looked (the server's date),
---unattached
---@param sender table the call
function order.begin(record, fields, sender)
  local new = copy(record)
  for name, value in pairs(fields) do
    new[name] = value
  end
  new.state, new.senders = "trying", { sender }
  new.sid, new.adopted, new.last_error, new.whole, new.quiet = nil, nil, nil, nil, nil
  return new
end

--- A call joins the senders, or may send again after all its purchases were refused. This creates a new
--- version of the record even without changes, so that an earlier write without a response can no longer
--- succeed.
---@param fields? table asked and unattached, of a call that finishes the order with other parameters
function order.join(record, sender, fields)
  local new = copy(record)
  for name, value in pairs(fields or {}) do
    new[name] = value
  end
  if fields then
    new.unattached = fields.unattached
  end
  new.senders = with(record.senders, sender)
  return new
end

--- The record without a call that joins, and without the senders that say nothing more: those whose purchases
--- were all refused, and of those whose terms are over all but the last, which stands for what they may have
--- bought. Otherwise the record would grow with each call, until it is too large to be written. A call that
--- finds itself left out joins again.
---@param token string of the call
---@param now integer milliseconds
---@param era string
function order.shorten(record, token, now, era)
  local new, last = copy(record), nil
  new.senders = {}
  for _, sender in ipairs(without(record.senders, token)) do
    local over_at = sender.ends + sender.settle
    local is_over = sender.era == era and over_at < now
    if not sender.refused and not is_over then
      new.senders[#new.senders + 1] = sender
    elseif not sender.refused and (not last or over_at > last.ends + last.settle) then
      last = sender
    end
  end
  if last then
    table.insert(new.senders, 1, last)
  end
  return new
end

--- T3: the number is given up, and the order is open.
---@param in_doubt boolean not all its purchases are known to have been refused: it is given up after a
---refusal and the terms of all senders (rule R4), or by recover() after a day
function order.give_up(record, in_doubt)
  local new = copy(record)
  new.state, new.number, new.senders = "open", nil, nil
  new.charged, new.looked, new.asked, new.unattached = nil, nil, nil, nil
  if in_doubt then
    local tried = {}
    for i, number in ipairs(record.tried or {}) do
      tried[i] = number
    end
    tried[#tried + 1] = record.number
    new.tried = tried
  end
  return new
end

--- All purchases of a sender were refused (rule R6). The number is given up if that is true of all senders,
--- else the refusal is recorded.
---@return table new
---@return boolean is_given_up
function order.refuse(record, token)
  if not order.has_other_senders(record, token) then
    return order.give_up(record, false), true
  end
  local sender = copy(order.sender(record, token))
  sender.refused = true
  local new = copy(record)
  new.senders = with(record.senders, sender)
  return new, false
end

--- Removes a sender that has sent nothing and can no longer send.
---@return table new
---@return boolean is_given_up no other sender's purchase may be in progress
function order.sign_off(record, token)
  if not order.has_other_senders(record, token) then
    return order.give_up(record, false), true
  end
  local new = copy(record)
  new.senders = without(record.senders, token)
  return new, false
end

--- T2: the number is bought. The senders stay: until their terms are over a purchase may still arrive at
--- Twilio. release() and the next buyer of the number wait for that (rules R8, R10).
---@param is_whole boolean its settings are complete
---@param is_quiet? boolean only one purchase was sent, and its response has arrived: none can be in progress
function order.buy(record, sid, is_whole, is_quiet)
  local new = copy(record)
  new.state, new.sid = "bought", sid
  new.whole, new.quiet = is_whole or nil, is_quiet or nil
  return new
end

--- T2b: its settings are complete, or will never be.
function order.make_whole(record)
  local new = copy(record)
  new.whole = true
  return new
end

--- T2b: its number is in its Messaging Service.
function order.make_attached(record)
  local new = copy(record)
  new.unattached = nil
  return new
end

--- A number that turns out to have been owned before the order becomes an adopted one, whose settings are
--- kept.
function order.make_adopted(record)
  local new = copy(record)
  new.adopted, new.unattached = true, nil
  return new
end

--- Adopts a number that the account owned before, instead of buying one.
---@param fields table number, sid, op, asked, by
---@param sender? table the call, if it will update the number; an update is not a purchase: `quiet`
function order.adopt(record, fields, sender)
  local new = copy(record)
  for name, value in pairs(fields) do
    new[name] = value
  end
  new.state, new.adopted, new.senders = "bought", true, sender and { sender } or nil
  new.whole, new.quiet = not sender or nil, sender and true or nil
  new.unattached = sender and fields.unattached or nil
  return new
end

--- Whether the terms of all senders are over, by the store's clock (rule R13). The term of a sender of
--- another era, or of one whose end is more than its term ahead because the clock was set back, is restarted,
--- which must be written before anything relies on it.
---@param now integer milliseconds
---@param era string
---@return boolean is_over false also if the senders must be written first
---@return table[]? senders to write
---@return integer over_at when they are over, unless another sender joins
function order.judge(senders, now, era)
  local after, over_at, changed = {}, 0, false
  for i, sender in ipairs(senders or {}) do
    if not sender.refused and (sender.era ~= era or sender.ends > now + sender.term) then
      sender = copy(sender)
      sender.ends, sender.era, sender.renewed = now + sender.term, era, true
      changed = true
    end
    if not sender.refused then
      over_at = math.max(over_at, sender.ends + sender.settle)
    end
    after[i] = sender
  end
  return now > over_at and not changed, changed and after or nil, over_at
end

--- The record with the senders that judge() returned.
function order.renew(record, senders)
  local new = copy(record)
  new.senders = senders
  return new
end

--- When the youngest sender started, in its era; nil without senders.
---@return integer? began milliseconds
---@return string? era
function order.youngest(record)
  local began, era
  for _, sender in ipairs(record.senders or {}) do
    if not began or sender.ends - sender.term > began then
      began, era = sender.ends - sender.term, sender.era
    end
  end
  return began, era
end

return order
