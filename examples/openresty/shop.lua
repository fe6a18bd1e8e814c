-- What the web service of nginx.conf does.
local cjson = require("cjson")
local numbers = require("twilio.numbers")

local shop = {}

-- One client for each worker, which all its requests use.
local client = assert(numbers.client())

-- `kind` says what failed: the buyer's request, or a server. `purchased` says whether to retry: "no" is safe;
-- after "unknown" or "yes", look first.
local STATUS = { invalid = 422, connect = 503, rate_limit = 503, timeout = 504 }

local function status_of(err)
  -- Twilio refuses the number, or a search has found none, which has no status.
  local is_refused = err.kind == "api" and (err.status or 400) == 400
  return is_refused and 422 or STATUS[err.kind] or 502
end

function shop.sell()
  local filter = { country = "US", area_code = ngx.var.arg_area_code or "" } -- "": refused
  local number, message, err =
    client:purchase_available(filter, { friendly_name = "Sold by nginx" })
  local answer = number
  if not number then
    ngx.log(ngx.ERR, message)
    ngx.status = status_of(err)
    answer = { message = message, kind = err.kind, purchased = err.purchased }
  end
  ngx.header["Content-Type"] = "application/json"
  ngx.say(cjson.encode(answer))
end

return shop
