---@meta _
--- Journals, and the stores that keep them.

--- A journal that is open, as numbers.journal() returns it: for several clients.
---@class twilio.numbers.Journal
---@field kind "sqlite"|"postgresql"|"custom"

--- A record, as a store keeps it.
---@class twilio.numbers.Record
---@field key? string
---@field version integer 1, and one more with each write
---@field value string

--- A change of a record.
---@class twilio.numbers.Write
---@field key string
---@field version integer that it must have; 0: there must be none
---@field value? string nil: it is deleted

--- A store of the caller's, to keep a journal in. Its functions may yield, and raise.
--- `require("twilio.numbers.journal.contract")` tests one.
---@class twilio.numbers.Store
---
--- The records of the keys, as far as there are some, by key; the time in milliseconds; and a name for the
--- clock that it is of, which is another one once the machine has booted. Or nil and a message.
---@field read fun(self, keys: string[]): table<string, twilio.numbers.Record>?, integer|string, string?
---
--- Makes all writes, or none. true: they are durable; false: some version differs; nil, a message, and true
--- if it is certain that nothing was written, nor will be.
---@field apply fun(self, writes: twilio.numbers.Write[]): boolean?, string?, boolean?
---
--- The records whose keys begin with a prefix, in the order of their bytes, behind the key `after`.
---@field scan fun(self, prefix: string, after?: string, limit: integer): twilio.numbers.Record[]?, string?
---@field close fun(self)
