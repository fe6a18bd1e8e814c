--- Waits for a call in flight. On a terminal, shows for how long, and which attempt it is: a call may take
--- two minutes.
local core = require("twilio.numbers.core")
local screen = require("twilio.numbers.command.screen")

local Waiting = {}
Waiting.__index = Waiting

local SILENCE, EVERY, STEP = 3, 1, 0.1 -- seconds
local LONG = 1 -- seconds, for the journal

local waiting = {}

--- Creates the wait of a client, which sends a request as often as its option `retries` says.
---@param client twilio.numbers.Client
function waiting.new(client)
  local fields = { client = client, tries = client.config.retries + 1, failed = 0, method = false }
  return setmetatable(fields, Waiting)
end

--- Takes an event of on_event.
function Waiting:note(event)
  if event.error and event.method == self.method then
    self.failed = self.failed + 1
  end
end

local function show_line(text)
  io.stderr:write("\r", text, "\27[K") -- and clears the rest of the line
  io.stderr:flush()
end

--- Whether it is the journal that is waited for, also by a purchase.
function Waiting:is_for_journal()
  local journal = self.client:stats().journal
  return self.is_journal or (journal ~= nil and journal.oldest >= LONG)
end

--- What the command waits for, in words.
function Waiting:text(seconds)
  local is_for_journal = self:is_for_journal()
  local what = is_for_journal and "the journal" or "Twilio"
  local text = ("waiting for %s, %.0f s"):format(what, seconds)
  if not self.method or is_for_journal then
    return text
  end
  return ("%s (attempt %d of %d)"):format(text, math.min(self.failed + 1, self.tries), self.tries)
end

--- Waits, shows the wait repeatedly, and checks what ends it.
---@return boolean has_shown
local function watch(self, pending, show, look)
  local began, shows_at, has_shown = core.now(), SILENCE, false
  while not pending:done() do
    pending:wait(STEP)
    local act, is_end = look()
    if act then
      if has_shown then
        show("")
      end
      act(pending)
    end
    if is_end then
      break
    end
    local seconds = core.now() - began
    if show and seconds >= shows_at and not pending:done() then
      has_shown, shows_at = true, seconds + EVERY
      show(self:text(seconds))
    end
  end
  return has_shown
end

--- Waits until the call is done. Raises what interrupts the wait (Ctrl-C).
---@param pending twilio.numbers.Pending
---@param method string|false|nil that of the request whose attempts are shown; false: the journal is read
---@param show fun(text: string)? in place of a line of its own; "": the wait has ended
---@param look? fun(): function?, boolean? called repeatedly: what to do, and whether the wait ends there
function Waiting:wait(pending, method, show, look)
  look = look or function() end
  if self.shows == nil then
    self.shows = screen.can_redraw(2)
  end
  self.method, self.failed, self.is_journal = method or false, 0, method == false
  show = self.shows and (show or show_line) or nil
  local waited, why = pcall(watch, self, pending, show, look)
  if show and why then -- has_shown, or what was raised
    show("")
  end
  if not waited then
    error(why, 0)
  end
end

return waiting
