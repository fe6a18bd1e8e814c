--- The form object of a purchase, by area code unless the parameters have a number.
local core = require("twilio.numbers.core")

return function(params)
  if not params.phone_number then
    params.area_code = "415"
  end
  return assert(core.new_form(params))
end
