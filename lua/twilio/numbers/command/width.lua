--- How many columns of a terminal a text takes. Lua has no wcwidth(); these ranges are those of Unicode that
--- terminals agree on: marks that combine with the character before them, and characters of double width.
local width = {}

--- First and last code points, in order, and their columns; all others take one.
local RANGES = {
  { 0x0300, 0x036F, 0 }, -- combining marks: Latin
  { 0x0483, 0x0489, 0 },
  { 0x0591, 0x05BD, 0 }, -- Hebrew
  { 0x05C1, 0x05C2, 0 },
  { 0x0610, 0x061A, 0 }, -- Arabic
  { 0x064B, 0x065F, 0 },
  { 0x06D6, 0x06DC, 0 },
  { 0x0941, 0x0948, 0 }, -- Devanagari
  { 0x094D, 0x094D, 0 },
  { 0x0E31, 0x0E31, 0 }, -- Thai
  { 0x0E34, 0x0E3A, 0 },
  { 0x0E47, 0x0E4E, 0 },
  { 0x1100, 0x115F, 2 }, -- Hangul, in parts
  { 0x1160, 0x11FF, 0 },
  { 0x1AB0, 0x1AFF, 0 },
  { 0x1DC0, 0x1DFF, 0 },
  { 0x200B, 0x200F, 0 }, -- spaces and joiners of no width
  { 0x20D0, 0x20FF, 0 },
  { 0x231A, 0x231B, 2 }, -- symbols that are emoji
  { 0x23E9, 0x23EC, 2 },
  { 0x2614, 0x2615, 2 },
  { 0x2648, 0x2653, 2 },
  { 0x26A1, 0x26A1, 2 },
  { 0x2705, 0x2705, 2 },
  { 0x270A, 0x270B, 2 },
  { 0x2728, 0x2728, 2 },
  { 0x274C, 0x274C, 2 },
  { 0x2753, 0x2757, 2 },
  { 0x2795, 0x2797, 2 },
  { 0x2B50, 0x2B50, 2 },
  { 0x2E80, 0x303E, 2 }, -- CJK
  { 0x3041, 0x3098, 2 },
  { 0x3099, 0x309A, 0 },
  { 0x309B, 0xA4CF, 2 },
  { 0xA960, 0xA97F, 2 },
  { 0xAC00, 0xD7A3, 2 }, -- Hangul
  { 0xF900, 0xFAFF, 2 },
  { 0xFE00, 0xFE0F, 0 }, -- variation selectors
  { 0xFE20, 0xFE2F, 0 },
  { 0xFE30, 0xFE6F, 2 },
  { 0xFEFF, 0xFEFF, 0 },
  { 0xFF00, 0xFF60, 2 }, -- forms of full width
  { 0xFFE0, 0xFFE6, 2 },
  { 0x1F300, 0x1F64F, 2 }, -- emoji
  { 0x1F680, 0x1F6FF, 2 },
  { 0x1F7E0, 0x1F7EB, 2 },
  { 0x1F900, 0x1F9FF, 2 },
  { 0x1FA70, 0x1FAFF, 2 },
  { 0x20000, 0x3FFFD, 2 },
}

--- The columns of a code point: a binary search.
local function columns_of(code)
  local low, high = 1, #RANGES
  while low <= high do
    local middle = math.floor((low + high) / 2)
    local range = RANGES[middle]
    if code < range[1] then
      high = middle - 1
    elseif code > range[2] then
      low = middle + 1
    else
      return range[3]
    end
  end
  return 1
end

--- The code point of a character of UTF-8.
local function code_of(character)
  local first = character:byte()
  local size = #character
  local code = size == 1 and first or first % 2 ^ (7 - size) -- the bits behind the mark of the length
  for i = 2, size do
    code = code * 64 + character:byte(i) % 64
  end
  return code
end

local CHARACTER = "[\1-\127\192-\255][\128-\191]*"

--- The columns of a text of whole characters, see streams.clean().
---@param text string
---@return integer
function width.of(text)
  if not text:find("[\128-\255]") then
    return #text
  end
  local columns = 0
  for character in text:gmatch(CHARACTER) do
    columns = columns + columns_of(code_of(character))
  end
  return columns
end

--- The beginning of a text that fits into a number of columns, and the rest.
---@param text string
---@param columns integer
---@return string head
---@return string tail
function width.split(text, columns)
  local place, used = 1, 0
  for character in text:gmatch(CHARACTER) do
    used = used + columns_of(code_of(character))
    if used > columns then
      break
    end
    place = place + #character
  end
  return text:sub(1, place - 1), text:sub(place)
end

--- A text of at most that many columns: "..." stands for what is cut off.
---@return string
function width.cut(text, columns)
  if width.of(text) <= columns then
    return text
  end
  return (width.split(text, math.max(columns - 3, 0))) .. ("."):rep(math.min(3, columns))
end

--- A text padded with spaces.
function width.pad(text, columns)
  return text .. (" "):rep(columns - width.of(text))
end

--- The lines of a text, broken between words; a longer word is broken too.
---@param text string
---@param columns integer
---@return string[]
function width.wrap(text, columns)
  local lines, line = {}, ""
  for word in text:gmatch("%S+") do
    local longer = line == "" and word or line .. " " .. word
    if width.of(longer) <= columns then
      line = longer
    else
      if line ~= "" then
        lines[#lines + 1] = line
      end
      line = word
      while width.of(line) > columns do
        local head, tail = width.split(line, columns)
        if head == "" then -- narrower than one character
          break
        end
        lines[#lines + 1], line = head, tail
      end
    end
  end
  lines[#lines + 1] = line
  return lines
end

return width
