--- Numbers of one area code that the simulator sells, and filters for them, for specs of purchase_many.
local pool = {}

local FILTER = { country = "US", area_code = "415" }

function pool.phone(i)
  return ("+1415555%04d"):format(100 + i)
end

function pool.phones(count)
  local list = {}
  for i = 1, count do
    list[i] = pool.phone(i)
  end
  return list
end

--- A filter with a count.
---@param more? table its other fields
function pool.filter(count, more)
  local copy = { count = count }
  for _, part in ipairs { FILTER, more or {} } do
    for name, value in pairs(part) do
      copy[name] = value
    end
  end
  return copy
end

return pool
