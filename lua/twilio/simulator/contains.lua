-- The filter Contains of a search: the patterns that Twilio accepts, and what they match. Pure.

local contains = {}

local keypad = {}
for digit, letters in pairs {
  ["2"] = "ABC",
  ["3"] = "DEF",
  ["4"] = "GHI",
  ["5"] = "JKL",
  ["6"] = "MNO",
  ["7"] = "PQRS",
  ["8"] = "TUV",
  ["9"] = "WXYZ",
} do
  for letter in letters:gmatch(".") do
    keypad[letter] = digit
  end
end

-- The translation to Lua patterns; other characters match themselves.
local in_lua = { ["*"] = "%d", ["%"] = "%d*", ["+"] = "^%+", ["$"] = "$" }

-- 2 to 16 characters; a `*` must be at an end, `+` must be first and `$` must be last.
local function is_legal(text)
  return #text >= 2
    and #text <= 16
    and text:match("^%+?[%w*%%]*%$?$") ~= nil
    and not text:find("[%w%%]%*+[%w%%]")
end

---The Lua pattern for a filter: digits, letters as on a keypad, `*` for any digit, `%` for any digits, `+`
---for the
---start and `$` for the end of the number.
---@param text string "" matches every number
---@return string? pattern nil if Twilio refuses the text
function contains.pattern(text)
  if text ~= "" and not is_legal(text) then
    return nil
  end
  return (text:upper():gsub("%a", keypad):gsub("[*%%+$]", in_lua))
end

return contains
