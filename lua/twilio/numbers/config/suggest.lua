--- The nearest known name to one that was mistyped.
local suggest = {}

local LONGEST = 64 -- bytes; a longer name is not a typo

--- Normalizes a name: PhoneNumber, phone-number and phone_number are the same one.
local function plain(name)
  return (name:lower():gsub("[^%w]", ""))
end

--- The number of letters to insert, delete or replace to turn one word into another (Levenshtein).
local function distance(a, b)
  local previous = {}
  for j = 0, #b do
    previous[j] = j
  end
  for i = 1, #a do
    local current = { [0] = i }
    for j = 1, #b do
      local replaced = previous[j - 1] + (a:byte(i) == b:byte(j) and 0 or 1)
      current[j] = math.min(previous[j] + 1, current[j - 1] + 1, replaced)
    end
    previous = current
  end
  return previous[#b]
end

--- The known name that `name` most likely means, or nil if it is like none of them.
---@param name any
---@param known string[]
---@return string?
function suggest.name(name, known)
  if type(name) ~= "string" or #name > LONGEST then
    return nil
  end
  local wanted, best, best_distance = plain(name), nil, math.huge
  local longer, count = nil, 0 -- sms is short for sms_enabled if no other name begins with it
  for _, candidate in ipairs(known) do
    if candidate:sub(1, #name + 1) == name .. "_" then
      longer, count = candidate, count + 1
    end
    local letters = plain(candidate)
    local d = distance(wanted, letters)
    if d < best_distance and d <= math.max(1, math.floor(#letters / 3)) then
      best, best_distance = candidate, d
    end
  end
  return best or (count == 1 and longer or nil)
end

return suggest
