--- Rows of parameters and options, for the specs that compare pages and annotations with them.
local rows = {}

--- Their names, sorted.
function rows.names(list)
  local names = {}
  for _, row in ipairs(list) do
    names[#names + 1] = row.name
  end
  table.sort(names)
  return names
end

--- The rows of several lists.
function rows.join(...)
  local all = {}
  for _, list in ipairs { ... } do
    for _, row in ipairs(list) do
      all[#all + 1] = row
    end
  end
  return all
end

--- What an option is without a value, in words: its default or its variable; nil if it has neither.
function rows.default_of(row)
  return row.default and tostring(row.default) or (row.environment or {})[1]
end

return rows
