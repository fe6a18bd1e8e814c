--- Looks up an address that a call may have created in an unanswered attempt: by the customer's name, the
--- friendly name and the country, by whether it is for emergency calls, and by a date at most five minutes
--- before the call started. Used by create_address.lua.
local addresses = require("twilio.numbers.api.addresses")
local core = require("twilio.numbers.core")
local dates = require("twilio.numbers.api.dates")
local pages = require("twilio.numbers.api.pages")
local resources = require("twilio.numbers.api.resources")

local find_address = {}

local BEFORE = 300 -- seconds; tolerates two clocks and dates in whole seconds

--- The fields that the address is looked up by, then the other fields that are compared.
local NAMES = { "customer_name", "friendly_name", "iso_country" }
local PLACE = { "street", "street_secondary", "city", "region", "postal_code" }

--- A text without what Twilio may normalize: spaces, punctuation, the case of ASCII letters.
local function essence(text)
  return type(text) == "string" and text:gsub("[%s%p]", ""):lower() or ""
end

--- Whether an address has the requested fields. Twilio may set the others.
local function has(address, form, names)
  for _, name in ipairs(names) do
    local asked = form:value(name)
    if asked and essence(asked) ~= essence(address[name]) then
      return false
    end
  end
  return true
end

--- Whether an address is for emergency calls if and only if that was requested: else it is an older one.
local function is_for_same_calls(address, form)
  local asked, said = form:value("emergency_enabled"), address.emergency_enabled
  return not asked or type(said) ~= "boolean" or tostring(said) == asked
end

--- Records when the call started by the server's clock, from the date of its first response.
function find_address.note_date(call)
  local state, date = call.state, dates.seconds(call.server_date)
  state.began = state.began or (date and date - (core.now() - call.began)) or false
end

--- Whether an address may have been created by this call. Dates that cannot be parsed exclude nothing.
local function is_recent(call, address)
  local created, began = dates.seconds(address.date_created), call.state.began
  return not created or not began or created >= began - BEFORE
end

local function first_url(call, form)
  local filter = { page_size = 1000 }
  for _, name in ipairs(NAMES) do
    filter[name] = form:value(name)
  end
  return call:url(addresses.path() .. "?" .. core.form(filter, "addresses"))
end

--- The addresses that this call may have created.
---@return { exact: table[], others: table[] }? found others: differ, perhaps by Twilio's corrections
---@return table? outcome why they could not be read
local function read_all(call, form)
  local found = { exact = {}, others = {} }
  local is_read, outcome = pages.read(call, first_url(call, form), false, function(page)
    find_address.note_date(call)
    local items = resources.items(page, "addresses")
    for _, address in ipairs(items or {}) do
      local is_own = is_for_same_calls(address, form) and is_recent(call, address)
      if is_own and has(address, form, NAMES) then
        if not call:is_sid(address.sid, "AD") then
          return "the address has no SID"
        end
        local list = has(address, form, PLACE) and found.exact or found.others
        list[#list + 1] = address
      end
    end
    return not items and "it has no list of addresses" or nil
  end)
  return is_read and found or nil, outcome
end

--- Looks up the address once. Not finding it proves nothing: Twilio may still be creating it.
---@param call table
---@param form userdata what was sent
---@return twilio.numbers.Address? address
---@return table? outcome why the lookup failed; nil if it found no address
function find_address.once(call, form)
  local found, outcome = read_all(call, form)
  if not found then
    return nil, outcome
  elseif found.exact[1] or form:value("auto_correct_address") ~= "true" then
    return found.exact[1]
  elseif #found.others > 1 then
    return nil, { kind = "response", reason = "several addresses match" }
  end
  return found.others[1]
end

return find_address
