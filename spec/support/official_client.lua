-- Twilio's official client for node, asked what it would send. It needs node and `npm ci` in
-- tools/, and no network: nothing is sent.

local cjson = require("cjson")

local official_client = {}

---A parameter's name as the official client has it: smsFallbackUrl.
local function camel_case(name)
  return (name:gsub("_(%l)", string.upper))
end

local function read_and_remove(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  os.remove(path)
  return text
end

---The form bodies with which the official client buys.
---@param list table[] our params
---@return string[] bodies
function official_client.bodies(list)
  local theirs = {}
  for i, params in ipairs(list) do
    theirs[i] = {}
    for name, value in pairs(params) do
      theirs[i][camel_case(name)] = value
    end
  end
  local input, output = os.tmpname(), os.tmpname()
  local file = assert(io.open(input, "w"))
  file:write(cjson.encode(theirs))
  file:close()
  os.execute(("node tools/official-client/bodies.js <%s >%s"):format(input, output))
  os.remove(input)
  local answer = read_and_remove(output)
  assert(answer ~= "", "the official client cannot be asked: is `npm ci` done in tools/?")
  return cjson.decode(answer)
end

return official_client
