--- What an answer means: was a number bought, what went wrong, may the request be sent again?
local core = require("twilio.numbers.core")

local judge = {}

local TEXT_MAX = 500 -- bytes of Twilio's words that an error repeats

local NUMBER_SID = "PN" .. ("%x"):rep(32)

--- How a status is taken, which of 4xx must be Twilio's word (decide by status first, code second, never
--- by text).
---   purchased: what it says about money; again: "yes" it may be sent again as it is, since it was
---   never processed; "idempotent" only if doing it twice is the same as doing it once; "renewed"
---   with new credentials.
local STATUS = {
  [401] = { kind = "api", purchased = "no", again = "renewed" },
  [408] = { kind = "api", purchased = "unknown", again = "idempotent" },
  [409] = { kind = "api", purchased = "unknown", again = "idempotent" },
  [429] = { kind = "rate_limit", purchased = "no", again = "yes" },
}
local REFUSED = { kind = "api", purchased = "no" }
local SERVER_ERROR = { kind = "api", purchased = "unknown", again = "idempotent" }
local SENSELESS = { kind = "response", purchased = "unknown" }

--- A proxy's own, when it is not the answer to CONNECT, which the transport reports as unsent (RFC 9110).
local PROXY_AUTHENTICATION = 407

local function by_status(status)
  return STATUS[status]
    or (status >= 400 and status < 500 and REFUSED)
    or (status >= 500 and status < 600 and SERVER_ERROR)
    or SENSELESS
end

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

--- The object that the body of an answer is. libcurl's transport has read it; what a transport in Lua
--- brings is read here, once.
---@return table? json
---@return string? why it is none
local function json_of(answer)
  if answer.body then
    answer.json, answer.not_json = core.decode(answer.body)
    answer.sid = not answer.json and answer.body:match(NUMBER_SID) or ""
    answer.is_empty, answer.body = answer.body == "", nil
  end
  return answer.json, answer.not_json
end

--- The same, if it describes a phone number: it then has the SID of one.
local function number_of(answer)
  local json, why = json_of(answer)
  if json and not core.is_sid(json.sid, "PN") then
    return nil, "no phone number's SID in it"
  end
  return json, why
end

--- The SID of a number in a body that does not describe one, or nil.
local function named_sid(answer)
  local json = json_of(answer)
  local sid = json and json.sid or answer.sid
  return core.is_sid(sid, "PN") and sid or nil
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

--- A copy of what was decoded, names and values, without any secret.
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

--- Whether an error body is Twilio's: it has one of Twilio's codes, or names the status, and never another
--- status.
local function is_word(decoded, status)
  local names_it = false
  for _, name in ipairs { "status", "httpStatusCode" } do
    local named = decoded[name]
    if named ~= nil and named ~= status then
      return false
    end
    names_it = names_it or named ~= nil
  end
  return (names_it or code_of(decoded.code) ~= nil) and status ~= PROXY_AUTHENTICATION
end

--- Reads an error body in any of Twilio's three shapes: {code, message, more_info, status, details},
--- {code, message, httpStatusCode, params, userError}, and RFC 9457's {type, title, code, detail,
--- errors}. Little for anything else: gateways answer HTML, or nothing. The secrets are taken out of
--- what was decoded: in JSON a text may be spelled in many ways.
---@param answer table
---@param redact fun(text: string): string
---@return table said is_word, code, reason, more_info, details
function judge.said(answer, redact)
  local decoded = redacted(json_of(answer) or {}, redact)
  return {
    is_word = is_word(decoded, answer.status),
    code = code_of(decoded.code),
    reason = clean(first("string", decoded.message, decoded.detail, decoded.title)),
    more_info = clean(first("string", decoded.more_info, decoded.type)),
    details = first("table", decoded.details, decoded.params, decoded.errors),
  }
end

local function content_type(answer)
  local content = answer.headers["content-type"]
  return content and "content type " .. clean(content)
end

--- An error status, and whose word it is. Filters that inspect answers speak up after the purchase was
--- carried out, so theirs proves nothing. `answer.said` is what said() made of the body when the answer
--- arrived.
local function refused(answer)
  local said, class = answer.said or {}, by_status(answer.status)
  if answer.status < 500 and not said.is_word then
    local content, reason = content_type(answer), said.reason
    return {
      kind = SENSELESS.kind,
      purchased = SENSELESS.purchased,
      words = "the answer is not Twilio's",
      reason = content and reason and content .. ": " .. reason or content or reason,
    }
  end
  return {
    kind = class.kind,
    purchased = class.purchased,
    again = (class.purchased == "unknown" or said.code) and class.again or nil,
    code = said.code,
    reason = said.reason,
    more_info = said.more_info,
    details = said.details,
  }
end

--- Whether Twilio has certainly refused a purchase.
function judge.is_refusal(answer)
  local status = answer.status
  return status ~= nil and status >= 400 and refused(answer).purchased == "no"
end

--- A status that promises success, or nothing that we know, and a body that does not keep it.
local function senseless(answer, why)
  local content = content_type(answer)
  return {
    kind = "response",
    purchased = answer.status == 201 and "yes" or "unknown",
    reason = why .. (content and ", " .. content or ""),
  }
end

