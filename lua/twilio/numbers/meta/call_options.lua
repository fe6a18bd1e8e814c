---@meta _
--- Options of one call, which every method takes.

--- Options of one call; they override the client's.
---@class twilio.numbers.CallOptions
---@field account_sid? string AC... of a subaccount, with the parent's credentials
---@field timeout? number seconds for one request
---@field deadline? number seconds for the whole call: attempts, look-ups and pauses
---@field retries? integer how often a request may be sent again where that is safe
