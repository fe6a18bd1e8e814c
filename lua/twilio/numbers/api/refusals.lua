--- What Twilio's refusal of one number says about others.
local ownership = require("twilio.numbers.api.ownership")

local refusals = {}

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

--- What is for sale no more.
local GONE = { [21421] = true, [21422] = true }

local OWNED = "owned already"

--- Refusals of every number: a trial account's one number, a suspended account, credentials that are wrong,
--- revoked or restricted.
local ACCOUNT = {
  [20003] = true,
  [20005] = true,
  [20403] = true,
  [21404] = true,
  [70051] = true,
}

--- The same for all numbers of a type.
local NO_LONG_CODES = 22300

--- Whether a refusal is one of that number alone.
function refusals.is_unfit(err)
  return err.purchased == "no" and UNFIT[err.code] == true
end

--- Notes that a number was refused.
---@param found twilio.numbers.Candidates
function refusals.note(found, phone_number, err)
  if ownership.is_owned(err) then
    found:gone(phone_number, OWNED)
  elseif GONE[err.code] then
    found:gone(phone_number)
  end
end

--- Whether every other number would be refused too.
---@param is_one_type boolean
function refusals.is_final(err, is_one_type)
  local is_refused = err.purchased == "no" and err.status ~= nil
  return is_refused and (ACCOUNT[err.code] or (is_one_type and err.code == NO_LONG_CODES)) == true
end

return refusals
