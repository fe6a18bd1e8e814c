-- Runs the curl command: for specs that need TLS or HTTP/2, which LuaSocket lacks.

local MARK = "\n@@@ %{http_code} %{http_version} %{num_connects} %{exitcode}\n"

local function quote(text)
  return "'" .. text:gsub("'", [['\'']]) .. "'"
end

---One response for each URL: status (0 when there was none), version, connects, exit, body.
---@param ... string curl's arguments
---@return { status: integer, version: string, connects: integer, exit: integer, body: string }[]
return function(...)
  local command =
    { "curl", "--silent", "--no-progress-meter", "--max-time", "20", "--write-out", quote(MARK) }
  for _, argument in ipairs { ... } do
    command[#command + 1] = quote(argument)
  end
  local pipe = assert(io.popen(table.concat(command, " ")))
  local output = pipe:read("*a")
  pipe:close()
  local answers = {}
  local pattern = "(.-)\n@@@ (%d+) (%S+) (%d+) (%d+)\n"
  for body, status, version, connects, exit in output:gmatch(pattern) do
    answers[#answers + 1] = {
      status = tonumber(status),
      version = version,
      connects = tonumber(connects),
      exit = tonumber(exit),
      body = body,
    }
  end
  return answers
end
