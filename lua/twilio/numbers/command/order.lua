--- What `buy` is asked to buy: parsed from its arguments and checked, before anything is sent or asked.
---
--- An order has `params`, the parameters of all purchases; either `list`, phone numbers, or `filter` and
--- `count`; and `text`, which describes it to people.
local core = require("twilio.numbers.core")
local errors = require("twilio.numbers.errors")
local messaging_service = require("twilio.numbers.command.messaging_service")
local parameters = require("twilio.numbers.command.parameters")
local phone = require("twilio.numbers.command.phone")
local messages = require("twilio.numbers.config.messages")
local searches = require("twilio.numbers.api.searches")

local order = {}

--- The form that a purchase of the number would send.
---@param args table what argparse read
---@return string? form
---@return table? wrong
function order.form(args, params, phone_number)
  local all = { phone_number = phone_number }
  for name, value in pairs(params) do
    all[name] = value
  end
  return core.form(all, nil, args.opaque_sids)
end

local function invalid(list)
  local _, message, err = errors.invalid(list)
  return nil, message, err
end

local function usage(name, message)
  return invalid { { name = name, message = message } }
end

--- A question about what an argument that is not a number probably means.
local function meant(args)
  local area_code = #args.numbers == 1 and args.numbers[1]:match("^%(?(%d%d%d)%)?$")
  if area_code then
    return ("%s is not a phone number: did you mean --area-code %s?"):format(area_code, area_code)
  end
  local joined = #args.numbers > 1 and phone.join(args.numbers, args.country)
  return joined
    and ("these are not phone numbers: did you mean %s? Then put it in quotes"):format(joined)
end

--- An order for named numbers.
local function named(args, params)
  local wrong, seen, list = {}, {}, {}
  for i, text in ipairs(args.numbers) do
    list[i] = phone.read(text, args.country)
  end
  for _, phone_number in ipairs(list) do
    local _, bad = order.form(args, params, phone_number)
    for _, problem in ipairs(bad and messages.describe(bad) or {}) do
      wrong[#wrong + 1] = problem
    end
    if seen[phone_number] then
      return usage("numbers", phone_number .. " is named twice: name it once")
    end
    seen[phone_number] = true
  end
  local question = #wrong > 0 and meant(args)
  if question then
    return usage("numbers", question)
  elseif #wrong > 0 then
    return invalid(wrong)
  end
  local count = #list
  local text = count == 1 and list[1]
    or ("%d numbers: %s"):format(count, table.concat(list, ", ", 1, math.min(count, 10)))
  return { params = params, list = list, text = text .. (count > 10 and ", ..." or "") }
end

--- An order for any numbers that fit.
local function any(context, params, filter, said)
  local args = context.args
  local country, kind = (args.country or "US"):upper(), args.type or "local"
  local _, bad = order.form(args, params, "+15005550006")
  if bad then
    return invalid(messages.describe(bad))
  end
  local wrong = {}
  searches.check(filter, wrong)
  if #wrong > 0 then
    return invalid(wrong)
  end
  local first = searches.of(filter)[1].rest
  local searchable, message, err = context.client:search(country, kind, first)
  if not searchable then
    return nil, message, err
  end
  filter.country, filter.type = country, kind
  if messaging_service.of(args) and filter.sms_enabled == nil then -- the library asks for it
    said = (said ~= "" and said .. ", " or "") .. "sms enabled"
  end
  local words = ("%d %s number%s in %s%s"):format(
    args.count or 1,
    kind:gsub("_", " "),
    (args.count or 1) > 1 and "s" or "",
    country,
    said ~= "" and " with " .. said or ""
  )
  return { params = params, filter = filter, count = args.count or 1, text = words }
end

--- The problem of a country or a type that is given twice and differs: a guess would cost money.
---@return string? problem
local function contradiction(name, argument, option)
  if argument and option and argument ~= option then
    local words = 'the arguments say %s "%s", and --%s says "%s": give one of them'
    return words:format(name, argument, name, option)
  end
end

--- Removes a country and a type from the arguments, which can be given as in `search`.
---@return string? problem
local function take_place(args)
  local country, kind = args.numbers[1], args.numbers[2]
  if not (country and country:find("^%a%a$")) then
    return nil
  end
  local is_type = not kind
  for _, word in ipairs(parameters.TYPES) do
    is_type = is_type or (kind and kind:gsub("_", "-")) == word
  end
  if not is_type or #args.numbers > 2 then
    return nil
  end
  kind = kind and parameters.type(kind)
  local problem = contradiction("country", country:upper(), args.country and args.country:upper())
    or contradiction("type", kind, args.type)
  args.country, args.numbers = args.country or country, {}
  args.type = args.type or kind
  return problem
end

local NOTHING =
  "say what to buy: a number such as +14155550100, or --area-code 415 for any number there"

--- Reads the order.
---@param context table
---@return table? order
---@return string? message
---@return twilio.numbers.Error? err
function order.read(context)
  local args = context.args
  local params, problem = parameters.read(args.set, "purchase")
  if not params then
    return usage("set", "--set: " .. problem)
  end
  for _, name in ipairs { "phone_number", "area_code" } do
    if params[name] ~= nil then
      local message = "--set %s: give the number as an argument, or use --area-code"
      return usage("set", message:format(name))
    end
  end
  problem = take_place(args)
  if problem then
    return usage("numbers", problem)
  end
  local filter, said = parameters.filter(args)
  local names_country = args.country
    and not (args.numbers[1] and phone.is_north_american(args.country))
  local is_any = said ~= "" or names_country or args.type or args.count
  if is_any and #args.numbers > 0 then
    return usage("numbers", "give phone numbers or search options such as --area-code, not both")
  elseif is_any then
    return any(context, params, filter, said)
  elseif #args.numbers > 0 then
    return named(args, params)
  end
  return usage("numbers", NOTHING)
end

return order
