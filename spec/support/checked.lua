--- Checks of a purchase by check_purchase, under the law of spec/support/law.lua.
local assert = require("luassert")

local law = require("spec.support.law")

local checked = {}

checked.PLACE = { country = "GB", type = "local" }
checked.BOTH = { bundle_sid = law.BUNDLE, address_sid = law.ADDRESS }
checked.BUNDLE = { bundle_sid = law.BUNDLE }

--- A number that a search found.
function checked.candidate(fields)
  local found = {
    phone_number = "+442071838750",
    iso_country = "GB",
    type = "local",
    address_requirements = "none",
  }
  for name, value in pairs(fields or {}) do
    found[name] = value
  end
  return found
end

--- Checks a purchase that must be refused.
---@return twilio.numbers.Problem[] problems
---@return twilio.numbers.Error err
---@return table log
function checked.refused(responses, place, params, options)
  local client, log = law.client(responses)
  local passed, message, err =
    client:check_purchase(place or checked.PLACE, params or checked.BOTH, options)
  assert.is_nil(passed)
  assert.equal(message, tostring(err))
  assert.same({ "no", 0 }, { err.purchased, #log.posts })
  for _, problem in ipairs(err.problems) do
    assert.is_truthy(message:find(problem.message, 1, true), message)
  end
  return err.problems, err, log
end

--- Checks a purchase that must be refused with one problem, of the kind policy.
function checked.lacks(name, words, ...)
  local problems, err = checked.refused(...)
  assert.same({ "policy", 1, name }, { err.kind, #problems, problems[1].name }, err.message)
  assert.is_truthy(problems[1].message:find(words, 1, true), problems[1].message)
  assert.matches("^the purchase is not allowed: ", err.message)
end

--- Checks a purchase that nothing is missing for.
---@return table? info
---@return table asked how often each resource was read
function checked.passes(responses, place, params, options)
  local client, log, asked = law.client(responses)
  local passed, message, info =
    client:check_purchase(place or checked.PLACE, params or checked.BOTH, options)
  assert.is_true(passed, message)
  assert.is_nil(message)
  assert.equal(0, #log.posts)
  return info, asked
end

return checked
