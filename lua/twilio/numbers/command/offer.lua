--- The place and the price of numbers before they are bought, for the question and for a dry run. Only reads.
local cost = require("twilio.numbers.command.cost")
local for_sale = require("twilio.numbers.api.for_sale")
local option_rows = require("twilio.numbers.config.options")
local start = require("twilio.numbers.async.start")

local offer = {}

local NOT_FOR_SALE = "%s is not among the numbers that Twilio sells now."

local DEADLINE = 10 -- seconds, for each number

--- An operation, see async/start.lua: finds a number among those for sale.
local FIND = {
  run = function(call, phone_number)
    local found, result = for_sale.find(call, { phone_number = phone_number }, { sold = {} })
    if not found then
      return call:fail(result)
    end
    return found
  end,
}

--- Finds a number among those for sale.
---@return table? candidate with its country and type
---@return string? message
---@return twilio.numbers.Error? err
local function find(context, phone_number)
  local options = { account_sid = context.args.account_sid, deadline = DEADLINE, retries = 0 }
  local rows, client = option_rows.CALL, context.client
  local pending, message, err = start.in_flight(client, rows, options, nil, nil, FIND, phone_number)
  local found
  found, message, err = context.wait("GET", pending, message, err)
  if not found then
    return nil, message, err
  end
  found.candidate.country, found.candidate.type = found.country, found.type
  return found.candidate
end

--- Reads numbers: `candidate` and `price`, or `message` and `err` if something could not be read. Stops
--- reading after the first failure, but not after a number that is not for sale.
---@param numbers string[]
---@return table[] offers
function offer.read(context, numbers)
  local offers, prices, message, err = {}, {}, nil, nil
  for i, phone_number in ipairs(numbers) do
    local one = { phone_number = phone_number }
    if not err or err.kind == "policy" then
      one.candidate, message, err = find(context, phone_number)
    end
    if err and err.kind == "policy" then
      message = NOT_FOR_SALE:format(phone_number)
    end
    local candidate = one.candidate
    if candidate then
      local place = candidate.country .. " " .. candidate.type
      if not prices[place] then
        prices[place], message, err = cost.read(context, candidate.country, candidate.type)
      end
      one.price = prices[place]
    end
    one.message, one.err = not one.price and message or nil, not one.price and err or nil
    offers[i] = one
  end
  return offers
end

--- The place of a number, such as "San Francisco, CA".
---@param candidate twilio.numbers.AvailableNumber
---@return string? place
function offer.place(candidate)
  local words = {}
  for _, name in ipairs { "locality", "region" } do
    local word = candidate[name]
    words[#words + 1] = type(word) == "string" and word ~= "" and word or nil
  end
  words[1] = words[1] or candidate.country or candidate.iso_country
  return words[1] and table.concat(words, ", ")
end

return offer
