--- An address to create, as the caller gives it and as Twilio returns it.
local cjson = require("cjson")

local new_address = {}

new_address.SID = "AD0123456789abcdef0123456789abcdef"

new_address.WANTED = {
  customer_name = "Ada Lovelace",
  street = "Unter den Linden 77",
  city = "Berlin",
  region = "Berlin",
  postal_code = "10117",
  iso_country = "DE",
}

--- The parameters, with others added or in their place.
function new_address.wanted(more)
  local params = {}
  for _, part in ipairs { new_address.WANTED, more or {} } do
    for name, value in pairs(part) do
      params[name] = value
    end
  end
  return params
end

--- The body of an address.
function new_address.body(fields)
  local address = new_address.wanted(fields)
  address.sid = address.sid or new_address.SID
  return cjson.encode(address)
end

-- The time of the call, as the header Date and as an address have it.
local DATE, NOW = "Tue, 18 Aug 2026 17:00:00 GMT", "Tue, 18 Aug 2026 17:00:00 +0000"

new_address.CREATED = { status = 201, body = new_address.body() }

--- A page of addresses.
function new_address.page(list, next_page_uri)
  return {
    status = 200,
    headers = { Date = DATE },
    body = cjson.encode {
      addresses = setmetatable(list, cjson.empty_array_mt),
      next_page_uri = next_page_uri,
    },
  }
end

--- An address that was created just now.
function new_address.fresh(fields)
  local found = cjson.decode(new_address.body(fields))
  found.date_created = found.date_created or NOW
  return found
end

new_address.EMPTY = { status = 200, headers = { Date = DATE }, body = '{"addresses":[]}' }

return new_address
