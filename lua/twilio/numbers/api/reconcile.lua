--- Is a number set up as the purchase asked for? Twilio has been seen to ignore parameters of a purchase
--- and to honour them in an update (emergency_address_sid is known for it).
local core = require("twilio.numbers.core")

local reconcile = {}

--- Of these a purchase asks for something that no update can change.
local NOT_SETTINGS = { PhoneNumber = true, AreaCode = true }

--- What Twilio does not set beside something else of a purchase, and what an update would set in place of
--- that: of an application (or a trunk) and URLs of the same kind, each takes the other away. The
--- application stays.
local VOICE, SMS = { "VoiceApplicationSid", "TrunkSid" }, { "SmsApplicationSid" }
local SET_ASIDE_BY = {
  VoiceUrl = VOICE,
  VoiceMethod = VOICE,
  VoiceFallbackUrl = VOICE,
  VoiceFallbackMethod = VOICE,
  SmsUrl = SMS,
  SmsMethod = SMS,
  SmsFallbackUrl = SMS,
  SmsFallbackMethod = SMS,
}

local function is_set_aside(wire_name, form)
  for _, stronger in ipairs(SET_ASIDE_BY[wire_name] or {}) do
    if ("&" .. form):find("&" .. stronger .. "=", 1, true) then
      return true
    end
  end
  return false
end

local function decode(text)
  local plain = text:gsub("+", " "):gsub("%%(%x%x)", function(code)
    return string.char(tonumber(code, 16))
  end)
  return plain
end

local by_wire_name

--- The name of a field by the parameter's name on the wire.
local function field_of(wire_name)
  if not by_wire_name then
    by_wire_name = {}
    for _, row in ipairs(core.parameters()) do
      by_wire_name[row.wire_name] = row.name
    end
  end
  return by_wire_name[wire_name]
end

--- A URL as Twilio keeps it: with a slash where there was no path, also before a query.
local function with_path(value)
  local origin, rest = value:match("^(%a+://[^/?#]+)(.*)$")
  return origin and rest:sub(1, 1) ~= "/" and origin .. "/" .. rest or value
end

--- Whether Twilio has set what was asked for, as it keeps it: it takes blanks off a name's ends.
local function is_set(name, asked, got)
  return got == asked
    or got == with_path(asked)
    or (name == "friendly_name" and got == asked:match("^[ \t\r\n]*(.-)[ \t\r\n]*$"))
end

--- What differs between a number and the form of its purchase.
---@param number table
---@param form string
---@return { name: string, asked: string, got: any, part: string }[] differences part: of the form
function reconcile.differences(number, form)
  local list = {}
  for part in form:gmatch("[^&]+") do
    local wire_name, value = part:match("^([^=]*)=(.*)$")
    local name = not NOT_SETTINGS[wire_name] and field_of(wire_name)
    local asked = decode(value)
    local is_same = name and is_set(name, asked, tostring(number[name]))
    if name and not is_same and not is_set_aside(wire_name, form) then
      list[#list + 1] = { name = name, asked = asked, got = number[name], part = part }
    end
  end
  return list
end

--- The form of an update that sets what differs.
function reconcile.form(differences)
  local parts = {}
  for i, difference in ipairs(differences) do
    parts[i] = difference.part
  end
  return table.concat(parts, "&")
end

--- What differs, in words and without the values: a URL may hold a password.
function reconcile.describe(differences)
  local names = {}
  for i, difference in ipairs(differences) do
    names[i] = difference.name
    difference.part = nil
  end
  return "the number was bought, but Twilio did not set " .. table.concat(names, ", ")
end

return reconcile
