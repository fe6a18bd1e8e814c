--- What went wrong with a request, in words and for programs. A response is an object of the core's; its own
--- methods say what it holds and what it means for money. This is made only of one that is not what was
--- asked for.
local core = require("twilio.numbers.core")

local responses = {}

local TEXT_MAX = 500 -- bytes of Twilio's words that an error repeats

--- Twilio's words on one line, without control characters that could reach a terminal.
local function clean(text)
  if type(text) ~= "string" then
    return nil
  end
  if #text > TEXT_MAX then
    local within = text:find("^[\128-\191]", TEXT_MAX + 1) -- a character of several bytes
    text = text:sub(1, TEXT_MAX):gsub(within and "[\192-\255][\128-\191]*$" or "$", "")
  end
  return (text:gsub("\194[\128-\159]", " "):gsub("%c+", " "))
end

--- The first of the values that has the type.
local function first(wanted, ...)
  for i = 1, select("#", ...) do
    local value = select(i, ...)
    if type(value) == wanted then
      return value
    end
  end
end

--- A copy of what was decoded, names and values, without any secret: in JSON a text may be spelled in many
--- ways.
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

--- What an error code means, where Twilio's own words do not say it.
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
--- errors}. Little for anything else: gateways answer HTML, or nothing. Filters that inspect answers speak
--- up after the purchase was carried out, so theirs proves nothing.
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

--- What came of a request that did not bring what was asked for.
---@param response userdata
---@param redact fun(text: string): string
---@param why string|nil what is the matter with the body of a success
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
    outcome.not_found = true -- these services have codes of their own
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

--- The kind of failure that a response is by its status alone, or nil.
function responses.kind(response)
  return (select(3, response:verdict(true)))
end

--- The outcome of a response that describes another number, or a number of another account: a gateway mixes
--- responses up. It tells nothing of what was asked for, and is no reason to send that again. Only what has
--- the form of a number and of a SID is repeated: a gateway may put anything there, a secret too.
---@param number table what is described
---@param phone_number string|nil what was asked for
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

--- Reads the number that an account owns under a SID.
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

--- Reads any object.
function responses.read(response)
  return response:json()
end

--- A release has no body: whatever has one was not written by Twilio.
function responses.read_release(response)
  if response:is_empty() then
    return true
  end
  return nil, "the response to a release must have no body"
end

local NOT_FOUND = 20404 -- https://www.twilio.com/docs/errors/20404

--- Whether an outcome or an error is Twilio's word that the account has no such number: it is another
--- account's, its SID is mistyped, or it was released.
function responses.is_not_found(outcome)
  return outcome.status == 404 and (outcome.code == NOT_FOUND or outcome.not_found == true)
end

return responses
