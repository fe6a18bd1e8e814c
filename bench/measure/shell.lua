-- Commands, and what they print.
local cjson = require("cjson")

local shell = {}

function shell.quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

---The output of a command.
function shell.output(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read("*a")
  pipe:close()
  return text
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
