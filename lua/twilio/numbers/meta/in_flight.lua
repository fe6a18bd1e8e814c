---@meta _
--- Calls in flight, as the functions with `_async` return them, and their callbacks.

--- Called once with what the function without `_async` returns: from the host's event loop, or if there is
--- none from client:poll(), pending:wait() or client:close(). Never before the function has returned.
---@alias twilio.numbers.Callback<T> fun(value: T?, message: string, err: twilio.numbers.Error)

--- The callback of a purchase. Beside a number, `err` is nil or a twilio.numbers.Info.
---@alias twilio.numbers.PurchaseCallback
---| fun(number: twilio.numbers.Number?, message: string, err: twilio.numbers.Error|twilio.numbers.Info)

--- The callback of check_purchase_async(). Beside true, `err` is nil or a twilio.numbers.Check.
---@alias twilio.numbers.CheckCallback
---| fun(passed: true?, message: string, err: twilio.numbers.Error|twilio.numbers.Check)

--- A call in flight. A function with `_async` returns nil, a message and an error instead of it where it
--- starts nothing: its options are wrong, the client is closed, or the host cannot wait here.
---@class twilio.numbers.Pending<T>
local Pending = {}

--- Whether the call has ended.
---@return boolean
function Pending:done() end

--- What the function without `_async` returns. While the call is in flight: nil, "still in flight", nil.
---@return T? value
---@return string message
---@return twilio.numbers.Error err
function Pending:result() end

--- Waits for the end of the call, yielding to the event loop, and returns its result. Without an event loop
--- it raises, as poll() does, what a callback raised.
---@param seconds? number how long at most, then as result(); default: until the call ends
---@return T? value
---@return string message
---@return twilio.numbers.Error err
function Pending:wait(seconds) end

--- Cancels the call. Its result follows: kind "cancelled", with `purchased` "no", or "unknown" if the request
--- was sent; or Twilio's answer, if that came first.
---@return boolean cancelled false: the call has ended
function Pending:cancel() end

--- A purchase in flight. Beside a number, `err` is nil or a twilio.numbers.Info.
---@class twilio.numbers.PendingPurchase : twilio.numbers.Pending<twilio.numbers.Number>
local PendingPurchase = {}

---@return twilio.numbers.Number? number
---@return string message
---@return twilio.numbers.Error|twilio.numbers.Info err
function PendingPurchase:result() end

---@param seconds? number how long at most, then as result(); default: until the call ends
---@return twilio.numbers.Number? number
---@return string message
---@return twilio.numbers.Error|twilio.numbers.Info err
function PendingPurchase:wait(seconds) end

--- A check in flight. Beside true, `err` is nil or a twilio.numbers.Check.
---@class twilio.numbers.PendingCheck : twilio.numbers.Pending<true>
local PendingCheck = {}

---@return true? passed
---@return string message
---@return twilio.numbers.Error|twilio.numbers.Check err
function PendingCheck:result() end

---@param seconds? number how long at most, then as result(); default: until the call ends
---@return true? passed
---@return string message
---@return twilio.numbers.Error|twilio.numbers.Check err
function PendingCheck:wait(seconds) end
