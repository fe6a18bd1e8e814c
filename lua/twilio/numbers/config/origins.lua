--- The origins of Twilio's products: numbers are bought at api.twilio.com, and prices are read from
--- pricing.twilio.com.
local origins = {}

origins.PRODUCTS = { "api", "pricing", "numbers", "messaging" }

--- Returns the origin of each product: {product}.{edge}.{region}.twilio.com. An edge without a region is in
--- us1. With `base_url`, all products have that origin.
---@param values table the options of a client
---@return table<string, string> by_product without a trailing slash
function origins.of(values)
  local base_url = values.base_url and values.base_url:gsub("/+$", "")
  local region = values.region or (values.edge and "us1")
  local by_product = {}
  for _, product in ipairs(origins.PRODUCTS) do
    local labels = { product }
    labels[#labels + 1] = values.edge
    labels[#labels + 1] = region
    by_product[product] = base_url or "https://" .. table.concat(labels, ".") .. ".twilio.com"
  end
  return by_product
end

return origins
