--- Everything that is reachable from a table, also in metatables, as text: for specs that look for a secret.
local function dump(value, seen, out)
  seen, out = seen or {}, out or {}
  if type(value) == "table" then
    if not seen[value] then
      seen[value] = true
      for k, v in next, value do
        dump(k, seen, out)
        dump(v, seen, out)
      end
      dump(debug.getmetatable(value), seen, out)
    end
  else
    out[#out + 1] = tostring(value)
  end
  return table.concat(out, "\n")
end

return dump
