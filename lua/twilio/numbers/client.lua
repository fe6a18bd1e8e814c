--- A client: an account, its credentials, and a connection that is kept.
local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")
local credentials = require("twilio.numbers.credentials")
local errors = require("twilio.numbers.errors")
local options = require("twilio.numbers.options")
local transport = require("twilio.numbers.transport")

local Call = require("twilio.numbers.call")
local purchase = require("twilio.numbers.purchase")

---@class twilio.numbers.Client
local Client = { __name = "twilio.numbers.Client" }
Client.__index = Client

--- Sleeps in the only way there is without a host's loop. A signal wakes us early, so that an
--- interpreter's Ctrl-C can be heard between two sleeps.
local function block(seconds)
  local ends = core.now() + seconds
  repeat
    core.sleep(ends - core.now())
  until core.now() >= ends
end

--- A host's sleep. What it raises must not hide a number that was bought: the call then ends with
--- what is known.
local function sleep_of(loop)
  local sleep = type(loop) == "table" and rawget(loop, "sleep")
  if not sleep then
    return block
  end
  return function(seconds)
    return (compat.pcall(sleep, seconds))
  end
end

--- https://api.twilio.com, or where region and edge say (an edge alone is one of us1).
local function base_url(values)
  if values.base_url then
    return (values.base_url:gsub("/+$", ""))
  end
  local region = values.region or (values.edge and "us1")
  local labels = {}
  for _, label in ipairs { "api", values.edge or false, region or false } do
    labels[#labels + 1] = label or nil
  end
  return "https://" .. table.concat(labels, ".") .. ".twilio.com"
end

--- Checks of options that depend on each other.
local function add_conflicts(values, given, list)
  if not values.account_sid then
    local message = "account_sid is missing: give it or set TWILIO_ACCOUNT_SID"
    list[#list + 1] = { name = "account_sid", message = message }
  end
  local plain = type(values.base_url) == "string" and values.base_url:match("^[hH][tT][tT][pP]:")
  if plain and values.proxy and values.proxy ~= "" then
    local message = "proxy cannot be used with an http base_url: it would see the credentials"
    list[#list + 1] = { name = "proxy", message = message }
  end
  if values.base_url and (rawget(given, "region") or rawget(given, "edge")) then
    local message = "give either base_url or region and edge"
    list[#list + 1] = { name = "base_url", message = message }
  end
  return plain ~= nil and plain ~= false
end

local function user_agent(values)
  local numbers = require("twilio.numbers")
  local name = ("twilio-numbers/%s (%s) %s"):format(
    numbers._VERSION,
    core.platform(),
    compat.lua_name
  )
  return values.user_agent and name .. " " .. values.user_agent or name
end

local function fail(name, message)
  return errors.invalid { { name = name, message = message } }
end

--- Makes a client; see twilio.numbers.client.
---@param given? twilio.numbers.ClientOptions
function Client.new(given)
  local values, list, is_plain_table = options.read(options.CLIENT, given)
  if not is_plain_table then
    return errors.invalid(list)
  end
  local plain = add_conflicts(values, given or {}, list)
  local message, source = credentials.problem(values)
  if not message and #list == 0 then
    source, message = credentials.new(values)
  end
  if message then
    list[#list + 1] = { name = "credentials", message = message }
  end
  if #list > 0 then
    return errors.invalid(list)
  end
  local wire, why = transport.new(values.transport, {
    ca_file = values.ca_file,
    proxy = values.proxy,
    plain = plain,
    user_agent = user_agent(values),
  })
  if not wire then
    return fail("transport", why)
  end
  local config = {
    account_sid = values.account_sid,
    base_url = base_url(values),
    timeout = values.timeout,
    connect_timeout = values.connect_timeout,
    retries = values.retries,
    deadline = values.deadline,
    max_in_flight = values.max_in_flight,
    on_event = values.on_event,
    sleep = sleep_of(values.loop),
  }
  return setmetatable({ config = config, credentials = source, transport = wire }, Client)
end

--- A wrong use of the library, such as client.purchase{...} for client:purchase{...}, raises.
local function check_self(client, method)
  if getmetatable(client) ~= Client then
    error(("call client:%s(...) with a colon, on what numbers.client() returned"):format(method), 3)
  end
end

local NO_OPTIONS = {}

--- Buys a phone number, waiting for the outcome.
---
--- By `phone_number` (E.164) or by `area_code` (three digits; US and Canada): just one of them.
--- POST /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json
--- (https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource)
---@param params twilio.numbers.PurchaseParams
---@param call_options? twilio.numbers.CallOptions
---@return twilio.numbers.Number? number the number as Twilio describes it
---@return string? message what went wrong, for people; also whether money may have been spent
---@return twilio.numbers.Error? err what went wrong, for programs: err.kind, err.code, err.purchased
function Client:purchase(params, call_options)
  check_self(self, "purchase")
  local values = NO_OPTIONS
  if call_options ~= nil then
    local list
    values, list = options.read(options.CALL, call_options)
    if #list > 0 then
      return errors.invalid(list)
    end
  end
  if self.closed then
    return errors.fail { kind = "closed" }
  end
  return purchase.run(Call.new(self, values), params)
end

--- Closes the connection and forgets the credentials. Calls after that fail with kind "closed".
function Client:close()
  check_self(self, "close")
  self.closed = true
  self.transport.close()
  self.credentials.forget()
end

Client.__close = Client.close

function Client:__tostring()
  return ("twilio.numbers client (%s)"):format(self.config.account_sid)
end

return Client
