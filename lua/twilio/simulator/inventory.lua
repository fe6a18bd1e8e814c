-- The phone numbers for sale: rows of consecutive numbers, computed on demand, so that thousands cost
-- nothing. Pure; reads owners only from its `owned` table.

local inventory = {}
inventory.__index = inventory

---@class twilio.simulator.Row
---@field country string ISO country code
---@field type string local, toll_free, mobile, national, voip, shared_cost or machine_to_machine
---@field prefix string the common prefix of its numbers
---@field first string the digits after the prefix of the first number
---@field size integer how many consecutive numbers

local everything = { voice = true, sms = true, mms = true, fax = false }
local voice_only = { voice = true, sms = false, mms = false, fax = false }
local voice_and_sms = { voice = true, sms = true, mms = false, fax = false }

local function north_american(country, area_code, size, region, locality, extra)
  local row = {
    country = country,
    type = region and "local" or "toll_free",
    area_code = area_code,
    prefix = "+1" .. area_code,
    first = "5550100",
    size = size,
    region = region,
    locality = locality,
    capabilities = everything,
  }
  for key, value in pairs(extra or {}) do
    row[key] = value
  end
  return row
end

local address_requirements = { address = "any", local_address = "local" }

local function elsewhere(country, kind, prefix, first, size, capabilities, requires, locality)
  return {
    locality = locality,
    address_requirements = requires and address_requirements[requires[1]],
    country = country,
    type = kind,
    prefix = prefix,
    first = first,
    size = size,
    capabilities = capabilities,
    requires = requires,
  }
end

local san_francisco = {
  postal_code = "94105",
  rate_center = "SNFC CNTRL",
  lata = "722",
  latitude = "37.774900",
  longitude = "-122.419400",
}

local oakland = {
  postal_code = "94612",
  lata = "722",
  latitude = "37.804400",
  longitude = "-122.271200",
}

local function at(latitude, longitude)
  return { latitude = latitude, longitude = longitude }
end

local rows = {
  north_american("US", "415", 20000, "CA", "San Francisco", san_francisco),
  north_american("US", "510", 20000, "CA", "Oakland", oakland),
  north_american("US", "212", 5000, "NY", "New York", { capabilities = voice_only }),
  north_american("US", "206", 5000, "WA", "Seattle", at("47.606200", "-122.332100")),
  north_american("US", "808", 1000, "HI", "Hilo", { rate_center = "HILO", lata = "834" }),
  north_american("US", "907", 3, "AK", "Juneau", at("58.301900", "-134.419700")), -- few: can be sold out
  north_american("US", "916", 1000, "CA", "Sacramento", at("38.581600", "-121.494400")),
  north_american("US", "213", 1000, "CA", "Los Angeles", at("34.052200", "-118.243700")),
  north_american("US", "800", 5000),
  north_american("US", "888", 5000),
  north_american("CA", "416", 5000, "ON", "Toronto"),
  north_american("CA", "604", 5000, "BC", "Vancouver", at("49.282700", "-123.120700")),
  elsewhere("GB", "mobile", "+4477009", "00000", 5000, voice_and_sms),
  elsewhere(
    "GB",
    "local",
    "+44207946",
    "0000",
    1000,
    voice_only,
    { "address", "bundle" },
    "London"
  ),
  elsewhere("GB", "toll_free", "+44808157", "0000", 1000, voice_only),
  elsewhere("GB", "national", "+44306999", "0000", 1000, voice_only),
  elsewhere("GB", "voip", "+44567891", "0000", 1000, voice_only),
  elsewhere("GB", "shared_cost", "+44843557", "0000", 1000, voice_only),
  elsewhere("AU", "mobile", "+614915", "70000", 1000, voice_and_sms, { "bundle" }),
  elsewhere(
    "DE",
    "local",
    "+4930232",
    "50000",
    1000,
    voice_only,
    { "local_address", "bundle" },
    "Berlin"
  ),
  elsewhere("DE", "mobile", "+4915566", "600000", 1000, voice_and_sms, { "address", "bundle" }),
  elsewhere("EE", "mobile", "+3725550", "0000", 1000, voice_and_sms, { "bundle" }),
  elsewhere("FR", "local", "+33199", "000000", 1000, voice_only, { "address", "identity" }),
  elsewhere("NO", "machine_to_machine", "+4759", "440000", 1000, voice_and_sms),
}

