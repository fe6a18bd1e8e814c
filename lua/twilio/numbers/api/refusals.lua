--- Whether Twilio's refusal of one number also applies to others.
local refusals = {}

--- Error codes that may apply to one number only (https://www.twilio.com/docs/api/errors): the number is
--- invalid or not available, the address, bundle or identity is missing or unsuitable, or the type is
--- another.
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

--- The number is no longer for sale.
local GONE = { [21421] = true, [21422] = true }

local OWNED, CLAIMED = "owned already", "belong to other orders"

--- Error codes that apply to all numbers: a trial account that already has its number, a suspended account,
--- credentials that are wrong, revoked or restricted.
local ACCOUNT = {
  [20003] = true,
  [20005] = true,
  [20403] = true,
  [21404] = true,
  [70051] = true,
}

--- Applies to all numbers of a type.
local NO_LONG_CODES = 22300

--- Whether a number is no longer for sale.
function refusals.is_gone(err)
  return GONE[err.code] == true
end

--- Whether a refusal applies to that number only.
function refusals.is_unfit(err)
  return err.purchased == "no" and UNFIT[err.code] == true
end

--- Whether a purchase failed because the account already owns the number.
function refusals.is_owned(err)
  local problem = err.kind == "invalid" and err.problems and err.problems[1]
  return problem and problem.name == "phone_number" or false
end

--- Whether another order of the journal has the number.
function refusals.is_claimed(err)
  return err.purchased == "no" and err.order ~= nil
end

--- Records a refusal in the candidates.
---@param found twilio.numbers.Candidates
function refusals.note(found, phone_number, err)
  if refusals.is_owned(err) then
    found:gone(phone_number, OWNED)
  elseif refusals.is_claimed(err) then
    found:gone(phone_number, CLAIMED)
  elseif refusals.is_gone(err) then
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
