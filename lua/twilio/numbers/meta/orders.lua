---@meta _
--- The orders in the client's journal.

--- An order: the purchases of an idempotency key, or one number of a purchase_many().
---@class twilio.numbers.Order
---@field key string the idempotency key; a random one where the caller gave none
---@field slot? integer of purchase_many(): place of the number, from 1
---@field op? string the method that created it, such as "purchase_available"
---@field state "open"|"trying"|"bought" open: nothing was bought or can be; trying: it may have been
---@field phone_number? string E.164, that is being bought or was bought
---@field sid? string SID (PN...) of the number that it has bought
---@field adopted? true the account owned the number before
---@field tried? string[] numbers that were given up and may have been bought, see audit()
---@field at? integer when it was created, in milliseconds since 1970
---@field by? string the process that created it
---@field last_error? string why it could not be looked up
---@field count? integer of a purchase_many() as a whole: how many numbers
---@field numbers? twilio.numbers.Order[] and an order for each that was started

--- Which orders to list. All fields are optional.
---@class twilio.numbers.OrderFilter
---@field state? "open"|"trying"|"bought"
---@field key? string what their keys begin with
---@field limit? integer how many to read at most, 1 to 1000000

--- The orders that were unfinished when recover() began, by their state now.
---@class twilio.numbers.Recovery
---@field bought twilio.numbers.Order[] their numbers are bought
---@field open twilio.numbers.Order[] their numbers were given up and are in `tried`
---@field trying twilio.numbers.Order[] not found yet, or not looked up: see `last_error`

--- How the account differs from its journal.
---@class twilio.numbers.Audit
---@field unnamed twilio.numbers.Number[] owned, and in no order
---@field stray twilio.numbers.Order[] given up, but owned: see `phone_number` and `sid`
---@field gone twilio.numbers.Order[] bought, and no longer owned

---@class twilio.numbers.Client
local Client = {}

--- Looks up all unfinished orders of the account, such as after a crash, and records what was bought. It buys
--- nothing: the next call with an order's key finishes it. A number that is not found a day after the end of
--- the last call that may have sent its purchase is given up, and its order is open again.
---
--- The deadline applies to each order.
---@param options? twilio.numbers.CallOptions
---@return twilio.numbers.Recovery? report nil: the journal cannot be read
---@return string message why some orders could not be looked up; each has its `last_error`
---@return twilio.numbers.Error err of the first of those
function Client:recover(options) end

--- Starts recover() and returns at once.
---@param options? twilio.numbers.CallOptions|twilio.numbers.Callback<twilio.numbers.Recovery>
---@param callback? twilio.numbers.Callback<twilio.numbers.Recovery>
---@return twilio.numbers.Pending<twilio.numbers.Recovery>? pending nil: not started
---@return string message
---@return twilio.numbers.Error err
function Client:recover_async(options, callback) end

--- Lists the orders of the account in the journal, which is read as the list is. First the orders of
--- single numbers, then the numbers of purchase_many, in the order of their keys.
---@param filter? twilio.numbers.OrderFilter
---@param options? twilio.numbers.CallOptions
---@return twilio.numbers.OrderList? list
---@return string message
---@return twilio.numbers.Error err
function Client:orders(filter, options) end

--- Starts to read all items of orders() and returns at once. The result is an array.
---@param filter? twilio.numbers.OrderFilter
---@param options? twilio.numbers.CallOptions|twilio.numbers.Callback<twilio.numbers.Order[]>
---@param callback? twilio.numbers.Callback<twilio.numbers.Order[]>
---@return twilio.numbers.Pending<twilio.numbers.Order[]>? pending nil: not started
---@return string message
---@return twilio.numbers.Error err
function Client:orders_async(filter, options, callback) end

--- Reads the order of an idempotency key. That of a purchase_many has `count` and `numbers`, an order for
--- each number that was started; it is trying if one of these is, and bought if all are.
---@param key string
---@param options? twilio.numbers.CallOptions
---@return twilio.numbers.Order|false|nil order false: the key was not used
---@return string message
---@return twilio.numbers.Error err
function Client:order(key, options) end

--- Starts order() and returns at once.
---@param key string
---@param options? twilio.numbers.CallOptions|twilio.numbers.Callback<twilio.numbers.Order|false>
---@param callback? twilio.numbers.Callback<twilio.numbers.Order|false>
---@return twilio.numbers.Pending<twilio.numbers.Order|false>? pending nil: not started
---@return string message
---@return twilio.numbers.Error err
function Client:order_async(key, options, callback) end

--- Compares the numbers that the account owns with the journal, both ways. Changes nothing.
---@param options? twilio.numbers.CallOptions
---@return twilio.numbers.Audit? report three empty lists if all is in order
---@return string message
---@return twilio.numbers.Error err
function Client:audit(options) end

--- Starts audit() and returns at once.
---@param options? twilio.numbers.CallOptions|twilio.numbers.Callback<twilio.numbers.Audit>
---@param callback? twilio.numbers.Callback<twilio.numbers.Audit>
---@return twilio.numbers.Pending<twilio.numbers.Audit>? pending nil: not started
---@return string message
---@return twilio.numbers.Error err
function Client:audit_async(options, callback) end

--- Removes the order of an idempotency key from the journal, with the claim of its number; of purchase_many,
--- all of the key. A call with that key then buys again. An unfinished order is refused (kind "invalid"), as
--- is one of which a purchase may still be in flight (kind "in_progress", with `retry_after`).
---@param key string
---@param options? twilio.numbers.CallOptions
---@return true? forgotten
---@return string message
---@return twilio.numbers.Error err
function Client:forget(key, options) end

--- Starts forget() and returns at once.
---@param key string
---@param options? twilio.numbers.CallOptions|twilio.numbers.Callback<true>
---@param callback? twilio.numbers.Callback<true>
---@return twilio.numbers.Pending<true>? pending nil: not started
---@return string message
---@return twilio.numbers.Error err
function Client:forget_async(key, options, callback) end

--- Removes the finished orders (open, bought) that have not changed for that many seconds, as forget() does,
--- and the counts of days that are as old. Numbers stay as they are. Nothing younger than the settle time is
--- removed, whatever the age that is given.
---@param seconds number at least 0
---@param options? twilio.numbers.CallOptions
---@return integer? removed how many orders
---@return string message
---@return twilio.numbers.Error err
function Client:prune(seconds, options) end

--- Starts prune() and returns at once.
---@param seconds number at least 0
---@param options? twilio.numbers.CallOptions|twilio.numbers.Callback<integer>
---@param callback? twilio.numbers.Callback<integer>
---@return twilio.numbers.Pending<integer>? pending nil: not started
---@return string message
---@return twilio.numbers.Error err
function Client:prune_async(seconds, options, callback) end
