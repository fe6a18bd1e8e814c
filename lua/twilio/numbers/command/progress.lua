--- The progress of many purchases, updates or releases: a bar on a terminal, else a line for each number.
local colour = require("twilio.numbers.command.colour")
local hints = require("twilio.numbers.command.hints")
local screen = require("twilio.numbers.command.screen")
local streams = require("twilio.numbers.command.streams")
local width = require("twilio.numbers.command.width")

local progress = {}

local WIDTH, NARROW = 30, 10 -- of the bar, in characters; and on a terminal below 80 columns

--- The words for purchases: the successful outcome, and the others, which are shown if there are any.
progress.PURCHASE = { done = "bought", others = { "refused", "unknown" } }

---@param more string? what else there is to say
local function bar(words, state, more)
  local done, columns = state[words.done], screen.width(2) or 80
  local size = columns < 80 and NARROW or WIDTH
  local filled = math.floor(size * (done + state.unknown) / state.wanted)
  local counts =
    { { done > 0 and words.done or "", ("%d/%d %s"):format(done, state.wanted, words.done) } }
  for _, name in ipairs(words.others) do
    local outcome = hints.OUTCOMES[name] or name
    if (state[name] or 0) > 0 then
      counts[#counts + 1] = { outcome, (", %d %s"):format(state[name], outcome) }
    end
  end
  local used, painted = size + 3, {}
  for i, count in ipairs(counts) do
    used, painted[i] = used + #count[2], colour.paint(2, count[1], count[2])
  end
  more = more and width.cut(", " .. more, math.max(columns - 1 - used, 0)) or ""
  local drawn = ("\r[%s%s] "):format(("#"):rep(filled), ("-"):rep(size - filled))
  io.stderr:write(drawn, table.concat(painted), more, "\27[K") -- and clears the rest of the line
  io.stderr:flush()
end

local function line(words, state)
  local result = state.result
  streams.say(
    ("%d/%d %s; %s: %s"):format(
      state[words.done],
      state.wanted,
      words.done,
      result.phone_number or "a number",
      hints.OUTCOMES[result.outcome] or result.outcome
    )
  )
end

--- Returns the functions to call after each number, and at the end.
---@param wanted integer
---@param words table see progress.PURCHASE
---@return function on_progress
---@return function finish
---@return function? show says something beside the bar
function progress.new(wanted, words)
  if not screen.can_redraw(2) then
    return function(state)
      line(words, state)
    end, function() end
  end
  local last = { wanted = wanted, [words.done] = 0, unknown = 0 }
  bar(words, last)
  local function on_progress(state)
    last = state
    bar(words, state)
  end
  local function finish()
    bar(words, last)
    io.stderr:write("\n")
  end
  return on_progress, finish, function(text)
    bar(words, last, text ~= "" and text or nil)
  end
end

return progress
