--- purchase_available of a client with a journal.
local candidates = require("twilio.numbers.api.candidates")
local filters = require("twilio.numbers.api.filters")
local jobs = require("twilio.numbers.journal.jobs")
local purchase_available = require("twilio.numbers.api.purchase_available")
local purchases = require("twilio.numbers.journal.purchases")
local replay = require("twilio.numbers.journal.replay")

--- The result of a dry run with a key, which only reads: the number that the key has bought or is buying.
---@return table? plan
---@return string? message
---@return table? err
local function read_only(call)
  local session = purchases.session(call)
  local _, message, err = session:read()
  local record = session:record()
  if err then
    return nil, message, err
  elseif record and record.state == "bought" then
    return { replayed = { phone_number = record.number, sid = record.sid } }
  elseif record and record.state == "trying" then
    return { phone_number = record.number, state = "trying" }
  elseif session:record(session.many_key) then
    return replay.conflict(session, {})
  end
end

--- An operation, see async/start.lua.
return {
  new_state = purchases.new_state,
  recover = purchases.recover,
  run = function(call, filter, params)
    params = params == nil and {} or params
    local found, message, err = candidates.new(call, params, filters.read(filter, params, call))
    if not found then
      return purchases.unread(call, message, err)
    elseif call.options.dry_run then
      local plan = nil
      if call.options.idempotency_key then
        plan, message, err = read_only(call)
      end
      if plan or err then
        return plan, message, err
      end
      return purchase_available.purchase.run(call, filter, params)
    end
    local job = jobs.found(call, found)
    local request = { operation = "purchase_available", params = params, filter = found.filter }
    return purchases.run(call, job, "purchase_available", request)
  end,
}
