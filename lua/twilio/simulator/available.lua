-- AvailablePhoneNumbers: what could be bought, by country, type and filter. Pure.

local errors = require("twilio.simulator.errors")
local inventory = require("twilio.simulator.inventory")
local json = require("twilio.simulator.json")
local numbers = require("twilio.simulator.numbers")
local pages = require("twilio.simulator.pages")

local available = {}

-- The type as the path says it -> as the inventory does.
available.types = {
  Local = "local",
  MachineToMachine = "machine_to_machine",
  Mobile = "mobile",
  National = "national",
  SharedCost = "shared_cost",
  TollFree = "toll_free",
  Voip = "voip",
}

-- Filters on a row of the inventory: parameter -> does the row match the value?
local function capability(name)
  return function(row, value)
    return row.capabilities[name] == (value == "true")
  end
end

local function field(name)
  return function(row, value)
    return (row[name] or ""):lower() == value:lower()
  end
end

local function excludes(requirement)
  return function(row, value)
    return value ~= "true" or row.address_requirements ~= requirement
  end
end

local row_filters = {
  AreaCode = field("area_code"),
  SmsEnabled = capability("sms"),
  MmsEnabled = capability("mms"),
  VoiceEnabled = capability("voice"),
  FaxEnabled = capability("fax"),
  InRegion = field("region"),
  InLocality = field("locality"),
  InPostalCode = field("postal_code"),
  InRateCenter = field("rate_center"),
  InLata = field("lata"),
  ExcludeAllAddressRequired = function(row, value)
    return value ~= "true" or not row.address_requirements
  end,
  ExcludeLocalAddressRequired = excludes("local"),
  ExcludeForeignAddressRequired = excludes("foreign"),
}

local function matches(row, query)
  for name, filter in pairs(row_filters) do
    if query[name] and query[name] ~= "" and not filter(row, query[name]) then
      return false
    end
  end
  return true
end

local keypad = {}
for digit, letters in pairs {
  ["2"] = "ABC",
  ["3"] = "DEF",
  ["4"] = "GHI",
  ["5"] = "JKL",
  ["6"] = "MNO",
  ["7"] = "PQRS",
  ["8"] = "TUV",
  ["9"] = "WXYZ",
} do
  for letter in letters:gmatch(".") do
    keypad[letter] = digit
  end
end

-- Contains: digits, letters as on a keypad, and `*` for any digit; any part of the number.
local function contains_pattern(text)
  return (text:upper():gsub("%a", keypad):gsub("[^%d*]", ""):gsub("%*", "%%d"))
end

-- A candidate's capabilities are not spelt as those of an owned number are, and know no fax.
local function capabilities_of(row)
  local can = row.capabilities
  return { voice = can.voice, SMS = can.sms, MMS = can.mms }
end

local function describe(row, phone_number)
  local number = { phone_number = phone_number, beta = false, iso_country = row.country }
  number.friendly_name = numbers.friendly_name(phone_number)
  number.capabilities = capabilities_of(row)
  number.address_requirements = row.address_requirements or "none"
  for _, name in ipairs {
    "lata",
    "latitude",
    "locality",
    "longitude",
    "postal_code",
    "rate_center",
    "region",
  } do
    number[name] = row[name] or json.null
  end
  return number
end

local function search(store, country, kind, query)
  local found, limit = {}, math.min(pages.size(query), store.search_limit)
  local pattern = contains_pattern(query.Contains or "")
  for _, row in ipairs(store.inventory.rows) do
    if row.country == country and row.type == kind and matches(row, query) then
      for phone_number in store.inventory:available(row) do
        if #found >= limit then
          return found
        end
        if phone_number:find(pattern) then
          found[#found + 1] = describe(row, phone_number)
        end
      end
    end
  end
  return found
end

local function base_path(call)
  return ("/2010-04-01/Accounts/%s/AvailablePhoneNumbers"):format(call.account.sid)
end

local function country_resource(store, call, code)
  local path = ("%s/%s"):format(base_path(call), code)
  local uris = {}
  for name, kind in pairs(available.types) do
    for _, row in ipairs(store.inventory.rows) do
      if row.country == code and row.type == kind then
        uris[kind] = ("%s/%s.json"):format(path, name)
      end
    end
  end
  return {
    beta = false,
    country = inventory.countries[code],
    country_code = code,
    subresource_uris = uris,
    uri = path .. ".json",
  }
end

local function answer(body)
  return { status = 200, headers = { ["content-type"] = "application/json" }, body = body }
end

---`GET AvailablePhoneNumbers`
function available.countries(store, call)
  local codes, countries = {}, {}
  for code in pairs(inventory.countries) do
    codes[#codes + 1] = code
  end
  table.sort(codes)
  for index, code in ipairs(codes) do
    countries[index] = country_resource(store, call, code)
  end
  return answer(json.object({ uri = base_path(call) .. ".json" }, { countries = countries }))
end

---`GET AvailablePhoneNumbers/{CountryCode}`
function available.country(store, call)
  if not inventory.countries[call.country] then
    return errors.response(20404)
  end
  return answer(json.encode(country_resource(store, call, call.country)))
end

---`GET AvailablePhoneNumbers/{CountryCode}/{Type}`
function available.search(store, call)
  local found = search(store, call.country, call.type, call.query)
  if #found == 0 and not inventory.countries[call.country] then
    return errors.response(20404)
  end
  return answer(json.object({ uri = call.path }, { available_phone_numbers = found }))
end

return available
