-- Commands, and what they print.
local cjson = require("cjson")
local files = require("spec.support.files")

local shell = { output = files.output }

function shell.quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

---The JSON that a command prints.
---@return table? value
---@return string? what was printed instead of JSON
function shell.json(command)
  local text = shell.output(command .. " 2>&1")
  local parsed, value = pcall(cjson.decode, text)
  if parsed then
    return value
  end
  return nil, text:sub(1, 400)
end

return shell
