-- The filter Contains of a search: which patterns Twilio takes, and what they match. Pure.

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

-- In Lua's patterns; what is not here stands for itself.
local in_lua = { ["*"] = "%d", ["%"] = "%d*", ["+"] = "^%+", ["$"] = "$" }

-- 2 to 16 characters; a `*` between others is refused, and there is no place but the first for `+`
-- and the last for `$`.
local function is_legal(text)
  return #text >= 2
    and #text <= 16
    and text:match("^%+?[%w*%%]*%$?$") ~= nil
    and not text:find("[%w%%]%*+[%w%%]")
end

---What a phone number must match: digits, letters as on a keypad, `*` for any digit, `%` for any
---digits, `+` for the number's beginning and `$` for its end.
---@param text string "" matches every number
---@return string? pattern nil when Twilio refuses the text
function contains.pattern(text)
  if text ~= "" and not is_legal(text) then
    return nil
  end
  return (text:upper():gsub("%a", keypad):gsub("[*%%+$]", in_lua))
end

return contains
