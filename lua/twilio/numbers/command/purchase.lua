--- The purchase of `buy`, after its arguments are checked and the user has agreed.
local bought = require("twilio.numbers.command.bought")
local bought_many = require("twilio.numbers.command.bought_many")
local interrupt = require("twilio.numbers.command.interrupt")
local messaging_service = require("twilio.numbers.command.messaging_service")
local progress = require("twilio.numbers.command.progress")

local purchase = {}

--- Begins the purchase.
---@return twilio.numbers.Pending? pending
---@return string? message
---@return twilio.numbers.Error? err
local function begin(context, wanted, on_progress)
  local args, client = context.args, context.client
  local options = { account_sid = args.account_sid, unless_owned = not args.even_if_owned }
  if wanted.filter and not args.even_if_owned then
    options.unless_owned = nil -- the default also buys if the credentials may not list numbers
  end
  options.idempotency_key, options.finish = args.key, args.finish
  options.max_price, options.preflight = args.max_price, args.preflight
  options.messaging_service_sid = messaging_service.of(args)
  if wanted.is_many then
    options.max_numbers = wanted.list and #wanted.list or wanted.count
    options.all_or_nothing = args.all_or_nothing
    options.on_progress = on_progress
    if wanted.filter then
      wanted.filter.count = wanted.count
    end
    local what = wanted.list or wanted.filter
    return client:purchase_many_async(what, wanted.params, options)
  elseif wanted.filter then
    return client:purchase_available_async(wanted.filter, wanted.params, options)
  end
  local params = { phone_number = wanted.list[1] }
  for name, value in pairs(wanted.params) do
    params[name] = value
  end
  return client:purchase_async(params, options)
end

--- Buys, and reports the outcome.
---@param context table
---@param wanted table see order.lua
---@param begun? table the order of its key, see keyed.lua; no progress is shown of one that has been bought
---@return integer code
function purchase.run(context, wanted, begun)
  local on_progress, finish, show = nil, function() end, nil
  if wanted.is_many and not (begun and begun.state == "bought") then
    on_progress, finish, show =
      progress.new(wanted.list and #wanted.list or wanted.count, progress.PURCHASE)
  end
  context.args.has_begun = true -- from here on, whatever breaks us off may have cost money
  local pending, message, err = begin(context, wanted, on_progress)
  local value
  if pending then
    value, message, err = interrupt.wait(context.waiting, pending, wanted.is_many, show)
  end
  finish()
  local conclude = wanted.is_many and bought_many.conclude or bought.conclude
  return conclude(context, wanted, value, message, err)
end

return purchase
