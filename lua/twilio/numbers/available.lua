--- Buying any number that fits: search, then buy by phone number; when a number has gone, the next one.
---
--- Every purchase in it is by phone number, and so it can be looked up and sent again where one by area
--- code could not.
local claims = require("twilio.numbers.claims")
local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")
local errors = require("twilio.numbers.errors")
local list = require("twilio.numbers.list")
local pages = require("twilio.numbers.pages")
local problems = require("twilio.numbers.problems")
local purchase = require("twilio.numbers.purchase")

local available = {}

local CANDIDATES = 10 -- how many are tried where nobody says more

local PAGE_SIZE_MAX = 1000 -- Twilio's

--- Twilio's refusals of one number that may not be those of the next (FACTS: https://www.twilio.com/docs/
--- api/errors): invalid, not available, address or bundle or identity missing or unfit, another type.
local UNFIT = {
  [21421] = true,
  [21422] = true,
  [21458] = true,
  [21613] = true,
  [21615] = true,
  [21631] = true,
  [21649] = true,
  [21650] = true,
  [21651] = true,
}

--- Of these refusals no other call of the client need hear again: the number itself is not to be had.
local GONE = { [21421] = true, [21422] = true }

--- What a filter may say besides what a search takes.
available.FIELDS = { { name = "country" }, { name = "type" }, { name = "count" } }

--- What a filter says besides what a search takes, and what is wrong with that.
local function read_filter(filter)
  local rest, wrong = {}, {}
  if type(filter) ~= "table" or getmetatable(filter) ~= nil then
    return nil, nil, nil, { { name = "filter", message = "filter must be a plain table" } }
  end
  for name, value in next, filter do
    rest[name] = value
  end
  local country, kind = rest.country, rest.type or "local"
  rest.country, rest.type = nil, nil
  available.check_place(country, kind, wrong)
  return rest, country, kind, wrong
end

