--- Looks up unfinished orders, such as a crash leaves behind, and records which numbers were bought. Buys
--- nothing.
local adopt = require("twilio.numbers.journal.adopt")
local age = require("twilio.numbers.journal.age")
local give_up = require("twilio.numbers.journal.give_up")
local lookup = require("twilio.numbers.api.lookup")
local order = require("twilio.numbers.journal.order")
local records = require("twilio.numbers.journal.records")
local scan = require("twilio.numbers.journal.scan")

local Session = require("twilio.numbers.journal.session")

--- How long the terms of all senders must have been over before a missing number is given up: much longer
--- than any purchase can take.
local SETTLE = 86400 * 1000 -- milliseconds

local TRIES = 5 -- attempts at an order that other calls change

--- Returned by a step if the order must be read again.
local AGAIN = Session.AGAIN

local function journal_failed(session, message)
  return session:fail { kind = "journal", reason = message }
end

--- The next step after a write.
---@return boolean|table|nil done or AGAIN
---@return string? message
---@return twilio.numbers.Error? err
local function after_write(session, result, message)
  if result == "done" then
    return true
  elseif result == "failed" then
    return journal_failed(session, message)
  end
  return AGAIN
end

--- Writes T2 if the order is unchanged since before the lookup (rule R5). The next call with its key
--- completes its settings and adds it to its Messaging Service.
local function note_bought(session, number)
  return after_write(session, session:write("settle", adopt.found(session:record(), number)))
end

--- Writes T3, in doubt, because of the time alone.
local function note_given_up(session)
  local record, version = session:record(), session:version()
  local is_trying, message, err = give_up.read(session, record.number)
  if err then
    return nil, message, err
  elseif not is_trying or session:version() ~= version then -- changed since before the lookup
    return AGAIN
  end
  record = session:record()
  local writes = give_up.writes(session, record)
  return after_write(session, session:write("give_up", order.give_up(record, true), writes))
end

--- One attempt to settle an order.
---@return boolean|table|nil done or AGAIN
---@return string? message
---@return twilio.numbers.Error? err
local function step(session)
  local _, message, err = session:read()
  if err then
    return nil, message, err
  end
  local record = session:record()
  if order.state(record) ~= "trying" then
    return true
  end
  local is_over, senders, over_at = order.judge(record.senders, session.now, session.era)
  if senders then -- rule R13
    local result, why = session:renew(senders)
    if result ~= "done" then
      return after_write(session, result, why)
    end
    record = session:record()
  end
  local wall = session:wall_clock()
  local is_past = age.are_senders_past(record, SETTLE, session.now, session.era, wall)
  local number, doubt = lookup.owned(session.call, record.number)
  if doubt then
    return session:fail(doubt)
  elseif number then
    return note_bought(session, number)
  elseif is_over and is_past and session:has_passed(over_at) then
    return note_given_up(session)
  end
  return true
end

--- Settles an order, as far as possible.
---@return table? record in its new state
---@return string? message
---@return twilio.numbers.Error? err
local function settle(call, entry)
  local scope, key = entry.parts.scope, entry.parts.key
  local session = Session.new(call, entry.key, false, key, true, scope)
  call:extend()
  local _, done, message, err
  for _ = 1, TRIES do
    done, message, err = step(session)
    if done ~= AGAIN then
      break
    end
  end
  if done == AGAIN then
    _, message, err = session:fail { kind = "in_progress", reason = "its order keeps changing" }
  end
  return session:record() or entry.record, message, err
end

local SOME_FAILED = "%d of %d unfinished orders could not be looked up; the first: %s"

--- An operation, see async/start.lua: returns the orders that were unfinished, by their new state.
return {
  run = function(call)
    local unfinished = {}
    local visited, message, err = scan.each(call, scan.ORDERS, scan.scope_of(call), function(entry)
      if order.state(entry.record) == "trying" then
        unfinished[#unfinished + 1] = entry
      end
    end)
    if not visited then
      return nil, message, err
    end
    local report = { bought = {}, open = {}, trying = {} }
    local failed, first, first_err = 0, nil, nil
    for _, entry in ipairs(unfinished) do
      local record, why, problem = settle(call, entry)
      local found = scan.order(entry.parts, record)
      if problem then
        found.last_error = records.note(why)
        failed, first, first_err = failed + 1, first or why, first_err or problem
      end
      local list = report[found.state]
      list[#list + 1] = found
    end
    if failed > 0 then
      return report, SOME_FAILED:format(failed, #unfinished, first), first_err
    end
    return report
  end,
}
