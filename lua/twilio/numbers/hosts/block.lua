--- Waiting in a plain script: nothing else runs meanwhile, so it may block.
local core = require("twilio.numbers.core")

local block = {}

local LONGEST = 3600 -- seconds

--- A signal ends a doze early, so that an interpreter's Ctrl-C can be heard.
function block.wait(scheduler, future)
  while not future.done do
    if not scheduler:move_on_patiently() then
      error("not enough memory", 0)
    elseif not future.done then
      scheduler:doze(LONGEST)
    end
  end
end

--- Sleeps in the only way there is without a host's loop.
function block.sleep(seconds)
  local ends = core.now() + seconds
  repeat
    core.sleep(ends - core.now())
  until core.now() >= ends
end

return block
