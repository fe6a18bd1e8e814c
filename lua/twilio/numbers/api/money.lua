--- Amounts of money as decimal text: exact, where floating point is not. Pure.
local amount = require("twilio.numbers.config.amount")

local money = {}

local MARK = ("0"):byte()

local PRECISION_MAX = 16 -- digits after the first one, which represent every number exactly

--- The decimal digits of a number from JSON, without an exponent. The shortest digits that give the Lua
--- number are those of the JSON text, if it had at most 15.
local function digits_of(number)
  local precision, written = 0, ("%.0e"):format(number)
  while precision < PRECISION_MAX and tonumber(written) ~= number do
    precision = precision + 1
    written = ("%." .. precision .. "e"):format(number)
  end
  -- the locale decides the decimal point
  local first, rest, exponent = written:match("^(%d)%D?(%d*)e([+-]%d+)$")
  if not first then
    return nil -- negative, infinite or not a number
  end
  local digits, point = first .. rest, 1 + tonumber(exponent)
  if point <= 0 then
    return "0." .. ("0"):rep(-point) .. digits
  elseif point >= #digits then
    return digits .. ("0"):rep(point - #digits)
  end
  return digits:sub(1, point) .. "." .. digits:sub(point + 1)
end

--- Reads an amount, which JSON may give as text or as a number.
---@param value any
---@return string? text without leading zeros; nil if it is not an amount
function money.parse(value)
  local text = value
  if type(value) == "number" then
    text = digits_of(value)
  end
  return amount.is_text(text) and text:gsub("^0+(%d)", "%1") or nil
end

--- The digits before and after the decimal point.
local function split(text)
  local whole, fraction = text:match("^0*(%d-)%.(%d+)$")
  return whole or text:match("^0*(%d*)$"), fraction or ""
end

--- Both amounts without a decimal point, padded to the same length.
local function align(a, b)
  local whole_a, fraction_a = split(a)
  local whole_b, fraction_b = split(b)
  local before = math.max(#whole_a, #whole_b)
  local behind = math.max(#fraction_a, #fraction_b)
  local function pad(whole, fraction)
    return ("0"):rep(before - #whole) .. whole .. fraction .. ("0"):rep(behind - #fraction)
  end
  return pad(whole_a, fraction_a), pad(whole_b, fraction_b)
end

--- Compares two amounts.
---@param a string
---@param b string
---@return integer order -1: a is less; 0: they are equal; 1: a is more
function money.compare(a, b)
  local left, right = align(a, b)
  for i = 1, #left do -- by bytes: `<` on strings depends on the locale
    local difference = left:byte(i) - right:byte(i)
    if difference ~= 0 then
      return difference < 0 and -1 or 1
    end
  end
  return 0
end

--- The sum of two amounts.
---@param a string
---@param b string
---@return string text with the decimals of the longer one
function money.add(a, b)
  local left, right = align(a, b)
  local sum, carry = {}, 0
  for i = #left, 1, -1 do
    local digit = left:byte(i) + right:byte(i) - 2 * MARK + carry
    sum[#sum + 1], carry = ("%d"):format(digit % 10), digit > 9 and 1 or 0
  end
  local all = ("%d"):format(carry) .. table.concat(sum):reverse()
  local _, fraction_a = split(a)
  local _, fraction_b = split(b)
  local behind = math.max(#fraction_a, #fraction_b)
  if behind > 0 then
    all = all:sub(1, -behind - 1) .. "." .. all:sub(-behind)
  end
  return (all:gsub("^0+(%d)", "%1"))
end

--- An amount multiplied by a count.
---@param text string
---@param count integer 0 to 10000
---@return string text with the same number of decimals
function money.multiply(text, count)
  local whole, fraction = split(text)
  local digits, product, carry = whole .. fraction, {}, 0
  for i = #digits, 1, -1 do
    local sum = (digits:byte(i) - MARK) * count + carry
    product[#product + 1] = ("%d"):format(sum % 10)
    carry = math.floor(sum / 10)
  end
  local all = ("%.0f"):format(carry) .. table.concat(product):reverse()
  local places = #all - #fraction
  all = fraction == "" and all or all:sub(1, places) .. "." .. all:sub(places + 1)
  return (all:gsub("^0+(%d)", "%1"))
end

--- Formats an amount with at least two decimals, without trailing zeros after these.
---@param text string
---@return string
function money.format(text)
  local whole, fraction = split(text)
  fraction = fraction:sub(1, 2) .. fraction:sub(3):gsub("0+$", "")
  return (whole == "" and "0" or whole) .. "." .. fraction .. ("0"):rep(2 - #fraction)
end

return money
