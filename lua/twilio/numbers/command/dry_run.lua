--- buy --dry-run: what would be bought and sent. Sends no POST.
local json = require("twilio.numbers.command.json")
local order = require("twilio.numbers.command.order")
local outcome = require("twilio.numbers.command.outcome")
local streams = require("twilio.numbers.command.streams")
local tables = require("twilio.numbers.command.table")

local dry_run = {}

--- The first so many numbers that match.
---@return twilio.numbers.AvailableNumber[]? candidates
---@return string? message
---@return twilio.numbers.Error? err
local function find(context, wanted)
  local candidates = {}
  local _, message, err = context.client:purchase_available(wanted.filter, wanted.params, {
    account_sid = context.args.account_sid,
    dry_run = true,
    accept = function(candidate)
      candidates[#candidates + 1] = candidate
      return #candidates >= wanted.count
    end,
  })
  if err and #candidates == 0 then
    return nil, message, err
  end
  return candidates
end

local function candidates_of(context, wanted)
  if wanted.filter then
    return find(context, wanted)
  end
  local candidates = {}
  for i, phone_number in ipairs(wanted.list) do
    candidates[i] = { phone_number = phone_number }
  end
  return candidates
end

local function print_json(candidates, params)
  local list = {}
  for i, candidate in ipairs(candidates) do
    list[i] = {
      phone_number = candidate.phone_number,
      method = "POST",
      resource = "IncomingPhoneNumbers.json",
      body = order.form(params, candidate.phone_number),
    }
  end
  json.array(list)
end

--- Shows it.
---@return integer code
function dry_run.run(context, wanted)
  local candidates, message, err = candidates_of(context, wanted)
  if not candidates then
    return outcome.fail(context, message, err)
  end
  streams.say("Dry run: nothing is bought. Would buy, and set:")
  for name, value in pairs(wanted.params) do
    streams.say(("  %s = %s"):format(name, tostring(value)))
  end
  if context.args.json then
    print_json(candidates, wanted.params)
  else
    tables.available(candidates)
  end
  if wanted.count and #candidates < wanted.count then
    local text = "only %d of %d numbers match"
    streams.complain(text:format(#candidates, wanted.count))
    return outcome.REFUSED
  end
  return outcome.DONE
end

return dry_run
