-- AvailablePhoneNumbers: the numbers for sale, by country, type and filter. Pure.

local contains = require("twilio.simulator.contains")
local errors = require("twilio.simulator.errors")
local inventory = require("twilio.simulator.inventory")
local json = require("twilio.simulator.json")
local near = require("twilio.simulator.near")
local numbers = require("twilio.simulator.numbers")
local pages = require("twilio.simulator.pages")

local available = {}

-- The type in a path -> in the inventory.
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

-- Twilio ignores these outside the United States and Canada.
local is_north_american = { US = true, CA = true }
local north_american_filters = {
  AreaCode = true,
  InPostalCode = true,
  InRegion = true,
  InRateCenter = true,
  InLata = true,
}

local function matches(row, query)
  for name, filter in pairs(row_filters) do
    local is_known = is_north_american[row.country] or not north_american_filters[name]
    if is_known and (query[name] or "") ~= "" and not filter(row, query[name]) then
      return false
    end
  end
  return true
end

-- The capabilities of a candidate are spelled differently from those of an owned number, and lack fax.
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

local function search(store, country, kind, query, pattern)
  local is_near = near.filter(store.inventory, is_north_american[country] and query or {})
  local found, limit = {}, math.min(pages.size(query), store.search_limit)
  for _, row in ipairs(store.inventory.rows) do
    if row.country == country and row.type == kind and matches(row, query) and is_near(row) then
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

-- Whether numbers of a type are sold in a country, even if they are sold out.
local function is_sold(store, country, kind)
  for _, row in ipairs(store.inventory.rows) do
    if row.country == country and row.type == kind then
      return true
    end
  end
  return false
end

local function country_resource(store, call, code)
  local path = ("%s/%s"):format(base_path(call), code)
  local uris = {}
  for name, kind in pairs(available.types) do
    uris[kind] = is_sold(store, code, kind) and ("%s/%s.json"):format(path, name) or nil
  end
  return {
    beta = false,
    country = inventory.countries[code],
    country_code = code,
    subresource_uris = uris,
    uri = path .. ".json",
  }
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
  return json.response(
    200,
    json.object({ uri = base_path(call) .. ".json" }, { countries = countries })
  )
end

---`GET AvailablePhoneNumbers/{CountryCode}`
function available.country(store, call)
  if not inventory.countries[call.country] then
    return errors.not_found(call.path)
  end
  return json.response(200, json.encode(country_resource(store, call, call.country)))
end

---`GET AvailablePhoneNumbers/{CountryCode}/{Type}`
function available.search(store, call)
  local pattern = contains.pattern(call.query.Contains or "")
  if not is_sold(store, call.country, call.type) then
    return errors.not_found(call.path)
  elseif not pattern then
    return errors.response(21401, "Invalid Pattern.") -- Twilio's message; its code is not documented
  end
  local found = search(store, call.country, call.type, call.query, pattern)
  return json.response(200, json.object({ uri = call.path }, { available_phone_numbers = found }))
end

return available
