--- A host that we do not know, by two functions of the caller's:
---   wait(fd, seconds): lets the host go on until the descriptor is readable, or so long; less does
---     no harm
---   sleep(seconds)
local block = require("twilio.numbers.hosts.block")

local custom = {}

--- Another coroutine may read the news that this one waits for: so no wait is long.
local LONGEST = 0.1 -- seconds

---@param choice { wait: function, sleep: function? }
function custom.of(choice)
  local sleep = choice.sleep or block.sleep
  return {
    sleep = sleep,
    wait = function(scheduler, future)
      while not future.done do
        if not scheduler:move_on_patiently() then
          return -- the call ends with what is known
        elseif not future.done then
          local descriptor = scheduler:pollfd()
          local left = math.min(scheduler:timeout() or LONGEST, LONGEST)
          if descriptor then
            choice.wait(descriptor, left)
          else
            sleep(left)
          end
        end
      end
    end,
  }
end

return custom
