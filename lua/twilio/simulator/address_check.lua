-- Whether an address is one that a third party's register has, as Twilio asks in some countries. Pure.
-- Ours is a few rules, so that a spec can tell what it will say:
--   the postal code has the country's form, or the address cannot be validated
--   in the United States a region is two capital letters
--   the abbreviation at a street's end has no full stop, and no name has more than one blank in a row

local address_check = {}

-- The countries where addresses are validated, and their postal codes.
local postal_codes = {
  AU = "^%d%d%d%d$",
  CA = "^%u%d%u ?%d%u%d$",
  DE = "^%d%d%d%d%d$",
  FR = "^%d%d%d%d%d$",
  GB = "^%u%u?%d[%d%u]? ?%d%u%u$",
  US = "^%d%d%d%d%d$",
}

-- Not all of them.
local states = {
  ALASKA = "AK",
  CALIFORNIA = "CA",
  HAWAII = "HI",
  ["NEW YORK"] = "NY",
  TEXAS = "TX",
  WASHINGTON = "WA",
}

local function without_blanks(text)
  return (text:gsub("%s+", " "):gsub("^ ", ""):gsub(" $", ""))
end

-- field -> how the register spells it
local spellings = {
  street = function(text)
    return (without_blanks(text):gsub("%.$", ""))
  end,
  city = without_blanks,
  region = function(text, country)
    local name = without_blanks(text):upper()
    return country == "US" and (states[name] or #name == 2 and name) or without_blanks(text)
  end,
}

---Whether addresses of a country are validated.
---@param iso_country string
---@return boolean
function address_check.is_made(iso_country)
  return postal_codes[iso_country] ~= nil
end

---What the register has in place of an address.
---@param address table street, city, region, postal_code, iso_country
---@return table? fields those that differ; nil when the register has nothing like it
function address_check.differences(address)
  local pattern = postal_codes[address.iso_country]
  if not pattern then
    return {}
  elseif not address.postal_code:match(pattern) then
    return nil
  end
  local fields = {}
  for name, spell in pairs(spellings) do
    local text = spell(address[name], address.iso_country)
    fields[name] = text ~= address[name] and text or nil
  end
  return fields
end

return address_check
