--- The simulator's faults (docs/simulator.md), for specs.
local faults = {}

--- A fault in words.
function faults.describe(fault)
  local words = { fault.fault }
  for _, name in ipairs { "status", "commit", "status_line" } do
    if fault[name] ~= nil then
      words[#words + 1] = name .. "=" .. tostring(fault[name])
    end
  end
  return table.concat(words, " ")
end

return faults
