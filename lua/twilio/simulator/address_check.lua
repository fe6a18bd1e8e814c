-- Validates addresses, as Twilio does in some countries against a third party's register. Pure.
-- The register here is a few rules, so that a spec can predict the result:
--   the postal code has the country's format, else the address cannot be validated
--   in the United States a region is two capital letters
--   an abbreviation at the end of a street has no full stop, and names have no consecutive spaces

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

-- field -> its spelling in the register
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

---The corrections of an address by the register.
---@param address table street, city, region, postal_code, iso_country
---@return table? fields the corrected fields; nil if the register has no similar address
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
