--- Sends a request with a session of the library, and returns the result as a transport's response.
local cjson = require("cjson")
local core = require("twilio.numbers.core")

--- The body, as far as the response exposes it.
local function body_of(response)
  local json, why = response:json()
  return json and cjson.encode(json) or response:is_empty() and "" or why
end

---@param session userdata of twilio.numbers.curl
---@param request table as a transport gets it
---@return table answer status, headers, body, json, outcome, reason
return function(session, request)
  local r, response = request, core.new_response()
  session:send(response, r.method, r.url, r.body, r.timeout, r.connect_timeout, r.not_after)
  local headers = {}
  for _, name in ipairs { "content-type", "date", "retry-after", "twilio-request-id" } do
    headers[name] = response:header(name)
  end
  return {
    outcome = response:outcome(),
    status = response:status(),
    reason = response:reason(),
    headers = headers,
    json = response:json(),
    body = body_of(response),
  }
end
