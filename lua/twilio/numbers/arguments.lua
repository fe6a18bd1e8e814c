--- The arguments at the end of every function with _async: [options,] [callback].
local arguments = {}

arguments.MESSAGE =
  "call client:%s, where options are a table and the callback is a function, in that order"

--- Tells options and callback apart by their types; nil may stand in either place. It takes no memory.
---@param form string the right call
---@param extra integer how many arguments stand behind these
---@return table? call_options
---@return function? callback
---@return string? wrong the right call, if this is none
function arguments.read(form, call_options, callback, extra)
  if type(call_options) == "function" and callback == nil then
    call_options, callback = nil, call_options
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
