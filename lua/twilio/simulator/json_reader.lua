-- The simulator's JSON reader, for requests to its control endpoint and for its own answers. Pure.
-- Used by json.lua.

local json_reader = {}

local DEPTH_MAX = 100

-- Represents null, so that a null field differs from an absent one.
function json_reader.null() end

local ESCAPES = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }
ESCAPES['"'], ESCAPES["\\"], ESCAPES["/"] = '"', "\\", "/"

local WORDS = { ["true"] = true, ["false"] = false, ["null"] = json_reader.null }

local function fail(at, what)
  error { problem = ("%s at byte %d"):format(what, at) }
end

local function utf8_of(code)
  if code < 0x80 then
    return string.char(code)
  elseif code < 0x800 then
    return string.char(0xC0 + math.floor(code / 64), 0x80 + code % 64)
  elseif code < 0x10000 then
    return string.char(
      0xE0 + math.floor(code / 4096),
      0x80 + math.floor(code / 64) % 64,
      0x80 + code % 64
    )
  end
  return string.char(
    0xF0 + math.floor(code / 262144),
    0x80 + math.floor(code / 4096) % 64,
    0x80 + math.floor(code / 64) % 64,
    0x80 + code % 64
  )
end

local REPLACEMENT = 0xFFFD

-- The character of an escape \uXXXX whose digits start at a position, and the next position.
local function read_code(text, at)
  local code = tonumber(text:match("^%x%x%x%x", at) or fail(at, "no four hex digits"), 16)
  at = at + 4
  if code >= 0xD800 and code < 0xDC00 then
    local low = text:match("^\\u([dD][c-fC-F]%x%x)", at)
    if low then
      return utf8_of(0x10000 + (code - 0xD800) * 1024 + tonumber(low, 16) - 0xDC00), at + 6
    end
    code = REPLACEMENT
  elseif code >= 0xDC00 and code < 0xE000 then
    code = REPLACEMENT
  end
  return utf8_of(code), at
end

-- The string that starts at a position, after its quote, and the next position.
local function read_string(text, at)
  local parts = {}
  while true do
    local plain, mark = text:match('^([^"\\]*)(["\\])', at)
    if not mark then
      fail(at, "a string without an end")
    elseif plain:find("[^\32-\255]") then
      fail(at, "a control character in a string")
    end
    parts[#parts + 1] = plain
    at = at + #plain + 1
    if mark == '"' then
      return table.concat(parts), at
    end
    local letter = text:sub(at, at)
    if letter == "u" then
      parts[#parts + 1], at = read_code(text, at + 1)
    else
      parts[#parts + 1] = ESCAPES[letter] or fail(at, "an unknown escape")
      at = at + 1
    end
  end
end

local function skip(text, at)
  return text:match("^[ \t\r\n]*()", at)
end

local function read_number(text, at)
  local word = text:match("^-?%d[%d.eE+-]*", at)
  local number = word
    and not word:find("^-?0%d")
    and not word:find("%.%D")
    and not word:find("%.$")
    and tonumber(word)
  return number or fail(at, "no value"), at + #word
end

local read_value

-- Reads items between brackets or braces, separated by commas.
local function read_items(text, at, closing, read_item)
  at = skip(text, at)
  if text:sub(at, at) == closing then
    return at + 1
  end
  while true do
    at = skip(text, read_item(at))
    local mark = text:sub(at, at)
    if mark == closing then
      return at + 1
    elseif mark ~= "," then
      fail(at, "no comma and no " .. closing)
    end
    at = skip(text, at + 1)
  end
end

local function read_list(text, at, depth)
  local items = {}
  local after = read_items(text, at, "]", function(from)
    items[#items + 1], from = read_value(text, from, depth)
    return from
  end)
  return items, after
end

local function read_object(text, at, depth)
  local fields = {}
  local after = read_items(text, at, "}", function(from)
    if text:sub(from, from) ~= '"' then
      fail(from, "no name")
    end
    local name, value
    name, from = read_string(text, from + 1)
    from = skip(text, from)
    if text:sub(from, from) ~= ":" then
      fail(from, "no colon")
    end
    value, from = read_value(text, skip(text, from + 1), depth)
    fields[name] = value
    return from
  end)
  return fields, after
end

local READERS = { ['"'] = read_string, ["["] = read_list, ["{"] = read_object }

-- The value that starts at a position, and the next position.
function read_value(text, at, depth)
  if depth > DEPTH_MAX then
    fail(at, "too deep")
  end
  local reader = READERS[text:sub(at, at)]
  if reader then
    return reader(text, at + 1, depth + 1)
  end
  local word = text:match("^%l+", at)
  if word and WORDS[word] ~= nil then
    return WORDS[word], at + #word
  end
  return read_number(text, at)
end

local function read_whole(text)
  local value, at = read_value(text, skip(text, 1), 1)
  at = skip(text, at)
  if at <= #text then
    fail(at, "more than one value")
  end
  return value
end

---@param text string?
---@return any value json_reader.null for null; nil if it is not JSON
---@return string? problem
function json_reader.decode(text)
  local ok, value = pcall(read_whole, text or "")
  if ok then
    return value
  end
  return nil, type(value) == "table" and value.problem or tostring(value)
end

return json_reader
