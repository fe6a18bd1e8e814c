--- Purchases phone numbers on Twilio. See README.md for a tour.
local address_methods = require("twilio.numbers.products.address_methods")
local Client = require("twilio.numbers.client")
local core = require("twilio.numbers.core")
local journal_methods = require("twilio.numbers.journal.methods")
local journals = require("twilio.numbers.journal")
local messaging_methods = require("twilio.numbers.products.messaging_methods")
local methods = require("twilio.numbers.methods")
local operations = require("twilio.numbers.api.operations")
local owned_methods = require("twilio.numbers.owned.methods")
local products_methods = require("twilio.numbers.products.methods")
local regulation_methods = require("twilio.numbers.products.regulation_methods")

local PARTS = {
  methods,
  owned_methods,
  products_methods,
  regulation_methods,
  address_methods,
  messaging_methods,
  journal_methods,
}

for _, part in ipairs(PARTS) do
  for name, method in pairs(part) do
    Client[name] = method
  end
end

Client.operations = operations -- of a client without a journal

---@class twilio.numbers
local numbers = { _VERSION = "1.0.0" }

--- Raises an error for a programming mistake: numbers:client{...} instead of numbers.client{...}.
local function check_call(first, name)
  if rawequal(first, numbers) then
    error(("call numbers.%s(...) with a dot"):format(name), 3)
  end
end

--- Creates a client. Sends nothing; reports all invalid options at once.
---@param options? twilio.numbers.ClientOptions
---@return twilio.numbers.Client? client
---@return string message what is wrong, for people
---@return twilio.numbers.Error err what is wrong, for programs (kind "invalid")
function numbers.client(options)
  check_call(options, "client")
  return Client.new(options, numbers._VERSION)
end

--- Opens a journal for several clients. A client can also open its own by the option `journal`.
---@param spec string|twilio.numbers.Store a path, "sqlite:PATH", "postgresql://...",
---"postgresql:CONNINFO", or a table of four functions
---@param journal_options? { create: boolean? } create: create it unless it exists. Blocks, for at most 30
---seconds: for a set-up script
---@return twilio.numbers.Journal? journal
---@return string message
---@return twilio.numbers.Error err kind "invalid" or "journal"
function numbers.journal(spec, journal_options)
  check_call(spec, "journal")
  return journals.open(spec, journal_options)
end

--- Whether a value is a Twilio SID: two capital letters and 32 hex digits.
---@param value any
---@param prefix? string the two letters it must begin with, such as "PN"
---@return boolean
function numbers.is_sid(value, prefix)
  check_call(value, "is_sid")
  return core.is_sid(value, prefix)
end

return numbers
