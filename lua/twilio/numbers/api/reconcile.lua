--- Is a number set up as the purchase asked for? Twilio has been seen to ignore parameters of a purchase
--- and to honour them in an update (emergency_address_sid is known for it). The form knows what differs.
local resources = require("twilio.numbers.api.resources")
local responses = require("twilio.numbers.http.response")

local reconcile = {}

--- What differs, in words and without the values: a URL may hold a password.
local function describe(differences)
  local names = {}
  for i, difference in ipairs(differences) do
    names[i] = difference.name
  end
  return "the number was bought, but Twilio did not set " .. table.concat(names, ", ")
end

--- Sets what differs by one update.
---@return table number as it is then
---@return twilio.numbers.Error? err why it could not
local function update(call, number, differences)
  call.client.scheduler:owe(call)
  local url = call:url(resources.number_path(number.sid))
  local read = responses.reader_of(number.sid)
  local updated, outcome = call:ask("POST", url, call.state.form:only(differences), read)
  if updated then
    return updated
  end
  return number, (select(3, call:fail(outcome)))
end

--- Sees to it that a number that was bought is set up as asked for, if it is not.
---@param call twilio.numbers.Call
---@param number table
---@return table number
---@return string? message what differs all the same
---@return twilio.numbers.Info? info
function reconcile.run(call, number)
  local state = call.state
  local differences, err = state.form:differences(number), nil
  if differences and call.options.complete ~= false then
    number, err = update(call, number, differences)
    state.number = number
    differences = state.form:differences(number)
  end
  if not differences then
    return number
  end
  local message = describe(differences) .. (err and ": " .. err.message or "")
  return number, message, { incomplete = { differences = differences, err = err } }
end

return reconcile
