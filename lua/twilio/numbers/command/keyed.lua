--- buy --key: reads the order of the key before it searches or asks.
local errors = require("twilio.numbers.errors")
local journal_option = require("twilio.numbers.command.journal_option")
local outcome = require("twilio.numbers.command.outcome")
local idempotency_key = require("twilio.numbers.config.idempotency_key")
local streams = require("twilio.numbers.command.streams")

local keyed = {}

--- Adds the options.
---@param command table argparse's
---@return table[] options
function keyed.add(command)
  return {
    command
      :option("--key", "An idempotency key, such as an order number: never bought twice.")
      :argname("<KEY>"),
    journal_option.add(command),
    command:flag(
      "--finish",
      "Finish the key's order, even if arguments other than --count differ."
    ),
  }
end

local ALL_OR_NOTHING =
  "--all-or-nothing cannot go with --key: a command with the same key buys what is missing"

--- What is wrong with the options.
---@return twilio.numbers.Problem?
local function problem_of(context)
  local args = context.args
  if args.finish and not args.key then
    return { name = "finish", message = "--finish needs --key" }
  elseif not args.key then
    return nil
  elseif args.all_or_nothing then
    return { name = "all_or_nothing", message = ALL_OR_NOTHING }
  end
  local problem = idempotency_key(args.key)
  if problem then
    return { name = "key", message = "--key " .. problem }
  elseif not context.client.journal then
    return { name = "key", message = "--key needs a journal: " .. journal_option.missing(args) }
  end
end

local BOUGHT = "The order %s has been bought: %s."
local UNFINISHED = "The order %s is unfinished: %s."
local OPEN = "The order %s is open: %s."
local PARTLY = "%d of %d numbers bought (%s), the rest is still to be bought"
local NOTHING = "it has no number yet"

--- The numbers of an order for several: those that it has bought, or all.
---@return string[]
local function numbers_of(order, is_bought)
  local names = {}
  for _, one in ipairs(order.numbers or {}) do
    local is_wanted = one.state == "bought" or not is_bought
    names[#names + 1] = is_wanted and one.phone_number or nil -- an open one has none
  end
  return names
end

local function describe(order)
  if not order.numbers then
    return order.phone_number
  end
  local names = numbers_of(order)
  local begun = #names < order.count and #names .. " begun: " or ""
  return ("%d numbers (%s%s)"):format(order.count, begun, table.concat(names, ", "))
end

local function describe_open(order)
  local names = numbers_of(order, true)
  return names[1] and PARTLY:format(#names, order.count, table.concat(names, ", ")) or NOTHING
end

--- Reads the order, if there is a key, and prints its state.
---@return table|false|nil order that has begun and needs no question; false: there is none
---@return integer|table|nil code if it could not be read; or an open order, of which no purchase is in doubt
function keyed.read(context)
  local problem = problem_of(context)
  if problem then
    local _, message, err = errors.invalid { problem }
    return nil, outcome.fail(context, message, err)
  elseif not context.args.key then
    return false
  end
  local key = context.args.key
  local order, message, err =
    context.wait(false, context.client:order_async(key, context.call_options))
  if order == nil then
    return nil, outcome.fail(context, message, err)
  elseif not order or order.state == "open" then
    context.args.is_open = true -- no purchase of the key is in doubt
    if order then
      streams.say(OPEN:format(key, describe_open(order)))
    end
    return false, order or nil
  end
  streams.say((order.state == "bought" and BOUGHT or UNFINISHED):format(key, describe(order)))
  return order
end

--- What is yet to be bought, for a question or a dry run: all, or what an open order has not bought yet.
---@param wanted table see order.lua
---@param order table? an open one
---@return table rest
function keyed.rest(wanted, order)
  local names = order and numbers_of(order, true) or {}
  if #names == 0 or order.count ~= (wanted.count or #wanted.list) then
    return wanted -- all, or another request, which the purchase refuses
  end
  local rest, is_bought = {}, {}
  for name, value in pairs(wanted) do
    rest[name] = value
  end
  if wanted.filter then
    rest.count = wanted.count - #names
    return rest
  end
  for _, name in ipairs(names) do
    is_bought[name] = true
  end
  rest.list = {}
  for _, name in ipairs(wanted.list) do
    rest.list[#rest.list + 1] = not is_bought[name] and name or nil
  end
  return rest
end

return keyed
