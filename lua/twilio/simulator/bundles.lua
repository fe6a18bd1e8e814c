-- Regulatory bundles: their items, and whether a bundle fits a number. Pure; independent of requests.
-- Used by the store, compliance_bundles.lua, requirements.lua and control.lua.

local collection = require("twilio.simulator.collection")
local dates = require("twilio.simulator.dates")
local json = require("twilio.simulator.json")
local regulations = require("twilio.simulator.regulations")

local bundles = {}
bundles.__index = bundles

-- status -> whether a number can be bought with such a bundle
local statuses = {
  draft = false,
  ["pending-review"] = false,
  ["in-review"] = false,
  ["twilio-rejected"] = false,
  ["twilio-approved"] = true,
  ["provisionally-approved"] = true,
}

---@class twilio.simulator.Bundle
---@field sid string
---@field account_sid string
---@field regulation_sid string
---@field friendly_name string
---@field status string
---@field valid_until string|userdata ISO 8601, or null
---@field items { sid: string, object_sid: string, date_created: string }[]
---@field evaluations table[] newest last

function bundles.new()
  return setmetatable({
    all = collection.new(),
    documents = collection.new(), -- SupportingDocuments
  }, bundles)
end

---@param status any
---@return boolean
function bundles.is_status(status)
  return statuses[status] ~= nil
end

local function is_list_of_sids(items)
  if type(items) ~= "table" then
    return false
  end
  for _, sid in ipairs(items) do
    if type(sid) ~= "string" or not sid:match("^%u%u%x+$") then
      return false
    end
  end
  return true
end

---Checks settings.
---@param fields table
---@return string? problem
function bundles.problem(fields)
  local valid_until = fields.valid_until
  if fields.status ~= nil and not bundles.is_status(fields.status) then
    return "status must be the status of a bundle"
  elseif fields.regulation_sid ~= nil and not regulations.by_sid(fields.regulation_sid) then
    return "no regulation has this regulation_sid"
  elseif fields.friendly_name ~= nil and type(fields.friendly_name) ~= "string" then
    return "friendly_name must be a string"
  elseif fields.items ~= nil and not is_list_of_sids(fields.items) then
    return "items must be a list of SIDs"
  elseif valid_until ~= nil and valid_until ~= json.null then
    local is_date = type(valid_until) == "string"
      and valid_until:match("^%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%dZ$")
    return not is_date and "valid_until must be a date such as 2020-07-31T01:00:00Z, or null" or nil
  end
end

---Changes a bundle.
---@param store table for the SIDs of its items
---@param bundle twilio.simulator.Bundle
---@param fields table valid settings
function bundles.set(store, bundle, fields)
  for _, name in ipairs { "friendly_name", "regulation_sid", "status", "valid_until" } do
    if fields[name] ~= nil then
      bundle[name] = fields[name]
    end
  end
  bundle.items = fields.items and {} or bundle.items
  for index, object_sid in ipairs(fields.items or {}) do
    bundle.items[index] = {
      sid = store:new_sid("BV"),
      object_sid = object_sid,
      date_created = dates.iso8601(),
    }
  end
  bundle.date_updated = dates.iso8601()
end

---Adds a bundle.
---@param store table
---@param sid string
---@param account_sid string
---@param fields table settings
---@return twilio.simulator.Bundle
function bundles:add(store, sid, account_sid, fields)
  local bundle = {
    sid = sid,
    account_sid = account_sid,
    regulation_sid = regulations.list[1].sid,
    friendly_name = "Bundle",
    status = "draft",
    valid_until = json.null,
    date_created = dates.iso8601(),
    items = {},
    evaluations = {},
  }
  bundles.set(store, bundle, fields)
  return self.all:add(bundle)
end

-- The addresses of a document.
local function addresses_of(document)
  local list = document and document.attributes.address_sids
  return type(list) == "table" and list or {}
end

---Whether an address is in a bundle, as an item or through a document.
---@param bundle twilio.simulator.Bundle
---@param address_sid string
---@return boolean
function bundles:has_address(bundle, address_sid)
  for _, item in ipairs(bundle.items) do
    if item.object_sid == address_sid then
      return true
    end
    for _, sid in ipairs(addresses_of(self.documents.by_sid[item.object_sid])) do
      if sid == address_sid then
        return true
      end
    end
  end
  return false
end

---Why a bundle does not fit a number.
---@param bundle twilio.simulator.Bundle
---@param row twilio.simulator.Row of the number
---@return string? reason
function bundles.unfit(bundle, row)
  local regulation = regulations.by_sid(bundle.regulation_sid)
  if not statuses[bundle.status] then
    return "The Bundle is not approved"
  elseif bundle.valid_until ~= json.null and bundle.valid_until <= dates.iso8601() then
    return "The Bundle has expired"
  elseif regulation.iso_country ~= row.country or regulation.number_type ~= row.type then
    return "The Bundle is for numbers of another country or type"
  end
end

return bundles
