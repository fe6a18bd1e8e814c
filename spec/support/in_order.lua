--- Has purchases of any number try the candidates of a search in its order, for specs that are about
--- something else. To be called inside describe with the block's own functions, which busted gives to
--- spec files alone.
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
