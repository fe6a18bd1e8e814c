-- Profiles: the simulator plays Twilio or a compatible service. Internally all is Twilio's; requests and
-- answers are translated at the edge, in exchange.lua. Pure.

local json = require("twilio.simulator.json")

local profiles = {}

---@class twilio.simulator.Profile
---@field prefix string of all paths
---@field has_uuids boolean? identifiers are UUIDs instead of SIDs
---@field ignored string[]? parameters without effect
---@field bare table<integer, boolean>? statuses whose errors have no code
---@field has_own_headers boolean? it sends none of Twilio's headers
---@field lacks_products boolean? it has no prices, no bundles and no Messaging Services

---@type table<string, twilio.simulator.Profile>
profiles.named = {
  twilio = { prefix = "" },
  -- https://signalwire.com/docs/compatibility-api: the paths, the UUIDs, and which parameters a purchase has.
  -- The format of its errors is not documented: these are the formats that the client recognizes as the
  -- service's.
  signalwire = {
    prefix = "/api/laml",
    has_uuids = true,
    ignored = {
      "AddressSid",
      "ApiVersion",
      "BundleSid",
      "EmergencyStatus",
      "IdentitySid",
      "VoiceCallerIdLookup",
    },
    bare = { [401] = true, [404] = true },
    has_own_headers = true,
    lacks_products = true,
  },
}

---Formats 32 hexadecimal digits as an identifier.
---@param profile twilio.simulator.Profile
---@param kind string the two letters of Twilio's SIDs
---@param digits string
---@return string
function profiles.identifier(profile, kind, digits)
  if not profile.has_uuids then
    return kind .. digits
  end
  return (digits:gsub("^(%x%x%x%x%x%x%x%x)(%x%x%x%x)(%x%x%x%x)(%x%x%x%x)(%x+)$", "%1-%2-%3-%4-%5"))
end

---Removes the prefix from a request's path. Paths without it name nothing.
---@param profile twilio.simulator.Profile
---@param request twilio.simulator.Request
function profiles.arrive(profile, request)
  local prefix = profile.prefix
  request.wire_path = request.path
  local path = request.path:sub(1, #prefix) == prefix and request.path:sub(#prefix + 1)
  if path and not (profile.lacks_products and path:find("^/v%d/")) then
    request.path = path
  elseif not request.path:find("^/simulator/") then
    request.path = "/elsewhere" .. request.path
  end
end

---Removes the parameters from a form that the service ignores.
---@param profile twilio.simulator.Profile
---@param body string
---@return string
function profiles.form(profile, body)
  for _, name in ipairs(profile.ignored or {}) do
    body = ("&" .. body):gsub("&" .. name .. "=[^&]*", ""):gsub("^&", "")
  end
  return body
end

-- An error in the service's own format.
local function own_error(profile, status, body)
  local said = json.decode(body)
  if type(said) ~= "table" or not said.message then
    return body
  end
  local code = not profile.bare[status] and said.code and ("%d"):format(said.code) or nil
  return json.encode { code = code, message = said.message }
end

---Translates an answer of Twilio to one of the service.
---@param profile twilio.simulator.Profile
---@param response twilio.simulator.Response
---@return twilio.simulator.Response
function profiles.answer(profile, response)
  local prefix = profile.prefix
  if prefix ~= "" and response.status >= 400 then
    response.body = own_error(profile, response.status, response.body)
  elseif prefix ~= "" then
    response.body = response.body:gsub('"/2010%-04%-01/', '"' .. prefix .. "/2010-04-01/")
  end
  return response
end

return profiles
