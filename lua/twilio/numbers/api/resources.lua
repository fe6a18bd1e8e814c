--- Twilio's resources: their paths, the items of a page, and the URL of the next page.
local core = require("twilio.numbers.core")

local resources = {}

--- The name of a type in paths: "TollFree" for toll_free.
---@param name string see config/number_types.lua
local function type_path(name)
  return (name:gsub("^%l", string.upper):gsub("_(%l)", string.upper))
end

local LINK = "^/2010%-04%-01/Accounts/[%w%-./?=&%%_+*~,]+$"

--- The URL of a link that begins with the path of base_url, as compatible services write it.
local function url_with_path(config, uri)
  local base_url = config.base_url
  local path = core.url(base_url).path
  local is_below = path ~= "" and uri:sub(1, #path) == path and uri:sub(#path + 1):match(LINK)
  return is_below and base_url:sub(1, -#path - 1) .. uri or nil
end

--- The URL of the next page. Twilio gives it relative to its host; any other form is refused.
---@return string? url nil: this is the last page
---@return string? trouble there is a next page, but its URL was refused
function resources.next_url(call, page)
  local uri = page.next_page_uri
  if type(uri) ~= "string" or uri == "" then
    return nil
  end
  local config = call.client.config
  local url = uri:match(LINK) and config.base_url .. uri
    or (config.opaque_sids and url_with_path(config, uri))
  if url then
    return url
  end
  return nil, "its next page is on another host"
end

--- The path and query of a URL of a product at Twilio, in any region and at any edge.
---@return string? path nil: it is not one
local function path_at_twilio(product, text)
  local url = core.url(text)
  local host = url and url.scheme == "https" and url.host:lower() or ""
  local is_of_product = host:find("^" .. product .. "%.") and host:find("%.twilio%.com$")
  return is_of_product and text:match("^%a+://[^/?#]*(/.*)$") or nil
end

--- The same for a product, which returns an absolute URL. It may name Twilio's own host although the request
--- went to another one, such as a proxy in front of Twilio: only its path is used. A URL of any other host is
--- refused.
---@param product "pricing"|"numbers"|"messaging"
---@return string? url nil: this is the last page
---@return string? trouble there is a next page, but its URL was refused
function resources.next_product_url(call, product, page)
  local url = type(page.meta) == "table" and page.meta.next_page_url
  if type(url) ~= "string" or url == "" then
    return nil
  end
  local origin = call:product_url(product, "/")
  if url:sub(1, #origin) ~= origin then
    local path = path_at_twilio(product, url)
    url = path and call:product_url(product, path)
  end
  if url and url:find("^[%w_./?=&%%+*~,:%[%]-]+$") then
    return url
  end
  return nil, "its next page is on another host"
end

--- Adds the lower-case names: candidates have `SMS` and `MMS` where owned numbers have `sms` and `mms`.
local function add_lower_case(capabilities)
  for _, name in ipairs { "voice", "sms", "mms", "fax" } do
    if capabilities[name] == nil then
      capabilities[name] = capabilities[name:upper()]
    end
  end
end

--- The items of a page in order, without nulls, which leave holes in the decoded list. nil if it has no list:
--- an object must not pass for an empty one.
function resources.items(page, field)
  local list, items, last = page[field], {}, 0
  if type(list) ~= "table" then
    return nil
  end
  for index in pairs(list) do
    if type(index) ~= "number" then
      return nil
    end
    last = math.max(last, index)
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

--- The path of the account's numbers, all or of one type.
---@param type_name string|nil
function resources.owned_path(type_name)
  return type_name and "IncomingPhoneNumbers/" .. type_path(type_name) .. ".json"
    or "IncomingPhoneNumbers.json"
end

--- The path of a number that the account owns.
function resources.number_path(sid)
  return "IncomingPhoneNumbers/" .. sid .. ".json"
end

--- The type of a number as the regulations spell it, `toll-free`.
---@param type_name string see config/number_types.lua
function resources.wire_type(type_name)
  return (type_name:gsub("_", "-"))
end

--- The path of the numbers for sale.
function resources.available_path(country, type_name)
  return ("AvailablePhoneNumbers/%s/%s.json"):format(country, type_path(type_name))
end

return resources
