--- Reports that a journal has the same account under another realm, for example after a change of the base
--- URL. This client does not use the orders there.
local records = require("twilio.numbers.journal.records")

local realms = {}

local seen = setmetatable({}, { __mode = "k" }) -- scopes, by journal

--- The first order of the account after a key, if it is of another realm.
---@return string|false|nil realm nil: the journal cannot be read
---@return string? message
local function find(session, after)
  local parts = records.parse(session.order_key)
  local prefix = "order/" .. parts.scope:match("^[^@]*@")
  local found, message = session.journal:scan(session.call, prefix, after, 1)
  if not found then
    return nil, message
  end
  local other = found[1] and records.parse(found[1].key)
  return other and other.scope ~= parts.scope and other.realm or false
end

--- Reports it in an event, once for each journal and scope.
---@return boolean? checked nil: the journal cannot be read
---@return string? message
---@return twilio.numbers.Error? err
function realms.check(session)
  local config = session.call.client.config
  local scopes = seen[session.journal] or {}
  seen[session.journal] = scopes
  if not config.on_event or scopes[session.scope] then
    return true
  end
  local own = records.prefix("order", session.scope)
  local realm, why = find(session, nil)
  if realm == false then
    realm, why = find(session, own .. "\244\143\191\191") -- after all keys of this realm
  end
  if realm == nil then
    return session:fail { kind = "journal", reason = why }
  end
  scopes[session.scope] = true
  if realm then
    session.call:notify {
      kind = "journal",
      step = "read",
      key = session.key,
      duration = 0,
      note = ("the journal has orders of this account under another realm, %s"):format(realm),
    }
  end
  return true
end

return realms
