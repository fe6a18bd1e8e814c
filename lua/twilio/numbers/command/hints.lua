--- What to do about a failure, for who types a command: the library's messages are for programs, too.
local hints = {}

local ADDRESS = "This kind of number needs an address: add --set address_sid=AD..."

--- By Twilio's error code (https://www.twilio.com/docs/api/errors).
local BY_CODE = {
  [20003] = "Check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or TWILIO_API_KEY and TWILIO_API_SECRET."
    .. " A subaccount needs a token of its own.",
  [20008] = "Test credentials can buy, and read nothing: buy with --even-if-owned, which looks nothing up.",
  [21404] = "A trial account owns one number: release that, or upgrade the account.",
  [21615] = ADDRESS,
  [21631] = ADDRESS,
  [21649] = "This kind of number needs a regulatory bundle: add --set bundle_sid=BU...",
  [21650] = "This kind of number needs an identity: add --set identity_sid=RI...",
  [21651] = "The address must be the bundle's: give both, --set bundle_sid=BU... --set address_sid=AD...",
  [70051] = "This API key may not do that. If it may create and not read, buy with --even-if-owned,"
    .. " which looks nothing up.",
}

local BY_KIND = {
  tls = "To trust another CA, set TWILIO_CA_FILE to a file with its certificate.",
}

local CREDENTIALS = "Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN (https://console.twilio.com has both),"
  .. " or try --simulate, which needs no account."

--- Outcomes in words, where these are others.
hints.OUTCOMES = { owned = "still owned", not_owned = "not owned", stopped = "not begun" }

hints.LOOK = "See what the account owns: twilio-numbers list"

--- A key as a shell takes it.
local function quote(key)
  return key:find("^[%w_.:][%w_.:-]*$") and key or "'" .. key:gsub("'", "'\\''") .. "'"
end

--- How to finish what was begun with a key.
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

local function lacks_credentials(err)
  for _, problem in ipairs(err.problems or {}) do
    local is_missing = problem.message:find("missing", 1, true) or problem.message:find("^no cred")
    if (problem.name == "account_sid" or problem.name == "credentials") and is_missing then
      return true
    end
  end
  return false
end

--- What to do, in a sentence.
---@param err twilio.numbers.Error
---@return string? sentence
function hints.of(err)
  if lacks_credentials(err) then
    return CREDENTIALS
  end
  return BY_CODE[err.code] or BY_KIND[err.kind]
end

return hints
