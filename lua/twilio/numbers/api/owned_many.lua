--- Updates or releases many numbers that the account owns, in flight together, with a result for each in the
--- report.
local core = require("twilio.numbers.core")
local errors = require("twilio.numbers.errors")
local options = require("twilio.numbers.config.options")
local owned_number = require("twilio.numbers.api.owned_number")
local refusals = require("twilio.numbers.api.refusals")
local reports = require("twilio.numbers.api.report")
local responses = require("twilio.numbers.http.response")
local rounds = require("twilio.numbers.api.rounds")
local wanted = require("twilio.numbers.api.wanted")

local owned_many = {}

local COUNT_MAX = 10000

--- Whether a failed request may have been carried out. The error of a release with a journal has no
--- `purchased`.
local function is_in_doubt(err)
  return err.unheard ~= nil or (err.purchased ~= nil and err.purchased ~= "no")
end

---@type twilio.numbers.ReportKind
local UPDATE = {
  outcomes = { "updated", "refused", "unknown", "stopped" },
  lists = { numbers = "updated" },
  is_in_doubt = is_in_doubt,
  failed = function()
    return "refused"
  end,
}

---@type twilio.numbers.ReportKind
local RELEASE = {
  outcomes = { "released", "owned", "unknown", "not_owned", "stopped" },
  lists = {},
  is_in_doubt = is_in_doubt,
  failed = function(err)
    return responses.is_not_found(err) and "not_owned" or "owned"
  end,
}

local SIDS = {
  argument = "sids",
  message = "sids must be a list of phone number SIDs without names or holes",
  field = "sid",
}

--- Normalizes a SID, whose hexadecimal digits may be in either case. False if it is not a SID.
local function same_spelling(call, sid)
  return core.is_sid(sid) and sid:lower() or (call:is_sid(sid, "PN") and sid) or false
end

--- Creates the list of updates or releases.
---@return table[] list
local function read_list(call, sids, params, wrong)
  local list, spellings = {}, {}
  if type(sids) ~= "table" or getmetatable(sids) ~= nil then
    wrong[#wrong + 1] = { name = "sids", message = "sids must be a list of SIDs" }
    return list
  end
  for i, sid in ipairs(sids) do
    list[i], spellings[i] = { slot = i, sid = sid, params = params }, same_spelling(call, sid)
  end
  wanted.check_each(#list, SIDS.argument, function(i)
    return owned_number.problems(call, list[i].sid)
  end, wrong)
  wanted.check_list(sids, spellings, SIDS, wrong)
  if #list < 1 or #list > COUNT_MAX then
    local message = ("sids must have 1 to %d SIDs, got %d"):format(COUNT_MAX, #list)
    wrong[#wrong + 1] = { name = "sids", message = message }
  end
  return list
end

--- The options of one part.
local function options_of(all, rows)
  local own = {}
  for _, row in ipairs(rows) do
    own[row.name] = all[row.name]
  end
  return own
end

--- Completes the report. Returns a message too if not all succeeded.
local function conclude(call)
  local state = call.state
  local kind = state.kind
  local report = reports.fill(state)
  if report[kind.outcomes[1]] == report.wanted then
    return report
  end
  return report, reports.message(kind, report, state.stop_reason or nil)
end

--- Starts no more requests, and cancels those that were not sent.
---@return integer sent how many requests the call still waits for
local function stop(call)
  return rounds.stop(call, call.may_have_changed)
end

--- An operation, see async/start.lua.
---@param kind twilio.numbers.ReportKind
---@param part table the operation of one
---@param rows table the options of one
---@param read fun(call, params: any, wrong: table): table the parameters of all
local function operation_of(kind, part, rows, read)
  local round = { is_final = refusals.is_final }
  function round.start(call, one, on_done)
    local own = options_of(call.options, rows)
    return call.client.begin_within(call, rows, own, on_done, part, one.sid, one.params)
  end
  function round.note(_, one, _, value, err)
    if not value then
      err.sid = one.sid
    end
  end
  return {
    stop = stop,
    new_state = function()
      return rounds.new_state(kind)
    end,
    run = function(call, sids, params)
      local wrong = {}
      local list = read_list(call, sids, read(call, params, wrong), wrong)
      if #wrong > 0 then
        return errors.invalid(wrong)
      end
      call.state.report = reports.new(kind, #list, list)
      rounds.run(call, list, round)
      return conclude(call)
    end,
    recover = function(call, why, may_go_on)
      return rounds.recover(call, why, may_go_on, conclude)
    end,
  }
end

--- A copy of the parameters, so that later changes by the caller have no effect.
local function read_params(call, params, wrong)
  local copy = {}
  if owned_number.read(call, params, wrong) then
    for name, value in next, params do
      copy[name] = value
    end
  end
  return copy
end

--- An operation: updates all numbers with the same parameters.
owned_many.update = operation_of(UPDATE, owned_number.update, options.CALL, read_params)

--- An operation: releases all numbers.
---@param release table the operation that releases one
function owned_many.release(release)
  return operation_of(RELEASE, release, options.RELEASE, function()
    return {}
  end)
end

return owned_many
