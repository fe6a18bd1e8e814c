--- Makes the settings of a number that was bought match the purchase's parameters. Twilio is known to ignore
--- some parameters of a purchase (emergency_address_sid is one) and to apply them in an update.
local errors = require("twilio.numbers.errors")
local resources = require("twilio.numbers.api.resources")
local responses = require("twilio.numbers.http.response")

local reconcile = {}

--- A message with the names of the differences, without values: a URL may contain a password.
local function describe(differences)
  local names = {}
  for i, difference in ipairs(differences) do
    names[i] = difference.name
  end
  return "the number was bought, but Twilio did not set " .. table.concat(names, ", ")
end

--- Sets the parameters that differ, by one update.
---@return table number after the update
---@return twilio.numbers.Error? err of the update
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

--- Compares a number that was bought with the form, and updates the number if they differ.
---@param call twilio.numbers.Call
---@param number table
---@return table number
---@return string? message if they still differ
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
  local message = describe(differences) .. (err and ": " .. errors.part(err.message) or "")
  return number, message, { incomplete = { differences = differences, err = err } }
end

return reconcile
