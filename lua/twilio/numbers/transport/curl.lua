--- The transport on libcurl. A blocking call sends in its own thread, on a kept connection (another thread
--- would make it half as expensive again). Other calls send through the client's I/O thread and wait in their
--- host.
local globals = require("twilio.numbers.globals")
local limits = require("twilio.numbers.http.limits")

local curl_transport = {}

--- Blocking calls use HTTP/1.1, which is cheaper for one request at a time; with many in flight, HTTP/2
--- shares one connection.
local VERSION_BLOCKING, VERSION_IN_FLIGHT = "1.1", "2"

--- Returns a function that sends in the caller's thread, or on the I/O thread if the call has a loop. It sets
--- the session's authorization when that has changed; if it cannot, it sends nothing, and the response says
--- why.
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

--- Whether requests may use a proxy, which has limits of its own. The environment is read once, when the
--- client is created: libcurl would read it for each request.
local function may_use_proxy(curl, settings)
  if settings.plain or settings.proxy then
    return not settings.plain and settings.proxy ~= ""
  end
  return curl.environment_names_proxy()
end

--- Creates the transport. Raises an error if libcurl cannot be loaded.
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
      options.proxy = nil -- it may contain a password
      forget()
      session:close()
    end,
  }
end

return curl_transport
