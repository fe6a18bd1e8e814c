--- The options of clients and calls: their tables, the check of each value, and their reader.
local allow = require("twilio.numbers.config.allow")
local amount = require("twilio.numbers.config.amount")
local core = require("twilio.numbers.core")
local globals = require("twilio.numbers.globals")
local idempotency_key_problem = require("twilio.numbers.config.idempotency_key")
local messages = require("twilio.numbers.config.messages")

local service_list = require("twilio.numbers.config.service_list")
local sids = require("twilio.numbers.config.sids")

local options = {}

local DAY = 86400

--- What was given where a number is expected. Text is not repeated: it may be a secret in the wrong option.
local function but_got(value)
  return ", got " .. (type(value) == "number" and messages.show(value) or messages.type(value))
end

local function is_seconds(value)
  if type(value) ~= "number" or not (value > 0 and value <= DAY) then
    return "must be a number of seconds, above 0 and at most 86400" .. but_got(value)
  end
end

local function is_count(least, most)
  return function(value)
    if type(value) ~= "number" or value ~= math.floor(value) or value < least or value > most then
      return ("must be an integer from %d to %d"):format(least, most) .. but_got(value)
    end
  end
end

--- A secret must be usable in a header, and no message repeats it. (Uses find, since match returns a copy.)
--- The result of a function is checked after each call, see credentials.lua.
local function is_secret(value)
  if type(value) == "function" then
    return nil
  elseif type(value) ~= "string" or not value:find("^[\33-\126]+$") or #value > 8192 then
    local why = type(value) == "string" and messages.flaw(value)
    return "must be a string of printable ASCII characters without spaces, or a function that returns one"
      .. (why and "; it " .. why or "")
  end
end

local function is_sid(prefix)
  return function(value, opaque_sids)
    -- the value is not repeated: it may be a token in the wrong option
    if not core.is_sid(value, prefix, opaque_sids) then
      local why = type(value) == "string" and messages.flaw(value)
      return "must be " .. sids.words(prefix, opaque_sids) .. (why and "; it " .. why or "")
    end
  end
end

--- A single label of a host name, so that a region cannot redirect the credentials to another host.
local function is_label(value)
  if type(value) ~= "string" or not value:match("^%w[%w%-]*$") or #value > 63 then
    return "must be a name of letters, digits and hyphens, such as us1"
  end
end

--- No leading zeros: some systems parse them as octal, others as a host name.
local function is_octet(text)
  return text and #text <= 3 and tonumber(text) < 256 and not text:match("^0.")
end

local function is_loopback(host)
  local a, b, c = host:match("^127%.(%d+)%.(%d+)%.(%d+)$")
  return host:lower() == "localhost"
    or host == "::1"
    or (is_octet(a) and is_octet(b) and is_octet(c))
end

local function is_base_url(value)
  local url = type(value) == "string" and core.url(value)
  if not url then
    local why = type(value) == "string" and messages.url(value)
    return why or "must be an absolute URL such as https://api.twilio.com"
  elseif url.user_info then
    return "must not contain a user name or password"
  elseif url.query ~= "" then
    return "must not have a query or a fragment"
  elseif url.scheme == "http" and not is_loopback(url.host) then
    return "must be https: plain http, which only loopback may use, would expose the credentials"
  end
end

local PROXY_SCHEMES = { http = 1, https = 1, socks4 = 1, socks4a = 1, socks5 = 1, socks5h = 1 }

--- Checks the user name and password strictly: libcurl ends them at a "/" and takes the part before it for
--- the host, and if they contain a control character, it ignores the proxy and connects directly. The value
--- is not repeated, nor split into strings that would stay in memory: it may contain a password.
local function is_proxy(value)
  local scheme, ends
  if type(value) == "string" and not value:find("[^\33-\126]") then
    scheme = value:match("^(%w+)://[^/?#]")
    ends = select(2, value:find("^%w+://[^/?#]+"))
  end
  if value ~= "" and not (scheme and PROXY_SCHEMES[scheme:lower()]) then
    return 'must be a URL such as http://proxy:8080 or socks5h://proxy:1080, or "" for none'
  elseif ends and (value:find("@", ends, true) or value:find("%%[01]%x")) then
    return "must have a percent-encoded user name and password, without control characters"
  end
end

local FILE_PROBLEMS = {
  type = "",
  missing = ", which does not exist",
  denied = ", which this process may not read",
  directory = ", which is a directory",
  other = ", which cannot be opened",
}

