--- Limits of a response, as csrc/pure/response.h has them, and of the time that a request may be on its way.
local limits = {}

local NUMBER_MAX, PAGE_MAX = 64 * 1024, 4 * 1024 * 1024 -- bytes

--- How many bytes a response to a request may have: what is read may be a page of a list, and anything
--- else is answered by one number.
---@param method "GET"|"POST"|"DELETE"
---@return integer
function limits.body_max(method)
  return method == "GET" and PAGE_MAX or NUMBER_MAX
end

--- Milliseconds after which a request has no effect any more, counted from the end of its call or of the
--- whole process; docs/money.md says why. The system may give up by itself what it was given to send.
limits.SETTLE_BRIEF, limits.SETTLE = 90 * 1000, 180 * 1000

return limits
