--- Creates the client from the options and the environment. Credentials come from the environment only: other
--- users of the machine can see arguments.
local core = require("twilio.numbers.core")
local responses = require("twilio.numbers.http.response")
local numbers = require("twilio.numbers")
local phone = require("twilio.numbers.command.phone")
local simulate = require("twilio.numbers.command.simulate")
local streams = require("twilio.numbers.command.streams")

local waiting = require("twilio.numbers.command.waiting")

local connect = {}

local NOT_OWNED = "%s: the account owns no such number (it may be another account's: --account-sid)"

--- Prints an event, for --verbose.
local function report(event)
  if event.note then
    return streams.say(event.note)
  elseif event.kind == "messaging_service" then
    return streams.say(("%s is in Messaging Service %s"):format(event.sid, event.service_sid))
  elseif event.kind == "journal" then
    local problem = event.err and ": " .. tostring(event.err) or ""
    return streams.say(("journal: %s in %.3f s%s"):format(event.step, event.duration, problem))
  end
  local status = event.status and ("%d"):format(event.status) or nil
  local outcome = table.concat({ status or event.error, status and event.error }, ", ")
  local request = event.request_id and " (" .. event.request_id .. ")" or ""
  local text = "%s %s -> %s in %.3f s%s"
  streams.say(text:format(event.method, event.url, outcome, event.seconds, request))
end

--- Prints all events with --verbose, else only the notes about numbers whose service cannot send messages.
local function reporter(args)
  return function(event)
    if args.verbose or (event.kind == "messaging_service" and event.note) then
      report(event)
    end
  end
end

--- The address that requests go to, for questions; empty if it is Twilio's.
local function place_of(client)
  local base_url = client.config.base_url
  if core.url(base_url).host:lower():match("%.twilio%.com$") then
    return ""
  end
  return (" at %s (not Twilio)"):format(base_url)
end

--- Creates the client.
---@param args table what argparse read
---@return table? context args, client, account_sid, place, call_options, waiting, wait(), close()
---@return string? message
---@return twilio.numbers.Error? err
function connect.context(args)
  local hears, waits = reporter(args), nil
  local options = {
    base_url = args.base_url,
    opaque_sids = args.opaque_sids,
    region = args.region,
    edge = args.edge,
    journal = args.journal_spec,
    loop = "block",
    on_event = function(event)
      waits:note(event)
      hears(event)
    end,
  }
  local stop_simulator
  if args.simulate then
    local simulated
    simulated, stop_simulator = simulate.start()
    options.region, options.edge = nil, nil
    for name, value in pairs(simulated) do
      options[name] = value
    end
    options.journal = args.journal_spec or false -- the environment names one of real purchases
  end
  local client, message, err = numbers.client(options)
  local context = { args = args, client = client }
  function context.close()
    if client then
      client:close()
    end
    if stop_simulator then
      stop_simulator()
    end
  end
  if not client then
    context.close()
    return nil, message, err
  end
  waits = waiting.new(client)
  context.waiting = waits
  --- Waits for a call in flight. method: of the requests whose attempts are shown; false: only the journal is
  --- read.
  function context.wait(method, pending, ...)
    if not pending then
      return nil, ...
    end
    waits:wait(pending, method)
    return pending:result()
  end
  context.account_sid = args.account_sid or client.config.account_sid
  context.place = place_of(client)
  context.call_options = { account_sid = args.account_sid }
  return context
end

--- Lists the numbers that the account owns.
---@param filter twilio.numbers.ListFilter
---@return twilio.numbers.Number[]? numbers
---@return string? message
---@return twilio.numbers.Error? err
function connect.list(context, filter)
  return context.wait("GET", context.client:list_async(filter, context.call_options))
end

--- Finds the number that an argument names, by its SID or its phone number.
---@param context table
---@param name string PN..., or a phone number as people write it
---@return twilio.numbers.Number? number
---@return string? message
---@return twilio.numbers.Error? err nil with a message: the account does not own it
function connect.number(context, name)
  local phone_number = phone.read(name)
  local is_phone_number = core.is_e164(phone_number)
  if not is_phone_number and core.is_sid(name, "PN", context.args.opaque_sids) then
    local number, message, err =
      context.wait("GET", context.client:fetch_async(name, context.call_options))
    if not number and responses.is_not_found(err) then
      return nil, NOT_OWNED:format(name)
    end
    return number, message, err
  end
  if not is_phone_number then
    local message = ('give a number as PN... or as +14155550100, got "%s"'):format(name)
    return nil, message, { kind = "invalid", purchased = "no", message = message }
  end
  local list, message, err = connect.list(context, { phone_number = phone_number })
  for _, number in ipairs(list or {}) do -- the filter of Twilio's also finds parts of numbers
    if number.phone_number == phone_number then
      return number
    end
  end
  return nil, message or NOT_OWNED:format(phone_number), err
end

return connect
