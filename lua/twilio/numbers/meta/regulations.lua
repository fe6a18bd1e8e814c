---@meta _
--- What the law of a country requires, and whether a purchase meets it.

--- By the type of the end user: `individual`, `business`.
---@alias twilio.numbers.RequirementsByEndUser table<string, twilio.numbers.Requirements>

--- What the law of a country asks of a type of end users, for a type of numbers.
---
--- Source: https://www.twilio.com/docs/phone-numbers/regulatory/api/regulations
---@class twilio.numbers.Requirements
---@field regulation_sid string SID (RN...) of the regulation, which a bundle names
---@field name? string of the regulation
---@field needs_bundle boolean false: nothing is required
---@field end_user table[] what is asked of the end user: `name`, `type`, `fields`, as Twilio describes it
---
--- One list for each document that is required. Its entries have `name`, `description` and
--- `accepted_documents`, as Twilio describes them.
---@field documents table[][]

--- Options of a check of a purchase.
---@class twilio.numbers.CheckOptions : twilio.numbers.CallOptions
---@field max_price? string what a number may cost a month, such as "1.50"; default: the price is not judged
---@field currency? string of `max_price`; default "USD"
---@field messaging_service_sid? string|string[] MG...: what the purchase is to put the number into

--- What stands beside `true` where a purchase may be made, and something is to be known.
---@class twilio.numbers.Check
---@field warnings twilio.numbers.Problem[]

---@class twilio.numbers.Client
local Client = {}

--- What the law of a country asks for, for numbers of a type, by the type of the end user: `individual`,
--- `business`. One that is not there cannot have such a number, where the other is there; an empty table:
--- there is no regulation, so that no bundle is needed. Where Twilio sells no such numbers it is an error.
--- GET https://numbers.twilio.com/v2/RegulatoryCompliance/Regulations
--- (https://www.twilio.com/docs/phone-numbers/regulatory/api/regulations)
---@param country string two letters, such as "GB"
---@param kind twilio.numbers.AvailableType
---@param options? twilio.numbers.CallOptions
---@return twilio.numbers.RequirementsByEndUser? by_end_user
---@return string message
---@return twilio.numbers.Error err
function Client:requirements(country, kind, options) end

--- Begins to read what the law asks for; see requirements().
---@param country string two letters, such as "GB"
---@param kind twilio.numbers.AvailableType
---@param options? twilio.numbers.CallOptions|twilio.numbers.Callback<twilio.numbers.RequirementsByEndUser>
---@param callback? twilio.numbers.Callback<twilio.numbers.RequirementsByEndUser>
---@return twilio.numbers.Pending<twilio.numbers.RequirementsByEndUser>? pending nil: not begun
---@return string message
---@return twilio.numbers.Error err
function Client:requirements_async(country, kind, options, callback) end

--- Checks whether a number could be bought, without buying it: its bundle (there, approved, not expired, for
--- this country and type), its address (there, in the right country, in the bundle), the balance of an
--- account that prepays, and with `max_price` its price. All that is missing is in err.problems. What cannot
--- be read is a problem; if nothing else is, the error has the kind of that request. Twilio has the last
--- word.
---@param what twilio.numbers.AvailableNumber|{ country: string, type: twilio.numbers.AvailableType? }
---@param params? twilio.numbers.Settings of the purchase: bundle_sid, address_sid
---@param options? twilio.numbers.CheckOptions
---@return true? passed
---@return string message
---@return twilio.numbers.Error|twilio.numbers.Check err kind "policy"; beside true: warnings
function Client:check_purchase(what, params, options) end

--- Begins to check a purchase; see check_purchase().
---@param what twilio.numbers.AvailableNumber|{ country: string, type: twilio.numbers.AvailableType? }
---@param params? twilio.numbers.Settings of the purchase: bundle_sid, address_sid
---@param options? twilio.numbers.CheckOptions|twilio.numbers.CheckCallback
---@param callback? twilio.numbers.CheckCallback
---@return twilio.numbers.PendingCheck? pending nil: not begun
---@return string message
---@return twilio.numbers.Error err
function Client:check_purchase_async(what, params, options, callback) end
