--- Parses the name of a journal: a path, sqlite:PATH, postgresql://..., postgresql:CONNINFO, service=..., or
--- a table of four functions. A connection string is a secret: no message contains it.
local show = require("twilio.numbers.config.show")

local spec = {}

--- Names of PostgreSQL stores: a pattern, and whether libpq gets the prefix too.
local CONNECTIONS = {
  { "^postgresql://", true },
  { "^postgres://", true },
  { "^service=", true },
  { "^postgresql:", false },
}

local FORMS = "a path, sqlite:PATH, postgresql://..., postgresql:CONNINFO, service=..., or a table with the"
  .. " functions read, apply, scan and close"

local FUNCTIONS = { "read", "apply", "scan", "close" }

local function is_callable(value)
  local metatable = type(value) ~= "function" and getmetatable(value)
  return type(value) == "function" or (type(metatable) == "table" and metatable.__call ~= nil)
end

local function read_table(store)
  for _, name in ipairs(FUNCTIONS) do
    if not is_callable(store[name]) then
      return nil, ("the journal's table has no function %s"):format(name)
    end
  end
  return { kind = "custom", store = store }
end

local function read_path(path)
  if path == "" then
    return nil, "the journal's path is empty"
  elseif path:sub(1, 1) == ":" then
    return nil, "the journal must be a file: memory alone would be forgotten"
  elseif path:find("[\1-\31\127]") then -- messages name the path
    return nil, "the journal's path must not contain control characters, such as a line break"
  end
  return { kind = "sqlite", path = path }
end

--- Parses the name; nil and a message if it is invalid.
---@param given any
---@return { kind: string, path: string?, conninfo: string?, store: table? }? read
---@return string? message
function spec.read(given)
  if type(given) == "table" then
    return read_table(given)
  elseif type(given) ~= "string" then
    return nil, ("a journal must be %s; got %s"):format(FORMS, show.type(given))
  elseif given:find("\0", 1, true) then
    return nil, "the journal's name must not contain a NUL byte"
  end
  for _, row in ipairs(CONNECTIONS) do
    local _, last = given:find(row[1])
    if last then
      return { kind = "postgresql", conninfo = row[2] and given or given:sub(last + 1) }
    end
  end
  local path = given:match("^sqlite:(.*)$")
  if path and path:find("^//") then -- other libraries have URLs, of which some mean a relative path
    return nil, "sqlite:// is no journal: write sqlite:PATH"
  elseif path then
    return read_path(path)
  end
  local scheme = given:match("^(%a[%w+.-]*):")
  if scheme then
    return nil, ('there is no journal "%s:": give %s'):format(scheme, FORMS)
  elseif given:match("^%s*%a+%s*=") then
    return nil, "this looks like a connection string: write postgresql: before it"
  end
  return read_path(given)
end

return spec
