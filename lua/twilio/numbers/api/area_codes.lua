--- The searches that stand for a purchase by area code, where the number must be known before it is bought:
--- with a journal, and under a spending policy.
local filters = require("twilio.numbers.api.filters")

local area_codes = {}

--- The countries that have area codes.
local COUNTRIES = { "US", "CA" }

--- Those whose numbers are toll free (https://www.nanpa.com/numbering/800-number-administration).
local TOLL_FREE =
  { ["800"] = 1, ["833"] = 1, ["844"] = 1, ["855"] = 1, ["866"] = 1, ["877"] = 1, ["888"] = 1 }

--- The searches for an area code, and the parameters of the purchase without it.
---@param params table of the purchase, which were checked
---@param area_code string
---@param opaque_sids boolean|nil the client's option
---@return twilio.numbers.Search[] searches
---@return table rest
---@return twilio.numbers.Problem[] wrong
function area_codes.searches(params, area_code, opaque_sids)
  local rest, searches, wrong = {}, {}, {}
  for name, value in next, params do
    rest[name] = value
  end
  rest.area_code = nil
  local kind = TOLL_FREE[area_code] and "toll_free" or "local"
  for i, country in ipairs(COUNTRIES) do
    local of_country
    of_country, wrong =
      filters.read({ country = country, type = kind, area_code = area_code }, rest, opaque_sids)
    searches[i] = of_country[1]
    searches[i].may_be_unsold = true
  end
  return searches, rest, wrong
end

return area_codes
