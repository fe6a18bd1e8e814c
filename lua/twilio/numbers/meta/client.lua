---@meta _
--- A client: its event loop, its load, its end. What it buys, reads and changes is in the other files here.

--- An account, its credentials, and connections that are kept; made by `numbers.client()`.
---
--- A method that asks Twilio or the journal waits as its host does, and has a twin with `_async` that returns
--- at once: a call in flight, whose callback gets what the method returns.
---
--- A method that fails returns nil, a message and an error. These are typed as if they were always there, so
--- that `err.kind` needs no check after `if not number then`. Beside a result they are nil, unless
--- the method says otherwise.
---@class twilio.numbers.Client
local Client = {}

--- Delivers a few results of what is in flight, calls their callbacks, and resumes retries. Call it in each
--- turn of a frame loop; it takes microseconds. Raises what a callback raised.
---@return integer in_flight how many calls of functions with `_async` are in flight
function Client:poll() end

--- How much there is to do, for a monitor. Takes microseconds. Counts the requests of functions with `_async`
--- and those that wait in a host's event loop, none of a call that blocks.
---@return twilio.numbers.Stats stats
function Client:stats() end

--- A file descriptor that is readable whenever poll() has something to do. With events() and timeout(), this
--- is what `cqueues.poll(client)` needs.
---@return integer? fd nil: the transport is not libcurl
function Client:pollfd() end

--- What to watch the descriptor for.
---@return "r" events
function Client:events() end

--- Seconds until poll() has something to do by the clock alone. The descriptor is readable then, too.
---@return number? seconds nil: no timer is set
function Client:timeout() end

--- Lets what is in flight finish, for at most that many seconds, and cancels the rest. Then closes the
--- connections and forgets the credentials: later calls fail with kind "closed". Raises what a callback
--- raised, after all of this.
---@param seconds? number default 0
function Client:close(seconds) end

--- How much a client has to do.
---@class twilio.numbers.Stats
---@field in_flight integer requests at Twilio
---@field queued integer requests that wait for their turn
---@field max_in_flight integer how many may be at Twilio now: fewer than the option after a 429
---@field journal? twilio.numbers.Lag of a client with a journal

--- How far a journal is behind.
---@class twilio.numbers.Lag
---@field waiting integer requests to its store without a result
---@field oldest number seconds since the oldest of them began
