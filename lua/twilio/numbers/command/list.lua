--- twilio-numbers list: what the account owns.
local columns = require("twilio.numbers.command.columns")
local connect = require("twilio.numbers.command.connect")
local json = require("twilio.numbers.command.json")
local outcome = require("twilio.numbers.command.outcome")
local parameters = require("twilio.numbers.command.parameters")
local phone = require("twilio.numbers.command.phone")
local tables = require("twilio.numbers.command.table")

local list = {}

list.columns = columns.OWNED

local function to_origin(text)
  if text ~= "twilio" and text ~= "hosted" then
    return nil, ('--origin must be twilio or hosted, got "%s"'):format(text)
  end
  return text
end

--- Reads --phone-number: a number, or a part of one, as people write it. Twilio may ignore what is neither a
--- digit nor "*", and a list of all numbers would pass for one of few.
local function to_digits(text)
  local part = phone.read(text):gsub("[%s().-]", "")
  if not part:find("^%+?[%d*]+$") then
    return nil, ('--phone-number must be digits, with * for any, got "%s"'):format(text)
  end
  return part
end

local TYPES = { ["local"] = true, mobile = true, toll_free = true }

local function to_type(text)
  local kind = text:gsub("-", "_")
  if not TYPES[kind] then
    return nil, ('--type must be local, mobile or toll-free, got "%s"'):format(text)
  end
  return kind
end

---@param parser table argparse's
function list.add(parser)
  local command = parser:command("list", "Show the numbers that the account owns.")
  command:usage("Usage: twilio-numbers list [--friendly-name NAME] [--phone-number DIGITS] ...")
  command:option("--friendly-name", "Only numbers with this name."):argname("<NAME>")
  command
    :option("--phone-number", "Only numbers with these digits; * is any digit.")
    :convert(to_digits)
    :argname("<DIGITS>")
  command
    :option("--type", "Only local, mobile or toll-free numbers.")
    :convert(to_type)
    :argname("<TYPE>")
  command
    :option("--origin", "Only twilio or hosted numbers.")
    :convert(to_origin)
    :argname("<ORIGIN>")
  command:option("--limit", "Show at most N."):convert(parameters.limit):argname("<N>")
end

function list.run(context)
  local args = context.args
  local found, message, err = connect.list(context, {
    friendly_name = args.friendly_name,
    phone_number = args.phone_number,
    type = args.type,
    origin = args.origin,
    limit = args.limit,
  })
  if not found then
    return outcome.fail(context, message, err)
  end
  if args.json then
    json.array(found)
  else
    tables.print(args, columns.OWNED, found, "No numbers.")
  end
  return outcome.DONE
end

return list
