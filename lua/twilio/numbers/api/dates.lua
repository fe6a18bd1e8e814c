--- Parses dates as in mail and HTTP (RFC 2822, RFC 9110), such as "Tue, 27 Jul 2010 20:21:11 +0000", and of
--- ISO 8601. Pure.
local dates = {}

local MONTHS = {}
for month, name in ipairs {
  "Jan",
  "Feb",
  "Mar",
  "Apr",
  "May",
  "Jun",
  "Jul",
  "Aug",
  "Sep",
  "Oct",
  "Nov",
  "Dec",
} do
  MONTHS[name] = month
end

local ZONES = { GMT = 0, UT = 0, UTC = 0, Z = 0 }

--- The offset of a time zone from GMT, in seconds.
local function zone_offset(zone)
  local sign, hours, minutes = zone:match("^([+-])(%d%d)(%d%d)$")
  if sign then
    return (sign == "-" and -1 or 1) * (hours * 3600 + minutes * 60)
  end
  return ZONES[zone]
end

--- Days from 1970-01-01 to a day of the Gregorian calendar. Internally years start in March, so that the leap
--- day is the last of a year.
local function days(year, month, day)
  year = month > 2 and year or year - 1
  local month_of_year = (month + 9) % 12
  local day_of_year = math.floor((153 * month_of_year + 2) / 5) + day - 1
  local leaps = math.floor(year / 4) - math.floor(year / 100) + math.floor(year / 400)
  return 365 * year + leaps + day_of_year - 719468
end

--- Seconds since 1970, or nil if the text is not such a date.
---@param text any
---@return number?
function dates.seconds(text)
  if type(text) ~= "string" then
    return nil
  end
  local day, name, year, hour, minute, second, zone =
    text:match("(%d%d?) (%a%a%a) (%d%d%d%d) (%d%d):(%d%d):(%d%d) (%S+)%s*$")
  local month, offset = MONTHS[name], zone and zone_offset(zone)
  if not month or not offset then
    return nil
  end
  local whole = days(tonumber(year), month, tonumber(day))
  return whole * 86400 + hour * 3600 + minute * 60 + second - offset
end

--- The same for ISO 8601, such as "2026-07-31T01:09:00Z"; a date without a time is midnight.
---@param text any
---@return number?
function dates.iso_seconds(text)
  local year, month, day, rest = nil, nil, nil, nil
  if type(text) == "string" then
    year, month, day, rest = text:match("^(%d%d%d%d)%-(%d%d)%-(%d%d)(.*)$")
  end
  if not year then
    return nil
  end
  local midnight = days(tonumber(year), tonumber(month), tonumber(day)) * 86400
  if rest == "" then
    return midnight
  end
  local hour, minute, second, zone = rest:match("^T(%d%d):(%d%d):(%d%d)%.?%d*(%S+)$")
  local offset = zone and zone_offset((zone:gsub(":", "")))
  return offset and midnight + hour * 3600 + minute * 60 + second - offset or nil
end

--- The day of a time (UTC), such as "2026-11-28".
---@param seconds number since 1970
---@return string
function dates.day(seconds)
  local day = math.floor(seconds / 86400)
  local year = 1970 + math.floor(day / 366) -- not later than that
  while days(year + 1, 1, 1) <= day do
    year = year + 1
  end
  local month = 12
  while days(year, month, 1) > day do
    month = month - 1
  end
  return ("%04d-%02d-%02d"):format(year, month, day - days(year, month, 1) + 1)
end

return dates
