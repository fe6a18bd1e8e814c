--- The columns of tables that more than one subcommand prints, and the option --columns.
local money = require("twilio.numbers.api.money")

local columns = {}

--- "voice sms": what a number can do.
---@param record table with capabilities
---@return string
function columns.can(record)
  local words, capabilities = {}, record.capabilities
  for _, name in ipairs { "voice", "sms", "mms", "fax" } do
    local has = type(capabilities) == "table" and capabilities[name]
    words[#words + 1] = has and name or nil
  end
  return table.concat(words, " ")
end

local function extra(list, names)
  for name in names:gmatch("%S+") do
    list[#list + 1] = { name = name, is_extra = true, is_sid = name:find("sid$") ~= nil }
  end
  return list
end

--- The columns of a number that the account owns.
columns.OWNED = extra(
  {
    { name = "phone_number", heading = "NUMBER" },
    { name = "sid", heading = "SID", is_sid = true },
    { name = "friendly_name", heading = "NAME", cuts = true },
    { name = "capabilities", heading = "CAN", of = columns.can, drops = 1 },
  },
  [[
  voice_url voice_method voice_fallback_url voice_application_sid sms_url sms_method sms_fallback_url
  sms_application_sid status_callback trunk_sid address_sid bundle_sid identity_sid emergency_status
  emergency_address_sid address_requirements account_sid type origin beta status date_created
  date_updated]]
)

--- The columns of a number for sale. The command adds the field `price`.
columns.AVAILABLE = extra({
  { name = "phone_number", heading = "NUMBER" },
  { name = "locality", heading = "PLACE", cuts = true },
  { name = "region", heading = "REGION", drops = 2 },
  { name = "capabilities", heading = "CAN", of = columns.can, drops = 3 },
  {
    name = "price",
    heading = "A MONTH",
    of = function(record)
      local price = record.price
      return price and money.format(price.monthly) .. " " .. price.currency or ""
    end,
  },
  {
    name = "address_requirements",
    heading = "ADDRESS",
    of = function(record)
      return record.address_requirements ~= "none" and record.address_requirements or ""
    end,
    drops = 1,
  },
}, "friendly_name iso_country postal_code rate_center lata latitude longitude beta")

--- The columns of the results of several numbers.
columns.OUTCOME = {
  { name = "phone_number", heading = "NUMBER" },
  { name = "sid", heading = "SID", is_sid = true },
  { name = "outcome", heading = "OUTCOME", is_outcome = true },
}

--- The same, with the changes.
columns.CHANGES = {
  columns.OUTCOME[1],
  columns.OUTCOME[2],
  columns.OUTCOME[3],
  { name = "changes", wraps = true },
}

--- The columns of a table with a row for each field of one object.
columns.FIELDS = {
  { name = "field", heading = "FIELD" },
  { name = "value", heading = "VALUE" },
}

--- The rows of such a table, sorted by name.
---@param fields table<string, any>
---@return table[]
function columns.records(fields)
  local list = {}
  for name, value in pairs(fields) do
    list[#list + 1] = { field = name, value = value }
  end
  table.sort(list, function(a, b)
    return a.field < b.field
  end)
  return list
end

local function names_of(list)
  local names = {}
  for i, column in ipairs(list) do
    names[i] = column.name
  end
  return names
end

--- Reads the value of --columns.
---@param text string
---@param all table[] the columns of the subcommand
---@return string[]? names
---@return string? problem
function columns.read(text, all)
  local known, names = {}, {}
  for _, name in ipairs(names_of(all)) do
    known[name] = true
  end
  for name in text:gmatch("[^,%s]+") do
    if not known[name] then
      local words = '--columns has no column "%s": choose from %s'
      return nil, words:format(name, table.concat(names_of(all), ", "))
    end
    names[#names + 1] = name
  end
  if #names == 0 then
    return nil, "--columns needs names, such as " .. table.concat(names_of(all), ",", 1, 2)
  end
  return names
end

--- The names of the columns of a subcommand.
columns.names = names_of

return columns
