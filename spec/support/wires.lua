--- The four protocols: HTTP/1.1 and HTTP/2, over TLS and plain.
local curl = require("twilio.numbers.curl")
local exchange = require("spec.support.exchange")

local wires = {
  {
    name = "HTTP/1.1 over TLS",
    http_version = "1.1",
    url = "base_url",
    version = 1.1,
    keeps = true,
  },
  { name = "HTTP/2 over TLS", http_version = "2", url = "base_url", version = 2, keeps = true },
  {
    name = "plain HTTP/1.1",
    http_version = "1.1",
    url = "http_url",
    plain = true,
    version = 1.1,
    keeps = true,
  },
  -- libcurl 7.88 cannot reuse such a connection with any server: error 16 before it sends
  {
    name = "plain HTTP/2",
    http_version = "2-prior-knowledge",
    url = "http_url",
    plain = true,
    version = 2,
  },
}

local function new_session(twilio, wire)
  return curl.session {
    ca_file = twilio.ca_file,
    http_version = wire.http_version,
    plain = wire.plain,
  }
end

--- A transport on the library's own session, for a protocol that a client would not choose itself.
---@param twilio table a simulator
function wires.transport(twilio, wire)
  local session = new_session(twilio, wire)
  return function(request)
    if not wire.keeps then
      session:close()
      session = new_session(twilio, wire)
    end
    session:authorize(request.headers.Authorization)
    local answer = exchange(session, request)
    if answer.outcome == "answered" then
      return answer
    end
    return nil, answer.reason, answer.outcome
  end
end

return wires
