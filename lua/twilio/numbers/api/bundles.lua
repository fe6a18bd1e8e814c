--- Regulatory bundles: the documents that a purchase needs in some countries. Twilio checks them; they are
--- only read here (https://www.twilio.com/docs/phone-numbers/regulatory/api/bundles). The paths name no
--- account.
---
--- Used by preflight.lua and products/regulation_methods.lua.
local addresses = require("twilio.numbers.api.addresses")
local core = require("twilio.numbers.core")
local pages = require("twilio.numbers.api.pages")
local resources = require("twilio.numbers.api.resources")
local are_same = require("twilio.numbers.config.sids").are_same

local bundles = {}

local ROOT = "/v2/RegulatoryCompliance/"

bundles.PATH = ROOT .. "Bundles"

--- Reads an object with a SID, for Call:ask().
local function reader_of(sid)
  return function(response)
    local object, why = response:json()
    if object and not are_same(object.sid, sid) then
      return nil, "it does not describe " .. sid
    end
    return object, why
  end
end

--- Reads one bundle.
---@param call table
---@param sid string BU...
---@return twilio.numbers.Bundle? bundle
---@return table? outcome
function bundles.read(call, sid)
  return call:ask(
    "GET",
    call:product_url("numbers", bundles.PATH .. "/" .. sid),
    nil,
    reader_of(sid)
  )
end

--- The SIDs of a bundle's items: end users (IT...), documents (RD...), addresses (AD...).
---@return string[]? sids
---@return table? outcome
local function read_items(call, sid)
  local sids, url =
    {}, call:product_url("numbers", bundles.PATH .. "/" .. sid .. "/ItemAssignments")
  local is_read, outcome = pages.read(call, url, "numbers", function(page)
    local items = resources.items(page, "results")
    for _, item in ipairs(items or {}) do
      sids[#sids + 1] = type(item.object_sid) == "string" and item.object_sid or nil
    end
    return not items and "it has no list of the bundle's items" or nil
  end)
  return is_read and sids or nil, outcome
end

--- Adds the addresses that a document names: a list, or one alone.
local function add_addresses(found, document)
  local attributes = type(document.attributes) == "table" and document.attributes or {}
  local sids = attributes.address_sids
  for _, sid in pairs(type(sids) == "table" and sids or { sids }) do
    if type(sid) == "string" then
      found[sid:lower()] = true
    end
  end
end

--- The addresses of a bundle: its items, and those that its documents name.
---@param call table
---@param sid string BU...
---@return table<string, true>? addresses by SID, in lower case
---@return table? outcome
function bundles.read_addresses(call, sid)
  local sids, outcome = read_items(call, sid)
  if not sids then
    return nil, outcome
  end
  local found = {}
  for _, one in ipairs(sids) do
    if core.is_sid(one, "AD") then
      found[one:lower()] = true
    elseif core.is_sid(one, "RD") then
      local url = call:product_url("numbers", ROOT .. "SupportingDocuments/" .. one)
      local document, trouble = call:ask("GET", url, nil, reader_of(one))
      if not document then
        return nil, addresses.conceal(trouble)
      end
      add_addresses(found, document)
    end
  end
  return found
end

return bundles
