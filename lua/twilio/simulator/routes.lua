-- From a request to Twilio's answer: a path's handler, for whom, and nothing about the wire. Pure.

local auth = require("twilio.simulator.auth")
local available = require("twilio.simulator.available")
local errors = require("twilio.simulator.errors")
local form = require("twilio.simulator.form")
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
---@field lists table<string, table[]>? what lists show of each account, in place of what it owns

---@class twilio.simulator.Response
---@field status integer
---@field headers table<string, string> names in lower case
---@field body string

local owned_types = { Local = "local", Mobile = "mobile", TollFree = "toll_free" }

-- What follows /2010-04-01/Accounts/{AccountSid}/, the handlers, and what the pattern captures.
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
  { "AvailablePhoneNumbers", { GET = available.countries } },
  { "AvailablePhoneNumbers/(%u%u)", { GET = available.country }, "country" },
  { "AvailablePhoneNumbers/(%u%u)/(%u%a+)", { GET = available.search }, available.types },
}

for _, row in ipairs(rows) do
  row[1] = "^" .. row[1] .. "%.json$"
end

-- The paths of other products, which name no account: that of the credentials is meant.
local product_rows = {
  { "^/v1/PhoneNumbers/Countries$", { GET = pricing.countries } },
  { "^/v1/PhoneNumbers/Countries/(%u%u)$", { GET = pricing.country }, "country" },
}

-- Fills in a call from what a row captured; false when that names nothing.
local function fill(call, capture, first, second)
  if type(capture) == "string" then
    call[capture] = first
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

---The account SID in a request's path.
---@param request twilio.simulator.Request
---@return string?
function routes.account_sid(request)
  return request.path:match("^/2010%-04%-01/Accounts/([^/]+)/")
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
