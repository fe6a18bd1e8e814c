---@meta _
--- What a country requires, and whether a purchase complies.

--- By the type of the end user: `individual`, `business`.
---@alias twilio.numbers.RequirementsByEndUser table<string, twilio.numbers.Requirements>

--- What a country requires of a type of end user, for a type of number.
---
--- Source: https://www.twilio.com/docs/phone-numbers/regulatory/api/regulations
---@class twilio.numbers.Requirements
---@field regulation_sid string SID (RN...) of the regulation, which a bundle names
---@field name? string of the regulation
---@field needs_bundle boolean false: nothing is required
---@field end_user table[] what the end user must state: `name`, `type`, `fields`, as Twilio describes it
---
--- One list for each document that is required. Its entries have `name`, `description` and
--- `accepted_documents`, as Twilio describes them.
---@field documents table[][]

--- Options of check_purchase().
---@class twilio.numbers.CheckOptions : twilio.numbers.CallOptions
---@field max_price? string what a number may cost a month, such as "1.50"; default: the price is not checked
---@field currency? string of `max_price`; default "USD"
---@field messaging_service_sid? string|string[] MG...: services that the purchase would add it to

--- The third value beside true: what to know of a purchase that is possible.
---@class twilio.numbers.Check
---@field warnings twilio.numbers.Problem[]

---@class twilio.numbers.Client
local Client = {}

--- Fetches what a country requires for numbers of a type, by the type of the end user. If one of these is
--- absent, it cannot have such a number; if the table is empty, there is no regulation and no bundle is
--- needed. If Twilio sells no such numbers, that is an error.
--- GET https://numbers.twilio.com/v2/RegulatoryCompliance/Regulations
--- (https://www.twilio.com/docs/phone-numbers/regulatory/api/regulations)
---@param country string two letters, such as "GB"
---@param kind twilio.numbers.AvailableType
---@param options? twilio.numbers.CallOptions
---@return twilio.numbers.RequirementsByEndUser? by_end_user
---@return string message
---@return twilio.numbers.Error err
function Client:requirements(country, kind, options) end

--- Starts requirements() and returns at once.
---@param country string two letters, such as "GB"
---@param kind twilio.numbers.AvailableType
---@param options? twilio.numbers.CallOptions|twilio.numbers.Callback<twilio.numbers.RequirementsByEndUser>
---@param callback? twilio.numbers.Callback<twilio.numbers.RequirementsByEndUser>
---@return twilio.numbers.Pending<twilio.numbers.RequirementsByEndUser>? pending nil: not started
---@return string message
---@return twilio.numbers.Error err
function Client:requirements_async(country, kind, options, callback) end

--- Checks whether a number could be bought, without buying it: its bundle (exists, approved, not expired,
--- for this country and type), its address (exists, in the right country, in the bundle), the balance of a
--- prepaid account, and with `max_price` its price. err.problems has all that is missing. What cannot be read
--- is a problem, too; if it is the only one, the error has the kind of that request. Twilio may still refuse
--- the purchase.
---@param what twilio.numbers.AvailableNumber|{ country: string, type: twilio.numbers.AvailableType? }
---@param params? twilio.numbers.Settings of the purchase: bundle_sid, address_sid
---@param options? twilio.numbers.CheckOptions
---@return true? passed
---@return string message
---@return twilio.numbers.Error|twilio.numbers.Check err kind "policy"; beside true: warnings
function Client:check_purchase(what, params, options) end

--- Starts check_purchase() and returns at once.
---@param what twilio.numbers.AvailableNumber|{ country: string, type: twilio.numbers.AvailableType? }
---@param params? twilio.numbers.Settings of the purchase: bundle_sid, address_sid
---@param options? twilio.numbers.CheckOptions|twilio.numbers.CheckCallback
---@param callback? twilio.numbers.CheckCallback
---@return twilio.numbers.PendingCheck? pending nil: not started
---@return string message
---@return twilio.numbers.Error err
function Client:check_purchase_async(what, params, options, callback) end
