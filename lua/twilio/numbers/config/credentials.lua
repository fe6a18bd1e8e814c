--- The credentials of a client. They are kept in closures, so that a table dump does not show them, and in C
--- memory, which is wiped.
local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")
local globals = require("twilio.numbers.globals")
local show = require("twilio.numbers.config.show")
local sids = require("twilio.numbers.config.sids")

local credentials = {}

--- The ways to authenticate, each with its options, one or two.
local WAYS = {
  { "access_token" },
  { "api_key", "api_secret" },
  { "auth_token" },
}

local ENVIRONMENT = {
  api_key = "TWILIO_API_KEY",
  api_secret = "TWILIO_API_SECRET",
  auth_token = "TWILIO_AUTH_TOKEN",
}

--- What a function given as one of these options must return.
local RETURNS = { access_token = "token", api_secret = "secret", auth_token = "token" }

local SECRET_MAX = 8192 -- bytes; the limit of a header

local NONE = "no credentials: give auth_token (or set TWILIO_AUTH_TOKEN), api_key and api_secret"
  .. " (or set TWILIO_API_KEY and TWILIO_API_SECRET), or access_token"

local function environment(name)
  return ENVIRONMENT[name] and globals.variable(ENVIRONMENT[name])
end

--- Looks up the options of one way with `source`. Returns how many are set, and their values.
local function collect(way, source)
  local found, count = {}, 0
  for _, name in ipairs(way) do
    found[name] = source(name)
    count = count + (found[name] ~= nil and 1 or 0)
  end
  return found, count
end

--- Chooses the secrets: the options, or if none is given, the environment.
---@return table? secrets by option name
---@return string? message what is wrong
local function choose(values)
  local chosen, chosen_way
  for _, way in ipairs(WAYS) do
    local found, count = collect(way, function(name)
      return values[name]
    end)
    if count > 0 and chosen then
      return nil, ("give only one of %s and %s"):format(chosen_way[1], way[1])
    elseif count > 0 then
      chosen, chosen_way = found, way
    end
  end
  for _, way in ipairs(WAYS) do
    local found, count = collect(way, environment)
    if not chosen and count == #way then
      chosen, chosen_way = found, way
    end
  end
  if not chosen then
    return nil, NONE
  end
  for i, name in ipairs(chosen_way) do
    if chosen[name] == nil then
      chosen[name] = environment(name)
    end
    if chosen[name] == nil then
      return nil, ("%s is missing: %s needs it"):format(name, chosen_way[3 - i])
    end
  end
  return chosen
end

local function is_header_safe(text)
  return type(text) == "string" and #text <= SECRET_MAX and text:find("^[\33-\126]+$") ~= nil
end

--- Calls functions and detects re-entry.
---   call(f) -> as compat.pcall does
---   is_within() -> whether one of them, rather than another coroutine, called the current code
local function new_caller()
  local MAIN, threads = {}, setmetatable({}, { __mode = "k" }) -- a host may drop a coroutine
  local caller = {}
  local function finish(thread, ...)
    threads[thread] = nil
    return ...
  end
  function caller.call(f)
    local thread = coroutine.running() or MAIN -- nil on PUC Lua 5.1 and LuaJIT
    threads[thread] = true
    return finish(thread, compat.pcall(f))
  end
  function caller.is_within()
    for thread in pairs(threads) do
      if thread == MAIN or compat.coroutine.status(thread) ~= "suspended" then
        return true
      end
    end
    return false
  end
  return caller
end

--- Calls the function that returns a secret.
---@param name string the name of the option
---@return string? secret
---@return string? message
local function ask_for(name, ask, caller)
  local called, secret, why = caller.call(ask)
  if called and is_header_safe(secret) then
    return secret
  end
  local cause = not called and secret or why
  local flaw = called and type(secret) == "string" and show.flaw(secret)
  local words = cause and compat.tostring(cause) or (flaw and "what it returned " .. flaw)
  return nil, ("%s returned no %s%s"):format(name, RETURNS[name], words and ": " .. words or "")
end

--- Creates the source of the Authorization header. The header is an object of the core, which keeps the
--- secrets in memory that is wiped.
---   authorize() -> authorization | nil, message
---   is_asking() -> a message if a call cannot start because the function that returns the secret makes it.
---     The field is nil without a function
---   renew(refused) -> whether the next authorize() may return another one, after a 401 for this one
---   redact(text) -> the text without secrets
---   forget()
---@param authorization userdata|nil
---@param name? string the option whose function is asked
---@param ask? function
---@param make? fun(secret: string): userdata
local function new_source(authorization, name, ask, make)
  local source, used, is_over, caller = {}, { authorization }, false, new_caller()
  local reentered = ask and ("the function %s must not call the client that calls it"):format(name)
  function source.authorize()
    if authorization or not ask then
      return authorization
    elseif caller.is_within() then
      return nil, reentered
    end
    local secret, why = ask_for(name, ask, caller)
    if is_over then -- forgotten while the function ran
      return nil
    elseif not secret then
      return nil, why
    end
    -- a response in flight may still contain the previous secret; older ones are forgotten
    if used[2] then
      used[2]:forget()
    end
    authorization = make(secret)
    used = { authorization, used[1] }
    return authorization
  end
  source.is_asking = ask
    and function()
      return not authorization and caller.is_within() and reentered or nil
    end
  function source.renew(refused)
    if ask and authorization == refused then -- else another call has renewed it
      authorization = nil
    end
    return ask ~= nil
  end
  function source.redact(text)
    if is_over then
      return "" -- the secrets are gone: nothing can be redacted
    end
    for _, one in ipairs(used) do
      text = one:redact(text)
    end
    return text
  end
  function source.forget()
    for _, one in ipairs(used) do
      one:forget()
    end
    authorization, ask, used, is_over = nil, nil, {}, true
  end
  return source
end

--- Checks the choice of credentials, for the case that other options are wrong too.
---@return string? message
function credentials.problem(values)
  local _, message = choose(values)
  return message
end

--- Chooses the credentials from a client's options and the environment.
---@param values table checked options
---@return table? source
---@return string? message what is wrong
function credentials.new(values)
  local chosen, message = choose(values)
  if not chosen then
    return nil, message
  elseif type(chosen.access_token) == "function" then
    return new_source(nil, "access_token", chosen.access_token, core.bearer)
  elseif chosen.access_token then
    return new_source(core.bearer(chosen.access_token))
  end
  local user = chosen.api_key or values.account_sid or ""
  local name = chosen.api_key and "api_secret" or "auth_token"
  local password = chosen[name]
  if chosen.api_key and not core.is_sid(user, "SK", values.opaque_sids) then
    return nil,
      ENVIRONMENT.api_key .. " " .. (show.flaw(user) or "must be " .. sids.words(
        "SK",
        values.opaque_sids
      ))
  elseif type(password) == "function" then
    return new_source(nil, name, password, function(secret)
      return core.basic(user, secret)
    end)
  elseif not is_header_safe(password) then
    local why = show.flaw(password) or "must have at most 8192 bytes"
    return nil, ENVIRONMENT[name] .. " " .. why
  end
  return new_source(core.basic(user, password))
end

return credentials
