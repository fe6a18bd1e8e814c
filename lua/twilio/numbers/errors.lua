--- Error tables, and the wording of their messages.
local errors = {}

---@type metatable
local metatable = {
  __name = "twilio.numbers.Error",
  __tostring = function(err)
    return err.message
  end,
}

--- The words for each kind of failure; a reason may follow.
local KIND_WORDS = {
  invalid = "nothing was sent",
  connect = "Twilio could not be reached",
  tls = "no secure connection could be made",
  timeout = "no response in time",
  network = "the connection broke before the response was complete",
  rate_limit = "too many requests at once",
  api = "Twilio answered with an error",
  response = "the response is invalid",
  cancelled = "the request was cancelled",
  closed = "the client is closed",
  conflict = "the idempotency key belongs to another request",
  in_progress = "another call with this key is in progress",
  journal = "the journal cannot be used",
  limit = "no more numbers may be bought today",
  policy = "the purchase is not allowed",
}

--- What the caller must know about money that may have been spent.
local MONEY_WORDS = {
  no = "",
  unknown = " A number may have been bought:"
    .. " check the account's numbers (client:list) before you buy again.",
  yes = " A number was bought, but its description was lost:"
    .. " find it with client:list, and do not buy again.",
}

--- The same for a call with an idempotency key: the next call with the key settles it.
local KEYED_WORDS = {
  no = "",
  unknown = " A number may have been bought: repeat the call with the same idempotency key.",
  yes = " A number was bought with the key.",
}

local function money_words(fields)
  local words = fields.idempotency_key and KEYED_WORDS or MONEY_WORDS
  return words[fields.purchased]
end

local function status_words(fields)
  local parts = {}
  if fields.status then
    parts[#parts + 1] = ("status %d"):format(fields.status)
  end
  if fields.code then
    parts[#parts + 1] = ("error %d"):format(fields.code)
  end
  return #parts > 0 and " (" .. table.concat(parts, ", ") .. ")" or ""
end

--- Creates an error and returns it as all functions of the library do: nil, message, err.
---@param fields table the fields of twilio.numbers.Error except `message`. The message is made of `words`
---(default: those of the kind), `reason`, and `advice`, a sentence at its end
---@return nil, string message, twilio.numbers.Error err
function errors.fail(fields)
  local reason, words = fields.reason, fields.words or KIND_WORDS[fields.kind]
  local advice = fields.advice and " " .. fields.advice or ""
  fields.reason, fields.words, fields.advice = nil, nil, nil
  fields.attempts = fields.attempts or 0
  fields.purchased = fields.purchased or "no"
  local cause = reason and reason ~= "" and ": " .. reason or ""
  local said = words .. cause .. status_words(fields)
  local stop = said:find("[?!]$") and "" or "."
  fields.message = said .. stop .. money_words(fields) .. advice
  setmetatable(fields, metatable)
  return nil, fields.message, fields
end

--- A message without its full stop, as a part of another message.
---@param message string
---@return string
function errors.part(message)
  return (message:gsub("%.$", ""))
end

--- Sets the idempotency key of an error, and replaces what it says about money.
---@param purchased "no"|"unknown"|"yes"
---@param idempotency_key? string
---@return nil, string message, twilio.numbers.Error err
function errors.restate(err, purchased, idempotency_key)
  local message, said = err.message, money_words(err)
  err.idempotency_key = idempotency_key
  if err.purchased ~= purchased then
    local first, last = message:find(said, 1, true)
    if said ~= "" and first then
      message = message:sub(1, first - 1) .. message:sub(last + 1)
    end
    err.purchased = purchased
    err.message = message .. money_words(err)
  end
  return nil, err.message, err
end

--- The error of a call that was aborted by something other than Twilio.
---@param purchased "no"|"unknown"|"yes"
---@param reason string
---@param advice? string see fail()
---@return nil, string message, twilio.numbers.Error err
function errors.broken_off(call, purchased, reason, advice)
  return errors.fail {
    kind = call.client.closed and "closed" or "cancelled",
    words = "the call was aborted",
    purchased = purchased,
    phone_number = call.state and call.state.phone_number or nil,
    idempotency_key = call.state and call.state.idempotency_key or nil,
    attempts = call.attempts,
    reason = reason,
    advice = advice,
  }
end

local function by_name(a, b)
  if a.name ~= b.name then
    return a.name < b.name
  end
  return a.message < b.message
end

--- An error of kind "invalid" from a list of problems, sorted by name because the order of a table's keys
--- differs from run to run.
---@param list twilio.numbers.Problem[]
function errors.invalid(list)
  table.sort(list, by_name)
  local messages = {}
  for i, problem in ipairs(list) do
    messages[i] = problem.message
  end
  return errors.fail { kind = "invalid", problems = list, reason = table.concat(messages, "; ") }
end

return errors
