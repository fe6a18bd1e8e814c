---@meta _
--- What the client option `on_event` is called with.

---@alias twilio.numbers.HttpMethod "GET"|"POST"|"DELETE"

--- The `kind` tells them apart; an attempt has none.
---@alias twilio.numbers.AnyEvent
---| twilio.numbers.Event
---| twilio.numbers.MessagingServiceEvent
---| twilio.numbers.JournalEvent

--- One attempt of a request. It holds no secret.
---@class twilio.numbers.Event
---@field method twilio.numbers.HttpMethod POST buys and changes, GET reads, DELETE releases
---@field url string
---@field attempt integer counts from 1 within a call
---@field seconds number how long it took
---@field status? integer HTTP status, if one was seen
---@field request_id? string Twilio's name for the request (RQ...)
---@field error? twilio.numbers.Kind the kind of failure; nil for a 2xx
---@field note? string of an event that is not an attempt: a message for people

--- A purchase has added its number to a Messaging Service.
---@class twilio.numbers.MessagingServiceEvent
---@field kind "messaging_service"
---@field phone_number string E.164
---@field sid string SID (PN...) of the number
---@field service_sid string SID (MG...) of the service that it is in
---@field note? string a warning: the service cannot deliver messages of this number yet

--- A step of a call in the journal.
---@class twilio.numbers.JournalEvent
---@field kind "journal"
---@field step "read"|"begin"|"settle"|"give_up"
---@field key string the idempotency key
---@field duration number seconds
---@field err? string why it failed
---@field note? string a message for people: the journal knows the account under another realm
