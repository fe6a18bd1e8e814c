--- What the spending policy (policy.lua) says of the purchase of one number, by what its form has. Used by
--- purchase.lua. It requires nothing.
local purchase_policy = {}

--- What is about to be bought, for the spending policy: its parameters are those that are sent, whatever the
--- caller's table has become.
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

--- What the spending policy of the call says of a purchase. A number that the account owns already is no
--- purchase.
---@param find_owned fun(call, phone_number): table?, table? see ownership.lua
---@return table? owned the number, which the policy does not allow to be bought, as far as is known
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

--- What a purchase sets, for an update of the number: a copy.
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
