--- Applies the spending policy (policy.lua) to the purchase of one number, as its form describes it. Used by
--- purchase.lua. Requires no modules.
local purchase_policy = {}

--- Describes the purchase for the spending policy, with the parameters that are sent, even if the caller has
--- changed the table.
---@return twilio.numbers.Choice
local function choice_of(call, form)
  local choice = call.state.choice
    or {
      phone_number = form:value("phone_number"),
      area_code = form:value("area_code"),
      type = call.options.type,
    }
  choice.params = {
    address_sid = form:value("address_sid"),
    bundle_sid = form:value("bundle_sid"),
  }
  return choice
end

--- Applies the spending policy of the call to a purchase. Buying a number that the account already owns is
--- not a purchase.
---@param find_owned fun(call, phone_number): table?, table? see ownership.lua
---@return table? owned the number, if the account owns it and the policy does not allow it to be bought
---@return string? message
---@return twilio.numbers.Error? err
function purchase_policy.check(call, form, find_owned)
  local state, policy, phone_number = call.state, call.policy, form:value("phone_number")
  local choice = choice_of(call, form)
  local refusal = policy:excluded(choice)
  local may_be_owned = phone_number and not state.looks_first
  if may_be_owned and (refusal or policy:needs_search(choice)) then
    local owned, doubt = find_owned(call, phone_number)
    if owned then
      return owned
    end
    refusal = doubt or refusal
  end
  refusal = refusal or policy:refusal(call, choice)
  if refusal then
    return call:fail(refusal)
  end
end

--- A copy of the settings of a purchase, for an update of the number.
---@param params table of the purchase
---@return table
function purchase_policy.settings(params)
  local settings = {}
  for name, value in next, params do
    settings[name] = value
  end
  settings.phone_number, settings.area_code = nil, nil
  return settings
end

return purchase_policy