--- The exchange broke. A status line that was seen still counts: 201 is a purchase, 5xx Twilio's trouble,
--- and 4xx a refusal if enough of the body came to know it for Twilio's.
local function broken(answer)
  local status = answer.status
  if status and (status >= 500 or (status >= 400 and answer.said and answer.said.is_word)) then
    return refused(answer)
  end
  local outcome = { kind = answer.outcome, reason = clean(answer.reason) }
  if answer.status == 201 then
    outcome.purchased = "yes"
  elseif answer.sent then
    outcome.purchased = "unknown"
    outcome.again = (answer.outcome == "timeout" or answer.outcome == "network") and "idempotent"
  else
    outcome.purchased = "no"
    outcome.again = answer.outcome ~= "cancelled" and not answer.permanent and "yes"
  end
  return outcome
end

local function add_what_twilio_said(outcome, answer)
  local wait = answer.headers["retry-after"]
  outcome.status = answer.status
  outcome.request_id = clean(answer.headers["twilio-request-id"])
  outcome.retry_after = wait and core.retry_after(wait) or nil
  return outcome
end

--- Judges an answer by the function that reads a good body.
local function judge_by(answer, read)
  local outcome
  if answer.outcome ~= "answered" then
    outcome = broken(answer)
  elseif answer.status >= 200 and answer.status < 300 then
    local value, why = read(answer)
    outcome = value and { value = value } or senseless(answer, why)
  elseif answer.status >= 400 then
    outcome = refused(answer)
  else
    outcome = senseless(answer, "not an answer of Twilio's")
  end
  return add_what_twilio_said(outcome, answer)
end

--- The kind of failure that an answer is by its status alone, or nil.
function judge.kind(answer)
  if answer.outcome ~= "answered" then
    return answer.outcome
  end
  local status = answer.status
  if status >= 400 then
    return refused(answer).kind
  end
  return (status < 200 or status > 299) and SENSELESS.kind or nil
end

--- Whether a field of a number contradicts what was asked for.
local function contradicts(value, asked)
  return asked ~= nil and value ~= nil and tostring(value):lower() ~= asked:lower()
end

--- The outcome of an answer that describes another number, or a number of another account: a gateway mixes
--- answers up. It tells nothing of what was asked for, and is no reason to send that again. Only what has
--- the form of a number and of a SID is repeated: a gateway may put anything there, a secret too.
local function stranger(number, asked)
  local phone_number = core.is_e164(number.phone_number) and number.phone_number or nil
  local account_sid = core.is_sid(number.account_sid, "AC") and number.account_sid or nil
  return {
    kind = "response",
    purchased = "unknown",
    reason = ("the response describes %s of %s, and not %s of account %s"):format(
      phone_number or "another number",
      account_sid and "account " .. account_sid or "an account that it does not name",
      asked.phone_number or "a number",
      asked.account_sid
    ),
    other = { sid = number.sid, phone_number = phone_number },
  }
end

--- Judges the answer to a purchase: outcome.value is the number, or the rest says what went wrong:
--- kind, purchased, sid, again, reason, status, code, more_info, details, request_id, retry_after, and
--- `other`, the number that was described in its place.
---@param answer table
---@param asked { phone_number: string?, account_sid: string }
function judge.purchase(answer, asked)
  local outcome = judge_by(answer, number_of)
  local number = outcome.value
  if
    number
    and (
      contradicts(number.phone_number, asked.phone_number)
      or contradicts(number.account_sid, asked.account_sid)
    )
  then
    return add_what_twilio_said(stranger(number, asked), answer)
  elseif outcome.purchased == "yes" then
    outcome.sid = named_sid(answer)
    local named = outcome.sid and "; the response names " .. outcome.sid or ""
    outcome.reason = (outcome.reason or "") .. named
  end
  return outcome
end

--- Of requests that buy nothing, and may be done twice, whoever answered. `unheard`: this one may have been
--- carried out.
local function judge_free(answer, read)
  local outcome = judge_by(answer, read)
  if not outcome.value then
    outcome.unheard = outcome.purchased ~= "no"
    outcome.again = outcome.again or (answer.status and by_status(answer.status).again)
  end
  outcome.purchased = "no"
  return outcome
end

--- Judges the answer to a request that only reads: outcome.value is the decoded object. Doing it
--- twice harms nobody.
function judge.read(answer)
  return judge_free(answer, json_of)
end

--- The same for a request about a number that the account owns: that number must be the answer.
---@param sid string
---@return fun(answer: table): table judge_answer
function judge.number(sid)
  return function(answer)
    return judge_free(answer, function()
      local number, why = number_of(answer)
      if number and contradicts(number.sid, sid) then
        return nil, "it describes another number, " .. number.sid
      end
      return number, why
    end)
  end
end

local NOT_FOUND = 20404 -- https://www.twilio.com/docs/errors/20404

--- Whether an outcome or an error is Twilio's word that the account has no such number: it is another
--- account's, its SID is mistyped, or it was released.
function judge.is_not_found(outcome)
  return outcome.status == 404 and outcome.code == NOT_FOUND
end

--- A release has no body: whatever has one was not written by Twilio.
local function read_release(answer)
  json_of(answer)
  if answer.is_empty then
    return true
  end
  return nil, "a release is answered without a body"
end

--- Judges the answer to a release. A number that is not there has been released by an attempt before
--- this one, if there was one that may have been carried out; else it proves nothing.
---@param answer table
---@param unheard boolean an attempt of the same call may have been carried out
function judge.release(answer, unheard)
  local outcome = judge_free(answer, read_release)
  if unheard and judge.is_not_found(outcome) then
    return { value = true }
  end
  return outcome
end

return judge
