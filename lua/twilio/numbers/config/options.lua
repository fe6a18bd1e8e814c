--- The options of clients and calls: their tables, and their reader. The checks of most values are in
--- checks.lua, and those with words of their own in the files that this one requires.
local allow = require("twilio.numbers.config.allow")
local amount = require("twilio.numbers.config.amount")
local checks = require("twilio.numbers.config.checks")
local core = require("twilio.numbers.core")
local globals = require("twilio.numbers.globals")
local idempotency_key_problem = require("twilio.numbers.config.idempotency_key")
local messages = require("twilio.numbers.config.messages")
local service_list = require("twilio.numbers.config.service_list")
local show = require("twilio.numbers.config.show")

local options = {}

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
      local got = problem.got ~= nil and ", got " .. show.value(problem.got) or ""
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
  { name = "account_sid", check = checks.sid("AC"), environment = { "TWILIO_ACCOUNT_SID" } },
  { name = "auth_token", check = checks.secret },
  { name = "api_key", check = checks.sid("SK") },
  { name = "api_secret", check = checks.secret },
  { name = "access_token", check = checks.secret },
  { name = "region", check = checks.label, environment = { "TWILIO_REGION" } },
  { name = "edge", check = checks.label, environment = { "TWILIO_EDGE" } },
  { name = "base_url", check = checks.base_url, environment = { "TWILIO_BASE_URL" } },
  { name = "opaque_sids", check = checks.boolean },
  { name = "timeout", check = checks.seconds, default = 35 },
  { name = "connect_timeout", check = checks.seconds, default = 10 },
  { name = "retries", check = checks.count(0, 20), default = 3 },
  { name = "deadline", check = checks.seconds, default = 120 },
  { name = "max_in_flight", check = checks.count(1, 10000), default = 100 },
  {
    name = "ca_file",
    check = checks.readable_file,
    environment = { "TWILIO_CA_FILE", "CURL_CA_BUNDLE", "SSL_CERT_FILE" },
    not_by_resty = "nginx's lua_ssl_trusted_certificate says what is trusted",
  },
  { name = "proxy", check = checks.proxy, not_by_resty = "it connects to Twilio itself" },
  { name = "user_agent", check = checks.header_text },
  { name = "loop", check = checks.loop, default = "auto" },
  { name = "transport", check = checks.transport },
  { name = "on_event", check = checks.callable },
  { name = "journal", check = checks.journal, environment = { "TWILIO_NUMBERS_JOURNAL" } },
  { name = "limit", check = checks.limit },
  { name = "allow", check = is_allow, is_rule = true },
  { name = "realm", check = checks.realm },
  { name = "settle", check = checks.seconds },
}

options.CALL = {
  { name = "account_sid", check = checks.sid("AC") },
  { name = "timeout", check = checks.seconds },
  { name = "deadline", check = checks.seconds },
  { name = "retries", check = checks.count(0, 20) },
}

--- Options of a purchase. The options of CALL are added below, also to AVAILABLE, MANY, RELEASE and ATTACH.
options.PURCHASE = {
  { name = "type", check = checks.one_of("local", "mobile", "toll_free") },
  { name = "unless_owned", check = checks.boolean },
  { name = "complete", check = checks.boolean },
}

--- Options of numbers.journal().
options.JOURNAL = { { name = "create", check = checks.boolean } }

--- Options of all purchases of clients with a journal.
options.KEYED = {
  { name = "idempotency_key", check = idempotency_key_problem },
  { name = "finish", check = checks.boolean },
}

--- The Messaging Services that purchased numbers are added to.
options.MESSAGING = { { name = "messaging_service_sid", check = is_service_list } }

--- The highest price of a number, per month.
options.PRICE = {
  { name = "max_price", check = amount.problem, is_rule = true },
  { name = "currency", check = checks.currency },
}

--- Whether the requirements of a number are checked before it is bought.
options.PREFLIGHT = { { name = "preflight", check = checks.boolean, is_rule = true } }

--- Options of check_purchase.
options.CHECK = {}

--- Fields of filters that are not parameters of Twilio's API.
options.SEARCH = { { name = "limit", check = checks.count(1, 1000000) } }
options.LIST = {
  { name = "limit", check = checks.count(1, 1000000) },
  { name = "type", check = checks.one_of("local", "mobile", "toll_free") },
}

options.ADDRESSES = { { name = "limit", check = checks.count(1, 1000000) } }
options.BUNDLES = { { name = "limit", check = checks.count(1, 1000000) } }

--- The filter of orders in a journal.
options.ORDERS = {
  { name = "state", check = checks.one_of("open", "trying", "bought") },
  { name = "key", check = checks.text },
  { name = "limit", check = checks.count(1, 1000000) },
}

--- Options of purchase_available.
options.AVAILABLE = {
  { name = "unless_owned", check = checks.boolean },
  { name = "complete", check = checks.boolean },
  { name = "accept", check = checks.callable },
  { name = "candidates", check = checks.count(1, 1000) },
  { name = "dry_run", check = checks.boolean },
}

--- Options of purchase_many.
options.MANY = {
  { name = "unless_owned", check = checks.boolean },
  { name = "complete", check = checks.boolean },
  { name = "accept", check = checks.callable },
  { name = "max_numbers", check = checks.count(1, 10000) },
  { name = "on_progress", check = checks.callable },
  { name = "all_or_nothing", check = checks.boolean },
  { name = "unregister_emergency", check = checks.boolean },
}

--- Options of attach.
options.ATTACH = { { name = "move", check = checks.boolean } }

--- Options of release.
options.RELEASE = { { name = "unregister_emergency", check = checks.boolean } }

--- Options of update_many and release_many. The options of a single update or release are added below.
options.UPDATE_MANY = { { name = "on_progress", check = checks.callable } }
options.RELEASE_MANY = {
  { name = "on_progress", check = checks.callable },
  { name = "unregister_emergency", check = checks.boolean },
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
  local wrong = given ~= nil and type(given) ~= "table" and show.type(given)
  wrong = wrong or (given and not core.is_plain_table(given) and "one with a metatable")
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
      add(list, show.value(name), messages.unknown("option", name, rows))
    end
  end
  messages.add_rest(list, "options", unknown)
  return values, list, true
end

return options
