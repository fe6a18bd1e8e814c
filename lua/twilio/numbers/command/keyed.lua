--- buy --key: the order of the key is read before anything is searched or asked.
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
      "Finish the key's order, whatever the arguments of its first command."
    ),
  }
end

local NEEDS_JOURNAL =
  "--key needs --journal FILE|URL or TWILIO_NUMBERS_JOURNAL (twilio-numbers journal init makes one)"

--- What is wrong with the options.
---@return twilio.numbers.Problem?
local function problem_of(context)
  local args = context.args
  if args.finish and not args.key then
    return { name = "finish", message = "--finish needs --key" }
  elseif not args.key then
    return nil
  end
  local problem = idempotency_key(args.key)
  if problem then
    return { name = "key", message = "--key " .. problem }
  elseif not context.client.journal then
    return { name = "key", message = NEEDS_JOURNAL }
  end
end

local BOUGHT = "The order %s has been bought: %s."
local UNFINISHED = "The order %s is unfinished: %s."

local function describe(order)
  if not order.numbers then
    return order.phone_number
  end
  local names = {}
  for _, one in ipairs(order.numbers) do
    names[#names + 1] = one.phone_number -- an open one has none
  end
  local begun = #names < order.count and #names .. " begun: " or ""
  return ("%d numbers (%s%s)"):format(order.count, begun, table.concat(names, ", "))
end

--- Reads the order, if there is a key.
---@return table|false|nil order one that was begun, and needs no question; false: there is none
---@return integer? code if it could not be read
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
    context.args.is_open = true -- no earlier command has bought with the key
    return false
  end
  streams.say((order.state == "bought" and BOUGHT or UNFINISHED):format(key, describe(order)))
  return order
end

return keyed
