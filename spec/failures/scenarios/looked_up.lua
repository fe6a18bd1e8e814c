--- A blocking purchase by phone number whose response is lost, so that the number is looked up.
local looked_up = {}

--- A number that no account owns yet.
function looked_up.phone_number(run)
  return ("+1415556%04d"):format(run.name:match("%d+"))
end

function looked_up.prepare(run)
  run.twilio:add(looked_up.phone_number(run))
  run.twilio:fault { fault = "close_after_commit", method = "POST" }
end

function looked_up.go(run)
  run.posts = 5
  local client = run:client()
  if client then
    local phone_number = looked_up.phone_number(run)
    run:buy(client, "purchase", run:params { phone_number = phone_number, area_code = false })
  end
end

return looked_up
