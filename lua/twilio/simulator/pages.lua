-- Lists as Twilio pages them. Pure.

local form = require("twilio.simulator.form")
local json = require("twilio.simulator.json")

local pages = {}

local DEFAULT_SIZE, LARGEST_SIZE = 50, 1000

---How many items a page has.
---@param query table<string, string>
---@return integer
function pages.size(query)
  local size = math.floor(tonumber(query.PageSize) or DEFAULT_SIZE)
  return math.max(1, math.min(size, LARGEST_SIZE))
end

-- The address of a page, with the filters of the query it belongs to.
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

-- Where a page begins: behind the item its token names, so that what is bought or released in
-- between moves nothing to another page; by its number when there is no such item.
local function first_index(items, query, page, size)
  local sid = (query.PageToken or ""):match("^PA(.+)$")
  for index, item in ipairs(sid and items or {}) do
    if item.sid == sid then
      return index + 1
    end
  end
  return page * size + 1
end

---One page of a list.
---@param call table its path and query
---@param name string what the list is called in the answer
---@param items table[] all of them
---@return twilio.simulator.Response
function pages.response(call, name, items)
  local size = pages.size(call.query)
  local page = math.max(0, math.floor(tonumber(call.query.Page) or 0))
  local first = first_index(items, call.query, page, size)
  local selected = {}
  for index = first, math.min(first + size - 1, #items) do
    selected[#selected + 1] = items[index]
  end
  local has_next = first + size <= #items
  local fields = {
    page = page,
    page_size = size,
    start = page * size,
    ["end"] = page * size + math.max(#selected - 1, 0),
    uri = uri(call, page, size, call.query.PageToken),
    first_page_uri = uri(call, 0, size),
    previous_page_uri = page > 0 and uri(call, page - 1, size) or json.null,
    next_page_uri = has_next and uri(call, page + 1, size, "PA" .. selected[size].sid) or json.null,
  }
  return {
    status = 200,
    headers = { ["content-type"] = "application/json" },
    body = json.object(fields, { [name] = selected }),
  }
end

return pages
