--- The arguments at the end of every function with _async: [options,] [callback].
local core = require("twilio.numbers.core")

local arguments = {}

arguments.MESSAGE =
  "call client:%s, where options are a table and the callback is a function, in that order"

--- Whether a value may be options. A callable table is meant as a callback, which must be a function.
local function is_options(value)
  return value == nil or (type(value) == "table" and not core.has_metamethod(value, "__call"))
end

--- Distinguishes options and callback by their types; each may be nil. Allocates nothing.
---@param form string the correct call, for the message
---@param extra integer how many arguments follow these
---@return table? call_options
---@return function? callback
---@return string? wrong the message with the correct call, if this one is not
function arguments.read(form, call_options, callback, extra)
  if callback == nil and extra == 0 and type(call_options) == "function" then
    return nil, call_options
  end
  local right = is_options(call_options)
    and (callback == nil or type(callback) == "function")
    and extra == 0
  if right then
    return call_options, callback
  end
  return nil, nil, form
end

return arguments
