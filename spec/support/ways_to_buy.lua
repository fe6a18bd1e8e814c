--- Every way to buy a number, for specs that hold for all of them.
---
---   for _, way in ipairs(ways_to_buy.of(target, "blocking")) do
---     local number, message, err = way.buy(client, target, options)
---
--- A target has `phone_number`, `country`, `type`, `area_code` if it may be bought by that, and perhaps
--- `params`, more parameters of the purchase.
local ways_to_buy = {}

--- One row each: its name, the method, and its arguments before the options.
local WAYS = {
  {
    "a purchase by number",
    "purchase",
    function(target)
      return { phone_number = target.phone_number }
    end,
  },
  {
    "a purchase by area code",
    "purchase",
    function(target)
      return { area_code = target.area_code }
    end,
    by_area_code = true,
  },
  {
    "a purchase of any number",
    "purchase_available",
    function(target)
      return { country = target.country, type = target.type, area_code = target.area_code }, {}
    end,
  },
  {
    "a purchase of a list of numbers",
    "purchase_many",
    function(target)
      return { target.phone_number }, {}
    end,
  },
  {
    "a purchase of a list of area codes",
    "purchase_many",
    function(target)
      return { { area_code = target.area_code } }, {}
    end,
    by_area_code = true,
  },
  {
    "a purchase of many by a filter",
    "purchase_many",
    function(target)
      local filter = { country = target.country, type = target.type, count = 1 }
      filter.area_code = target.area_code
      return filter, {}
    end,
    by_filter = true,
  },
}

--- The outcome of one purchase, also from a report.
local function outcome(value, message, err)
  if type(value) == "table" and value.results then
    local result = value.results[1]
    return result.number, result.message, result.err
  end
  return value, message, err
end

local HOW = {
  ["blocking"] = function(client, method, first, second, options)
    if second then
      return outcome(client[method](client, first, second, options))
    end
    return outcome(client[method](client, first, options))
  end,
  ["in flight"] = function(client, method, first, second, options)
    local twin = client[method .. "_async"]
    local pending, message, err
    if second then
      pending, message, err = twin(client, first, second, options)
    else
      pending, message, err = twin(client, first, options)
    end
    if not pending then
      return nil, message, err
    end
    return outcome(pending:wait())
  end,
}

--- The ways to buy a target.
---@param how "blocking"|"in flight"
---@return { name: string, buy: function, by_area_code: boolean?, by_filter: boolean? }[]
function ways_to_buy.of(target, how)
  local list = {}
  for _, row in ipairs(WAYS) do
    local name, method, arguments = row[1], row[2], row[3]
    if target.area_code or not row.by_area_code then
      list[#list + 1] = {
        name = ("%s, %s"):format(name, how),
        by_area_code = row.by_area_code,
        by_filter = row.by_filter,
        buy = function(client, of, options)
          local first, second = arguments(of)
          for field, value in pairs(of.params or {}) do
            (second or first)[field] = value
          end
          return HOW[how](client, method, first, second, options or {})
        end,
      }
    end
  end
  return list
end

return ways_to_buy
