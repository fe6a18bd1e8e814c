---@meta _
--- Journals, and the stores that keep them.

--- An open journal, from numbers.journal(), for several clients.
---@class twilio.numbers.Journal
---@field kind "sqlite"|"postgresql"|"custom"

--- A record of a store.
---@class twilio.numbers.Record
---@field key? string
---@field version integer 1, and one more with each write
---@field value string

--- A change to a record.
---@class twilio.numbers.Write
---@field key string
---@field version integer that it must have; 0: there must be none
---@field value? string nil: delete it; with version 0: only check that there is none

--- A store of the caller's that keeps a journal. Its functions may yield, and raise.
--- `require("twilio.numbers.journal.contract")` tests one.
---@class twilio.numbers.Store
---
--- Returns those records of the keys that exist, by key; the time in milliseconds; and the name of its clock,
--- which changes when the machine boots. Or nil and a message.
---@field read fun(self, keys: string[]): table<string, twilio.numbers.Record>?, integer|string, string?
---
--- Applies all writes or none. Returns true: they are durable; false: a version differs; or nil, a message,
--- and true if it is certain that nothing was or will be written.
---@field apply fun(self, writes: twilio.numbers.Write[]): boolean?, string?, boolean?
---
--- Returns the records whose keys have the prefix and follow the key `after`, in the order of their bytes.
---@field scan fun(self, prefix: string, after?: string, limit: integer): twilio.numbers.Record[]?, string?
---@field close fun(self)
