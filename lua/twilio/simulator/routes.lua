-- Routes a request to its handler, with its account. Independent of the wire. Pure.

local addresses = require("twilio.simulator.addresses")
local auth = require("twilio.simulator.auth")
local available = require("twilio.simulator.available")
local balance = require("twilio.simulator.balance")
local compliance = require("twilio.simulator.compliance")
local compliance_bundles = require("twilio.simulator.compliance_bundles")
local errors = require("twilio.simulator.errors")
local form = require("twilio.simulator.form")
local messaging = require("twilio.simulator.messaging")
local numbers = require("twilio.simulator.numbers")
local pricing = require("twilio.simulator.pricing")
local purchase = require("twilio.simulator.purchase")

local routes = {}

---@class twilio.simulator.Request
---@field method string
---@field path string without the query
---@field query string?
---@field headers table<string, string> names in lower case
---@field body string
---@field connection { scheme: string }?
---@field lists table<string, table[]>? what lists show for each account, instead of its numbers

---@class twilio.simulator.Response
---@field status integer
---@field headers table<string, string> names in lower case
---@field body string

local owned_types = { Local = "local", Mobile = "mobile", TollFree = "toll_free" }

-- The path after /2010-04-01/Accounts/{AccountSid}/, the handlers, and the captures of the pattern.
local rows = {
  { "IncomingPhoneNumbers", { POST = purchase.buy, GET = numbers.list } },
  {
    "IncomingPhoneNumbers/(%u%l+%u?%l*)",
    { POST = purchase.buy, GET = numbers.list },
    owned_types,
  },
  {
    "IncomingPhoneNumbers/(PN%x+)",
    { GET = numbers.fetch, POST = numbers.update, DELETE = numbers.release },
    "sid",
  },
  {
    "IncomingPhoneNumbers/(%x+%-[%x%-]+)", -- of a service with UUIDs
    { GET = numbers.fetch, POST = numbers.update, DELETE = numbers.release },
    "sid",
  },
  { "Addresses", { GET = addresses.list, POST = addresses.create } },
  {
    "Addresses/(AD%x+)",
    { GET = addresses.fetch, POST = addresses.update, DELETE = addresses.delete },
    "sid",
  },
  { "Addresses/(AD%x+)/DependentPhoneNumbers", { GET = addresses.dependents }, "sid" },
  { "Balance", { GET = balance.fetch } },
  { "AvailablePhoneNumbers", { GET = available.countries } },
  { "AvailablePhoneNumbers/(%u%u)", { GET = available.country }, "country" },
  { "AvailablePhoneNumbers/(%u%u)/(%u%a+)", { GET = available.search }, available.types },
}

for _, row in ipairs(rows) do
  row[1] = "^" .. row[1] .. "%.json$"
end

local REGULATORY = "/v2/RegulatoryCompliance/"
local BUNDLE = REGULATORY .. "Bundles/(BU%x+)"

-- The paths of other products, which name no account: they use that of the credentials.
local product_rows = {
  { "/v1/PhoneNumbers/Countries", { GET = pricing.countries } },
  { "/v1/PhoneNumbers/Countries/(%u%u)", { GET = pricing.country }, "country" },
  { REGULATORY .. "Regulations", { GET = compliance.regulations } },
  { REGULATORY .. "Regulations/(RN%x+)", { GET = compliance.regulation }, "sid" },
  { REGULATORY .. "EndUserTypes", { GET = compliance.end_user_types } },
  { REGULATORY .. "EndUserTypes/(OY%x+)", { GET = compliance.end_user_type }, "sid" },
  { REGULATORY .. "SupportingDocumentTypes", { GET = compliance.document_types } },
  { REGULATORY .. "SupportingDocumentTypes/(OY%x+)", { GET = compliance.document_type }, "sid" },
  { REGULATORY .. "SupportingDocuments", { GET = compliance.documents } },
  { REGULATORY .. "SupportingDocuments/(RD%x+)", { GET = compliance.document }, "sid" },
  { REGULATORY .. "Bundles", { GET = compliance_bundles.list } },
  { BUNDLE, { GET = compliance_bundles.fetch }, "bundle_sid" },
  { BUNDLE .. "/ItemAssignments", { GET = compliance_bundles.items }, "bundle_sid" },
  {
    BUNDLE .. "/Evaluations",
    { GET = compliance_bundles.evaluations, POST = compliance_bundles.evaluate },
    "bundle_sid",
  },
  {
    BUNDLE .. "/Evaluations/(EL%x+)",
    { GET = compliance_bundles.evaluation },
    { "bundle_sid", "sid" },
  },
  { "/v1/Services", { GET = messaging.services } },
  { "/v1/Services/(MG%x+)", { GET = messaging.service }, "service_sid" },
  {
    "/v1/Services/(MG%x+)/PhoneNumbers",
    { GET = messaging.numbers, POST = messaging.attach },
    "service_sid",
  },
  {
    "/v1/Services/(MG%x+)/PhoneNumbers/(PN%x+)",
    { GET = messaging.number, DELETE = messaging.detach },
    { "service_sid", "sid" },
  },
}

