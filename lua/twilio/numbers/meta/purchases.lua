---@meta _
--- Buying one number.

--- What to buy, and how Twilio uses it: exactly one of `phone_number` and `area_code`. A string may not be
--- empty: leave the parameter out instead.
---@alias twilio.numbers.PurchaseParams twilio.numbers.PurchaseByNumber|twilio.numbers.PurchaseByAreaCode

--- A number that is known.
---@class twilio.numbers.PurchaseByNumber : twilio.numbers.Settings
---
--- The number to buy, in E.164 form such as "+14155550100": a plus sign and 2 to 15 digits, no
--- punctuation. See https://www.twilio.com/docs/glossary/what-e164
---@field phone_number string

--- Any number of an area.
---@class twilio.numbers.PurchaseByAreaCode : twilio.numbers.Settings
---
--- Three digits such as "415": Twilio picks a number in that area. United States and Canada only.
--- Each request buys another number, so an unanswered one is never sent again.
---@field area_code string

--- Where and what to search for.
---@class twilio.numbers.AvailableFilter : twilio.numbers.SearchFilter
---@field country string two capital letters such as "US" (ISO 3166-1)
---@field type? twilio.numbers.AvailableType default "local"
---
--- Area codes, each searched when the one before has no more numbers that fit: 1 to 100, in place of
--- `area_code`. United States and Canada only.
---@field area_codes? string[]
---
--- Searches within 25 miles of `near_number` or `near_lat_long`, then 100, then 500, until there are numbers
--- that fit; in place of `distance`. Default false.
---@field widen? boolean

--- Options of purchase().
---@class twilio.numbers.PurchaseOptions : twilio.numbers.CallOptions
---@field type? "local"|"mobile"|"toll_free" Twilio's resource for the type, with phone_number
---@field unless_owned? boolean refuses to buy, and so to change, what the account owns; default false
---@field complete? boolean sets by one update what Twilio ignored of the purchase; default true
---@field max_price? string what the number may cost a month, such as "1.50"
---@field currency? string of `max_price`; default "USD"
---@field preflight? boolean buys only if nothing is missing, see check_purchase(); default false
---@field messaging_service_sid? string|string[] MG...: the first not full gets it
---@field idempotency_key? string 1 to 255 bytes: all calls with it buy one number; needs a journal
---@field finish? boolean finishes the key's order, even if its parameters differ; default false

--- Options of purchase_available().
---@class twilio.numbers.AvailableOptions : twilio.numbers.CallOptions
---@field unless_owned? boolean looks first, and takes the next where the account owns it; default true
---@field complete? boolean sets by one update what Twilio ignored of the purchase; default true
---@field accept? fun(candidate: twilio.numbers.AvailableNumber): boolean? whether to buy it
---@field candidates? integer how many are tried, 1 to 1000; default 10
---
--- Buys nothing, and returns what would be sent. The result then is a twilio.numbers.DryRun, in editors too
--- after `local plan = result --[[@as twilio.numbers.DryRun]]`. Default false.
---@field dry_run? boolean
---
---@field max_price? string what a number may cost a month, such as "1.50"
---@field currency? string of `max_price`; default "USD"
---@field preflight? boolean buys only if nothing is missing, see check_purchase(); default false
---@field messaging_service_sid? string|string[] MG...: the first not full gets it
---@field idempotency_key? string 1 to 255 bytes: all calls with it buy one number; needs a journal
---@field finish? boolean finishes the key's order, even if its parameters differ; default false

--- What `dry_run` returns: what would be bought and sent, without secrets. For a key that has bought a number
--- it has only `replayed`; for one that may have, only `phone_number` and `state`.
---@class twilio.numbers.DryRun
---@field candidate twilio.numbers.AvailableNumber
---@field method "POST"
---@field url string
---@field body string the form
---@field replayed? { phone_number: string, sid: string } the number that the key has bought
---@field phone_number? string E.164, that the key may have bought: the call would finish its purchase
---@field state? "trying" of the key's order

--- The third value beside a number that differs from what was asked for.
---@class twilio.numbers.Info
---@field adopted? true the account owned it before the call began
---@field replayed? true an earlier call with the idempotency key has bought it
---@field incomplete? twilio.numbers.Incomplete
---@field journal? twilio.numbers.Error why the journal could not record it; the next call with the key will

--- How a number differs from what was asked for.
---@class twilio.numbers.Incomplete
---@field differences twilio.numbers.Difference[] empty if all settings are as asked for
---@field err? twilio.numbers.Error why the update failed
---@field messaging_service? twilio.numbers.MissingService the Messaging Service that it is not in

--- A Messaging Service that a number could not be added to, as far as is known.
---@class twilio.numbers.MissingService
---@field sid string SID (MG...) of the service, the last one tried
---@field err? twilio.numbers.Error why; nil: an earlier call did not add it, and this one no longer can

--- A setting that differs from what was asked for.
---@class twilio.numbers.Difference
---@field name string the parameter, or the field of the filter
---@field asked any what was asked for
---@field got? any what the number has

---@class twilio.numbers.Client
local Client = {}

--- Buys a phone number: by `phone_number` (E.164), or by `area_code` (three digits, US and Canada). It
--- waits as its host does (option `loop`): where that has an event loop, other tasks run meanwhile.
--- POST /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json
--- (https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource)
---@param params twilio.numbers.PurchaseParams
---@param options? twilio.numbers.PurchaseOptions
---@return twilio.numbers.Number? number
---@return string message what went wrong, for people; also whether money may have been spent
---@return twilio.numbers.Error|twilio.numbers.Info err for programs, such as err.purchased
function Client:purchase(params, options) end

--- Starts purchase() and returns at once. The callback is called from the host's event loop, or if there is
--- none from client:poll(); never from here.
---@param params twilio.numbers.PurchaseParams
---@param options? twilio.numbers.PurchaseOptions|twilio.numbers.PurchaseCallback
---@param callback? twilio.numbers.PurchaseCallback
---@return twilio.numbers.PendingPurchase? pending nil: not started
---@return string message
---@return twilio.numbers.Error err
function Client:purchase_async(params, options, callback) end

--- Buys any number that fits: searches, then buys by phone number; if a number is gone or does not fit, the
--- next one. This is the way to buy "any number in 415": an unanswered purchase by phone number can be looked
--- up and repeated, one by area code cannot.
---@param filter twilio.numbers.AvailableFilter
---@param params? twilio.numbers.Settings
---@param options? twilio.numbers.AvailableOptions
---@return twilio.numbers.Number? number
---@return string message
---@return twilio.numbers.Error|twilio.numbers.Info err err.phone_number: the number that it concerns
function Client:purchase_available(filter, params, options) end

--- Starts purchase_available() and returns at once.
---@param filter twilio.numbers.AvailableFilter
---@param params? twilio.numbers.Settings
---@param options? twilio.numbers.AvailableOptions|twilio.numbers.PurchaseCallback
---@param callback? twilio.numbers.PurchaseCallback
---@return twilio.numbers.PendingPurchase? pending nil: not started
---@return string message
---@return twilio.numbers.Error err
function Client:purchase_available_async(filter, params, options, callback) end
