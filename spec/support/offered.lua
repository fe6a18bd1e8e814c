--- Four numbers that a scripted Twilio offers, for specs of purchase_available.
local scripted = require("spec.support.scripted")

local offered = {}

offered.FILTER = { country = "US", area_code = "415", sms_enabled = true }
offered.PHONES = { "+14155550101", "+14155550102", "+14155550103", "+14155550104" }

--- The response to a search.
function offered.found(phones)
  return { status = 200, body = scripted.found(phones or offered.PHONES) }
end

--- The response to a purchase of a number that cannot be bought.
function offered.refusal(code)
  return { status = 400, body = scripted.refusal(code, "no") }
end

offered.NOT_OWNED = { status = 200, body = scripted.page {} }

return offered
