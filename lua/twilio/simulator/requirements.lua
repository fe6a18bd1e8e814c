-- The requirements of a number, and whether the parameters meet them. Pure.
-- Twilio reports one problem at a time, so the first problem hides the others.

local bundles = require("twilio.simulator.bundles")
local errors = require("twilio.simulator.errors")

local requirements = {}

-- The possible requirements of a row: the parameter, and the error if it is missing.
local rows = {
  address = { "AddressSid", 21631 },
  local_address = { "AddressSid", 21615 },
  bundle = { "BundleSid", 21649 },
  identity = { "IdentitySid", 21650 },
}

local function given(params, name)
  local value = params[name] or ""
  return value ~= "" and value or nil
end

-- Whether the row has a requirement.
local function asks_for(row, wanted)
  for _, name in ipairs(row.requires or {}) do
    if name == wanted then
      return true
    end
  end
  return false
end

-- An address must belong to the account, and if a local one is required, to the number's country.
local function address_refusal(store, account, row, params)
  local sid = given(params, "AddressSid")
  local address = store.addresses:find(sid, account.sid)
  if sid and not address then
    return errors.response(21631, "AddressSid is not an Address of this account")
  elseif sid and asks_for(row, "local_address") and address.iso_country ~= row.country then
    return errors.response(21615)
  end
end

-- A bundle must belong to the account. If one is required, it must fit the number, and contain the given
-- address.
local function bundle_refusal(store, account, row, params)
  local sid, address_sid = given(params, "BundleSid"), given(params, "AddressSid")
  local bundle = store.bundles.all:find(sid, account.sid)
  if not sid then
    return nil
  elseif not bundle then
    return errors.response(21649, "BundleSid is not a Bundle of this account")
  elseif not asks_for(row, "bundle") then
    return nil
  end
  local reason = bundles.unfit(bundle, row)
  if reason then
    return errors.response(21649, reason)
  elseif address_sid and not store.bundles:has_address(bundle, address_sid) then
    return errors.response(21651)
  end
end

---Why a number cannot be bought with these parameters.
---@param store table
---@param account twilio.simulator.Account
---@param row twilio.simulator.Row
---@param params table<string, string>
---@return twilio.simulator.Response? refusal
function requirements.refusal(store, account, row, params)
  local refusal = address_refusal(store, account, row, params)
  for _, name in ipairs(row.requires or {}) do
    local parameter, code = rows[name][1], rows[name][2]
    if not refusal and not given(params, parameter) then
      refusal = errors.response(code)
    end
  end
  return refusal or bundle_refusal(store, account, row, params)
end

return requirements
