-- Prism, a server made from an OpenAPI document, which refuses every request that Twilio's own description
-- does not allow.
--
--   local prism = require("spec.support.prism").start()
--   ... prism.url, prism.document ...
--   prism:stop()
--
-- It needs node and `npm ci` in tools/, and no network. It lives no longer than this process.

local cjson = require("cjson")
local http = require("socket.http")
local ltn12 = require("ltn12")
local socket = require("socket")

local curl = require("twilio.numbers.curl")
local exchange = require("spec.support.exchange")
local numbers = require("twilio.numbers")

local prism = {}

local Prism = {}
Prism.__index = Prism

local ACCOUNT = "/2010-04-01/Accounts/%s/"
local OWNED = "IncomingPhoneNumbers.json"

---The fields that tools/prism/mock.js prints until it is ready.
local function read_until_ready(pipe)
  local fields = {}
  for line in pipe:lines() do
    if line == "ready" then
      return fields
    end
    local name, value = line:match("^(%w+): (.*)$")
    fields[name or "?"] = value
  end
end

local function read_json(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return cjson.decode(text)
end

---Starts Prism and waits until it is ready.
---@return table prism url, and document: the OpenAPI document that it answers from
function prism.start()
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  local pipe = assert(io.popen(("exec node tools/prism/mock.js %d"):format(port)))
  local fields = read_until_ready(pipe)
  if not fields then
    listener:close()
    pipe:close()
    error("Prism does not start: is `npm ci` done in tools/?", 2)
  end
  local self = { url = fields.url, pipe = pipe, marks = 0 }
  self.lifeline = assert(listener:accept())
  listener:close()
  self.document = read_json(fields.document)
  return setmetatable(self, Prism)
end

local function path_of(resource, account_sid)
  return resource:sub(1, 1) == "/" and resource or ACCOUNT:format(account_sid) .. resource
end

---The document's description of an operation, by default a purchase.
---@param method string?
---@param resource string? what follows the account, or a whole path
---@return table operation
function Prism:operation(method, resource)
  return self.document.paths[path_of(resource or OWNED, "{AccountSid}")][method or "post"]
end

---The document's description of a component.
function Prism:resolve(part)
  local name = part["$ref"] and part["$ref"]:match("^#/components/schemas/(.+)$")
  return name and self.document.components.schemas[name] or part
end

---Sends the body of a purchase unchanged, without the module's checks.
---@param body string
---@return integer status
---@return table answer
function Prism:post(body)
  return self:send("POST", OWNED, body)
end

---Sends any request unchanged.
---@param method string
---@param resource string what follows the account, or a whole path; with a query
---@param body string?
---@param is_nameless boolean? without credentials
---@return integer status
---@return table? answer
function Prism:send(method, resource, body, is_nameless)
  local chunks = {}
  local ok, status = http.request {
    method = method,
    url = self.url .. path_of(resource, "AC" .. ("a"):rep(32)),
    user = not is_nameless and "AC" .. ("a"):rep(32) or nil,
    password = not is_nameless and "secret" or nil,
    headers = {
      ["content-length"] = ("%d"):format(#(body or "")),
      ["content-type"] = body and "application/x-www-form-urlencoded" or nil,
    },
    source = ltn12.source.string(body or ""),
    sink = ltn12.sink.table(chunks),
  }
  assert(ok, status)
  local answer = table.concat(chunks)
  return status, answer ~= "" and cjson.decode(answer) or nil
end

--- Gives an example from the document the identity that a request names, like Twilio: the module rejects a
---response about another resource or account.
local function identify(resource, request)
  local path, body = request.url:match("^[^?]*"), request.body or ""
  local function set(name, value)
    resource[name] = resource[name] and value or resource[name]
  end
  local digits = body:match("PhoneNumber=%%2B(%d+)")
  set("account_sid", path:match("/Accounts/(AC%x+)"))
  set("service_sid", path:match("/Services/(MG%x+)"))
  set("sid", body:match("PhoneNumberSid=(PN%x+)") or path:gsub("%.json$", ""):match("/(%u%u%x+)$"))
  set("phone_number", digits and "+" .. digits)
end

---A transport by the module's own session on libcurl.
function prism.transport()
  local session = curl.session { plain = true, http_version = "1.1" }

  return function(request)
    session:authorize(request.headers.Authorization)
    local answer = exchange(session, request)
    if answer.outcome ~= "answered" then
      return nil, answer.reason, answer.outcome
    elseif answer.json then
      identify(answer.json, request)
    end
    answer.body = answer.json and cjson.encode(answer.json) or answer.body
    return answer
  end
end

--- The requests that Prism received since it was last asked, such as "post /2010-04-01/...". A marker
---request ends those that came before it.
---@return string[]
function Prism:requests()
  self.marks = self.marks + 1
  local mark = ("/mark-%d"):format(self.marks)
  assert(http.request(self.url .. mark))
  local received = {}
  while true do
    local request = assert(self.lifeline:receive("*l")):match("^request (.*)$")
    if request == "get " .. mark then
      return received
    end
    received[#received + 1] = request
  end
end

--- Stops Prism and waits for its end. Processes started meanwhile may hold the lifeline too, so closing
---this end of it is not enough.
function Prism:stop()
  self.lifeline:shutdown("both")
  self.lifeline:close()
  self.pipe:read("*a")
  self.pipe:close()
end

---Prism and a client of it for all specs of a block. To be called inside describe with the block's own
---functions, which busted gives to spec files alone.
---@param block { setup: function, teardown: function, before_each: function }
---@param account_sid string the client's
---@param on_start fun(server: table, client: table)
function prism.shared(block, account_sid, on_start)
  local server, client
  block.setup(function()
    server = prism.start()
    client = assert(numbers.client {
      account_sid = account_sid,
      auth_token = "secret",
      base_url = server.url,
      transport = prism.transport(),
      retries = 0,
    })
    on_start(server, client)
  end)
  block.teardown(function()
    if client then
      client:close()
    end
    if server then
      server:stop()
    end
  end)
  block.before_each(function()
    server:requests()
  end)
end

return prism
