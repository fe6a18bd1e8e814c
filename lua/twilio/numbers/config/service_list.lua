--- The Messaging Services that a caller names: one, or a list, whose next is used when one is full.
local core = require("twilio.numbers.core")
local sids = require("twilio.numbers.config.sids")

local service_list = {}

local MOST = 20 -- each is read before a purchase

--- The problem of a call for another account.
service_list.OTHER_ACCOUNT = "account_sid must be the client's own here: Messaging Services belong to the"
  .. " account of the credentials"

local EXPECTED = "must be %s, or a list of 1 to %d such SIDs"

--- Checks a value. Returns what is wrong, without the value, which may be a secret, or nil.
---@param value any
---@param opaque_sids boolean|nil the client's option
---@return string? message
function service_list.problem(value, opaque_sids)
  local expected = EXPECTED:format(sids.words("MG", opaque_sids), MOST)
  if core.is_sid(value, "MG", opaque_sids) then
    return nil
  elseif type(value) ~= "table" or getmetatable(value) ~= nil then
    return expected
  end
  local seen, count = {}, 0
  for _ in next, value do
    count = count + 1
  end
  if count == 0 or count > MOST or count ~= #value then
    return expected
  end
  for _, sid in ipairs(value) do
    local is_sid = core.is_sid(sid, "MG", opaque_sids)
    local name = is_sid and sid:lower()
    if not is_sid or seen[name] then
      return is_sid and "lists " .. sid .. " twice" or expected
    end
    seen[name] = true
  end
end

--- Returns the services of a valid value, as a list that the caller cannot change.
---@param value string|string[]
---@return string[]
function service_list.of(value)
  if type(value) == "string" then
    return { value }
  end
  local list = {}
  for i, sid in ipairs(value) do
    list[i] = sid
  end
  return list
end

return service_list
