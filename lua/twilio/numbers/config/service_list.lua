--- The Messaging Services that a caller names: one, or several of which the next is used where one is full.
local core = require("twilio.numbers.core")

local service_list = {}

local MOST = 20 -- each is read before a purchase

--- Why a call cannot be for another account.
service_list.OTHER_ACCOUNT = "account_sid cannot be another account than the client's here: Messaging"
  .. " Services are those of the account whose credentials ask"

local EXPECTED = ("must be MG and 32 hex digits, or a list of 1 to %d such SIDs"):format(MOST)

--- What is wrong with a value; nil if nothing is. The value is not repeated: it may be a secret.
---@param value any
---@return string? message
function service_list.problem(value)
  if core.is_sid(value, "MG") then
    return nil
  elseif type(value) ~= "table" or getmetatable(value) ~= nil then
    return EXPECTED
  end
  local seen, count = {}, 0
  for _ in next, value do
    count = count + 1
  end
  if count == 0 or count > MOST or count ~= #value then
    return EXPECTED
  end
  for _, sid in ipairs(value) do
    local is_sid = core.is_sid(sid, "MG")
    local name = is_sid and sid:lower()
    if not is_sid or seen[name] then
      return is_sid and "has " .. sid .. " twice" or EXPECTED
    end
    seen[name] = true
  end
end

--- The services of a value that was checked, as a list that the caller cannot change.
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
