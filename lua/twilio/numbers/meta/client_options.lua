---@meta _
--- Options of numbers.client().

--- Options of `numbers.client`. All are optional; credentials must come from here or from the
--- environment.
---@class twilio.numbers.ClientOptions
---@field account_sid? string AC...; default TWILIO_ACCOUNT_SID
---@field auth_token? twilio.numbers.Secret default TWILIO_AUTH_TOKEN
---@field api_key? string SK..., in place of the auth token; default TWILIO_API_KEY
---@field api_secret? twilio.numbers.Secret belongs to `api_key`; default TWILIO_API_SECRET
---@field access_token? twilio.numbers.Secret OAuth token
---@field region? string such as "ie1"; default TWILIO_REGION
---@field edge? string such as "dublin"; default TWILIO_EDGE
---@field base_url? string default TWILIO_BASE_URL, then Twilio; plain http only for loopback
---@field opaque_sids? boolean a service compatible with Twilio, whose SIDs are its own; default false
---@field timeout? number seconds for one request; default 35
---@field connect_timeout? number seconds to connect; default 10
---@field retries? integer how often a request may be sent again where that is safe; default 3
---@field deadline? number seconds for a whole call, with all attempts and waits; default 120
---@field max_in_flight? integer requests at Twilio at once; default 100; halved on a 429, slowly raised again
---@field ca_file? string PEM file; default TWILIO_CA_FILE, CURL_CA_BUNDLE, SSL_CERT_FILE, then libcurl's own
---@field proxy? string URL of a proxy, or "" for none; default: libcurl asks the environment
---@field user_agent? string appended to the library's own
---@field loop? twilio.numbers.LoopName|twilio.numbers.Loop how to wait; default "auto"
---@field transport? "resty"|twilio.numbers.Transport lua-resty-http or a function in place of libcurl
---@field on_event? fun(event: twilio.numbers.AnyEvent) called after each attempt; what it raises is ignored
---@field journal? string|twilio.numbers.Store|twilio.numbers.Journal|false default TWILIO_NUMBERS_JOURNAL
---@field allow? twilio.numbers.Allow which numbers may be bought; no option of a call allows more
---@field limit? twilio.numbers.Limit how many numbers may be bought a day, by all that share the journal
---@field realm? string service that the accounts belong to: "twilio" behind a proxy; default: `base_url`'s
---@field settle? number seconds that a sent request may take effect after its call, if above the transport's

--- A secret, or a function that returns it, or nil and a reason. The function is called at the first request,
--- and once more in a call after a 401 from Twilio.
---@alias twilio.numbers.Secret string|fun(): string?, string?

--- The host; "auto" detects it.
---@alias twilio.numbers.LoopName "auto"|"block"|"openresty"|"haproxy"|"cqueues"|"copas"|"luv"

--- How a host waits, where none of ours does. Without `wait` requests block, and `sleep` serves the pauses
--- between attempts.
---@class twilio.numbers.Loop
---@field wait? fun(fd: integer, seconds: number) runs other tasks until fd is readable, at most that long
---@field sleep? fun(seconds: number) waits; may yield to the host's scheduler

--- Which numbers may be bought: those that each list given here allows. An empty list allows none.
---@class twilio.numbers.Allow
---@field countries? string[] ISO 3166-1, such as { "US", "CA" }
---@field types? twilio.numbers.AvailableType[] such as { "local" }
---@field prefixes? string[] of E.164 numbers, such as { "+1415" }

--- How many numbers may be bought, for the client's account and its subaccounts together.
---@class twilio.numbers.Limit
---@field numbers integer
---@field per? "day" of UTC
