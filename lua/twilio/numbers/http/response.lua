--- The outcome of a failed request: its kind, its message, its error code. A response is an object of the
--- core, whose methods return its contents and what it means for money; an outcome is only created for a
--- response without the expected result.
local core = require("twilio.numbers.core")

local responses = {}

local TEXT_MAX = 500 -- bytes of Twilio's message in an error

--- Twilio's message on one line, without control characters, which could reach a terminal.
local function clean(text)
  if type(text) ~= "string" then
    return nil
  end
  if #text > TEXT_MAX then
    local within = text:find("^[\128-\191]", TEXT_MAX + 1) -- inside a multi-byte character
    text = text:sub(1, TEXT_MAX):gsub(within and "[\192-\255][\128-\191]*$" or "$", "")
  end
  return (text:gsub("\194[\128-\159]", " "):gsub("%c+", " "))
end

--- The first of the values with a type.
local function first(wanted, ...)
  for i = 1, select("#", ...) do
    local value = select(i, ...)
    if type(value) == wanted then
      return value
    end
  end
end

--- A value of Twilio's that is one of a few words, as a message may have it: without digits, which most
--- secrets have.
---@param value any
---@return string word "unknown" if it may be anything else
function responses.word(value)
  local is_word = type(value) == "string" and #value <= 40 and value:find("^[%a _-]+$")
  return is_word and value or "unknown"
end

--- A copy of decoded JSON, names and values, without secrets. Redacting the JSON text would miss escaped
--- ones.
local function redacted(value, redact)
  if type(value) == "string" then
    return redact(value)
  elseif type(value) ~= "table" then
    return value
  end
  local copy = {}
  for name, field in next, value do
    copy[redacted(name, redact)] = redacted(field, redact)
  end
  return copy
end

--- Twilio's error code, which has five or six digits.
local function code_of(value)
  local code = type(value) == "number" and value
    or (type(value) == "string" and value:find("^%d+$") and tonumber(value))
  return code and code % 1 == 0 and code >= 10000 and code <= 999999 and code or nil
end

--- The words for error codes whose message by Twilio is unclear.
local WORDS = { [20003] = "Twilio rejected the credentials" }

local function header(response, name, redact)
  local value = response:header(name)
  return value and clean(redact(value))
end

local function content_type(response, redact)
  local content = header(response, "content-type", redact)
  return content and "content type " .. content
end

--- Reads an error body in any of Twilio's three shapes: {code, message, more_info, status, details},
--- {code, message, httpStatusCode, params, userError}, and RFC 9457's {type, title, code, detail,
--- errors}. Other bodies have few of these fields: gateways answer with HTML, or nothing. A filter that
--- inspects responses acts after the purchase was carried out, so its response proves nothing.
local function add_refusal(outcome, response, redact, is_word)
  local said = redacted(response:json() or {}, redact)
  local own_code = response:has_opaque_sids() and said.code or nil -- it may be a word
  local reason = clean(first("string", said.message, said.detail, said.title, own_code))
  if outcome.status < 500 and not is_word then
    local content = content_type(response, redact)
    outcome.words = "the response is not from Twilio"
    outcome.reason = content and reason and content .. ": " .. reason or content or reason
    return
  end
  outcome.reason = reason
  outcome.code = code_of(said.code)
  outcome.words = WORDS[outcome.code]
  outcome.more_info = clean(first("string", said.more_info, said.type))
  outcome.details = first("table", said.details, said.params, said.errors)
end

--- The outcome of a request without the expected result.
---@param response userdata
---@param redact fun(text: string): string
---@param why string|nil why the body of a success cannot be used
---@return table outcome kind, purchased, again, reason, words, status, code, more_info, details,
---request_id, retry_after, not_found
function responses.outcome(response, redact, why)
  local purchased, again, kind, is_word = response:verdict(false)
  local status, wait = response:status(), response:header("retry-after")
  local is_answered = response:outcome() == "answered"
  local outcome = {
    kind = kind,
    purchased = purchased,
    again = again,
    status = status,
    request_id = header(response, "twilio-request-id", redact),
    retry_after = wait and core.retry_after(wait) or nil,
  }
  if status == 404 and is_word and response:has_opaque_sids() then
    outcome.not_found = true -- compatible services have their own codes
  end
  if status and status >= 400 and (is_answered or is_word or status >= 500) then
    add_refusal(outcome, response, redact, is_word)
  elseif is_answered then
    local content = content_type(response, redact)
    outcome.reason = (why or "not a response of Twilio's") .. (content and ", " .. content or "")
  else
    outcome.reason = clean(redact(response:reason()))
  end
  return outcome
end

--- The kind of failure by the status alone, or nil.
function responses.kind(response)
  return (select(3, response:verdict(true)))
end

--- The outcome of a response that describes another number, or a number of another account, because a gateway
--- mixed responses up. It says nothing about the request, and is no reason to retry. The message only repeats
--- a valid number and SID: a gateway may put anything there, even a secret.
---@param number table from the response
---@param phone_number string|nil from the request
---@param account_sid string
function responses.stranger(call, outcome, number, phone_number, account_sid)
  local described = core.is_e164(number.phone_number) and number.phone_number or nil
  local account = call:is_sid(number.account_sid, "AC") and number.account_sid or nil
  outcome.kind, outcome.purchased, outcome.again = "response", "unknown", nil
  outcome.reason = ("the response describes %s of %s, not %s of account %s"):format(
    described or "another number",
    account and "account " .. account or "an account that it does not name",
    phone_number or "a number",
    account_sid
  )
  outcome.other = { sid = number.sid, phone_number = described }
  return outcome
end

--- Returns a reader of the number with a SID.
---@param sid string
---@return fun(response: userdata): table?, string? read for Call:ask()
function responses.reader_of(sid)
  return function(response)
    local number, why = response:number()
    if number and number.sid:lower() ~= sid:lower() then
      return nil, "it describes another number, " .. number.sid
    end
    return number, why
  end
end

--- Reads any JSON object.
function responses.read(response)
  return response:json()
end

--- Checks that the response to a release has no body: one with a body was not written by Twilio.
function responses.read_release(response)
  if response:is_empty() then
    return true
  end
  return nil, "the response to a release must have no body"
end

local NOT_FOUND = 20404 -- https://www.twilio.com/docs/errors/20404

--- Whether an outcome or an error says that the account has no such number: it belongs to another account,
--- its SID is mistyped, or it was released.
function responses.is_not_found(outcome)
  return outcome.status == 404 and (outcome.code == NOT_FOUND or outcome.not_found == true)
end

return responses
