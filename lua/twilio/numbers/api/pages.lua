--- Reads all pages of one of Twilio's lists within a call. A list of the caller's own is read as far as it is
--- asked for, see list.lua.
local resources = require("twilio.numbers.api.resources")
local responses = require("twilio.numbers.http.response")

local pages = {}

local MOST = 20

--- Reads them, in their order.
---@param call table
---@param url string of the first
---@param product "numbers"|false false: the account's own, see resources.lua
---@param add fun(page: table): string? takes a page; returns why it cannot be read
---@return boolean read
---@return table? outcome
function pages.read(call, url, product, add)
  for _ = 1, MOST do
    local page, outcome = call:ask("GET", url, nil, responses.read)
    if not page then
      return false, outcome
    end
    local trouble = add(page)
    local next_url, elsewhere
    if product then
      next_url, elsewhere = resources.next_product_url(call, product, page)
    else
      next_url, elsewhere = resources.next_url(call, page)
    end
    if trouble or elsewhere then
      return false, { kind = "response", reason = trouble or elsewhere }
    elseif not next_url then
      return true
    end
    url = next_url
  end
  return false, { kind = "response", reason = ("it has more than %d pages"):format(MOST) }
end

return pages
