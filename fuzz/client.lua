--- The invariants for any options, parameters and responses: see client.c. Nothing raises; errors have a
--- message and fields, without a secret; nothing is bought twice, and no possible purchase is denied.
local core = require("twilio.numbers.core")
local numbers = require("twilio.numbers")
local script = require("fuzz.script")

local ACCOUNT = "AC0123456789abcdef0123456789ABCDEF"
local NUMBER = "PN0123456789abcdef0123456789ABCDEF"
local TOKEN = "s3cr3t/t0ken?of~the/account"
local BASIC = core.basic(ACCOUNT, TOKEN):text():match("^Basic (.*)$")
local MESSAGE_MAX = 10000

--- How servers may echo a request.
local SECRETS = {
  TOKEN = TOKEN,
  BASIC = BASIC,
  ESCAPED = TOKEN:gsub("/", "\\/"),
  CODES = TOKEN:gsub("3", "\\u0033"),
}

local KINDS = {}
for kind in
  ("invalid connect tls timeout network rate_limit api response cancelled closed"):gmatch("%S+")
do
  KINDS[kind] = true
end

os.getenv = function() end -- luacheck: ignore 122

--- Time that passes only during sleep.
local clock = 0

function core.now()
  return clock
end

function core.sleep(seconds)
  clock = clock + seconds
end

function core.jitter()
  return 1
end

local function holds(condition, what, ...)
  if not condition then
    error(what:format(...), 2)
  end
end

local function has_secret(text)
  return text:find(TOKEN, 1, true) or text:find(BASIC, 1, true)
end

--- Looks for secrets in everything that a value contains.
local function check_secrets(value, seen)
  if type(value) == "string" then
    holds(not has_secret(value), "a secret in %q", value)
  elseif type(value) == "table" and not seen[value] then
    seen[value] = true
    for k, v in next, value do
      check_secrets(k, seen)
      check_secrets(v, seen)
    end
  end
end

local function is_sentence(text)
  return type(text) == "string" and #text > 0 and #text < MESSAGE_MAX and not text:find("%c")
end

