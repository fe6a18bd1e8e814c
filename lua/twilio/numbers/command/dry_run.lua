--- buy --dry-run: what would be bought and sent. Sends no POST.
local columns = require("twilio.numbers.command.columns")
local connect = require("twilio.numbers.command.connect")
local cost = require("twilio.numbers.command.cost")
local json = require("twilio.numbers.command.json")
local messaging_service = require("twilio.numbers.command.messaging_service")
local order = require("twilio.numbers.command.order")
local offer = require("twilio.numbers.command.offer")
local option_rows = require("twilio.numbers.config.options")
local outcome = require("twilio.numbers.command.outcome")
local policy = require("twilio.numbers.api.policy")
local start = require("twilio.numbers.async.start")
local streams = require("twilio.numbers.command.streams")
local tables = require("twilio.numbers.command.table")

local dry_run = {}

local PAGE_SIZE_MAX = 1000 -- Twilio's

local SHOWN_AT_ONCE = 30 -- a search of Twilio's shows no more, whatever the page size says

--- Searches for a number of candidates. Returns fewer if one search shows fewer.
---@param context table
---@param wanted table see order.lua
---@param count integer
---@param call_options? table deadline, retries
---@return twilio.numbers.AvailableNumber[]? candidates
---@return string? message
---@return twilio.numbers.Error? err
function dry_run.find(context, wanted, count, call_options)
  local candidates, filter = {}, {}
  for name, value in pairs(wanted.filter) do
    filter[name] = value
  end
  -- a large page, as the purchase requests it: Twilio's default is 50
  filter.page_size = math.min(math.max(count, 50), PAGE_SIZE_MAX)
  local options = {
    account_sid = context.args.account_sid,
    dry_run = true,
    max_price = context.args.max_price,
    preflight = context.args.preflight,
    messaging_service_sid = messaging_service.of(context.args),
    accept = function(candidate)
      candidates[#candidates + 1] = candidate
      return #candidates >= count
    end,
  }
  for name, value in pairs(call_options or {}) do
    options[name] = value
  end
  local client = context.client
  local _, message, err =
    context.wait("GET", client:purchase_available_async(filter, wanted.params, options))
  -- too few matches are not an error; a failed search is
  local is_scarce = err and err.kind == "api" and not err.status
  if err and not (is_scarce and #candidates > 0) then
    return nil, message, err
  end
  return candidates, message
end

--- Why no more numbers match. Leaves out the numbers that dry_run.find() returned: its `accept` rejects each
--- to see the next.
---@param message string? of the search
local function reason_of(message, shown)
  local reasons = message and message:match("filter: (.+)%.$")
  if not reasons then
    return ""
  end
  local own = (", %d was not accepted"):format(shown)
  return ((", " .. reasons):gsub(own, "", 1):gsub("^, ", ": "))
end

--- Prints why fewer numbers are shown than wanted.
---@param why string?
---@return integer code
local function tell_rest(shown, wanted, why)
  if shown >= SHOWN_AT_ONCE then
    local text = "A search shows %d numbers: the purchase searches again for the other %d."
    streams.say(text:format(shown, wanted - shown))
    return outcome.DONE
  end
  local text = "only %d of %d numbers match%s"
  streams.complain(text:format(shown, wanted, reason_of(why, shown)))
  return outcome.REFUSED
end

--- Whether --max-price allows a number that the account does not own.
---@return true? allowed
---@return string? message
---@return twilio.numbers.Error? err
local function check_price(context, phone_number)
  local args = context.args
  local call_options = { account_sid = args.account_sid, max_price = args.max_price }
  local choice = { phone_number = phone_number }
  local pending, message, err = start.in_flight(
    context.client,
    option_rows.PURCHASE,
    call_options,
    nil,
    nil,
    policy.check,
    choice
  )
  return context.wait("GET", pending, message, err)
end

--- The named numbers, without those that the purchase would refuse: owned ones, and those above --max-price.
---@return table[]? candidates
---@return string? message
---@return twilio.numbers.Error? err
local function named(context, wanted)
  local candidates, args = {}, context.args
  for _, phone_number in ipairs(wanted.list) do
    local owned, message, err
    if not args.even_if_owned or args.max_price then
      owned, message, err = connect.number(context, phone_number)
    end
    if not owned and not err and args.max_price then
      local _
      _, message, err = check_price(context, phone_number)
    end
    if err and err.kind == "policy" then
      streams.complain(("%s: %s"):format(phone_number, message))
    elseif err then
      return nil, message, err
    elseif owned and not args.even_if_owned then
      local text = "%s: the account owns it already, as %s: it would be refused"
      streams.complain(text:format(phone_number, owned.sid))
    else
      candidates[#candidates + 1] = { phone_number = phone_number }
    end
  end
  return candidates
end

--- The candidates with their place and price, if these can be read.
---@return table[] for the table
local function describe(context, wanted, candidates)
  if wanted.filter then
    local price = cost.read(context, wanted.filter.country, wanted.filter.type)
    for _, candidate in ipairs(candidates) do
      candidate.price = price
    end
    return candidates
  end
  local numbers, rows = {}, {}
  for i, candidate in ipairs(candidates) do
    numbers[i] = candidate.phone_number
  end
  for i, one in ipairs(offer.read(context, numbers)) do
    local row = one.candidate or { phone_number = one.phone_number }
    row.price, rows[i] = one.price, row
    if one.message then
      streams.say(("%s: %s"):format(one.phone_number, one.message))
    end
  end
  return rows
end

local function print_json(args, candidates, params)
  local list = {}
  for i, candidate in ipairs(candidates) do
    list[i] = {
      phone_number = candidate.phone_number,
      method = "POST",
      resource = "IncomingPhoneNumbers.json",
      body = order.form(args, params, candidate.phone_number),
    }
  end
  json.array(list)
end

--- Prints the dry run.
---@return integer code
function dry_run.run(context, wanted)
  local candidates, message, err = (wanted.filter and dry_run.find or named)(
    context,
    wanted,
    wanted.count
  )
  if not candidates then
    return outcome.fail(context, message, err)
  end
  local such = wanted.filter and " such as these" or ""
  local settings = columns.records(wanted.params)
  streams.say(
    "Dry run: nothing is bought. Would buy" .. such .. (settings[1] and ", and set:" or ":")
  )
  for _, setting in ipairs(settings) do
    streams.say(("  %s = %s"):format(setting.field, tostring(setting.value)))
  end
  local services = messaging_service.of(context.args)
  if services then
    streams.say("Would put into Messaging Service " .. table.concat(services, ", or "))
  end
  if context.args.json then
    print_json(context.args, candidates, wanted.params)
  else
    local rows = describe(context, wanted, candidates)
    tables.print(context.args, columns.AVAILABLE, rows, "No number matches.")
  end
  if wanted.count and #candidates < wanted.count then
    return tell_rest(#candidates, wanted.count, message)
  end
  return wanted.list and #candidates < #wanted.list and outcome.REFUSED or outcome.DONE
end

return dry_run
