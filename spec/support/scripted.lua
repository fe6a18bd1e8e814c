-- A client whose transport responds from a script instead of a network, and records what was sent, how long
-- it slept and what on_event got.
--
--   local client, log = scripted.client({ POST = { { status = 201, body = scripted.body() } } })
--   client:purchase({ phone_number = scripted.PHONE })
--   log.posts, log.gets, log.deletes, log.requests (all of them), log.sleeps, log.events
--
-- The nth request of a method gets its nth response; the last one is repeated. A response is a table, {broken
-- = kind}, or a function (request) that returns what a transport returns.

local cjson = require("cjson")
local form = require("spec.support.form")
local numbers = require("twilio.numbers")

local scripted = {
  ACCOUNT = "AC0123456789abcdef0123456789ABCDEF",
  TOKEN = "s3cr3t-t0ken-of-the-account",
  NUMBER_SID = "PNfedcba9876543210fedcba9876543210",
  PHONE = "+15005550006",
}

---The body of Twilio's response to a purchase.
function scripted.body(phone_number)
  return ('{"sid":"%s","phone_number":"%s","status":"in-use"}'):format(
    scripted.NUMBER_SID,
    phone_number or scripted.PHONE
  )
end

---The body of a page of IncomingPhoneNumbers.
---@param phone_numbers string[]
---@param next_page_uri string?
function scripted.page(phone_numbers, next_page_uri)
  local list = {}
  for i, phone_number in ipairs(phone_numbers) do
    list[i] = scripted.body(phone_number)
  end
  return ('{"incoming_phone_numbers":[%s],"next_page_uri":%s}'):format(
    table.concat(list, ","),
    next_page_uri and '"' .. next_page_uri .. '"' or "null"
  )
end

--- The body of a page of AvailablePhoneNumbers, in Twilio's format: without paging fields unless there is a
---next page. It also answers the look-up that follows: the account owns none of the numbers.
---@param phone_numbers string[]
---@param next_page_uri string?
function scripted.found(phone_numbers, next_page_uri)
  local list = {}
  for i, phone_number in ipairs(phone_numbers) do
    list[i] = ('{"phone_number":"%s","capabilities":{"voice":true,"SMS":true}}'):format(
      phone_number
    )
  end
  local rest = next_page_uri and (',"next_page_uri":"%s"'):format(next_page_uri) or ""
  local page = '{"uri":"/x","available_phone_numbers":[%s],"incoming_phone_numbers":[]%s}'
  return page:format(table.concat(list, ","), rest)
end

---The body of a Twilio error, for any status.
function scripted.refusal(code, message)
  local more = "https://www.twilio.com/docs/errors/" .. code
  return ('{"code":%d,"message":"%s","more_info":"%s"}'):format(code, message, more)
end

---A response with a Twilio error.
function scripted.error(status, code, headers)
  return { status = status, body = scripted.refusal(code, "Twilio said so"), headers = headers }
end

---Responds to a purchase with the requested number.
function scripted.created(request)
  return { status = 201, body = scripted.body(form.decode(request.body).PhoneNumber) }
end

---The phone numbers that were posted, in their order.
function scripted.posted(log)
  local list = {}
  for i, request in ipairs(log.posts) do
    list[i] = form.decode(request.body).PhoneNumber
  end
  return list
end

local function answer_of(step, request)
  if type(step) == "function" then
    return step(request)
  elseif type(step) == "table" and step.broken then
    return nil, step.message or "it broke", step.broken
  end
  return step
end

-- Like at Twilio, a bought number shows the requested settings, except in a response with `echo = false`,
-- and for fields that the script sets.
local function echo(request, response)
  local is_number = type(response) == "table"
    and response.status == 201
    and response.echo ~= false
    and type(response.body) == "string"
    and response.body:match("^{.*}$")
    and request.body
  local decoded, number = pcall(cjson.decode, is_number and response.body)
  if not is_number or not decoded then
    return response
  end
  for wire_name, value in pairs(form.decode(request.body)) do
    local name = wire_name:gsub("(%l)(%u)", "%1_%2"):lower()
    if number[name] == nil and name ~= "area_code" then
      number[name] = name == "voice_caller_id_lookup" and value == "true" or value
    end
  end
  if number.voice_caller_id_lookup == "false" then
    number.voice_caller_id_lookup = false
  end
  return setmetatable({ body = cjson.encode(number) }, { __index = response })
end

---@param script { POST: table?, GET: table?, DELETE: table? }
---@param options table? more options of the client
---@return table client
---@return table log
function scripted.client(script, options)
  local log = { requests = {}, posts = {}, gets = {}, deletes = {}, sleeps = {}, events = {} }
  local sent_by = { POST = log.posts, GET = log.gets, DELETE = log.deletes }
  local given = {
    account_sid = scripted.ACCOUNT,
    auth_token = scripted.TOKEN,
    base_url = "https://api.example",
    loop = {
      sleep = function(seconds)
        log.sleeps[#log.sleeps + 1] = seconds
      end,
    },
    transport = function(request)
      local sent = sent_by[request.method]
      sent[#sent + 1], log.requests[#log.requests + 1] = request, request
      local steps = script[request.method]
      if not steps then
        log.unexpected = request.method .. " " .. request.url
        error("unexpected request: " .. request.method)
      end
      local response, message, kind = answer_of(steps[math.min(#sent, #steps)], request)
      return echo(request, response), message, kind
    end,
    on_event = function(event)
      log.events[#log.events + 1] = event
    end,
  }
  for name, value in pairs(options or {}) do
    given[name] = value
  end
  for _, name in ipairs(options and options.without or {}) do
    given[name] = nil
  end
  given.without = nil
  return assert(numbers.client(given)), log
end

local count = 0

---The same with a realm of its own, so that other clients' purchases do not affect it.
function scripted.apart(script, options)
  local all = {}
  count = count + 1
  all.base_url = ("https://%d.api.example"):format(count)
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return scripted.client(script, all)
end

---Steps for GET: those of searches, and those of look-ups of owned numbers, each in order.
function scripted.gets(searches, looks)
  local counts = {}
  return {
    function(request)
      local steps = request.url:find("/IncomingPhoneNumbers.json", 1, true) and looks or searches
      counts[steps] = (counts[steps] or 0) + 1
      return answer_of(steps[math.min(counts[steps], #steps)], request)
    end,
  }
end

---How many of the GETs of a log are searches.
function scripted.searches(log)
  local searches = 0
  for _, request in ipairs(log.gets) do
    searches = searches + (request.url:find("/IncomingPhoneNumbers.json", 1, true) and 0 or 1)
  end
  return searches
end

return scripted
