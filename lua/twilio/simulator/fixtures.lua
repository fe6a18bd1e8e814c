-- The initial resources of the main account besides numbers: Messaging Services, addresses, bundles. Pure.
-- Their SIDs are constant, so that tests can use them. Used by the store.

local addresses = require("twilio.simulator.addresses")
local compliance = require("twilio.simulator.compliance")
local dates = require("twilio.simulator.dates")
local json = require("twilio.simulator.json")
local regulations = require("twilio.simulator.regulations")

local fixtures = {}

---A SID that is easy to write: a prefix, zeros, and a number.
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

local documents = {
  {
    friendly_name = "Commercial register",
    type = "commercial_registrar_excerpt",
    attributes = { business_name = "Beispiel GmbH", address_sids = { fixtures.sid("AD", 4) } },
  },
}

local USER, DOCUMENT = fixtures.sid("IT", 1), fixtures.sid("RD", 1)
local complete = { USER, DOCUMENT }

-- { country, type, kind of user, status, items, valid until }
local account_bundles = {
  { "DE", "local", "business", "twilio-approved", complete },
  { "GB", "local", "individual", "twilio-approved", { USER, fixtures.sid("AD", 3) } },
  { "AU", "mobile", "business", "twilio-approved", complete },
  { "DE", "mobile", "business", "twilio-approved", { USER, fixtures.sid("AD", 2) } },
  { "DE", "local", "business", "draft", { USER } },
  { "DE", "local", "business", "pending-review", complete },
  { "DE", "local", "business", "in-review", complete },
  { "DE", "local", "business", "twilio-rejected", complete },
  { "DE", "local", "business", "provisionally-approved", complete },
  { "DE", "local", "business", "twilio-approved", complete, "2024-07-31T01:00:00Z" },
  { "EE", "mobile", "business", "twilio-approved", complete, "2099-12-31T23:59:59Z" },
}

local function fill_bundles(store, account_sid)
  for number, row in ipairs(account_bundles) do
    local country, kind, user, status = row[1], row[2], row[3], row[4]
    store.bundles:add(store, fixtures.sid("BU", number), account_sid, {
      friendly_name = ("%s %s %s"):format(country, kind, status),
      regulation_sid = regulations.sid_of(country, kind, user),
      status = status,
      items = row[5],
      valid_until = row[6],
    })
  end
  for number, fields in ipairs(documents) do
    local sid = fixtures.sid("RD", number)
    store.bundles.documents:add {
      sid = sid,
      account_sid = account_sid,
      friendly_name = fields.friendly_name,
      type = fields.type,
      attributes = fields.attributes,
      mime_type = "application/pdf",
      status = "approved",
      failure_reason = json.null,
      errors = json.null,
      date_created = dates.iso8601(),
      date_updated = dates.iso8601(),
      url = compliance.BASE .. "SupportingDocuments/" .. sid,
    }
  end
end

---Adds the initial resources to the main account.
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
  fill_bundles(store, account_sid)
end

return fixtures
