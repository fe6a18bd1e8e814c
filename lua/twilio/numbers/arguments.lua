--- The arguments at the end of every function with _async: [options,] [callback].
local arguments = {}

arguments.MESSAGE =
  "call client:%s, where options are a table and the callback is a function, in that order"

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
  local right = (call_options == nil or type(call_options) == "table")
    and (callback == nil or type(callback) == "function")
    and extra == 0
  if right then
    return call_options, callback
  end
  return nil, nil, form
end

return arguments
