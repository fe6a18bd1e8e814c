--- The fingerprint of a request, with which later calls with the same idempotency key are compared. It has a
--- hash for each field, so that a message can name a difference, but no values, which may be secret (a URL
--- with a password). Each hash is salted with the key.
---
--- It covers the request: the operation, its parameters, the filter, `count`, `type` and
--- `messaging_service_sid`. It does not cover how the request is carried out: timeout, retries, deadline,
--- candidates, accept, complete, unless_owned, max_price, currency, preflight. A default value counts as
--- absent, so it makes no difference whether the caller gives it, or whether a later version adds a field
--- with a default. Lists are compared in order.
local core = require("twilio.numbers.core")

local asked = {}

--- Defaults of the fields of a filter, see api/filters.lua and the flags in csrc/pure/params.c. (Twilio's own
--- defaults may change.)
local FILTER_DEFAULTS = {
  type = "local",
  exclude_all_address_required = false,
  exclude_local_address_required = false,
  exclude_foreign_address_required = false,
  widen = false,
}

--- Added to the filter of a purchase for a Messaging Service, unless the caller sets it.
local SMS = "sms_enabled"

--- The fields of a request besides params and filter.
local FIELDS = { "operation", "count", "type", "messaging_service_sid" }

--- The canonical text of a value: the same for 415, 415.0 and "415", which are the same area code.
---@return string? text
---@return string? message
local function canonical(value)
  if type(value) == "table" then
    return core.encode_record { value = value }
  elseif type(value) == "number" and value % 1 == 0 then
    return ("%.0f"):format(value)
  end
  return tostring(value)
end

--- The canonical text of a list of wanted numbers, in order. A plain number equals a table with only
--- phone_number.
local function canonical_list(list)
  local texts = {}
  for i, item in ipairs(list) do
    local own, fields = type(item) == "table" and item or { phone_number = item }, {}
    for name, value in next, own do
      local text, message = canonical(value)
      if not text then
        return nil, message
      end
      fields[name] = text
    end
    local text, message = core.encode_record(fields)
    if not text then
      return nil, message
    end
    texts[i] = text
  end
  return table.concat(texts, "\n")
end

--- Creates the fingerprint of a valid request.
---@param key string the idempotency key
---@param request { operation: string, params: table?, filter: table?, list: table?, count: integer?,
---type: string?, messaging_service_sid: string|string[]? } list: the wanted numbers of purchase_many
---@return table<string, string>? fingerprint
---@return string? message
function asked.of(key, request)
  local fingerprint, problem = {}, nil
  local function add(name, text, message)
    problem = problem or message
    fingerprint[name] = text and core.hash(key, name, text)
  end
  for _, name in ipairs(FIELDS) do
    if request[name] ~= nil then
      add(name, canonical(request[name]))
    end
  end
  for name, value in next, request.params or {} do
    add(name, canonical(value))
  end
  local is_for_messages = request.messaging_service_sid ~= nil
  for name, value in next, request.filter or {} do
    local is_default = value == FILTER_DEFAULTS[name]
    if not is_default and not (is_for_messages and name == SMS and value == true) then
      add(name, canonical(value))
    end
  end
  if request.list then
    add("wanted", canonical_list(request.list))
  end
  if problem then
    return nil, problem
  end
  return fingerprint
end

--- The names of the fields that differ, sorted; empty if the requests are the same.
---@param a table<string, string>|nil
---@param b table<string, string>|nil
---@return string[] names
function asked.differences(a, b)
  local names, seen = {}, {}
  a, b = a or {}, b or {}
  for _, fingerprint in ipairs { a, b } do
    for name in next, fingerprint do
      if a[name] ~= b[name] and not seen[name] then
        names[#names + 1], seen[name] = name, true
      end
    end
  end
  table.sort(names)
  return names
end

return asked
