--- Limits of a response, as csrc/pure/response.h has them.
local limits = {}

local NUMBER_MAX, PAGE_MAX = 64 * 1024, 4 * 1024 * 1024 -- bytes

--- How many bytes a response to a request may have: what is read may be a page of a list, and anything
--- else is answered by one number.
---@param method "GET"|"POST"|"DELETE"
---@return integer
function limits.body_max(method)
  return method == "GET" and PAGE_MAX or NUMBER_MAX
end

return limits
