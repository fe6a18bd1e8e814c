--- Waits in any other host, with two functions of the caller:
---   wait(fd, seconds): returns when the descriptor is readable or the time has passed; may return earlier
---   sleep(seconds)
local block = require("twilio.numbers.hosts.block")

local custom = {}

--- The longest wait: another coroutine's poll may complete the future, and the descriptor stays silent then.
local LONGEST = 0.1 -- seconds

---@param choice { wait: function, sleep: function? }
function custom.of(choice)
  local sleep = choice.sleep or block.sleep
  return {
    sleep = sleep,
    try = function(scheduler)
      choice.wait(scheduler:pollfd(), 0)
    end,
    wait = function(scheduler, future)
      while not future.done do
        if not scheduler:move_on_patiently() then
          return -- out of memory: the call ends with what is known
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
