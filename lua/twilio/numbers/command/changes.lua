--- The differences between two states of a number, for people: "voice_url: https://old -> (none)".
local changes = {}

--- Fields that change by themselves, or that repeat another field.
local IGNORED = { date_updated = true, uri = true, capabilities = true }

local function text_of(value)
  return (value == nil or value == "") and "(none)" or tostring(value)
end

local function is_comparable(value)
  return type(value) ~= "table"
end

--- The differences, sorted by field.
---@param before table the number as it was
---@param after table the number as it is
---@param asked table<string, any> the requested settings, which are listed even if they are unchanged
---@return string[] lines
function changes.of(before, after, asked)
  local names, seen = {}, {}
  for _, fields in ipairs { before, after, asked } do
    for name in pairs(fields) do
      if not seen[name] and not IGNORED[name] then
        seen[name], names[#names + 1] = true, name
      end
    end
  end
  table.sort(names)
  local lines = {}
  for _, name in ipairs(names) do
    local old, new = before[name], after[name]
    local old_text, new_text = text_of(old), text_of(new)
    if is_comparable(old) and is_comparable(new) and old_text ~= new_text then
      lines[#lines + 1] = ("%s: %s -> %s"):format(name, old_text, new_text)
    elseif asked[name] ~= nil then
      lines[#lines + 1] = ("%s: %s (unchanged)"):format(name, new_text)
    end
  end
  return lines
end

--- The number as it would be after the change.
---@param before table
---@param asked table<string, any>
---@return table after
function changes.plan(before, asked)
  local after = {}
  for _, fields in ipairs { before, asked } do
    for name, value in pairs(fields) do
      after[name] = value
    end
  end
  return after
end

return changes
