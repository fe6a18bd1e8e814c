--- The transport on libcurl. A call that blocks has it send in its own thread, on a connection that
--- is kept (a hop through another thread costs half as much again); any other call waits in its
--- host's way for what the client's engine sends.
local globals = require("twilio.numbers.globals")

local curl_transport = {}

--- Blocking calls use HTTP/1.1, which is cheaper for one request at a time; in flight, HTTP/2 lets
--- one connection carry many.
local VERSION_BLOCKING, VERSION_IN_FLIGHT = "1.1", "2"

--- Blocking: the session is authorized anew when the header has changed. One that could not be sends
--- nothing, and says why.
local function blocking(curl, options)
  local authorized
  options.http_version = VERSION_BLOCKING
  local session = curl.session(options)
  local function authorize(authorization)
    authorized = session:authorize(authorization) and authorization or nil
  end
  return {
    exchange = function(r, authorization, call)
      if authorization ~= authorized then
        authorize(authorization)
      end
      return session:exchange(r.method, r.url, r.body, r.timeout, r.connect_timeout, call)
    end,
    purchase = function(r, authorization, params, call)
      if authorization ~= authorized then
        authorize(authorization)
      end
      return session:purchase(r.url, params, r.timeout, r.connect_timeout, call)
    end,
    close = function()
      authorized = nil
      session:close()
    end,
  }
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
    max_in_flight = settings.max_in_flight,
  }
  local session = blocking(curl, options)

  local function begin_purchase(request, authorization, params, call)
    return call.client.flight:purchase(request, authorization, params, call)
  end

  return {
    make_engine = function()
      options.http_version = VERSION_IN_FLIGHT
      local engine = curl.engine(options)
      return engine, engine:news()
    end,
    --- Sends a request once and waits for its answer.
    exchange = function(request, authorization, call)
      if not call.loop then
        local answer = session.exchange(request, authorization, call)
        if request.method == "POST" then
          call.answer = answer
        end
        call:arrived(request, answer)
        return answer
      end
      local record = call.client.flight:exchange(request, authorization, call)
      return call:wait(record).answer
    end,
    --- Checks, encodes and sends a purchase in one call; returns what flight:purchase() does.
    begin_purchase = begin_purchase,
    --- The same, and waits and decodes; returns what session:purchase() does.
    purchase = function(request, authorization, params, call)
      if not call.loop then
        local number, status, form, answer = session.purchase(request, authorization, params, call)
        call.answer = answer or false
        if number then
          call:arrived(request, nil, status, form)
        elseif not status then
          call:arrived(request, answer)
        end
        return number, status, form, answer
      end
      local record, problems = begin_purchase(request, authorization, params, call)
      if not record then
        return nil, problems
      end
      call:wait(record)
      if record.number then
        return record.number, record.status, record.request_id, record.form
      end
      return nil, nil, record.form, record.answer
    end,
    close = function()
      options.proxy = nil -- there may be a password in it
      session.close()
    end,
  }
end

return curl_transport
