--- The searches that replace a purchase by area code where the number must be known before it is bought: with
--- a journal, and under a spending policy.
local filters = require("twilio.numbers.api.filters")
local is_toll_free = require("twilio.numbers.api.toll_free")

local area_codes = {}

--- The countries that have area codes.
local COUNTRIES = { "US", "CA" }

--- The searches for an area code, and the parameters of the purchase without it.
---@param params table of the purchase, which were checked
---@param area_code string
---@param call twilio.numbers.Call
---@return twilio.numbers.Search[] searches
---@return table rest
---@return twilio.numbers.Problem[] wrong
function area_codes.searches(params, area_code, call)
  local rest, searches, wrong = {}, {}, {}
  for name, value in next, params do
    rest[name] = value
  end
  rest.area_code = nil
  local kind = is_toll_free(area_code) and "toll_free" or "local"
  for i, country in ipairs(COUNTRIES) do
    local of_country
    local filter = { country = country, type = kind, area_code = area_code }
    of_country, wrong = filters.read(filter, rest, call)
    searches[i] = of_country[1]
    searches[i].may_be_unsold = true
  end
  return searches, rest, wrong
end

return area_codes
