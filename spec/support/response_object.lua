--- Response objects, filled as by a transport in Lua, and read.
local core = require("twilio.numbers.core")

local response_object = {}

--- A response to a request, filled with a 200 and a body by default.
function response_object.filled(body, status, headers, method)
  local response = core.new_response()
  response:begin(method or "POST")
  response:fill("answered", true, status or 200, headers, body)
  return response
end

--- Everything that a response returns.
function response_object.read(response)
  local json, why = response:json()
  return {
    outcome = response:outcome(),
    status = response:status(),
    reason = response:reason(),
    is_done = response:is_done(),
    is_sent = response:is_sent(),
    is_success = response:is_success(),
    is_empty = response:is_empty(),
    json = json,
    why = why,
    sid = response:sid(),
    date = response:header("date"),
  }
end

return response_object
