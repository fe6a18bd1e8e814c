--- The transport on libcurl. A call that blocks has it send in its own thread, on a connection that
--- is kept (a hop through another thread costs half as much again); any other call waits in its
--- host's way for what the client's I/O thread sends.
local globals = require("twilio.numbers.globals")
local limits = require("twilio.numbers.http.limits")

local curl_transport = {}

--- Blocking calls use HTTP/1.1, which is cheaper for one request at a time; in flight, HTTP/2 lets
--- one connection carry many.
local VERSION_BLOCKING, VERSION_IN_FLIGHT = "1.1", "2"

--- Sends in the caller's thread, or waits for the I/O thread where the call has a loop. The session is
--- authorized anew when the header has changed; one that could not be sends nothing, and says why.
local function new_sender(session, begin)
  local authorized
  local function forget()
    authorized = nil
  end
  return function(request, call)
    if call.loop then
      return call:wait(begin(request, call))
    end
    local authorization = request.authorization
    if authorization ~= authorized then
      authorized = session:authorize(authorization) and authorization or nil
    end
    session:send(
      request.response,
      request.method,
      request.url,
      request.body,
      request.timeout,
      request.connect_timeout,
      request.not_after
    )
    call:arrived(request)
  end,
    forget
end

--- Whether requests may go by a proxy, which has limits of its own. The environment is read once, when the
--- client is made: libcurl would read it for each request.
local function may_use_proxy(curl, settings)
  if settings.plain or settings.proxy then
    return not settings.plain and settings.proxy ~= ""
  end
  return curl.environment_names_proxy()
end

--- Makes the transport; raises if libcurl cannot be had.
---@param settings table ca_file, proxy, user_agent, plain, max_in_flight
function curl_transport.new(settings)
  local curl = globals.load("twilio.numbers.curl")
  local options = {
    ca_file = settings.ca_file,
    proxy = settings.proxy,
    user_agent = settings.user_agent .. " " .. curl.version(),
    plain = settings.plain,
    direct = not may_use_proxy(curl, settings),
    max_in_flight = settings.max_in_flight,
    http_version = VERSION_BLOCKING,
  }
  local session = curl.session(options)
  local function begin(request, call)
    return call.client.scheduler:send(request, call)
  end
  local send, forget = new_sender(session, begin)
  local is_brief = curl.has_user_timeout() and options.direct
  return {
    begin = begin,
    settle = is_brief and limits.SETTLE_BRIEF or limits.SETTLE,
    make_io_thread = function()
      options.http_version = VERSION_IN_FLIGHT
      local io_thread = curl.io_thread(options)
      return io_thread, io_thread:news()
    end,
    send = send,
    close = function()
      options.proxy = nil -- there may be a password in it
      forget()
      session:close()
    end,
  }
end

return curl_transport
