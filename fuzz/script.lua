--- Reads the inputs of the target client: sections that begin with a word in brackets, each with lines
--- "name=value". The first character of a value is its type:
---
---   'text    #number    !true or !false    {} a table    ?function    ^userdata    *trap    @cycle
---
--- A name that begins with # is a number, "\xFF" in a text is a byte, and a line "=value" replaces the table
--- by a value. A function returns the value after its "?", or raises it: ?raise. A response is a status, or
--- "raise", "value #5", "nil MESSAGE KIND", "broken KIND STATUS"; then headers, an empty line and the body.
--- $TOKEN in it is the secret, in several encodings: see client.lua.
local script = {}

local function unescape(text)
  return (text:gsub("\\x(%x%x)", function(code)
    return string.char(tonumber(code, 16))
  end))
end

local function raise()
  error("a metamethod was run")
end

local TRAP = { __name = "trap" }
for _, name in ipairs {
  "index",
  "newindex",
  "pairs",
  "tostring",
  "len",
  "eq",
  "lt",
  "concat",
  "call",
} do
  TRAP["__" .. name] = raise
end

local NUMBERS = { nan = 0 / 0, inf = math.huge, ["-inf"] = -math.huge }

local function cycle()
  local t = {}
  t.self, t[t] = t, t
  return t
end

local MAKE = {
  ["'"] = unescape,
  ["#"] = function(text)
    return NUMBERS[text] or tonumber(text) or 0
  end,
  ["!"] = function(text)
    return text == "true"
  end,
  ["{"] = function(text)
    return { text, name = text }
  end,
  ["?"] = function(text)
    return function()
      if text == "raise" then
        error(text)
      end
      return script.value(text)
    end
  end,
  ["^"] = function()
    return io.stdout
  end,
  ["*"] = function()
    return setmetatable({ phone_number = "+15005550006" }, TRAP)
  end,
  ["@"] = cycle,
}

--- The value that a text represents; nil if it is invalid.
function script.value(text)
  local make = MAKE[text:sub(1, 1)]
  if make then
    return make(text:sub(2))
  end
end

local function key(text)
  if text:sub(1, 1) == "#" then
    local number = tonumber(text:sub(2))
    return number == number and number or 0
  end
  return unescape(text)
end

--- A table of "name=value" lines. A line "=value" replaces it by a value; tables do not nest.
local function fields(text)
  local values, whole = {}, nil
  for line in text:gmatch("[^\n]+") do
    local name, value = line:match("^([^=]*)=(.*)$")
    if name == "" then
      whole = { value = script.value(value) }
    elseif name then
      values[key(name)] = script.value(value)
    end
  end
  if whole then
    return whole.value
  end
  return values
end

--- A response: its kind on the first line, headers up to an empty line, the body.
local function answer(text, secrets)
  text = text:gsub("%$(%u+)", secrets)
  local first, rest = text:match("^([^\n]*)\n?(.*)$")
  local head, body = rest:match("^(.-)\n?\n(.*)$")
  local headers = {}
  for name, value in (head or rest):gmatch("([^\n:]+): ([^\n]*)") do
    headers[name] = unescape(value)
  end
  return { words = first, headers = headers, body = body and unescape(body) }
end

--- Parses an input into a list of {name =, fields = or answer =}.
---@param text string
---@param secrets table<string, string> the values of $NAME in a response
function script.read(text, secrets)
  local section, sections = { lines = {} }, {}
  for line in (text .. "\n"):gmatch("(.-)\n") do
    local name = line:match("^%[(%l+)%]$")
    if name then
      section = { name = name, lines = {} }
      sections[#sections + 1] = section
    else
      section.lines[#section.lines + 1] = line
    end
  end
  for _, each in ipairs(sections) do
    local content = table.concat(each.lines, "\n")
    if each.name == "answer" then
      each.answer = answer(content, secrets)
    else
      each.fields = fields(content)
    end
  end
  return sections
end

return script