--- Checks where to search.
---@param wrong twilio.numbers.Problem[] gets what is wrong
function available.check_place(country, kind, wrong)
  if type(country) ~= "string" or not country:match("^%u%u$") then
    local message = "country must be two capital letters such as US (ISO 3166-1), got "
    wrong[#wrong + 1] = { name = "country", message = message .. problems.show(country) }
  end
  if not pages.TYPES[kind] then
    local message = 'type must be such as "local", "mobile" or "toll_free", got '
    wrong[#wrong + 1] = { name = "type", message = message .. problems.show(kind) }
  end
end

--- The parameters of a purchase of that number: a copy, which the caller cannot change.
local function params_for(params, phone_number)
  local copy = { phone_number = phone_number }
  for name, value in next, params do
    copy[name] = value
  end
  return copy
end

--- What is wrong with the parameters of a purchase that is to find its number itself.
local function check_params(params, wrong)
  if type(params) ~= "table" or getmetatable(params) ~= nil then
    wrong[#wrong + 1] = { name = "params", message = "params must be a plain table" }
    return
  end
  for _, name in ipairs { "phone_number", "area_code" } do
    if params[name] ~= nil then
      local message = name .. " is found by the filter: leave it out of the parameters"
      wrong[#wrong + 1] = { name = name, message = message }
      return
    end
  end
  local _, bad = core.form(params_for(params, "+15005550006"))
  for _, problem in ipairs(bad and problems.describe(bad) or {}) do
    wrong[#wrong + 1] = problem
  end
end

--- Prepares: the candidates as a list, and the parameters. Where other calls of the client have all of
--- its first page, `wider` makes a list with as many to a page as there can be.
---@return table? candidates
---@return string? message
---@return twilio.numbers.Error? err
function available.candidates(filter, params)
  local rest, country, kind, wrong = read_filter(filter)
  check_params(params == nil and {} or params, wrong)
  if not rest then
    return errors.invalid(wrong)
  end
  local function path()
    return pages.available_path(country, kind)
  end
  local candidates, message, err = list.new("search", rest, wrong, path, available.FIELDS)
  if candidates and rest.limit == nil then
    function candidates.wider()
      rest.page_size = PAGE_SIZE_MAX
      return list.new("search", rest, {}, path)
    end
  end
  return candidates, message, err
end

--- Whether the caller takes a candidate. What its function raises ends the call before anything is sent.
local function accepts(call, candidate)
  local accept = call.options.accept
  if not accept then
    return true
  end
  local called, accepted = compat.pcall(accept, candidate)
  if not called then
    return nil, "accept raised an error: " .. compat.tostring(accepted)
  end
  return accepted and true or false
end

--- What would be sent, without secrets.
local function describe(call, candidate, params)
  return {
    candidate = candidate,
    method = "POST",
    url = call:url(pages.owned_path()),
    body = core.form(params_for(params, candidate.phone_number)),
  }
end

local function none_left(call, tried, last_error)
  local reason = tried == 0 and "no number matches the filter"
    or ("none of %d numbers could be bought"):format(tried)
  if last_error then
    reason = reason .. "; the last: " .. last_error.message
  end
  return call:fail {
    kind = "api",
    purchased = "no",
    reason = reason,
    code = last_error and last_error.code,
  }
end

--- Whether a refusal is one of that number alone.
function available.is_unfit(err)
  return err.purchased == "no" and UNFIT[err.code] == true
end

local function has_number(candidate)
  local phone_number = candidate.phone_number
  return type(phone_number) == "string" and phone_number:match("^%+[1-9]%d+$") ~= nil
end

--- Goes through the candidates that the caller takes and that nobody else tries to buy.
---@return function offered the next one; nil at the end; nil, a message and an error for a failure. Not
--- for a `for` loop: on PUC Lua 5.1 nothing can yield in it.
function available.offered(call, candidates)
  local seen, is_over, others_have, is_wide = {}, false, false, false
  list.within(candidates, call)

  local function next_candidate()
    local candidate, message, err = candidates:next()
    if candidate or err or not others_have or is_wide or not candidates.wider then
      return candidate, message, err
    end
    candidates, is_wide = candidates.wider(), true
    list.within(candidates, call)
    return candidates:next()
  end

  --- Whether it is to be tried, now that the caller takes it.
  local function is_free(phone_number)
    if call.options.dry_run or claims.take(call.client, phone_number) then
      return true
    end
    seen[phone_number], others_have = nil, true
    return false
  end

  local function fail(message, err)
    is_over = true
    return nil, message, err
  end

  return function()
    while not is_over do
      local candidate, message, err = next_candidate()
      if err then
        return fail(message, err)
      elseif not candidate then
        is_over = true
      elseif has_number(candidate) and not seen[candidate.phone_number] then
        local phone_number = candidate.phone_number
        seen[phone_number] = true
        local accepted, complaint = accepts(call, candidate)
        if complaint then
          local outcome = { kind = "cancelled", purchased = "no", reason = complaint }
          return fail(select(2, call:fail(outcome)))
        elseif accepted and is_free(phone_number) then
          return candidate
        end
      end
    end
  end
end

--- Tells the other calls of the client what came of a number that was offered to this one.
---@param number table|nil
---@param err table|nil nil, and no number: it was not even tried
function available.settle(call, phone_number, number, err)
  if number then
    claims.bought(call.client, number)
  elseif not err or (err.purchased == "no" and not GONE[err.code]) then
    claims.give_back(call.client, phone_number)
  end
end

--- Whether a number was refused because the account owns it.
function available.is_owned(call, err)
  local all = call.options
  return (all.unless_owned or all.all_or_nothing) and err.kind == "invalid"
end

--- Buys a candidate; whether another may be tried instead is in the error.
local function try(call, candidate, params)
  local phone_number = candidate.phone_number
  call.purchased, call.out, call.answer = "no", false, false
  call.waits_for, call.phone_number, call.offered = false, phone_number, phone_number
  local number, message, err = purchase.run(call, params_for(params, phone_number))
  available.settle(call, phone_number, number, err)
  call.offered = false
  if number then
    return number, message, err
  end
  err.phone_number = phone_number
  return nil, message, err, available.is_owned(call, err) or available.is_unfit(err)
end

--- An operation, see run.lua: finds a number and buys it.
available.purchase = {
  buys = true,
  again = purchase.again,
  conclude = purchase.conclude,
  run = function(call, filter, params)
    params = params == nil and {} or params
    local candidates, message, err = available.candidates(filter, params)
    if not candidates then
      return nil, message, err
    end
    local tried, last_error, offered = 0, nil, available.offered(call, candidates)
    while tried < (call.options.candidates or CANDIDATES) do
      local candidate, why, problem = offered()
      if problem then
        return nil, why, problem
      elseif not candidate then
        break
      elseif call.options.dry_run then
        return describe(call, candidate, params)
      end
      local number, may_go_on
      tried = tried + 1
      number, message, err, may_go_on = try(call, candidate, params)
      if number or not may_go_on then
        return number, message, err
      end
      last_error = err
    end
    return none_left(call, tried, last_error)
  end,
}

return available
