--- How far many purchases, updates or releases have come: a bar on a terminal, a line for each number
--- elsewhere.
local hints = require("twilio.numbers.command.hints")
local streams = require("twilio.numbers.command.streams")

local progress = {}

local WIDTH = 30 -- of the bar, in characters

--- What is said of purchases: the outcome that is wanted, and the others, as far as there are some.
progress.PURCHASE = { done = "bought", others = { "refused", "unknown" } }

---@param more string? what else there is to say
local function bar(words, state, more)
  local done = state[words.done]
  local filled = math.floor(WIDTH * (done + state.unknown) / state.wanted)
  local text = ("\r[%s%s] %d/%d %s"):format(
    ("#"):rep(filled),
    ("-"):rep(WIDTH - filled),
    done,
    state.wanted,
    words.done
  )
  for _, name in ipairs(words.others) do
    local others = (", %d %s"):format(state[name] or 0, hints.OUTCOMES[name] or name)
    text = text .. ((state[name] or 0) > 0 and others or "")
  end
  io.stderr:write(text, more and ", " .. more or "", "\27[K") -- and clears the rest of the line
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

--- What to call with each progress, and at the end.
---@param wanted integer
---@param words table see progress.PURCHASE
---@return function? on_progress
---@return function finish
---@return function? show says something beside the bar
function progress.new(wanted, words)
  if not streams.is_terminal(2) then
    return streams.may_chat and function(state)
      line(words, state)
    end or nil,
      function() end
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
