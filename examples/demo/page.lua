--- What the demo prints: sections of lines in 80 columns, with outcomes in colour on a terminal.
local page = {}

local WIDTH, INDENT, LABEL = 80, 2, 14 -- columns

local GREEN, YELLOW, RED, BOLD, PLAIN = "\27[32m", "\27[33m", "\27[31m", "\27[1m", "\27[0m"

-- https://no-color.org, and only on a terminal that has colours.
local function has_colours()
  if (os.getenv("NO_COLOR") or "") ~= "" or (os.getenv("TERM") or "dumb") == "dumb" then
    return false
  end
  local status = os.execute("test -t 1")
  return status == true or status == 0
end

local coloured = has_colours()

local function in_colour(colour, text)
  return coloured and colour .. text .. PLAIN or text
end

-- Text in lines of a width.
local function wrap(text, width)
  local lines, line = {}, ""
  for word in text:gmatch("%S+") do
    if line ~= "" and #line + 1 + #word > width then
      lines[#lines + 1], line = line, word
    else
      line = line == "" and word or line .. " " .. word
    end
  end
  lines[#lines + 1] = line
  return lines
end

function page.section(title)
  print("\n" .. in_colour(BOLD, title) .. "\n" .. ("-"):rep(#title))
end

--- A label, and text in the column right of it.
---@param mark? string stands before the first line of the text
function page.field(label, value, mark, colour)
  mark = mark or ""
  for i, line in ipairs(wrap(tostring(value), WIDTH - INDENT - LABEL - #mark)) do
    local left = ("%-" .. LABEL .. "s"):format(i == 1 and label or "")
    local text = (i == 1 and mark or (" "):rep(#mark)) .. line
    print((" "):rep(INDENT) .. left .. (colour and in_colour(colour, text) or text))
  end
end

function page.say(text)
  for _, line in ipairs(wrap(text, WIDTH - INDENT)) do
    print((" "):rep(INDENT) .. line)
  end
end

--- A line as it is typed into a shell.
function page.command(line)
  print((" "):rep(INDENT) .. "$ " .. line)
end

local OUTCOMES = { bought = GREEN, unknown = YELLOW, refused = RED }

--- A line about an outcome, in its colour.
---@param outcome "bought"|"unknown"|"refused"
function page.outcome(outcome, text)
  page.field(outcome, text, nil, OUTCOMES[outcome])
end

--- The outcome of a purchase, as it is returned.
function page.purchase(number, message, err)
  if number then
    return page.outcome("bought", number.phone_number .. " (" .. number.friendly_name .. ")")
  end
  page.outcome(err.purchased == "no" and "refused" or "unknown", message)
  page.field("kind", err.kind)
  page.field("purchased", err.purchased)
end

return page
