--- How far many purchases have come: a bar on a terminal, a line for each number elsewhere.
local streams = require("twilio.numbers.command.streams")

local progress = {}

local WIDTH = 30 -- of the bar, in characters

---@param more string? what else there is to say
local function bar(state, more)
  local done = state.bought + state.unknown
  local filled = math.floor(WIDTH * done / state.wanted)
  local text = ("\r[%s%s] %d/%d bought"):format(
    ("#"):rep(filled),
    ("-"):rep(WIDTH - filled),
    state.bought,
    state.wanted
  )
  for _, name in ipairs { "refused", "unknown" } do
    text = text .. (state[name] > 0 and (", %d %s"):format(state[name], name) or "")
  end
  io.stderr:write(text, more and ", " .. more or "", "\27[K") -- and clears the rest of the line
  io.stderr:flush()
end

local function line(state)
  local result = state.result
  streams.say(
    ("%d/%d bought; %s: %s"):format(
      state.bought,
      state.wanted,
      result.phone_number or "a number",
      result.outcome
    )
  )
end

--- What to call with each progress, and at the end.
---@param wanted integer
---@return function? on_progress
---@return function finish
---@return function? show says something beside the bar
function progress.new(wanted)
  if not streams.is_terminal(2) then
    return streams.may_chat and line or nil, function() end
  end
  local last = { wanted = wanted, bought = 0, refused = 0, unknown = 0 }
  bar(last)
  local function on_progress(state)
    last = state
    bar(state)
  end
  local function finish()
    bar(last)
    io.stderr:write("\n")
  end
  return on_progress, finish, function(text)
    bar(last, text ~= "" and text or nil)
  end
end

return progress
