--- A purchase in flight by phone number whose response is lost, waited for like in a script.
local looked_up = require("spec.failures.scenarios.looked_up")

return {
  prepare = looked_up.prepare,
  go = function(run)
    run.posts = 5
    local client = run:client()
    if client then
      local phone_number = looked_up.phone_number(run)
      run:begin(client, run:params { phone_number = phone_number, area_code = false })
      run:finish(client, "wait")
    end
  end,
}
