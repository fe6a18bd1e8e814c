--- Reads all pages of a list within a call. Lists that are returned to the caller are read as they are
--- iterated, see list.lua.
local resources = require("twilio.numbers.api.resources")
local responses = require("twilio.numbers.http.response")

local pages = {}

local MOST = 20

--- Reads the pages in order.
---@param call table
---@param url string of the first page
---@param product "numbers"|false false: the account's own, see resources.lua
---@param add fun(page: table): string?, boolean? receives a page; returns why it cannot be read, and true if
--- the next ones need not be
---@return boolean read
---@return table? outcome
function pages.read(call, url, product, add)
  for _ = 1, MOST do
    local page, outcome = call:ask("GET", url, nil, responses.read)
    if not page then
      return false, outcome
    end
    local trouble, is_enough = add(page)
    if is_enough then
      return true
    end
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
