---@meta _
--- Buying many numbers.

--- The same for many numbers.
---@class twilio.numbers.ManyFilter : twilio.numbers.AvailableFilter
---@field count integer how many to buy, 1 to 10000

--- What purchase_many buys where it gets a list: phone numbers, or tables of parameters.
---@alias twilio.numbers.Wanted string|twilio.numbers.PurchaseParams

--- Options of buying many numbers.
---@class twilio.numbers.ManyOptions : twilio.numbers.CallOptions
---@field unless_owned? boolean refuses what the account owns; default true for a filter, false for a list
---@field complete? boolean sets by one update what Twilio ignored of a purchase; default true
---@field accept? fun(candidate: twilio.numbers.AvailableNumber): boolean? whether to buy it; for a filter
---@field max_numbers? integer more are refused before anything is sent, 1 to 10000
---@field on_progress? fun(progress: twilio.numbers.Progress): boolean? after each; returning false stops
---@field all_or_nothing? boolean releases what it certainly bought if not all could be had
---@field unregister_emergency? boolean where it releases: ends the registration of an address that it gave
---@field max_price? string what each may cost a month, such as "1.50"
---@field currency? string of `max_price`; default "USD"
---@field preflight? boolean buys only if nothing is missing, see check_purchase(); default false
---@field messaging_service_sid? string|string[] MG...: the first not full gets them
---@field idempotency_key? string 1 to 255 bytes: all calls with it buy the same numbers; needs a journal
---@field finish? boolean finishes what the key has begun, whatever its first call asked for; default false

---@alias twilio.numbers.Outcome
---| "bought"
---| "refused" # nothing was bought
---| "unknown" # it may have been bought: see err.phone_number
---| "released" # it was bought and given back
---| "kept" # it was to be given back and is not: see the message
---| "stopped" # it was not begun

--- What became of one number of many.
---@class twilio.numbers.Result
---@field outcome twilio.numbers.Outcome
---@field phone_number? string E.164, as far as it is known
---@field number? twilio.numbers.Number that was bought, even if it was released since
---@field message? string what went wrong
---@field err? twilio.numbers.Error
---@field info? twilio.numbers.Info what else is known of a number that was bought

--- How many numbers came to which end.
---@class twilio.numbers.Counts
---@field wanted integer
---@field bought integer
---@field refused integer
---@field unknown integer
---@field released integer
---@field stopped integer

--- What `on_progress` is told after each number.
---@class twilio.numbers.Progress : twilio.numbers.Counts
---@field index integer which of the wanted numbers this is about, from 1
---@field result twilio.numbers.Result what became of it

--- What became of many numbers.
---@class twilio.numbers.Report : twilio.numbers.Counts
---@field numbers twilio.numbers.Number[] those that were bought
---@field kept twilio.numbers.Number[] those that all_or_nothing was to give back, and did not
---@field results twilio.numbers.Result[] one for each wanted number

---@class twilio.numbers.Client
local Client = {}

--- Buys many numbers, in flight together: those of a list (phone numbers, or tables of parameters), or
--- as many as the field `count` of a filter says.
---@param wanted twilio.numbers.Wanted[]|twilio.numbers.ManyFilter
---@param params? twilio.numbers.Settings what all of them have in common
---@param options? twilio.numbers.ManyOptions
---@return twilio.numbers.Report? report nil: nothing was begun
---@return string message what is missing, if not all were bought
---@return twilio.numbers.Error err
function Client:purchase_many(wanted, params, options) end

--- Begins to buy many numbers; see purchase_many() and purchase_async().
---@param wanted twilio.numbers.Wanted[]|twilio.numbers.ManyFilter
---@param params? twilio.numbers.Settings what all of them have in common
---@param options? twilio.numbers.ManyOptions|twilio.numbers.Callback<twilio.numbers.Report>
---@param callback? twilio.numbers.Callback<twilio.numbers.Report>
---@return twilio.numbers.Pending<twilio.numbers.Report>? pending nil: not begun
---@return string message
---@return twilio.numbers.Error err
function Client:purchase_many_async(wanted, params, options, callback) end
