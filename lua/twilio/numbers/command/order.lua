--- What `buy` is asked to buy: read from its arguments and checked, before anything is sent or asked.
---
--- An order has `params`, what all numbers have in common, and either `list`, phone numbers, or `filter`
--- and `count`; `text` says it to people.
local core = require("twilio.numbers.core")
local errors = require("twilio.numbers.errors")
local parameters = require("twilio.numbers.command.parameters")
local problems = require("twilio.numbers.problems")

local order = {}

--- What a purchase of that number would send.
---@return string? form
---@return table? wrong
function order.form(params, phone_number)
  local all = { phone_number = phone_number }
  for name, value in pairs(params) do
    all[name] = value
  end
  return core.form(all)
end

local function invalid(list)
  local _, message, err = errors.invalid(list)
  return nil, message, err
end

local function usage(name, message)
  return invalid { { name = name, message = message } }
end

--- An order of numbers that are named.
local function named(args, params)
  local wrong, seen = {}, {}
  for _, phone_number in ipairs(args.numbers) do
    local _, bad = order.form(params, phone_number)
    for _, problem in ipairs(bad and problems.describe(bad) or {}) do
      wrong[#wrong + 1] = problem
    end
    if seen[phone_number] then
      return usage("numbers", phone_number .. " is named twice")
    end
    seen[phone_number] = true
  end
  if #wrong > 0 then
    return invalid(wrong)
  end
  local count = #args.numbers
  local text = count == 1 and args.numbers[1]
    or ("%d numbers: %s"):format(count, table.concat(args.numbers, ", ", 1, math.min(count, 10)))
  return { params = params, list = args.numbers, text = text .. (count > 10 and ", ..." or "") }
end

--- An order of any numbers that fit.
local function any(context, params, filter, said)
  local args = context.args
  local country, kind = (args.country or "US"):upper(), args.type or "local"
  local _, bad = order.form(params, "+15005550006")
  if bad then
    return invalid(problems.describe(bad))
  end
  local searchable, message, err = context.client:search(country, kind, filter)
  if not searchable then
    return nil, message, err
  end
  filter.country, filter.type = country, kind
  local words = ("%d %s number%s in %s%s"):format(
    args.count or 1,
    kind:gsub("_", " "),
    (args.count or 1) > 1 and "s" or "",
    country,
    said ~= "" and " with " .. said or ""
  )
  return { params = params, filter = filter, count = args.count or 1, text = words }
end

--- Reads it.
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
  local filter, said = parameters.filter(args)
  local is_any = said ~= "" or args.country or args.type or args.count
  if is_any and #args.numbers > 0 then
    return usage("numbers", "give either numbers or what they shall be like, not both")
  elseif is_any then
    return any(context, params, filter, said)
  elseif #args.numbers > 0 then
    return named(args, params)
  end
  return usage("numbers", "say what to buy: +14155550100, or --area-code 415 for any number there")
end

return order
