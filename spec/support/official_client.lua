-- What Twilio's official client for node would send. Needs node and `npm ci` in tools/, but no network:
-- nothing is sent.

local assert = require("luassert")
local cjson = require("cjson")
local form = require("spec.support.form")

local official_client = {}

---A parameter's name in the official client: smsFallbackUrl.
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

---The module's names in the official client.
local function in_camel_case(params)
  local theirs = {}
  for name, value in pairs(params) do
    theirs[camel_case(name)] = value
  end
  return theirs
end

---The output of a program in tools/official-client for a list.
local function ask(program, list)
  local input, output = os.tmpname(), os.tmpname()
  local file = assert(io.open(input, "w"))
  file:write(cjson.encode(list))
  file:close()
  os.execute(("node tools/official-client/%s.js <%s >%s"):format(program, input, output))
  os.remove(input)
  local answer = read_and_remove(output)
  assert(answer ~= "", "the official client cannot be asked: is `npm ci` done in tools/?")
  return cjson.decode(answer)
end

---The form bodies with which the official client buys.
---@param list table[] our params
---@return string[] bodies
function official_client.bodies(list)
  local theirs = {}
  for i, params in ipairs(list) do
    theirs[i] = in_camel_case(params)
  end
  return ask("bodies", theirs)
end

--- The requests of the official client's other calls: for the account AC and 32 times "a", about the number
---PN, the service MG or the address AD and 32 times "a", or in the US.
---@param list { call: string, params: table }[] a name of tools/official-client/requests.js, and our params
---@return { method: string, host: string, path: string, query: string, body: string }[] requests
function official_client.requests(list)
  local theirs = {}
  for i, wanted in ipairs(list) do
    theirs[i] = { call = wanted.call, params = in_camel_case(wanted.params) }
  end
  return ask("requests", theirs)
end

--- A form as a table; the official client leaves more characters as they are than we do, and sends an
--- Exclude... that is false, with which Twilio shows nothing in some countries.
local function read_theirs(text)
  local fields = text == "" and {}
    or form.decode((text:gsub("[^%w*%-._+%%&=]", function(c)
      return ("%%%02X"):format(c:byte())
    end)))
  for name, value in pairs(fields) do
    fields[name] = not (name:find("^Exclude") and value == "false") and value or nil
  end
  return fields
end

local function read_ours(text)
  return (text or "") == "" and {} or form.decode(text)
end

---Compares the module's request with the official client's.
---@param theirs table one of official_client.requests()
---@param request table what a transport is given
---@param told string
function official_client.compare(theirs, request, told)
  local host, path, query = request.url:match("^https://([^/]*)([^?]*)%??(.*)$")
  assert.same({ theirs.method, theirs.host, theirs.path }, { request.method, host, path }, told)
  assert.same(read_theirs(theirs.query), read_ours(query), told)
  assert.same(read_theirs(theirs.body), read_ours(request.body), told)
end

return official_client
