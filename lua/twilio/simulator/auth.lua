-- Authentication: which credentials may act on which account. Pure.

local errors = require("twilio.simulator.errors")

local auth = {}

local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
local value_of = {}
for index = 1, #alphabet do
  value_of[alphabet:byte(index)] = index - 1
end

local function decode_base64(text)
  local bytes, bits, count = {}, 0, 0
  for index = 1, #text do
    local value = value_of[text:byte(index)]
    if value then
      bits, count = bits * 64 + value, count + 6
      if count >= 8 then
        count = count - 8
        local byte = math.floor(bits / 2 ^ count)
        bits = bits - byte * 2 ^ count
        bytes[#bytes + 1] = string.char(byte)
      end
    end
  end
  return table.concat(bytes)
end

-- The account of the credentials, or nil.
local function account_of_basic(store, encoded)
  local user, password = decode_base64(encoded):match("^([^:]*):(.*)$")
  local key = store.api_keys[user]
  if key then
    return key.secret == password and store.accounts[key.account] or nil, true
  end
  local account = store.accounts[user]
  return account and account.auth_token == password and account or nil
end

-- The account of the credentials, or nil, and whether they are an API key, which cannot act on subaccounts.
local function account_of(store, authorization)
  local scheme, value = (authorization or ""):match("^(%a+) +(%S+)%s*$")
  scheme = (scheme or ""):lower()
  if scheme == "basic" then
    return account_of_basic(store, value)
  elseif scheme == "bearer" then
    return store.accounts[store.tokens[value]]
  end
end

---The account of a request's credentials.
---@param store table
---@param authorization string? the header
---@return twilio.simulator.Account? nil: they are invalid
function auth.bearer(store, authorization)
  return (account_of(store, authorization))
end

---The account of a request whose path names none, or Twilio's refusal.
---@param authorization string? the header
---@return twilio.simulator.Account?, twilio.simulator.Response?
function auth.caller(store, authorization)
  local caller = account_of(store, authorization)
  if not caller then
    return nil, errors.response(20003)
  end
  return auth.account(store, authorization, caller.sid)
end

---The account a request may act on, or Twilio's refusal.
---@param store table
---@param authorization string? the header
---@param account_sid string the one in the path
---@return twilio.simulator.Account?, twilio.simulator.Response?
function auth.account(store, authorization, account_sid)
  local caller, is_key = account_of(store, authorization)
  local account = store.accounts[account_sid]
  if not caller or is_key and account and account.parent == caller.sid then
    return nil, errors.response(20003)
  elseif not account or account ~= caller and account.parent ~= caller.sid then
    return nil, errors.response(20404)
  elseif account.status ~= "active" or caller.status ~= "active" then
    return nil, errors.response(20005)
  end
  return account
end

return auth
