-- Twilio's error codes in its REST API, one row each. Pure.
-- The codes are documented under https://www.twilio.com/docs/errors/<code>.

local json = require("twilio.simulator.json")

local errors = {}

-- code = { HTTP status, message }
local known = {
  [20001] = { 400, "Unknown parameters" },
  [20003] = { 401, "Authenticate" },
  [20004] = { 405, "Method not allowed" },
  [20005] = { 403, "Account not active" },
  [20008] = { 403, "Resource not accessible with Test Account Credentials" },
  [20404] = { 404, "The requested resource was not found" },
  [20409] = { 409, "Conflict" },
  [20422] = { 422, "Invalid Parameter" },
  [20429] = { 429, "Too Many Requests" },
  [20500] = { 500, "Internal Server Error" },
  [20503] = { 503, "Service Unavailable" },
  [20504] = { 504, "Gateway Timeout" },
  [21238] = { 400, "Address Validation Error" },
  [21401] = { 400, "Invalid Phone Number" },
  [21402] = { 400, "Invalid Url" },
  [21403] = { 400, "Invalid Method" },
  [21404] = { 400, "Trial accounts are allowed only one phone number" },
  [21405] = { 400, "VoiceFallbackUrl is given without VoiceUrl" },
  [21406] = { 400, "SmsFallbackUrl is given without SmsUrl" },
  [21420] = { 400, "Application is not accessible" },
  [21421] = { 400, "PhoneNumber is invalid" },
  [21422] = { 400, "PhoneNumber is not available" },
  [21451] = { 400, "Invalid area code" },
  [21452] = { 400, "No phone numbers found in area code" },
  [21457] = { 400, "AreaCode is not supported for this resource" },
  [21458] = { 400, "PhoneNumber type does not match this resource" },
  [21615] = { 400, "The phone number requires a local Address" },
  [21628] = { 400, "The address you have provided cannot be validated" },
  [21629] = { 400, "The address you have provided is not valid, and there is one like it" },
  [21630] = { 400, "Cannot mutate Address that is linked to a verified Document" },
  [22203] = { 400, "Unable to parse bundle status" },
  [21710] = { 409, "Phone Number or Short Code is already in the Messaging Service" },
  [21712] = { 409, "Phone Number or Short Code is associated with another Messaging Service" },
  [21714] = { 412, "The Messaging Service's Number Pool size limit is reached" },
  [21715] = { 400, "Phone Number does not have SMS capability" },
  [21631] = { 400, "The phone number requires an Address" },
  [21649] = { 400, "The phone number requires a Bundle" },
  [21650] = { 400, "The phone number requires an Identity" },
  [21651] = { 400, "The Address is not contained in the Bundle" },
}

-- For faults, which have a status: the code that Twilio sends with it.
local code_of_status = {
  [400] = 21401,
  [401] = 20003,
  [403] = 20005,
  [404] = 20404,
  [405] = 20004,
  [409] = 20409,
  [422] = 20422,
  [429] = 20429,
  [500] = 20500,
  [503] = 20503,
  [504] = 20504,
}

---Twilio's answer for an error.
---@param code integer
---@param detail string? the message, instead of the code's general one
---@param status integer? instead of the code's own
---@param details table? more fields of the body
---@return twilio.simulator.Response
function errors.response(code, detail, status, details)
  local row = known[code] or { status or 400, "Error" }
  status = status or row[1]
  local response = json.response(
    status,
    json.encode {
      code = code,
      message = detail or row[2],
      more_info = ("https://www.twilio.com/docs/errors/%d"):format(code),
      status = status,
      details = details,
    }
  )
  if status == 401 then
    response.headers["www-authenticate"] = 'Basic realm="Twilio API"'
  end
  return response
end

---Twilio's answer for a path without a resource that the account may see.
---@param path string
---@return twilio.simulator.Response
function errors.not_found(path)
  return errors.response(20404, ("The requested resource %s was not found"):format(path))
end

---Twilio's answer for an HTTP status, with the matching code.
---@param status integer
---@return twilio.simulator.Response
function errors.of_status(status)
  local code = code_of_status[status] or (status >= 500 and 20500 or 20001)
  return errors.response(code, nil, status)
end

return errors
