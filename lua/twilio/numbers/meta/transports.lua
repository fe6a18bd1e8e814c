---@meta _
--- Transports in place of libcurl.

--- A request, as a transport receives it. `headers` has the credentials.
---@class twilio.numbers.Request
---@field method twilio.numbers.HttpMethod
---@field url string
---@field headers table<string, string>
---@field body? string a form, for POST
---@field timeout number seconds for the whole request
---@field connect_timeout number seconds to connect

--- A response, as a transport returns it.
---@class twilio.numbers.Response
---@field status integer
---@field headers? table<string, string> names in any case
---@field body? string at most 64 KiB, of a GET 4 MiB
---@field broken? "timeout"|"network"|"response" the body is not whole: too late, cut, too large
---@field reason? string for people

--- Sends one request, once. Without a response it returns nil, a message, and how it failed: with
--- "connect" or "tls" nothing was sent; with "timeout" or "network" the request may have been sent.
--- Anything else, and an error it raises, counts as "network". It must not follow redirects nor send
--- the request again.
---@alias twilio.numbers.Transport
---| fun(request: twilio.numbers.Request): twilio.numbers.Response?, string?, string?
