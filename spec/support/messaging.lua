--- Messaging Services as far as specs need them, for clients whose transport is a function.
---
---   local twilio = messaging.new { "MG1...", "MG2..." }
---   local response, message, kind = twilio:handle(request)   -- nil for a request to another product
---   twilio.services[sid].numbers[number_sid], .most, .us_app_to_person_registered
local cjson = require("cjson")
local form = require("spec.support.form")

local messaging = {}
messaging.__index = messaging

local ACCOUNT = "AC0123456789abcdef0123456789abcdef"
local ORIGIN = "^https://[^/]+"

--- The SID of a service, from a digit.
function messaging.sid(digit)
  return "MG" .. tostring(digit):rep(32)
end

function messaging.new(sids)
  local self = setmetatable({
    services = {},
    order = {}, -- of the services
    requests = {}, -- "METHOD /path"
    on_request = false, -- function("METHOD /path", request): a response, or nil, a message and a kind
    cannot_send = {}, -- SIDs of numbers without SMS
    page_size = 50,
  }, messaging)
  for i, sid in ipairs(sids) do
    self.services[sid] = { numbers = {}, most = 400, us_app_to_person_registered = true }
    self.order[i] = sid
  end
  return self
end

local function answer(status, body)
  return { status = status, body = body and cjson.encode(body) or "", headers = {} }
end

function messaging.refusal(status, code)
  return answer(status, { code = code, message = "refused: " .. code, status = status })
end

local refusal = messaging.refusal

--- The number of matching requests that were sent.
function messaging:count(pattern)
  local count = 0
  for _, request in ipairs(self.requests) do
    count = count + (request:find(pattern) and 1 or 0)
  end
  return count
end

--- The service that a number is in.
function messaging:holder(number_sid)
  for sid, service in pairs(self.services) do
    if service.numbers[number_sid] then
      return sid
    end
  end
end

function messaging:put(sid, number_sid)
  self.services[sid].numbers[number_sid] = true
end

local function size(service)
  local count = 0
  for _ in pairs(service.numbers) do
    count = count + 1
  end
  return count
end

local function describe(sid, number_sid)
  return {
    sid = number_sid,
    account_sid = ACCOUNT,
    service_sid = sid,
    phone_number = "+14155550101",
    country_code = "US",
    capabilities = { "MMS", "SMS", "Voice" },
    date_created = "2026-11-29T10:00:00Z",
    date_updated = "2026-11-29T10:00:00Z",
    url = "https://messaging.twilio.com/v1/Services/" .. sid .. "/PhoneNumbers/" .. number_sid,
  }
end

local function add(self, sid, service, request)
  local number_sid = form.decode(request.body).PhoneNumberSid
  local holder = self:holder(number_sid)
  if holder then
    return refusal(409, holder == sid and 21710 or 21712)
  elseif self.cannot_send[number_sid] then
    return refusal(400, 21715)
  elseif size(service) >= service.most then
    return refusal(412, 21714)
  end
  service.numbers[number_sid] = true
  return answer(201, describe(sid, number_sid))
end

local function list(self, query)
  local first = tonumber((query:match("Page=(%d+)$"))) or 0
  local found, origin = {}, "https://api.example/v1/Services"
  for i = first * self.page_size + 1, math.min((first + 1) * self.page_size, #self.order) do
    found[#found + 1] = { sid = self.order[i], friendly_name = "x" }
  end
  local is_last = (first + 1) * self.page_size >= #self.order
  local next_url = not is_last and ("%s?PageSize=50&Page=%d"):format(origin, first + 1)
  return answer(200, {
    services = found,
    meta = { key = "services", next_page_url = self.next_page_url or next_url or cjson.null },
  })
end

local function respond(self, request, path)
  local sid, rest = path:match("^/v1/Services/([%w-]+)(.*)$")
  if not sid then
    return list(self, path)
  end
  local service = self.services[sid]
  local number_sid = rest:match("^/PhoneNumbers/([%w-]+)$")
  if not service then
    return refusal(404, request.method == "POST" and 21705 or 20404)
  elseif rest == "" then
    return answer(200, {
      sid = sid,
      us_app_to_person_registered = service.us_app_to_person_registered,
    })
  elseif request.method == "POST" then
    return add(self, sid, service, request)
  elseif not service.numbers[number_sid] then
    return refusal(404, 20404)
  elseif request.method == "DELETE" then
    service.numbers[number_sid] = nil
    return answer(204)
  end
  return answer(200, describe(sid, number_sid))
end

--- Responds to a request for Messaging Services.
function messaging:handle(request)
  local path = request.url:match(ORIGIN .. "(/v1/Services.*)$")
  if not path then
    return nil
  end
  local what = request.method .. " " .. path
  self.requests[#self.requests + 1] = what
  if self.on_request then
    local response, message, kind = self.on_request(what, request)
    if response or kind then
      return response, message, kind
    end
  end
  return respond(self, request, path)
end

return messaging