local function is_readable_file(value)
  local problem = type(value) ~= "string" and "type" or core.file_problem(value)
  if problem then
    return "must name a readable file, got " .. messages.show(value) .. FILE_PROBLEMS[problem]
  end
end

local function is_header_text(value)
  if type(value) ~= "string" or not value:match("^[\32-\126]+$") or #value > 256 then
    return "must be a string of at most 256 printable ASCII characters"
  end
end

local function is_callable(value)
  if type(value) ~= "function" then
    return "must be a function, got " .. messages.type(value)
  end
end

local function is_transport(value)
  if type(value) ~= "function" and value ~= "resty" then
    local got = type(value) == "string" and messages.show(value) or "a " .. type(value)
    return 'must be a function or "resty", got ' .. got
  end
end

local function is_boolean(value)
  if type(value) ~= "boolean" then
    return "must be true or false, got " .. messages.show(value)
  end
end

local function is_one_of(...)
  local words = { ... }
  return function(value)
    for _, word in ipairs(words) do
      if value == word then
        return nil
      end
    end
    return ('must be "%s", got %s'):format(table.concat(words, '" or "'), messages.show(value))
  end
end

local LOOPS = { "auto", "block", "openresty", "haproxy", "cqueues", "copas", "luv" }
local LOOP_NAMES = '"' .. table.concat(LOOPS, '", "') .. '"'

--- The name of an event loop, or for other hosts a table with the functions wait(fd, seconds) and
--- sleep(seconds).
local function is_loop(value)
  for _, name in ipairs(LOOPS) do
    if value == name then
      return nil
    end
  end
  local wait, sleep
  if type(value) == "table" then
    wait, sleep = rawget(value, "wait"), rawget(value, "sleep")
  end
  local given = wait or sleep
  if not given or type(wait or given) ~= "function" or type(sleep or given) ~= "function" then
    local words = ("must be %s or a table with the functions wait and sleep"):format(LOOP_NAMES)
    return type(value) == "string" and words .. ", got " .. messages.show(value) or words
  end
end

local function is_text(value)
  if type(value) ~= "string" then
    return "must be a string, got " .. messages.type(value)
  end
end

--- Checks the type only: the client parses the string. No message repeats it, since it may have a password.
local function is_journal(value)
  local is_text_or_table = type(value) == "table" or (type(value) == "string" and value ~= "")
  if value == "" then
    return "must name a journal, got an empty string"
  elseif not is_text_or_table and value ~= false then -- false: no journal, whatever the environment sets
    return "must be a path, a connection string, a store, or what numbers.journal() returned; got "
      .. messages.type(value)
  end
end

local function is_limit(value)
  local numbers = type(value) == "table" and rawget(value, "numbers")
  local is_number = type(numbers) == "number" and numbers >= 0 and numbers % 1 == 0
  if not is_number or (rawget(value, "per") or "day") ~= "day" then
    return 'must be a table such as { numbers = 50, per = "day" }'
  end
  for name in next, value do
    if name ~= "numbers" and name ~= "per" then
      return "must have only the fields numbers and per, got " .. messages.show(name)
    end
  end
end

local function is_realm(value)
  if type(value) ~= "string" or #value == 0 or #value > 200 or not value:find("^[\33-\126]+$") then
    return 'must be a name such as "twilio", of at most 200 printable ASCII characters'
  end
end

local function is_currency(value)
  if type(value) ~= "string" or not value:find("^%a%a%a$") then
    return "must be three letters such as USD (ISO 4217), got " .. messages.show(value)
  end
end

