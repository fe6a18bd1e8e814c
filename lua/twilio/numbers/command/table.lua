--- An aligned table, for people.
local money = require("twilio.numbers.api.money")
local streams = require("twilio.numbers.command.streams")

local tables = {}

--- Characters, not bytes.
local function width(text)
  return select(2, text:gsub("[^\128-\191]", ""))
end

local function line(cells, widths)
  local padded = {}
  for i, cell in ipairs(cells) do
    padded[i] = cell .. (" "):rep(widths[i] - width(cell))
  end
  return (table.concat(padded, "  "):gsub(" +$", ""))
end

--- Prints rows below headings; nothing but a remark where there are none.
---@param headings string[]
---@param rows string[][]
---@param none string what to say then
function tables.print(headings, rows, none)
  if #rows == 0 then
    return streams.say(none)
  end
  local lines, widths = { headings }, {}
  for _, row in ipairs(rows) do
    local cells = {}
    for i = 1, #headings do
      cells[i] = streams.clean(row[i] == nil and "" or row[i])
    end
    lines[#lines + 1] = cells
  end
  for _, cells in ipairs(lines) do
    for i, cell in ipairs(cells) do
      widths[i] = math.max(widths[i] or 0, width(cell))
    end
  end
  for _, cells in ipairs(lines) do
    streams.print(line(cells, widths))
  end
end

--- "voice sms": what a number can do.
function tables.capabilities(capabilities)
  local words = {}
  for _, name in ipairs { "voice", "sms", "mms", "fax" } do
    local has = type(capabilities) == "table" and capabilities[name]
    words[#words + 1] = has and name or nil
  end
  return table.concat(words, " ")
end

--- Prints numbers that the account owns.
---@param list twilio.numbers.Number[]
function tables.numbers(list)
  local rows = {}
  for i, number in ipairs(list) do
    rows[i] = {
      number.phone_number,
      number.sid,
      number.friendly_name,
      tables.capabilities(number.capabilities),
    }
  end
  tables.print({ "NUMBER", "SID", "NAME", "CAN" }, rows, "No numbers.")
end

--- Prints numbers that can be bought.
---@param list twilio.numbers.AvailableNumber[]
---@param price? twilio.numbers.Price of each; nil: it is not known
function tables.available(list, price)
  local rows = {}
  local a_month = price and money.format(price.monthly) .. " " .. price.currency or ""
  for i, number in ipairs(list) do
    local address = number.address_requirements
    rows[i] = {
      number.phone_number,
      number.locality,
      number.region,
      tables.capabilities(number.capabilities),
      a_month,
      address ~= "none" and address or "",
    }
  end
  tables.print(
    { "NUMBER", "PLACE", "REGION", "CAN", "A MONTH", "ADDRESS" },
    rows,
    "No number matches."
  )
end

return tables
