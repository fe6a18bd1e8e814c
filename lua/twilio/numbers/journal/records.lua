--- The records of a journal: their keys, and their values as the store keeps them.
---
--- A key is a kind, a scope and the subject of the record, separated by slashes:
---   order/SCOPE/KEY      the order of an idempotency key
---   many/SCOPE/KEY       the header of purchase_many: the count, and the fingerprint of the request
---   slot/SCOPE/N/KEY     the order of its N-th number
---   number/SCOPE/+1...   the claim of a phone number
---   limit/SCOPE/DAY      how many numbers were bought on a day (UTC): 2026-11-28
--- A scope is ACCOUNT@REALM, both escaped, so that only the end of a key is chosen by a caller.
---
--- A value is a JSON object with the version `v` of its format, see csrc/lua/record.c. Unknown
--- fields are kept: decode() leaves them in the table, and encode() writes them again. A version that changes
--- the meaning of a record increments `v`, and older ones then refuse it. Lists are never empty: an absent
--- list is an empty one.
local core = require("twilio.numbers.core")

local records = {}

records.VERSION = 1

local function escape(text)
  return (text:gsub("[^A-Za-z0-9._-]", function(c)
    return ("%%%02X"):format(c:byte())
  end))
end

local function unescape(text)
  return (
    text:gsub("%%(%x%x)", function(digits)
      return string.char(tonumber(digits, 16))
    end)
  )
end

--- The scope of an account. The hexadecimal digits of its SID may be in either case.
---@param realm string
---@param account_sid string
---@return string
function records.scope(realm, account_sid)
  if core.is_sid(account_sid) then
    account_sid = account_sid:sub(1, 2) .. account_sid:sub(3):lower()
  end
  return escape(account_sid) .. "@" .. escape(realm)
end

--- The common prefix of all keys of a kind in a scope, for a scan.
---@param kind "order"|"many"|"slot"|"number"|"limit"
---@param scope string
function records.prefix(kind, scope)
  return kind .. "/" .. scope .. "/"
end

---@param key string the idempotency key
function records.order(scope, key)
  return records.prefix("order", scope) .. key
end

function records.many(scope, key)
  return records.prefix("many", scope) .. key
end

---@param slot integer from 1
function records.slot(scope, slot, key)
  return ("%s%d/%s"):format(records.prefix("slot", scope), slot, key)
end

---@param phone_number string E.164
function records.number(scope, phone_number)
  return records.prefix("number", scope) .. phone_number
end

---@param day string such as "2026-11-28"
function records.limit(scope, day)
  return records.prefix("limit", scope) .. day
end

--- The name and the pattern of the last part of a key, by kind.
local LAST = {
  order = { "key", "^.+$" },
  many = { "key", "^.+$" },
  slot = { "key", "^.+$" },
  number = { "phone_number", "^%+[0-9]+$" },
  limit = { "day", "^%d%d%d%d%-%d%d%-%d%d$" },
}

--- Parses the key of a record.
---@param text string
---@return { kind: string, scope: string, account_sid: string, realm: string, key: string?, slot: integer?,
---phone_number: string?, day: string? }? parts nil: it is not a key of this module
function records.parse(text)
  local kind, account, realm, last =
    text:match("^([a-z]+)/([A-Za-z0-9._%%-]+)@([A-Za-z0-9._%%-]+)/(.*)$")
  local form = LAST[kind]
  if not form then
    return nil
  end
  local parts = {
    kind = kind,
    scope = account .. "@" .. realm,
    account_sid = unescape(account),
    realm = unescape(realm),
  }
  if kind == "slot" then
    local slot, key = last:match("^([1-9]%d*)/(.*)$")
    parts.slot, last = tonumber(slot), key or ""
  end
  if not last:find(form[2]) then
    return nil
  end
  parts[form[1]] = last
  return parts
end

local NOTE_MAX = 300 -- bytes

--- Makes a text from elsewhere, such as an error message, fit for a record: short, and valid UTF-8.
---@param text string
---@return string
function records.note(text)
  if #text > NOTE_MAX then
    -- not in the middle of a character
    text = text:sub(1, NOTE_MAX):gsub("[\192-\255][\128-\191]*$", "")
  end
  return core.is_utf8(text) and text or (text:gsub("[\128-\255]", "?"))
end

--- Encodes a record for the store.
---@param record table
---@return string? value
---@return string? message why it cannot be written
function records.encode(record)
  local copy = {}
  for name, value in next, record do
    copy[name] = value
  end
  copy.v = records.VERSION
  return core.encode_record(copy)
end

local NEWER = "the record was written by a newer version of twilio-numbers (v = %d, this one reads %d):"
  .. " install that version here too"

--- Decodes a record.
---@param value string
---@return table? record
---@return string? message
---@return "newer"|"damaged"|nil problem
function records.decode(value)
  local record, reason = core.decode_record(value)
  local v = record and record.v
  if not record then
    return nil, "the record cannot be read: " .. reason, "damaged"
  elseif type(v) ~= "number" or v < 1 or v % 1 ~= 0 then
    return nil, "the record has no version (v)", "damaged"
  elseif v > records.VERSION then
    return nil, NEWER:format(v, records.VERSION), "newer"
  end
  return record
end

return records
