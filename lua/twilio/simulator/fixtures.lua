-- What the main account has beside numbers from the start: Messaging Services, addresses. Pure.
-- Their SIDs are always the same, so that a test may name them. Used by the store.

local addresses = require("twilio.simulator.addresses")

local fixtures = {}

---A SID that is easy to write: the prefix, zeros, and a number.
---@param prefix string
---@param number integer
---@return string
function fixtures.sid(prefix, number)
  return ("%s%032d"):format(prefix, number)
end

local services = {
  { friendly_name = "Notifications" },
  { friendly_name = "Full", limit = 0 },
  {
    friendly_name = "Without a campaign",
    us_app_to_person_registered = false,
    use_inbound_webhook_on_number = false,
    usecase = "undeclared",
  },
}

local berlin = {
  customer_name = "Beispiel GmbH",
  street = "Torstr 1",
  city = "Berlin",
  region = "Berlin",
  postal_code = "10119",
  iso_country = "DE",
}

local function verified(address)
  local copy = { verified = true }
  for name, value in pairs(address) do
    copy[name] = value
  end
  return copy
end

local account_addresses = {
  {
    customer_name = "Example Inc",
    friendly_name = "Head office",
    street = "1 Market St",
    city = "San Francisco",
    region = "CA",
    postal_code = "94105",
    iso_country = "US",
    emergency_enabled = true,
  },
  berlin,
  {
    customer_name = "Example Ltd",
    street = "1 Strand",
    city = "London",
    region = "London",
    postal_code = "WC2N 5HR",
    iso_country = "GB",
  },
  verified(berlin),
}

---Gives the main account what it has from the start.
---@param store table
function fixtures.fill(store)
  local account_sid = store.credentials.account_sid
  for number, fields in ipairs(services) do
    store.services:add(fixtures.sid("MG", number), account_sid, fields)
  end
  for number, fields in ipairs(account_addresses) do
    local address = addresses.new(account_sid, fixtures.sid("AD", number))
    for name, value in pairs(fields) do
      address[name] = value
    end
    address.validated = true
    address.date_updated = address.date_created
    store.addresses:add(address)
  end
end

return fixtures
