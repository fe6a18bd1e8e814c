--- Whether a number matches a filter, by the number's own fields. Twilio ignores some filters, such as
--- `SmsEnabled=false`, and then returns numbers that do not match.
---
--- A field that is absent contradicts nothing. Pure; used on candidates before a purchase is sent, and on the
--- number that was bought.
local fit = {}

--- Reads a capability. Twilio writes `voice`, `SMS` and `MMS` in searches, and lower case elsewhere.
local function capability(name)
  return function(number)
    local all = type(number.capabilities) == "table" and number.capabilities or {}
    for key, value in next, all do
      if type(key) == "string" and key:lower() == name and type(value) == "boolean" then
        return value
      end
    end
  end
end

local function text(name)
  return function(number)
    return type(number[name]) == "string" and number[name] or nil
  end
end

--- The area code of a North American number; for other numbers, the number itself.
local function area_code(number)
  local phone_number = text("phone_number")(number)
  return phone_number and (phone_number:match("^%+1(%d%d%d)") or phone_number)
end

local TYPES = {
  ["local"] = "local",
  mobile = "mobile",
  tollfree = "toll_free",
  national = "national",
  voip = "voip",
  sharedcost = "shared_cost",
  machinetomachine = "machine_to_machine",
}

--- The type of a number, by the name that options use. Twilio writes both `toll_free` and `tollfree`. An
--- unknown type is nil.
local function type_of(number)
  local name = text("type")(number)
  return name and TYPES[(name:lower():gsub("[^%a]", ""))]
end

local function requirement(number)
  return text("address_requirements")(number)
end

local function equals(asked, said)
  return tostring(asked) == said
end

local function is_same(asked, said)
  return asked == said
end

--- The rule of a filter that excludes numbers if it is true.
local function excludes(is_excluded)
  return function(asked, said)
    return not asked or not is_excluded[said]
  end
end

local function is_one_of(asked, said)
  for _, one in ipairs(asked) do
    if one == said then
      return true
    end
  end
  return false
end

local ADDRESSES = { any = true, ["local"] = true, foreign = true }

--- One row per rule: the field of the filter, how to read it from a number, and how to compare the two.
local RULES = {
  { "country", text("iso_country"), equals },
  { "type", type_of, equals },
  { "area_code", area_code, equals },
  { "area_codes", area_code, is_one_of },
  { "voice_enabled", capability("voice"), is_same },
  { "sms_enabled", capability("sms"), is_same },
  { "mms_enabled", capability("mms"), is_same },
  { "fax_enabled", capability("fax"), is_same },
  {
    "beta", -- with true, Twilio also returns numbers that are not beta
    function(number)
      return type(number.beta) == "boolean" and number.beta or nil
    end,
    is_same,
  },
  { "exclude_all_address_required", requirement, excludes(ADDRESSES) },
  { "exclude_local_address_required", requirement, excludes { ["local"] = true } },
  { "exclude_foreign_address_required", requirement, excludes { foreign = true } },
}

--- The fields of a filter that a number contradicts.
---@param filter table with `country` and `type`
---@param number table a candidate or a number that was bought
---@return twilio.numbers.Difference[]
function fit.differences(filter, number)
  local list = {}
  for _, rule in ipairs(RULES) do
    local name, said_of, fits = rule[1], rule[2], rule[3]
    local asked = filter[name]
    local said = asked ~= nil and said_of(number)
    if asked ~= nil and said ~= nil and not fits(asked, said) then
      list[#list + 1] = { name = name, asked = asked, got = said }
    end
  end
  return list
end

--- Whether a candidate needs an address, but the parameters of the purchase have none.
---@param params table
---@param candidate table
function fit.lacks_address(params, candidate)
  return ADDRESSES[requirement(candidate)] == true
    and params.address_sid == nil
    and params.bundle_sid == nil
end

--- Adds the fields of the filter that a purchased number contradicts to its message and info. The number is
--- kept.
---@param filter table
---@param number table
---@param message string?
---@param info twilio.numbers.Info?
---@return table number
---@return string? message
---@return twilio.numbers.Info? info
function fit.compare(filter, number, message, info)
  local differences = fit.differences(filter, number)
  if #differences == 0 then
    return number, message, info
  end
  local names = {}
  for i, difference in ipairs(differences) do
    names[i] = difference.name
  end
  local words = "the number was bought, but it contradicts the filter's "
    .. table.concat(names, ", ")
  info = info or {}
  info.incomplete = info.incomplete or { differences = {} }
  local all = info.incomplete.differences
  for _, difference in ipairs(differences) do
    all[#all + 1] = difference
  end
  return number, message and message .. "; " .. words or words, info
end

return fit
