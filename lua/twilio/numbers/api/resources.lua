--- What a page of Twilio's lists holds, and where the next one is.
local resources = {}

--- The type as the path has it.
resources.TYPES = {
  ["local"] = "Local",
  toll_free = "TollFree",
  mobile = "Mobile",
  national = "National",
  voip = "Voip",
  shared_cost = "SharedCost",
  machine_to_machine = "MachineToMachine",
}

--- The next page, which Twilio names relative to its host; nothing else is followed.
---@return string? url nil: this is the last page
---@return string? trouble there is a next page, and it cannot be read
function resources.next_url(call, page)
  local uri = page.next_page_uri
  if type(uri) ~= "string" or uri == "" then
    return nil
  elseif uri:match("^/2010%-04%-01/Accounts/[%w%-./?=&%%_+*~,]+$") then
    return call.client.config.base_url .. uri
  end
  return nil, "its next page is elsewhere"
end

--- Candidates have `SMS` and `MMS` where owned numbers have `sms` and `mms`: these are added.
local function add_lower_case(capabilities)
  for _, name in ipairs { "voice", "sms", "mms", "fax" } do
    if capabilities[name] == nil then
      capabilities[name] = capabilities[name:upper()]
    end
  end
end

--- The items of a page, in their order: a null among them leaves a hole.
function resources.items(page, field)
  local list, items, last = page[field], {}, 0
  if type(list) ~= "table" then
    return nil
  end
  for index in pairs(list) do
    last = type(index) == "number" and index > last and index or last
  end
  for index = 1, last do
    local item = list[index]
    items[#items + 1] = type(item) == "table" and item or nil
    if type(item) == "table" and type(item.capabilities) == "table" then
      add_lower_case(item.capabilities)
    end
  end
  return items
end

--- Where what the account owns is: all of it, or that of a type.
---@param type_name string|nil
function resources.owned_path(type_name)
  return type_name and "IncomingPhoneNumbers/" .. resources.TYPES[type_name] .. ".json"
    or "IncomingPhoneNumbers.json"
end

--- Where a number that the account owns is.
function resources.number_path(sid)
  return "IncomingPhoneNumbers/" .. sid .. ".json"
end

--- Where what can be bought is.
function resources.available_path(country, type_name)
  return ("AvailablePhoneNumbers/%s/%s.json"):format(country, resources.TYPES[type_name])
end

return resources
