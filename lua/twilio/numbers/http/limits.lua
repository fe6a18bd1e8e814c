--- Limits of a response, as in csrc/pure/response.h, and of the time in which a request may take effect.
local limits = {}

local NUMBER_MAX, PAGE_MAX = 64 * 1024, 4 * 1024 * 1024 -- bytes

--- The largest response body in bytes: a GET may return a page of a list, other requests return one number.
---@param method "GET"|"POST"|"DELETE"
---@return integer
function limits.body_max(method)
  return method == "GET" and PAGE_MAX or NUMBER_MAX
end

--- Milliseconds after which a request can no longer take effect, from the end of its call or of the process;
--- see docs/money.md. SETTLE_BRIEF applies where the system gives unsent data up early (TCP_USER_TIMEOUT).
limits.SETTLE_BRIEF, limits.SETTLE = 90 * 1000, 180 * 1000

return limits
