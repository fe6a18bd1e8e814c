-- The filters NearNumber, NearLatLong and Distance of a search: finds the rows of the inventory nearby. Pure.

local near = {}

local EARTH = 3958.8 -- radius, miles
local DEFAULT = 25 -- miles

local function position(latitude, longitude)
  latitude, longitude = tonumber(latitude), tonumber(longitude)
  return latitude and longitude and { math.rad(latitude), math.rad(longitude) }
end

-- The great-circle distance of two positions, in miles.
local function distance(a, b)
  local dy, dx = math.sin((a[1] - b[1]) / 2), math.sin((a[2] - b[2]) / 2)
  local h = dy * dy + math.cos(a[1]) * math.cos(b[1]) * dx * dx
  return 2 * EARTH * math.asin(math.sqrt(math.min(1, h)))
end

-- The center of the search. The position of a number is that of its area code.
local function centre(inventory, query)
  local area = (query.NearNumber or ""):match("^%+1%d%d%d")
  local row = area and inventory.row_of_prefix[area]
  if row then
    return position(row.latitude, row.longitude)
  end
  return position((query.NearLatLong or ""):match("^([^,]+),([^,]+)$"))
end

---Returns a filter for the rows of a search.
---@param inventory table
---@param query table<string, string>
---@return fun(row: twilio.simulator.Row): boolean
function near.filter(inventory, query)
  local is_asked = (query.NearNumber or "") ~= "" or (query.NearLatLong or "") ~= ""
  local from = is_asked and centre(inventory, query)
  local most = tonumber(query.Distance) or DEFAULT
  return function(row)
    local at = from and position(row.latitude, row.longitude)
    return not is_asked or (at and distance(from, at) <= most) or false
  end
end

return near