inventory.countries = {
  AU = "Australia",
  CA = "Canada",
  DE = "Germany",
  EE = "Estonia",
  FR = "France",
  GB = "United Kingdom",
  NO = "Norway",
  US = "United States",
}

---@param owned table<string, any> the owned numbers; kept by the store
function inventory.new(owned)
  local self = { owned = owned, rows = {}, row_of_prefix = {}, cursors = {}, added = {} }
  self.released = {} -- numbers that can no longer be bought
  self.taken = {} -- numbers that a stranger owns
  for index, row in ipairs(rows) do
    self.rows[index] = row
    self.row_of_prefix[row.prefix] = row
  end
  return setmetatable(self, inventory)
end

---The row's number at an index from 0.
---@param row twilio.simulator.Row
---@param index integer
---@return string
function inventory.number(row, index)
  return row.prefix .. ("%0" .. #row.first .. "d"):format(row.first + index)
end

---The row of a phone number; nil if it is never for sale.
---@param phone_number string
---@return twilio.simulator.Row?
function inventory:find(phone_number)
  for length = 3, #phone_number - 1 do
    local row = self.row_of_prefix[phone_number:sub(1, length)]
    if row then
      local digits = phone_number:sub(length + 1)
      local index = #digits == #row.first and tonumber(digits) - tonumber(row.first) or -1
      if index >= 0 and index < row.size then
        return row
      end
    end
  end
  return self.added[phone_number]
end

---Removes a released number from those for sale, as Twilio does.
---@param phone_number string
function inventory:withdraw(phone_number)
  self.released[phone_number] = true
end

---Whether a number can be bought now.
---@param phone_number string one of a row
---@return boolean
function inventory:is_free(phone_number)
  return not (self.owned[phone_number] or self.released[phone_number] or self.taken[phone_number])
end

---Makes a stranger buy a number, or release it, so that it can be bought again.
---@param phone_number string one of a row
---@param is_taken boolean
---@return boolean done false: it cannot be bought, or the stranger does not own it
function inventory:take_by_stranger(phone_number, is_taken)
  if is_taken and not (self:find(phone_number) and self:is_free(phone_number)) then
    return false
  elseif not is_taken and not self.taken[phone_number] then
    return false
  end
  self.taken[phone_number] = is_taken or nil
  return true
end

---Adds a number to those for sale, even a released one.
---@param phone_number string
---@param fields table? country, type, requires, capabilities
function inventory:add(phone_number, fields)
  fields = fields or {}
  self.released[phone_number] = nil
  if self:find(phone_number) then
    return
  end
  local row = {
    country = fields.country or "US",
    type = fields.type or "local",
    prefix = phone_number:sub(1, -2),
    first = phone_number:sub(-1),
    size = 1,
    requires = fields.requires,
    capabilities = fields.capabilities or everything,
  }
  self.added[phone_number] = row
  self.rows[#self.rows + 1] = row
end

---Iterates over the numbers of a row that are for sale, in order.
---@param row twilio.simulator.Row
---@return fun(): string?
function inventory:available(row)
  local index = -1
  return function()
    repeat
      index = index + 1
      if index >= row.size then
        return nil
      end
      local phone_number = inventory.number(row, index)
      if self:is_free(phone_number) then
        return phone_number
      end
    until false
  end
end

---Takes a number of an area code, another one each time. A number that was added again comes last.
---@param area_code string
---@return string? phone_number nil if none is left
function inventory:take(area_code)
  local row = self.row_of_prefix["+1" .. area_code]
  if not row then
    return nil
  end
  local cursor = self.cursors[row] or 0
  while cursor < row.size do
    local phone_number = inventory.number(row, cursor)
    cursor = cursor + 1
    self.cursors[row] = cursor
    if self:is_free(phone_number) then
      return phone_number
    end
  end
  return self:available(row)()
end

return inventory
