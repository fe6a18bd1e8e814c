--- Tells that a journal holds the same account under another realm, as when a base URL has changed: the
--- orders there are not those of this client.
local records = require("twilio.numbers.journal.records")

local realms = {}

local seen = setmetatable({}, { __mode = "k" }) -- scopes, by journal

--- The next order of the account behind a key, if it is of another realm.
local function find(session, after)
  local parts = records.parse(session.order_key)
  local prefix = "order/" .. parts.scope:match("^[^@]*@")
  local found = session.journal:scan(session.call, prefix, after, 1)
  local other = found and found[1] and records.parse(found[1].key)
  return other and other.scope ~= parts.scope and other.realm or nil
end

--- Reports it in an event, once for each journal and scope. What fails here keeps no call from going on.
function realms.check(session)
  local config = session.call.client.config
  local scopes = seen[session.journal] or {}
  seen[session.journal] = scopes
  if not config.on_event or scopes[session.scope] then
    return
  end
  scopes[session.scope] = true
  local own = records.prefix("order", session.scope)
  local realm = find(session, nil) or find(session, own .. "\244\143\191\191") -- behind all keys of ours
  if realm then
    session.call:notify {
      kind = "journal",
      step = "read",
      key = session.key,
      duration = 0,
      note = ("the journal has orders of this account under another realm, %s"):format(realm),
    }
  end
end

return realms
