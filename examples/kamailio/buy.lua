-- What Kamailio does for each request; kamailio.cfg loads it, in each of its processes.
local numbers = require("twilio.numbers")

local client = assert(numbers.client {
  loop = "block",
  deadline = 25, -- a SIP client waits 32 s for a response
  limit = { numbers = 20, per = "day" },
})

function ksr_request_route()
  if KSR.is_method("MESSAGE") then
    KSR.tm.t_newtran() -- absorbs retransmissions
    KSR.async.task_route("buy")
  elseif KSR.is_method("OPTIONS") then
    KSR.sl.send_reply(200, "OK")
  else
    KSR.sl.send_reply(405, "Method Not Allowed")
  end
  return 1
end

--- Runs in an asynchronous worker. The message's text is an area code and an order; however often it is
--- sent, the order buys one number.
function buy()
  local area_code, order = KSR.pv.getw("$rb"):match("^(%d+) (%S+)$")
  if not order then
    return KSR.tm.t_reply(400, "Send an area code and an order")
  end
  local number, message, err = client:purchase_available(
    { country = "US", area_code = area_code },
    { friendly_name = order },
    { idempotency_key = order }
  )
  if number then
    return KSR.tm.t_reply(200, number.phone_number)
  end
  KSR.err(order .. ": " .. message .. "\n")
  return KSR.tm.t_reply(err.purchased == "no" and 500 or 504, "Purchased: " .. err.purchased)
end
