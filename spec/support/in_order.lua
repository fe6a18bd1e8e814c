--- Makes purchases of any number try a search's candidates in order, for specs about something else. Call it
--- inside describe with the block's own functions, which busted provides only to spec files.
local core = require("twilio.numbers.core")

---@param block { before_each: function, after_each: function }
return function(block)
  local jitter
  block.before_each(function()
    jitter = core.jitter
    core.jitter = function()
      return 1 - 2 ^ -20
    end
  end)
  block.after_each(function()
    core.jitter = jitter
  end)
end
