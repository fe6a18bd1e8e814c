--- The checks of the options' values. Each returns what is wrong with a value, or nil; options.lua names the
--- check of each option. A message repeats no value that may be a secret.
local core = require("twilio.numbers.core")
local show = require("twilio.numbers.config.show")
local sids = require("twilio.numbers.config.sids")

local checks = {}

local DAY = 86400

--- What was given where a number is expected. Text is not repeated: it may be a secret in the wrong option.
local function but_got(value)
  return ", got " .. (type(value) == "number" and show.value(value) or show.type(value))
end

function checks.seconds(value)
  if type(value) ~= "number" or not (value > 0 and value <= DAY) then
    return "must be a number of seconds, above 0 and at most 86400" .. but_got(value)
  end
end

function checks.count(least, most)
  return function(value)
    if type(value) ~= "number" or value ~= math.floor(value) or value < least or value > most then
      return ("must be an integer from %d to %d"):format(least, most) .. but_got(value)
    end
  end
end

--- A secret must be usable in a header, and no message repeats it. (Uses find, since match returns a copy.)
--- The result of a function is checked after each call, see credentials.lua.
function checks.secret(value)
  if type(value) == "function" then
    return nil
  elseif type(value) ~= "string" or not value:find("^[\33-\126]+$") or #value > 8192 then
    local why = type(value) == "string" and show.flaw(value)
    return "must be a string of printable ASCII characters without spaces, or a function that returns one"
      .. (why and "; it " .. why or "")
  end
end

function checks.sid(prefix)
  return function(value, opaque_sids)
    -- the value is not repeated: it may be a token in the wrong option
    if not core.is_sid(value, prefix, opaque_sids) then
      local why = type(value) == "string" and show.flaw(value)
      return "must be " .. sids.words(prefix, opaque_sids) .. (why and "; it " .. why or "")
    end
  end
end

--- A single label of a host name, so that a region cannot redirect the credentials to another host.
function checks.label(value)
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

function checks.base_url(value)
  local url = type(value) == "string" and core.url(value)
  if not url then
    local why = type(value) == "string" and show.url_problem(value)
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
function checks.proxy(value)
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

function checks.readable_file(value)
  local problem = type(value) ~= "string" and "type" or core.file_problem(value)
  if problem then
    return "must name a readable file, got " .. show.value(value) .. FILE_PROBLEMS[problem]
  end
end

function checks.header_text(value)
  if type(value) ~= "string" or not value:match("^[\32-\126]+$") or #value > 256 then
    return "must be a string of at most 256 printable ASCII characters"
  end
end

function checks.callable(value)
  if type(value) ~= "function" then
    return "must be a function, got " .. show.type(value)
  end
end

function checks.transport(value)
  if type(value) ~= "function" and value ~= "resty" then
    local got = type(value) == "string" and show.value(value) or "a " .. type(value)
    return 'must be a function or "resty", got ' .. got
  end
end

function checks.boolean(value)
  if type(value) ~= "boolean" then
    return "must be true or false, got " .. show.value(value)
  end
end

function checks.one_of(...)
  local words = { ... }
  return function(value)
    for _, word in ipairs(words) do
      if value == word then
        return nil
      end
    end
    return ('must be "%s", got %s'):format(table.concat(words, '" or "'), show.value(value))
  end
end

local LOOPS = { "auto", "block", "openresty", "haproxy", "cqueues", "copas", "luv" }
local LOOP_NAMES = '"' .. table.concat(LOOPS, '", "') .. '"'

--- The name of an event loop, or for other hosts a table with the functions wait(fd, seconds) and
--- sleep(seconds).
function checks.loop(value)
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
    return type(value) == "string" and words .. ", got " .. show.value(value) or words
  end
end

function checks.text(value)
  if type(value) ~= "string" then
    return "must be a string, got " .. show.type(value)
  end
end

--- Checks the type only: the client parses the string. No message repeats it, since it may have a password.
function checks.journal(value)
  local is_text_or_table = type(value) == "table" or (type(value) == "string" and value ~= "")
  if value == "" then
    return "must name a journal, got an empty string"
  elseif not is_text_or_table and value ~= false then -- false: no journal, whatever the environment sets
    return "must be a path, a connection string, a store, or what numbers.journal() returned; got "
      .. show.type(value)
  end
end

--- Checks the option `limit`, and copies it.
---@return string? message
---@return { numbers: integer, per: "day" }? copy
function checks.limit(value)
  if type(value) ~= "table" then
    return 'must be a table such as { numbers = 50, per = "day" }, got ' .. show.type(value)
  end
  local numbers, per = rawget(value, "numbers"), rawget(value, "per")
  if type(numbers) ~= "number" or not (numbers >= 0 and numbers % 1 == 0) then
    return 'must have a whole number, as in { numbers = 50, per = "day" }' .. but_got(numbers)
  elseif per ~= nil and per ~= "day" then
    return 'must have per = "day", got ' .. show.value(per)
  end
  for name in next, value do
    if name ~= "numbers" and name ~= "per" then
      return "must have only the fields numbers and per, got " .. show.value(name)
    end
  end
  return nil, { numbers = numbers, per = "day" }
end

function checks.realm(value)
  if type(value) ~= "string" or #value == 0 or #value > 200 or not value:find("^[\33-\126]+$") then
    return 'must be a name such as "twilio", of at most 200 printable ASCII characters'
  end
end

function checks.currency(value)
  if type(value) ~= "string" or not value:find("^%a%a%a$") then
    return "must be three letters such as USD (ISO 4217), got " .. show.value(value)
  end
end

return checks
