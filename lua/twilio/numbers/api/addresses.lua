--- The addresses of an account: fetches and deletes one, and reads what a response describes. They are
--- personal data: no message contains their values, nor Twilio's own message, which may.
local errors = require("twilio.numbers.errors")
local responses = require("twilio.numbers.http.response")
local sids = require("twilio.numbers.config.sids")

local addresses = {}

--- The path of the account's addresses, or of one of them.
---@param sid? string
function addresses.path(sid)
  return sid and "Addresses/" .. sid .. ".json" or "Addresses.json"
end

--- What Twilio's error codes mean (https://www.twilio.com/docs/api/errors).
local WORDS = {
  [21238] = "Twilio rejected a parameter of the address",
  [21628] = "Twilio cannot validate the address",
  [21629] = "Twilio suggests a corrected address: see err.details",
  [21630] = "the address is part of a verified document and cannot be changed",
}

--- Removes Twilio's message from an outcome. The caller finds it in err.details.
---@param outcome table changed
---@return table outcome
function addresses.conceal(outcome)
  if outcome.status then
    if outcome.code and outcome.reason and outcome.reason ~= "" then
      outcome.details = outcome.details or { message = outcome.reason }
    end
    outcome.reason = nil
    outcome.words = WORDS[outcome.code] or outcome.words
  end
  return outcome
end

--- Reads an address that the account owns, for Call:ask().
---@param call table
---@param sid? string the SID it must have
---@return fun(response: userdata): twilio.numbers.Address?, string?
function addresses.reader_of(call, sid)
  return function(response)
    local address, why = response:json()
    if not address then
      return nil, why
    elseif not call:is_sid(address.sid, "AD") then
      return nil, "it has no address SID"
    elseif sid and not sids.are_same(address.sid, sid) then
      return nil, "it describes another address"
    end
    local owner = address.account_sid
    if owner ~= nil and not sids.are_same(owner, call.options.account_sid) then
      return nil, "it describes an address of another account"
    end
    return address
  end
end

--- Reads one address.
---@param sid string
---@return twilio.numbers.Address? address
---@return table? outcome
function addresses.read(call, sid)
  return call:ask("GET", call:url(addresses.path(sid)), nil, addresses.reader_of(call, sid))
end

--- Checks a SID. The error does not contain it: it may be a person's name by mistake.
local function check(call, sid)
  if not call:is_sid(sid, "AD") then
    local words = sids.words("AD", call.client.config.opaque_sids)
    return errors.invalid { { name = "sid", message = "sid must be " .. words } }
  end
end

local NOT_THERE = "account %s has no address with this SID: it belongs to another account, is mistyped,"
  .. " or was deleted"

local function fail(call, outcome)
  addresses.conceal(outcome)
  if responses.is_not_found(outcome) then
    outcome.words = NOT_THERE:format(call.options.account_sid)
  end
  return call:fail(outcome)
end

--- Operations, see async/start.lua.
addresses.fetch = {
  run = function(call, sid)
    local _, message, err = check(call, sid)
    if err then
      return nil, message, err
    end
    local address, outcome = addresses.read(call, sid)
    if address then
      return address
    end
    return fail(call, outcome)
  end,
}

addresses.delete = {
  run = function(call, sid)
    local _, message, err = check(call, sid)
    if err then
      return nil, message, err
    end
    local url = call:url(addresses.path(sid))
    local deleted, outcome = call:ask("DELETE", url, nil, responses.read_release)
    if deleted or (outcome.unheard and responses.is_not_found(outcome)) then
      return true -- by an earlier attempt that went unanswered
    end
    return fail(call, outcome)
  end,
}

return addresses
