---@meta _
--- Buying many numbers.

--- Where and what to search for, and how many numbers to buy.
---@class twilio.numbers.ManyFilter : twilio.numbers.AvailableFilter
---@field count integer how many to buy, 1 to 10000

--- An item of the list that purchase_many() takes: a phone number, or the parameters of a purchase.
---@alias twilio.numbers.Wanted string|twilio.numbers.PurchaseParams

--- Options of purchase_many().
---@class twilio.numbers.ManyOptions : twilio.numbers.CallOptions
---@field unless_owned? boolean refuses what the account owns; default true for a filter, false for a list
---@field complete? boolean sets by one update what Twilio ignored of a purchase; default true
---@field accept? fun(candidate: twilio.numbers.AvailableNumber): boolean? whether to buy it; for a filter
---@field max_numbers? integer more are refused before anything is sent, 1 to 10000
---@field on_progress? fun(progress: twilio.numbers.Progress): boolean? after each; returning false stops
---@field all_or_nothing? boolean releases what it certainly bought if it cannot buy all; not with a key
---@field unregister_emergency? boolean before a release: unregisters the emergency address it set
---@field max_price? string what each may cost a month, such as "1.50"
---@field currency? string of `max_price`; default "USD"
---@field preflight? boolean buys only if nothing is missing, see check_purchase(); default false
---@field messaging_service_sid? string|string[] MG...: the first not full gets them
---@field idempotency_key? string 1 to 255 bytes: all calls with it buy the same numbers; needs a journal
---@field finish? boolean finishes the key's order, even if all but the count differs; default false

---@alias twilio.numbers.Outcome
---| "bought"
---| "refused" # nothing was bought
---| "unknown" # it may have been bought: see err.phone_number
---| "released" # it was bought and released
---| "kept" # all_or_nothing could not release it: see the message
---| "stopped" # its purchase was not started

--- The result of one purchase.
---@class twilio.numbers.Result
---@field outcome twilio.numbers.Outcome
---@field phone_number? string E.164, as far as it is known
---@field number? twilio.numbers.Number that was bought, released or not
---@field message? string what went wrong
---@field err? twilio.numbers.Error
---@field info? twilio.numbers.Info how the number differs from what was asked for

--- How many purchases have which outcome.
---@class twilio.numbers.Counts
---@field wanted integer
---@field bought integer
---@field refused integer
---@field unknown integer
---@field released integer
---@field stopped integer

--- The argument of `on_progress`, after each purchase.
---@class twilio.numbers.Progress : twilio.numbers.Counts
---@field index integer place of the number among the wanted, from 1
---@field result twilio.numbers.Result

--- The result of purchase_many().
---@class twilio.numbers.Report : twilio.numbers.Counts
---@field numbers twilio.numbers.Number[] those that were bought
---@field kept twilio.numbers.Number[] those that all_or_nothing could not release
---@field results twilio.numbers.Result[] one for each wanted number

---@class twilio.numbers.Client
local Client = {}

--- Buys many numbers concurrently: those of a list, or as many that fit a filter as its field `count` says.
---@param wanted twilio.numbers.Wanted[]|twilio.numbers.ManyFilter
---@param params? twilio.numbers.Settings of all of them
---@param options? twilio.numbers.ManyOptions
---@return twilio.numbers.Report? report nil: no purchase was started
---@return string message what is missing, if not all were bought
---@return twilio.numbers.Error err
function Client:purchase_many(wanted, params, options) end

--- Starts purchase_many() and returns at once.
---@param wanted twilio.numbers.Wanted[]|twilio.numbers.ManyFilter
---@param params? twilio.numbers.Settings of all of them
---@param options? twilio.numbers.ManyOptions|twilio.numbers.Callback<twilio.numbers.Report>
---@param callback? twilio.numbers.Callback<twilio.numbers.Report>
---@return twilio.numbers.Pending<twilio.numbers.Report>? pending nil: not started
---@return string message
---@return twilio.numbers.Error err
function Client:purchase_many_async(wanted, params, options, callback) end
