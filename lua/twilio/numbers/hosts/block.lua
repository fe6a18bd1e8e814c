--- Waits in a plain script: nothing else runs, so it may block.
local core = require("twilio.numbers.core")

local block = {}

local LONGEST = 3600 -- seconds

--- A signal ends doze() early, so that the interpreter can handle Ctrl-C.
function block.wait(scheduler, future)
  while not future.done do
    if not scheduler:move_on_patiently() then
      error("not enough memory", 0)
    elseif not future.done then
      scheduler:doze(LONGEST)
    end
  end
end

--- Sleeps, blocking: there is no event loop.
function block.sleep(seconds)
  local ends = core.now() + seconds
  repeat
    core.sleep(ends - core.now())
  until core.now() >= ends
end

return block
