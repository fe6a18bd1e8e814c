--- The simulator's faults (docs/simulator.md), for specs.
local faults = {}

--- The options that distinguish faults of one name.
local OPTIONS = {
  "status",
  "code",
  "commit",
  "content_type",
  "status_line",
  "seconds",
  "retry_after",
  "scope",
  "h2_error",
  "method",
  "times",
}

--- A fault in words.
function faults.describe(fault)
  local words = { fault.fault }
  for _, name in ipairs(OPTIONS) do
    if fault[name] ~= nil and not (name == "method" and not fault.method) then
      words[#words + 1] = name .. "=" .. tostring(fault[name])
    end
  end
  return table.concat(words, " ")
end

--- Faults that hit one after another, in words.
function faults.describe_all(list)
  local words = {}
  for index, fault in ipairs(list) do
    words[index] = faults.describe(fault)
  end
  return #words > 0 and table.concat(words, ", then ") or "no fault"
end

--- Faults of any request, over any protocol.
local ANYWHERE = {
  "close_before_read",
  "reset_before_read",
  "close_after_read",
  "reset_after_read",
  "close_after_commit",
  "reset_after_commit",
  "close_in_headers",
  "close_in_body",
  "rate_limit",
  "redirect",
  "html",
  "invalid_json",
  "empty",
}

--- These, and a spec's own.
function faults.anywhere_and(more)
  local all = {}
  for _, list in ipairs { ANYWHERE, more } do
    for _, fault in ipairs(list) do
      all[#all + 1] = fault
    end
  end
  return all
end

return faults
