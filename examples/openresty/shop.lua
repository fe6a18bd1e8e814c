-- What the web service of nginx.conf does.
local cjson = require("cjson")
local numbers = require("twilio.numbers")

local shop = {}

-- One client for each worker, which all its requests use.
local client = assert(numbers.client {
  base_url = os.getenv("SIMULATOR_URL"), -- nil: Twilio itself
})

-- "no" is safe to try again; after "unknown" or "yes" somebody must look first.
local STATUS = { no = 422, unknown = 500, yes = 500 }

function shop.sell()
  local number, message, err = client:purchase {
    area_code = ngx.var.arg_area_code,
    friendly_name = "Sold by nginx",
  }
  local answer = number
  if not number then
    ngx.log(ngx.ERR, message)
    ngx.status = STATUS[err.purchased]
    answer = { message = message, kind = err.kind, purchased = err.purchased }
  end
  ngx.header["Content-Type"] = "application/json"
  ngx.say(cjson.encode(answer))
end

return shop