for _, row in ipairs(product_rows) do
  row[1] = "^" .. row[1] .. "$"
end

-- The hosts of products by path prefix, for requests without a connection.
local hosts = {
  ["/2010-04-01"] = "https://api.twilio.com",
  ["/v1/PhoneNumbers"] = "https://pricing.twilio.com",
  ["/v1/Services"] = "https://messaging.twilio.com",
  ["/v2/RegulatoryCompliance"] = "https://numbers.twilio.com",
}

-- The scheme and host that a request was sent to.
local function origin_of(request)
  local host = request.headers[":authority"] or request.headers.host
  if host and request.connection then
    return ("%s://%s"):format(request.connection.scheme, host)
  end
  return hosts[request.path:match("^/[^/]+/[^/]+")] or hosts[request.path:match("^/[^/]+")]
end

-- Fills in a call from the captures of a row; false if they name nothing.
local function fill(call, capture, first, second)
  if type(capture) == "string" then
    call[capture] = first
  elseif capture and capture[1] then
    call[capture[1]], call[capture[2]] = first, second
  elseif capture then
    call.type = capture[second or first]
    call.country = second and first
    return call.type ~= nil
  end
  return true
end

local function handlers_of(call, list, path)
  for _, row in ipairs(list) do
    local first, second = path:match(row[1])
    if first and fill(call, row[3], first, second) then
      return row[2]
    end
  end
end

---Whether a request buys a number, if it succeeds.
---@param request twilio.simulator.Request
---@return boolean
function routes.is_purchase(request)
  local rest = request.path:match("^/2010%-04%-01/Accounts/[%w%-]+/IncomingPhoneNumbers(.*)%.json$")
  return request.method == "POST"
    and rest ~= nil
    and not rest:match("^/PN")
    and not rest:match("^/%x+%-")
end

---The account of a request: that of its path, or else of its credentials.
---@param store table
---@param request twilio.simulator.Request
---@return twilio.simulator.Account?
function routes.account(store, request)
  local sid = request.path:match("^/2010%-04%-01/Accounts/([^/]+)/")
  if sid then
    return store.accounts[sid]
  end
  return auth.bearer(store, request.headers.authorization)
end

---Carries a request out.
---@param store table
---@param request twilio.simulator.Request
---@return twilio.simulator.Response
function routes.answer(store, request)
  local account_sid, rest = request.path:match("^/2010%-04%-01/Accounts/([^/]+)/(.+)$")
  local account, refusal
  if account_sid then
    account, refusal = auth.account(store, request.headers.authorization, account_sid)
  elseif request.path:find("^/v%d/") then
    account, refusal = auth.caller(store, request.headers.authorization)
  else
    return errors.not_found(request.path)
  end
  if not account then
    return refusal
  end
  local call = {
    account = account,
    origin = origin_of(request),
    path = request.path,
    query = form.decode(request.query),
    params = form.decode(request.body),
    lists = request.lists,
  }
  local handlers = handlers_of(call, rest and rows or product_rows, rest or request.path)
  if not handlers then
    return errors.not_found(request.path)
  end
  local handler = handlers[request.method]
  if account.test and handler ~= purchase.buy then
    return errors.response(20008)
  end
  return handler and handler(store, call) or errors.response(20004)
end

return routes
