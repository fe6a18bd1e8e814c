--- The countries in which Twilio sells numbers, and of which types. Sold does not mean available now.
---
--- Also explains a search that Twilio answers with a 404, for candidates.lua and methods.lua.
local core = require("twilio.numbers.core")
local errors = require("twilio.numbers.errors")
local pages = require("twilio.numbers.api.pages")
local resources = require("twilio.numbers.api.resources")
local responses = require("twilio.numbers.http.response")

local countries = {}

--- The order of types in a list. Unknown types follow, sorted by name.
local ORDER = {
  "local",
  "toll_free",
  "mobile",
  "national",
  "voip",
  "shared_cost",
  "machine_to_machine",
}

local RANKS = {}
for rank, kind in ipairs(ORDER) do
  RANKS[kind] = rank
end

--- Normalizes the name of a type: Twilio writes `toll free`, `toll-free` and `toll_free`. Unknown types are
--- unchanged.
local function type_of(name)
  local ours = name:gsub("[- ]", "_")
  return RANKS[ours] and ours or name
end

local function is_before(a, b)
  local rank, other = RANKS[a] or math.huge, RANKS[b] or math.huge
  if rank ~= other then
    return rank < other
  end
  return a < b
end

--- Reads a country as Twilio describes it.
---@return twilio.numbers.Country? country nil if it is not a country
local function country_of(item)
  if type(item.country_code) ~= "string" or type(item.subresource_uris) ~= "table" then
    return nil
  end
  local types = {}
  for name in next, item.subresource_uris do
    types[#types + 1] = type(name) == "string" and type_of(name) or nil
  end
  table.sort(types, is_before)
  return {
    country_code = item.country_code,
    country = type(item.country) == "string" and item.country or nil,
    beta = item.beta == true,
    types = types,
  }
end

--- Reads the response that describes one country.
local function reader_of(code)
  return function(response)
    local item, why = response:json()
    local country = item and country_of(item)
    if item and (not country or country.country_code ~= code) then
      return nil, "it does not describe " .. code
    end
    return country, why
  end
end

local function path(code)
  return code and ("AvailablePhoneNumbers/%s.json"):format(code) or "AvailablePhoneNumbers.json"
end

local function none_in(outcome, code)
  outcome.words, outcome.reason = "Twilio sells no numbers in " .. code, nil
  return outcome
end

--- Reads one country.
---@return twilio.numbers.Country? country
---@return table? outcome
function countries.read(call, code)
  return call:ask("GET", call:url(path(code)), nil, reader_of(code))
end

--- An operation, see async/start.lua: one country.
countries.one = {
  run = function(call, code, wrong)
    if #wrong > 0 then
      return errors.invalid(wrong)
    end
    local country, outcome = countries.read(call, code)
    if country then
      return country
    end
    return call:fail(responses.is_not_found(outcome) and none_in(outcome, code) or outcome)
  end,
}

--- Adds the countries of a page to a list.
---@return string? trouble why the page cannot be read
local function add_page(list, page)
  local items = resources.items(page, "countries")
  for _, item in ipairs(items or {}) do
    list[#list + 1] = country_of(item)
  end
  return not items and "it has no list of countries" or nil
end

--- An operation, see async/start.lua: all countries, in Twilio's order.
countries.all = {
  run = function(call)
    local list = {}
    local is_read, outcome = pages.read(call, call:url(path()), false, function(page)
      return add_page(list, page)
    end)
    if is_read then
      return list
    end
    return call:fail(outcome)
  end,
}

local function has(list, wanted)
  for _, one in ipairs(list) do
    if one == wanted then
      return true
    end
  end
  return false
end

local NOT_SOLD = "Twilio sells no %s numbers in %s (it sells: %s)"

--- The message if Twilio sells numbers in a country, but none of a type.
---@return string? words nil if it sells them
local function not_sold(country, kind)
  if #country.types > 0 and not has(country.types, kind) then
    local words = {}
    for i, one in ipairs(country.types) do
      words[i] = responses.word(one)
    end
    return NOT_SOLD:format(kind, country.country_code, table.concat(words, ", "))
  end
end

--- Reads whether Twilio sells numbers of a type in a country.
---@param call twilio.numbers.Call
---@param code string the country
---@param kind twilio.numbers.AvailableType
---@return string? words nil if it sells them, or the country could not be read
---@return table? outcome why it could not be read
function countries.refusal(call, code, kind)
  local country, outcome = countries.read(call, code)
  if country then
    return not_sold(country, kind)
  elseif responses.is_not_found(outcome) then
    return none_in(outcome, code).words
  end
  return nil, outcome
end

--- Explains the outcome of a search that Twilio answers with a 404, by one request for the country. If that
--- fails, or does not explain the 404, the outcome is unchanged.
---@param code string the country
---@param kind twilio.numbers.AvailableType
---@return fun(call: twilio.numbers.Call, outcome: table): table outcome
function countries.explanation(code, kind)
  return function(call, outcome)
    if not responses.is_not_found(outcome) then
      return outcome
    end
    local response = core.new_response(call.client.config.opaque_sids)
    call:send(response, "GET", call:url(path(code)))
    local country = response:is_success() and reader_of(code)(response)
    local words = country and not_sold(country, kind)
    if words then
      outcome.words, outcome.reason = words, nil
    elseif not country and responses.is_not_found(call:outcome(response)) then
      none_in(outcome, code)
    end
    return outcome
  end
end

return countries
