--- What to do about a failure, for people at a terminal: the library's messages do not name the command.
local globals = require("twilio.numbers.globals")

local hints = {}

--- Whether a parameter of the purchase was given by --set.
local function is_set(args, name)
  for _, word in ipairs(args.command == "buy" and args.set or {}) do
    if word:sub(1, #name + 1) == name .. "=" then
      return true
    end
  end
  return false
end

--- A hint about a parameter: how to give it, or if it was given, how to see what is wrong with it.
local function about(name, missing)
  return function(args)
    if not is_set(args, name) then
      return missing
    end
    local text = "Twilio does not take this %s here. To see why, buy with --preflight"
    return not args.preflight and text:format(name) or nil
  end
end

local ADDRESS =
  about("address_sid", "This kind of number needs an address: add --set address_sid=AD...")

--- For attach alone: buy and detach move nothing.
local function move(args)
  return args.command == "attach" and "To take it out of there first, add --move." or nil
end

--- The hints by Twilio's error code (https://www.twilio.com/docs/api/errors).
local BY_CODE = {
  [20003] = "Check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or TWILIO_API_KEY and TWILIO_API_SECRET."
    .. " A subaccount needs a token of its own.",
  [20008] = "Test credentials can buy, and read nothing: buy with --even-if-owned, which looks nothing up.",
  [21404] = "A trial account owns one number: release that, or upgrade the account.",
  [21615] = ADDRESS,
  [21631] = ADDRESS,
  [21649] = about(
    "bundle_sid",
    "This kind of number needs a regulatory bundle: add --set bundle_sid=BU..."
  ),
  [21650] = "This kind of number needs an identity: add --set identity_sid=RI...",
  [21651] = "The address must be the bundle's: give both, --set bundle_sid=BU... --set address_sid=AD...",
  [21712] = move,
  [70051] = "This API key may not do that. If it may create and not read, buy with --even-if-owned,"
    .. " which looks nothing up.",
}

local BY_KIND = {
  tls = "To trust another CA, set TWILIO_CA_FILE to a file with its certificate.",
}

local CREDENTIALS = "Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN (https://console.twilio.com has both),"
  .. " or try --simulate, which needs no account."

local API_KEY = "Set TWILIO_ACCOUNT_SID, TWILIO_API_KEY and TWILIO_API_SECRET, or TWILIO_AUTH_TOKEN in place"
  .. " of the key."

--- The missing variable of the credentials: that of an API key if its other half is set.
local function missing_credential()
  local key, secret = globals.variable("TWILIO_API_KEY"), globals.variable("TWILIO_API_SECRET")
  if key and not secret then
    return "TWILIO_API_SECRET", API_KEY
  elseif secret and not key then
    return "TWILIO_API_KEY", API_KEY
  end
  return "TWILIO_AUTH_TOKEN", CREDENTIALS
end

--- The environment variable of an option.
local function variable(option)
  if option == "credentials" then
    return (missing_credential())
  end
  return option == "account_sid" and "TWILIO_ACCOUNT_SID" or nil
end

--- The words for outcomes whose names are not words.
hints.OUTCOMES = { owned = "still owned", not_owned = "not owned", stopped = "not begun" }

hints.LOOK = "See what the account owns: twilio-numbers list"

--- Quotes a key for a shell.
local function quote(key)
  return key:find("^[%w_.:][%w_.:-]*$") and key or "'" .. key:gsub("'", "'\\''") .. "'"
end

--- How to finish the order of a key.
---@param key string
function hints.again(key)
  return "repeat the command with --key " .. quote(key)
end

--- How to see whether a number was bought.
---@param err twilio.numbers.Error
function hints.look(err)
  if err.kind == "conflict" then
    local key = err.order or err.idempotency_key or "KEY"
    return "See what the key was used for: twilio-numbers journal show " .. quote(key)
  elseif err.idempotency_key then
    return "To finish it, " .. hints.again(err.idempotency_key)
  end
  return err.phone_number and hints.LOOK .. " --phone-number " .. err.phone_number or hints.LOOK
end

--- The missing environment variables, for a message; nil if anything else is wrong, or nothing.
---@param err twilio.numbers.Error
---@return string? words
function hints.unset(err)
  local names = {}
  for _, problem in ipairs(err.problems or {}) do
    local is_missing = problem.message:find("missing", 1, true) or problem.message:find("^no cred")
    local name = is_missing and variable(problem.name)
    if not name then
      return nil
    end
    names[#names + 1] = name
  end
  local words = #names == 1 and " is not set" or " are not set"
  return names[1] and table.concat(names, " and ") .. words
end

local LAWFUL = "See what they need: twilio-numbers requirements %s %s"
  .. " (then add --set bundle_sid=BU... --set address_sid=AD...)"

--- What to do about an error, in a sentence.
---@param err twilio.numbers.Error
---@param args table of the command
---@return string? sentence
function hints.of(err, args)
  if hints.unset(err) then
    return (select(2, missing_credential()))
  elseif err.message:find("give address_sid or bundle_sid", 1, true) and args.command == "buy" then
    return LAWFUL:format((args.country or "US"):upper(), args.type or "local")
  elseif err.order and err.purchased == "no" then -- else look() names it
    return "See that order: twilio-numbers journal show " .. quote(err.order)
  end
  local hint = BY_CODE[err.code] or BY_KIND[err.kind]
  return type(hint) == "function" and hint(args) or type(hint) == "string" and hint or nil
end

--- How to put a number into a service after the purchase could not.
---@param number twilio.numbers.Number
---@param err twilio.numbers.Error|nil why it could not
function hints.attach(number, err)
  local text = "To put it into %s: twilio-numbers attach %s MG..."
  local where = err and err.code == 21714 and "another service" or "a service"
  return text:format(where, number.phone_number or number.sid)
end

return hints
