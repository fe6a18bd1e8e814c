--- The argument `wanted` of a purchase of many: a list of numbers, or a filter with a count. Read and
--- checked before anything is sent.
local purchase = require("twilio.numbers.api.purchase")

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

--- How many numbers are wanted, or the problems that keep this from being known.
---@return integer? count
---@return twilio.numbers.Problem[]? wrong
local function read_count(call, given, params)
  if type(given) ~= "table" or getmetatable(given) ~= nil then
    return nil, { { name = "wanted", message = "give a list of numbers, or a filter with count" } }
  elseif params ~= nil and (type(params) ~= "table" or getmetatable(params) ~= nil) then
    return nil, { { name = "params", message = "params must be a plain table" } }
  end
  local count = given.count == nil and #given or given.count
  if type(count) ~= "number" or count < 1 or count % 1 ~= 0 or count > 10000 then
    return nil, { { name = "count", message = "count must be a whole number from 1 to 10000" } }
  elseif call.options.max_numbers and count > call.options.max_numbers then
    local message = ("%d numbers are more than max_numbers, %d"):format(
      count,
      call.options.max_numbers
    )
    return nil, { { name = "max_numbers", message = message } }
  end
  return count
end

--- Checks the list as a whole: no names, no holes, and no number twice, since the second purchase would
--- change the number that the first has bought.
local function check_list(given, list, wrong)
  local places, keys = {}, 0
  for _ in next, given do
    keys = keys + 1
  end
  if keys ~= #list then
    local message =
      "a list holds numbers or tables of parameters, one after the other, and no names"
    wrong[#wrong + 1] = { name = "wanted", message = message }
  end
  for i, one in ipairs(list) do
    local phone_number = one.params.phone_number
    local first = phone_number ~= nil and places[phone_number]
    if first then
      local message = ("number %d: it is the same as number %d"):format(i, first)
      wrong[#wrong + 1] = { name = ("%d: phone_number"):format(i), message = message }
    elseif phone_number ~= nil then
      places[phone_number] = i
    end
  end
end

--- Makes the purchases of a list of phone numbers or tables of parameters. A parameter of one number
--- takes precedence over that of all.
---@return table[] list
---@return twilio.numbers.Problem[] wrong
local function read_list(given, params)
  local list, wrong = {}, {}
  for i, one in ipairs(given) do
    local own = type(one) == "table" and one or { phone_number = one }
    list[i] = { slot = i, params = merge(params, own), is_certain = false }
    local form_wrong = purchase.problems(list[i].params)
    for _, problem in ipairs(form_wrong or {}) do
      local name = ("%d: %s"):format(i, problem.name)
      wrong[#wrong + 1] = { name = name, message = ("number %d: %s"):format(i, problem.message) }
    end
  end
  check_list(given, list, wrong)
  return list, wrong
end

--- Reads what is wanted. A filter is checked later, by filters.read().
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
    list, wrong = read_list(given, params or {})
  end
  if list and call.options.accept then
    local message = "accept is for a filter: a list says itself what to buy"
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