--- Checks the option `allow`.
---@return twilio.numbers.Problem[]? wrong
---@return twilio.numbers.Allow? copy
local function is_allow(value)
  local problems, copy = allow.read(value)
  if #problems == 0 then
    return nil, copy
  end
  local wrong, unknown = {}, 0
  for _, problem in ipairs(problems) do
    local message
    if problem.unknown ~= nil then
      unknown = unknown + 1
      message = messages.unknown("field of allow", problem.unknown, allow.LISTS)
    else
      local got = problem.got ~= nil and ", got " .. messages.show(problem.got) or ""
      message = problem.name .. " " .. problem.words .. got .. (problem.hint or "")
    end
    if unknown <= messages.UNKNOWN_MAX or problem.unknown == nil then
      wrong[#wrong + 1] = { name = problem.name, message = message }
    end
  end
  messages.add_rest(wrong, "allow", unknown)
  return wrong
end

local function is_service_list(value, opaque_sids)
  local message = service_list.problem(value, opaque_sids)
  return message, not message and type(value) == "table" and service_list.of(value) or nil
end

--- One row per option: its name; its check, which returns a message or a list of problems if the value is
--- invalid, else nil, with a copy of a value that the caller could change; its default; its environment
--- variables in order of precedence; why lua-resty-http does not support it; and `is_rule` if it makes a rule
--- of the spending policy, see api/policy.lua. The environment variables of credentials depend on each other
--- and are read in credentials.lua.
options.CLIENT = {
  { name = "account_sid", check = is_sid("AC"), environment = { "TWILIO_ACCOUNT_SID" } },
  { name = "auth_token", check = is_secret },
  { name = "api_key", check = is_sid("SK") },
  { name = "api_secret", check = is_secret },
  { name = "access_token", check = is_secret },
  { name = "region", check = is_label, environment = { "TWILIO_REGION" } },
  { name = "edge", check = is_label, environment = { "TWILIO_EDGE" } },
  { name = "base_url", check = is_base_url, environment = { "TWILIO_BASE_URL" } },
  { name = "opaque_sids", check = is_boolean },
  { name = "timeout", check = is_seconds, default = 35 },
  { name = "connect_timeout", check = is_seconds, default = 10 },
  { name = "retries", check = is_count(0, 20), default = 3 },
  { name = "deadline", check = is_seconds, default = 120 },
  { name = "max_in_flight", check = is_count(1, 10000), default = 100 },
  {
    name = "ca_file",
    check = is_readable_file,
    environment = { "TWILIO_CA_FILE", "CURL_CA_BUNDLE", "SSL_CERT_FILE" },
    not_by_resty = "nginx's lua_ssl_trusted_certificate says what is trusted",
  },
  { name = "proxy", check = is_proxy, not_by_resty = "it connects to Twilio itself" },
  { name = "user_agent", check = is_header_text },
  { name = "loop", check = is_loop, default = "auto" },
  { name = "transport", check = is_transport },
  { name = "on_event", check = is_callable },
  { name = "journal", check = is_journal, environment = { "TWILIO_NUMBERS_JOURNAL" } },
  { name = "limit", check = is_limit },
  { name = "allow", check = is_allow, is_rule = true },
  { name = "realm", check = is_realm },
  { name = "settle", check = is_seconds },
}

options.CALL = {
  { name = "account_sid", check = is_sid("AC") },
  { name = "timeout", check = is_seconds },
  { name = "deadline", check = is_seconds },
  { name = "retries", check = is_count(0, 20) },
}

--- Options of a purchase. The options of CALL are added below, also to AVAILABLE, MANY, RELEASE and ATTACH.
options.PURCHASE = {
  { name = "type", check = is_one_of("local", "mobile", "toll_free") },
  { name = "unless_owned", check = is_boolean },
  { name = "complete", check = is_boolean },
}

--- Options of all purchases of clients with a journal.
options.KEYED = {
  { name = "idempotency_key", check = idempotency_key_problem },
  { name = "finish", check = is_boolean },
}

--- The Messaging Services that purchased numbers are added to.
options.MESSAGING = { { name = "messaging_service_sid", check = is_service_list } }

--- The highest price of a number, per month.
options.PRICE = {
  { name = "max_price", check = amount.problem, is_rule = true },
  { name = "currency", check = is_currency },
}

--- Whether the requirements of a number are checked before it is bought.
options.PREFLIGHT = { { name = "preflight", check = is_boolean, is_rule = true } }

--- Options of check_purchase.
options.CHECK = {}

--- Fields of filters that are not parameters of Twilio's API.
options.SEARCH = { { name = "limit", check = is_count(1, 1000000) } }
options.LIST = {
  { name = "limit", check = is_count(1, 1000000) },
  { name = "type", check = is_one_of("local", "mobile", "toll_free") },
}

options.ADDRESSES = { { name = "limit", check = is_count(1, 1000000) } }
options.BUNDLES = { { name = "limit", check = is_count(1, 1000000) } }

--- The filter of orders in a journal.
options.ORDERS = {
  { name = "state", check = is_one_of("open", "trying", "bought") },
  { name = "key", check = is_text },
  { name = "limit", check = is_count(1, 1000000) },
}

--- Options of purchase_available.
options.AVAILABLE = {
  { name = "unless_owned", check = is_boolean },
  { name = "complete", check = is_boolean },
  { name = "accept", check = is_callable },
  { name = "candidates", check = is_count(1, 1000) },
  { name = "dry_run", check = is_boolean },
}

--- Options of purchase_many.
options.MANY = {
  { name = "unless_owned", check = is_boolean },
  { name = "complete", check = is_boolean },
  { name = "accept", check = is_callable },
  { name = "max_numbers", check = is_count(1, 10000) },
  { name = "on_progress", check = is_callable },
  { name = "all_or_nothing", check = is_boolean },
  { name = "unregister_emergency", check = is_boolean },
}

--- Options of attach.
options.ATTACH = { { name = "move", check = is_boolean } }

--- Options of release.
options.RELEASE = { { name = "unregister_emergency", check = is_boolean } }

--- Options of update_many and release_many. The options of a single update or release are added below.
options.UPDATE_MANY = { { name = "on_progress", check = is_callable } }
options.RELEASE_MANY = {
  { name = "on_progress", check = is_callable },
  { name = "unregister_emergency", check = is_boolean },
}

for _, rows in ipairs { options.PURCHASE, options.AVAILABLE, options.MANY } do
  for _, more in ipairs { options.PRICE, options.PREFLIGHT, options.MESSAGING, options.KEYED } do
    for _, row in ipairs(more) do
      rows[#rows + 1] = row
    end
  end
end

for _, more in ipairs { options.PRICE, options.MESSAGING } do
  for _, row in ipairs(more) do
    options.CHECK[#options.CHECK + 1] = row
  end
end

local WITH_CALL = {
  options.PURCHASE,
  options.AVAILABLE,
  options.MANY,
  options.RELEASE,
  options.UPDATE_MANY,
  options.RELEASE_MANY,
  options.ATTACH,
  options.CHECK,
}
for _, rows in ipairs(WITH_CALL) do
  for _, row in ipairs(options.CALL) do
    rows[#rows + 1] = row
  end
end

--- The value of an option from the environment, and the name of its variable.
local function from_environment(row)
  for _, variable in ipairs(row.environment or {}) do
    local value = globals.variable(variable)
    if value then
      return value, variable
    end
  end
end

--- Whether a table can be read completely: options from a metatable's __index would be ignored.
function options.is_plain(given)
  local metatable = getmetatable(given)
  return metatable == nil or (type(metatable) == "table" and rawget(metatable, "__index") == nil)
end

local function add(list, name, message)
  list[#list + 1] = { name = name, message = message }
end

--- Checks an option that lua-resty-http does not support.
local function check_resty(row, value)
  if value ~= "" then
    return ('cannot be used with transport = "resty": %s'):format(row.not_by_resty)
  end
end

local function read_row(row, given, values, list, opaque_sids)
  local value, source = rawget(given, row.name), row.name
  local transport = rawget(given, "transport")
  local not_by_resty = row.not_by_resty and transport == "resty"
  -- What only libcurl uses must not stop another transport: TWILIO_CA_FILE may name a simulator's old file.
  if value == nil and not (row.not_by_resty and transport ~= nil) then
    value, source = from_environment(row)
  end
  local wrong, copy
  if value ~= nil and not_by_resty then
    wrong = check_resty(row, value)
  end
  if value ~= nil and not wrong then
    wrong, copy = row.check(value, opaque_sids)
  end
  if type(wrong) == "table" then
    for _, problem in ipairs(wrong) do
      list[#list + 1] = problem
    end
  elseif wrong then
    add(list, row.name, source .. " " .. wrong)
  elseif value == nil then
    value = row.default
  end
  values[row.name] = copy or value
  values.has_rules = values.has_rules or (row.is_rule and value ~= nil) or nil
end

--- Reads a table of options against the rows of CLIENT or CALL.
---@param rows table
---@param given table|nil
---@param opaque_sids boolean|nil SIDs have the form of a compatible service, see csrc/pure/sid.h
---@return table values from the caller, the environment and the defaults; has_rules: some option makes a rule
---@return twilio.numbers.Problem[] list empty if all are valid
---@return boolean is_plain_table false if `given` cannot be read
function options.read(rows, given, opaque_sids)
  local values, list, known = {}, {}, {}
  local wrong = given ~= nil and type(given) ~= "table" and messages.type(given)
  wrong = wrong or (given and not options.is_plain(given) and "one with a metatable")
  if wrong then
    add(list, "options", "options must be a plain table, got " .. wrong)
    return values, list, false
  end
  given = given or {}
  for _, row in ipairs(rows) do
    known[row.name] = true
    read_row(row, given, values, list, opaque_sids)
  end
  local unknown = 0
  for name in next, given do
    unknown = unknown + (known[name] and 0 or 1)
    if not known[name] and unknown <= messages.UNKNOWN_MAX then
      add(list, messages.show(name), messages.unknown("option", name, rows))
    end
  end
  messages.add_rest(list, "options", unknown)
  return values, list, true
end

return options