local function check_error(message, err)
  holds(is_sentence(message), "a message that is none: %q", tostring(message))
  holds(
    type(err) == "table" and tostring(err) == message,
    "an error that says otherwise: %s",
    message
  )
  holds(KINDS[err.kind], "a kind that is none: %s", tostring(err.kind))
  holds(
    err.purchased == "no" or err.purchased == "unknown" or err.purchased == "yes",
    "purchased = %s",
    tostring(err.purchased)
  )
  holds(
    math.type(err.attempts) == "integer" and err.attempts >= 0,
    "attempts = %s",
    tostring(err.attempts)
  )
  check_secrets(err, {})
  if err.kind ~= "invalid" then
    return
  end
  holds(err.purchased == "no" and #err.problems > 0, "invalid, and yet %s", message)
  for _, problem in ipairs(err.problems) do
    holds(
      is_sentence(problem.message) and is_sentence(problem.name),
      "no sentence: %q",
      problem.message
    )
  end
end

-- ---- the server's side: its responses, and whether they mean a purchase ----

--- What a transport returns for a response, and whether a purchase was made: "yes", "no", or nil if that is
--- unknown.
local function respond(answer)
  local words = {}
  for word in answer.words:gmatch("%S+") do
    words[#words + 1] = word
  end
  local status = tonumber(words[1])
  local response = { headers = answer.headers, body = answer.body }
  if words[1] == "nil" then
    local unsent = words[3] == "connect" or words[3] == "tls"
    return unsent and "no" or nil, nil, words[2], words[3]
  elseif words[1] == "value" then
    return nil, script.value(words[2] or "")
  elseif words[1] == "broken" then
    response.broken, status = words[2] or "network", tonumber(words[3])
  elseif not status then
    return nil, "raise"
  end
  response.status = status
  if not status or status % 1 ~= 0 then
    return nil, response
  elseif status == 201 then
    return "yes", response
  end
  local refused = status >= 400 and status < 500 and status ~= 408 and status ~= 409
  return refused and "no" or nil, response
end

--- Whether a body describes another number than a purchase is for, or one of another account.
local function is_about_another(body, request)
  local number = type(body) == "string" and core.decode(body) or {}
  local digits = request.body:match("PhoneNumber=%%2B(%d+)")
  local account = request.url:match("/Accounts/(%w+)"):lower()
  local is_another = digits and number.phone_number and number.phone_number ~= "+" .. digits
  return is_another or (number.account_sid and tostring(number.account_sid):lower() ~= account)
end

local function is_purchase(request)
  return request.method == "POST" and request.url:find("/IncomingPhoneNumbers[%a/]*%.json$") ~= nil
end

--- A transport that returns one response after the other, and then none; and its books.
local function new_transport(answers)
  local books = { requests = 0, posts = {} }
  return function(request)
    books.requests = books.requests + 1
    local made, response, message, kind = "no", nil, "the script is over", "connect"
    if answers[books.requests] then
      made, response, message, kind = respond(answers[books.requests])
    end
    local authorization = request.headers.Authorization
    holds(type(authorization) == "string", "no Authorization")
    if is_purchase(request) then
      if made == "yes" and is_about_another(response.body, request) then
        made = nil -- unknown
      end
      books.posts[#books.posts + 1] = { body = request.body, made = made }
    end
    if response == "raise" then
      error(answers[books.requests].body or answers[books.requests].words)
    end
    return response, message, kind
  end,
    books
end

--- A purchase by area code is sent once, unless it certainly failed. After a purchase that certainly
--- succeeded, the same number is not bought again.
local function check_posts(posts)
  for i, post in ipairs(posts) do
    for j = 1, i - 1 do
      local earlier = posts[j]
      if post.body:find("AreaCode=", 1, true) then
        holds(earlier.made == "no", "an area code was sent again after %s", tostring(earlier.made))
      end
      holds(earlier.made ~= "yes" or earlier.body ~= post.body, "bought twice: %s", post.body)
    end
  end
end

--- A call's purchased agrees with the server's books.
local function check_money(posts, value, err)
  for _, post in ipairs(posts) do
    local purchased = err and err.purchased
    if not value then
      holds(post.made == "no" or purchased ~= "no", "called not bought: %s", err.message)
      holds(post.made ~= "yes" or purchased == "yes", "hides what was bought: %s", err.message)
    end
  end
end

-- ---- the form: what is sent equals what was given ----

local function decode_form(form)
  local decoded, count = {}, 0
  for name, value in form:gmatch("([^&=]*)=([^&=]*)") do
    holds(decoded[name] == nil, "given twice: %s", name)
    decoded[name] = value:gsub("+", " "):gsub("%%(%x%x)", function(code)
      return string.char(tonumber(code, 16))
    end)
    count = count + 1
  end
  return decoded, count
end

--- phone_number is PhoneNumber.
local function wire_name(name)
  return ("_" .. name):gsub("_(%l)", string.upper)
end

local function check_form(params, form)
  local sent, count = decode_form(form)
  for name, value in next, params do
    local text = math.type(value) == "float" and ("%d"):format(value) or tostring(value)
    holds(sent[wire_name(name)] == text, "%s was sent as %q", name, tostring(sent[wire_name(name)]))
    count = count - 1
  end
  holds(count == 0, "sent besides what was given: %s", form)
end

-- ---- calls ----

local CALLS = {
  purchase = function(client, params, call_options)
    return client:purchase(params, call_options)
  end,
  update = function(client, params, call_options)
    return client:update(NUMBER, params, call_options)
  end,
  fetch = function(client, sid, call_options)
    return client:fetch(sid, call_options)
  end,
  release = function(client, sid, call_options)
    return client:release(sid, call_options)
  end,
  list = function(client, filter, call_options)
    local found, message, err = client:list(filter, call_options)
    if not found then
      return nil, message, err
    end
    return found:all()
  end,
  search = function(client, filter, call_options)
    local found, message, err = client:search("US", "local", filter, call_options)
    if not found then
      return nil, message, err
    end
    return found:all()
  end,
  available = function(client, filter, call_options)
    return client:purchase_available(filter, nil, call_options)
  end,
  many = function(client, wanted, call_options)
    return client:purchase_many(wanted, nil, call_options)
  end,
}

local function check_call(client, books, name, params, call_options)
  books.posts = {}
  local called, value, message, err = pcall(CALLS[name], client, params, call_options)
  holds(called, "%s raised: %s", name, tostring(value))
  if not value then
    check_error(message, err)
    holds(err.kind ~= "invalid" or #books.posts == 0, "sent, though invalid: %s", message)
  end
  check_posts(books.posts)
  if name ~= "many" then
    check_money(books.posts, value, err)
  end
  if name ~= "purchase" then
    return
  end
  for _, post in ipairs(books.posts) do
    check_form(params, post.body)
  end
  if value then
    holds(core.is_sid(value.sid, "PN"), "a number without a SID")
    holds(getmetatable(value) == nil, "a number with a metatable")
  end
end

--- The client's options: those of the input, with credentials if it has none, and with a transport and a
--- sleep of this file unless it has its own, which are never called.
local function complete(given, transport)
  local mine = given.transport == nil and given.loop == nil
  local credentials = given.auth_token or given.access_token or given.api_key or given.api_secret
  if credentials == nil then
    given.auth_token = TOKEN
  end
  given.account_sid = given.account_sid == nil and ACCOUNT or given.account_sid
  if mine then
    given.transport = transport
    given.loop = { sleep = core.sleep }
  end
  return mine
end

local function check_client(given, transport)
  local is_plain = type(given) == "table" and getmetatable(given) == nil
  local mine = is_plain and complete(given, transport)
  local called, client, message, err = pcall(numbers.client, given)
  holds(called, "client() raised: %s", tostring(client))
  if client then
    holds(not has_secret(tostring(client)), "a secret in %s", tostring(client))
    return mine and client
  end
  check_error(message, err)
end

---@param text string
return function(text)
  if has_secret(text) or text:find("s3cr3t", 1, true) then
    return -- only this file has it
  end
  local sections, answers = script.read(text, SECRETS), {}
  for _, section in ipairs(sections) do
    answers[#answers + 1] = section.answer
  end
  local transport, books = new_transport(answers)
  local client, call_options
  for _, section in ipairs(sections) do
    local values = section.fields
    if section.name == "client" then
      client = check_client(values, transport) or client
    elseif section.name == "options" then
      call_options = values
    elseif CALLS[section.name] then
      client = client or assert(check_client({}, transport))
      check_call(client, books, section.name, values, call_options)
    end
  end
  if client then
    local called, why = pcall(client.close, client)
    holds(called, "close() raised: %s", tostring(why))
  end
end
