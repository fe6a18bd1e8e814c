--- The regulatory requirements of a country, by the type of a number and of its end user:
--- GET /v2/RegulatoryCompliance/Regulations of numbers.twilio.com
--- (https://www.twilio.com/docs/phone-numbers/regulatory/api/regulations). The path names no account.
---
--- The request has no end user type: a country that only sells to businesses has just one regulation.
local core = require("twilio.numbers.core")
local countries = require("twilio.numbers.api.countries")
local errors = require("twilio.numbers.errors")
local pages = require("twilio.numbers.api.pages")
local places = require("twilio.numbers.api.places")
local resources = require("twilio.numbers.api.resources")
local responses = require("twilio.numbers.http.response")

local regulations = {}

local PATH = "/v2/RegulatoryCompliance/Regulations?IsoCountry=%s&NumberType=%s&PageSize=50"

--- Reads a list of requirements: empty if absent, nil if it cannot be read. A value that is not a list must
--- not pass for an empty one.
local function list_of(requirements, name)
  local items = requirements[name] == nil and {} or resources.items(requirements, name)
  local is_list = items and (items[1] ~= nil or next(requirements[name] or {}) == nil)
  return is_list and items or nil
end

--- The documents of a regulation: a list for each requirement.
---@return table[][]? documents
local function documents_of(requirements)
  local documents = {}
  for i, one in ipairs(list_of(requirements, "supporting_document") or { false }) do
    documents[i] = one and list_of({ one = one }, "one")
    if not documents[i] then
      return nil
    end
  end
  return documents
end

--- Reads a regulation. One that requires nothing needs no bundle.
---@return table? regulation
---@return string? trouble why it cannot be read
local function read_one(item)
  local requirements = item.requirements
  local is_whole = core.is_sid(item.sid, "RN")
    and item.end_user_type == responses.word(item.end_user_type) -- a message may have it
    and type(requirements) == "table"
  local end_user = is_whole and list_of(requirements, "end_user")
  local documents = is_whole and documents_of(requirements)
  if not end_user or not documents then
    return nil, "a regulation in it cannot be read"
  end
  return {
    regulation_sid = item.sid,
    name = type(item.friendly_name) == "string" and item.friendly_name or nil,
    needs_bundle = end_user[1] ~= nil or documents[1] ~= nil,
    end_user = end_user,
    documents = documents,
  }
end

--- Whether a regulation is for a country and type.
local function is_for(item, country, kind)
  local number_type = type(item.number_type) == "string" and item.number_type:gsub("[- ]", "_")
  return item.iso_country == country and number_type == kind
end

--- Adds the regulations of a page.
---@return string? trouble why the page cannot be read
local function add_page(by_end_user, page, country, kind)
  local items = resources.items(page, "results")
  if not items then
    return "it has no list of regulations"
  end
  for _, item in ipairs(items) do
    local regulation, trouble = nil, "it has the regulations of another country or type"
    if is_for(item, country, kind) then
      regulation, trouble = read_one(item)
    end
    if not regulation then
      return trouble
    end
    by_end_user[item.end_user_type] = regulation
  end
end

--- Reads the regulations of a country and type.
---@param call table
---@param country string
---@param kind twilio.numbers.AvailableType
---@return table<string, twilio.numbers.Requirements>? by_end_user by the type of the end user; empty: there
---are none
---@return table? outcome
function regulations.read(call, country, kind)
  local path = PATH:format(country, resources.wire_type(kind))
  local by_end_user, url = {}, call:product_url("numbers", path)
  local is_read, outcome = pages.read(call, url, "numbers", function(page)
    return add_page(by_end_user, page, country, kind)
  end)
  return is_read and by_end_user or nil, outcome
end

--- An operation, see async/start.lua.
regulations.requirements = {
  run = function(call, country, kind)
    local wrong = {}
    places.check(country, kind, nil, wrong)
    if wrong[1] then
      return errors.invalid(wrong)
    end
    local by_end_user, outcome = regulations.read(call, country, kind)
    if by_end_user and not next(by_end_user) then -- also if Twilio sells no such numbers
      local words, trouble = countries.refusal(call, country, kind)
      outcome = words and { kind = "api", words = words } or trouble
    end
    if outcome then
      return call:fail(outcome)
    end
    return by_end_user
  end,
}

return regulations
