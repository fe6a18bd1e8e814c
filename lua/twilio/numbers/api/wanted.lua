--- The argument `wanted` of purchase_many: a list of numbers, or a filter with a count. It is checked before
--- anything is sent.
local core = require("twilio.numbers.core")
local purchase = require("twilio.numbers.api.purchase")
local searches = require("twilio.numbers.api.searches")

local wanted = {}

local function merge(params, more)
  local merged = {}
  for _, part in ipairs { params, more } do
    for name, value in next, part do
      merged[name] = value
    end
  end
  return merged
end

--- The number of numbers to buy, or the problems of the arguments.
---@return integer? count
---@return twilio.numbers.Problem[]? wrong
local function read_count(call, given, params)
  if type(given) ~= "table" or getmetatable(given) ~= nil then
    return nil,
      { { name = "wanted", message = "wanted must be a list of numbers, or a filter with count" } }
  elseif params ~= nil and (type(params) ~= "table" or getmetatable(params) ~= nil) then
    return nil, { { name = "params", message = "params must be a plain table" } }
  end
  local count = given.count == nil and #given or given.count
  if given.count == nil and count == 0 then
    local message = "count is missing: give it, or a list of numbers instead of a filter"
    return nil, { { name = "count", message = message } }
  elseif type(count) ~= "number" or count < 1 or count % 1 ~= 0 or count > 10000 then
    return nil, { { name = "count", message = "count must be an integer from 1 to 10000" } }
  elseif call.options.max_numbers and count > call.options.max_numbers then
    local message = ("%d numbers are more than max_numbers, %d"):format(
      count,
      call.options.max_numbers
    )
    return nil, { { name = "max_numbers", message = message } }
  end
  return count
end

--- How many invalid entries of a list are described. A list with more is a mistake of another kind, such as
--- the candidates of a search, and describing all of them would block the host.
local INVALID_MAX = 10

--- Checks the entries of a list in turn, and ends with INVALID_MAX invalid ones.
---@param count integer
---@param argument string
---@param check fun(i: integer): twilio.numbers.Problem[]|nil returns the problems of the i-th entry
---@param wrong twilio.numbers.Problem[] receives the problems
function wanted.check_each(count, argument, check, wrong)
  local invalid = 0
  for i = 1, count do
    local problems = check(i)
    for _, problem in ipairs(problems or {}) do
      local name = ("%d: %s"):format(i, problem.name)
      wrong[#wrong + 1] = { name = name, message = ("number %d: %s"):format(i, problem.message) }
    end
    invalid = invalid + (problems and 1 or 0)
    if invalid == INVALID_MAX and i < count then
      local words = "%s: %d numbers are invalid, and those after number %d were not checked"
      local message = words:format(argument, invalid, i)
      wrong[#wrong + 1] = { name = argument, message = message }
      return
    end
  end
end

--- Checks a list as a whole: no names, no holes, and no duplicates, since the second purchase would change
--- the number of the first.
---@param given table
---@param values table by index, the values that must be unique; false: unknown
---@param what { argument: string, message: string, field: string }
---@param wrong twilio.numbers.Problem[] receives the problems
function wanted.check_list(given, values, what, wrong)
  local places, keys = {}, 0
  for _ in next, given do
    keys = keys + 1
  end
  if keys ~= #values then
    wrong[#wrong + 1] = { name = what.argument, message = what.message }
  end
  wanted.check_each(#values, what.argument, function(i)
    local value = values[i]
    local first = value and places[value]
    if first then
      return { { name = what.field, message = "it is the same as number " .. first } }
    elseif value then
      places[value] = i
    end
  end, wrong)
end

local WANTED = {
  argument = "wanted",
  message = "wanted must be a list of numbers or tables of parameters without names or holes",
  field = "phone_number",
}

local NOT_PLAIN =
  { { name = "params", message = "params must be a plain table, got one with a metatable" } }

--- Creates the purchases of a list of phone numbers or tables of parameters. The parameters of one number
--- take precedence over those of all.
---@return table[] list
---@return twilio.numbers.Problem[] wrong
local function read_list(given, params, opaque_sids)
  local list, phone_numbers, wrong = {}, {}, {}
  for i, one in ipairs(given) do
    local own = type(one) == "table" and one or { phone_number = one }
    local merged = merge(params, own)
    searches.normalize_area_code(merged)
    list[i] = { slot = i, params = merged, is_certain = false }
    phone_numbers[i] = merged.phone_number or false
  end
  wanted.check_each(#list, WANTED.argument, function(i)
    local is_plain = type(given[i]) ~= "table" or core.is_plain_table(given[i])
    return not is_plain and NOT_PLAIN or purchase.problems(list[i].params, opaque_sids)
  end, wrong)
  wanted.check_list(given, phone_numbers, WANTED, wrong)
  return list, wrong
end

--- Reads the argument. A filter is checked later, by filters.read().
---@param call twilio.numbers.Call
---@param given any
---@param params any the parameters of all purchases
---@return integer? count
---@return table[]? list the purchases; nil for a filter
---@return twilio.numbers.Problem[]? wrong
function wanted.read(call, given, params)
  local count, wrong = read_count(call, given, params)
  local list
  if count and given.count == nil then
    list, wrong = read_list(given, params or {}, call.client.config.opaque_sids)
  end
  if list and call.options.accept then
    local message = "accept can only be used with a filter"
    wrong[#wrong + 1] = { name = "accept", message = message }
  end
  return count, list, wrong
end

--- A copy of the filter, without the count.
function wanted.filter(given)
  local filter = merge(given, {})
  filter.count = nil
  return filter
end

return wanted
