-- Twilio's paging of lists. Pure.

local form = require("twilio.simulator.form")
local json = require("twilio.simulator.json")

local pages = {}

local DEFAULT_SIZE, LARGEST_SIZE = 50, 1000

---The number of items on a page.
---@param query table<string, string>
---@return integer
function pages.size(query)
  local size = math.floor(tonumber(query.PageSize) or DEFAULT_SIZE)
  return math.max(1, math.min(size, LARGEST_SIZE))
end

-- The URI of a page, with the filters of its query.
local function uri(call, page, size, token)
  local pairs_in_order = {}
  for name, value in pairs(call.query) do
    if name ~= "Page" and name ~= "PageSize" and name ~= "PageToken" then
      pairs_in_order[#pairs_in_order + 1] = { name, value }
    end
  end
  table.sort(pairs_in_order, function(a, b)
    return a[1] < b[1]
  end)
  pairs_in_order[#pairs_in_order + 1] = { "PageSize", size }
  pairs_in_order[#pairs_in_order + 1] = { "Page", page }
  if token then
    pairs_in_order[#pairs_in_order + 1] = { "PageToken", token }
  end
  return call.path .. "?" .. form.encode(pairs_in_order)
end

-- Where a page starts: after the item that its token names, so that purchases and releases in between move
-- nothing to another page, or by its number if there is no such item.
local function first_index(items, query, page, size)
  local sid = (query.PageToken or ""):match("^PA(.+)$")
  for index, item in ipairs(sid and items or {}) do
    if item.sid == sid then
      return index + 1
    end
  end
  return page * size + 1
end

-- The page of a query, and the URIs of it and its neighbours.
local function cut(call, items)
  local size = pages.size(call.query)
  local number = math.max(0, math.floor(tonumber(call.query.Page) or 0))
  local first = first_index(items, call.query, number, size)
  local page = { number = number, size = size, items = {} }
  for index = first, math.min(first + size - 1, #items) do
    page.items[#page.items + 1] = items[index]
  end
  local has_next = first + size <= #items
  page.uri = uri(call, number, size, call.query.PageToken)
  page.first = uri(call, 0, size)
  page.previous = number > 0 and uri(call, number - 1, size) or nil
  if has_next then
    local sid = page.items[size].sid
    page.next = uri(call, number + 1, size, sid and "PA" .. sid)
  end
  return page
end

---One page of a list under /2010-04-01.
---@param call table its path and query
---@param name string of the list in the answer
---@param items table[] all items
---@return twilio.simulator.Response
function pages.response(call, name, items)
  local page = cut(call, items)
  local start = page.number * page.size
  local fields = {
    page = page.number,
    page_size = page.size,
    start = start,
    ["end"] = start + math.max(#page.items - 1, 0),
    uri = page.uri,
    first_page_uri = page.first,
    previous_page_uri = page.previous or json.null,
    next_page_uri = page.next or json.null,
  }
  return json.response(200, json.object(fields, { [name] = page.items }))
end

---One page of a list of another product: the paging fields are in `meta`, and URLs are absolute, on the host
---of the
---request.
---@param call table its origin, path and query
---@param name string of the list in the answer
---@param items table[] all items
---@return twilio.simulator.Response
function pages.with_meta(call, name, items)
  local page = cut(call, items)
  local meta = {
    key = name,
    page = page.number,
    page_size = page.size,
    url = call.origin .. page.uri,
    first_page_url = call.origin .. page.first,
    previous_page_url = page.previous and call.origin .. page.previous or json.null,
    next_page_url = page.next and call.origin .. page.next or json.null,
  }
  return json.response(200, json.object({ meta = meta }, { [name] = page.items }))
end

return pages
