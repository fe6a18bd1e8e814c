--- A paged list of resources. Each page is fetched when it is needed.
---
--- for number, message in list do ... end
---
--- reads all of it. After a failure the last iteration yields `false` and a message, so that it cannot be
--- missed.
local core = require("twilio.numbers.core")
local errors = require("twilio.numbers.errors")
local options = require("twilio.numbers.config.options")
local own_account = require("twilio.numbers.config.own_account")
local resources = require("twilio.numbers.api.resources")
local responses = require("twilio.numbers.http.response")
local messages = require("twilio.numbers.config.messages")

local List = { __name = "twilio.numbers.List" }

local NO_ARRAY = "a list is no array: read it by for ... in list do, list:next() or list:all()"

--- A list that is read as an array would be an empty one, and what it holds would be bought again.
function List.__index(_, name)
  if type(name) == "number" then
    error(NO_ARRAY, 2)
  end
  return List[name]
end

--- Not called by 5.1 and LuaJIT.
function List.__len()
  error(NO_ARRAY, 2)
end

List.__ipairs = List.__len -- of 5.2; the ipairs() of later ones indexes

local list = {}

local PAGE_SIZE_MAX = 1000 -- Twilio's limit

--- The field of a page that contains its items, and the product of the resource if it is not the account's.
local KINDS = {
  search = { field = "available_phone_numbers" },
  list = { field = "incoming_phone_numbers" },
  addresses = { field = "addresses" },
  bundles = { field = "results", product = "numbers", items = "bundles" },
}

--- Sets the type of a number for sale, which Twilio leaves out. If Twilio reports another type, that is kept:
--- it contradicts the search.
---@param kind twilio.numbers.AvailableType
local function set_type(item, kind)
  local said = type(item.type) == "string" and item.type:lower():gsub("[^%a]", "")
  if not said or said == kind:gsub("_", "") then
    item.type = kind
  end
end

local ANOTHERS = "account_sid cannot be used here: %s belong to the account of the credentials"

--- An operation, see async/start.lua: reads the next page of a list.
local turn_page = {
  run = function(call, self)
    if self.trouble then
      return call:fail { kind = "response", reason = self.trouble }
    elseif
      self.product and not own_account.is_own(call.client.config, call.options.account_sid)
    then
      return errors.invalid { { name = "account_sid", message = ANOTHERS:format(self.name) } }
    end
    local url = self.next_url or self.first_url(call)
    local items_before = self.items
    local page, outcome = call:ask("GET", url, nil, responses.read)
    if self.items ~= items_before then
      return true -- another coroutine has turned the page, and the items are those of that
    end
    if not page then
      return call:fail(self.explain and self.explain(call, outcome) or outcome)
    end
    local items = resources.items(page, self.field)
    if not items then
      return call:fail { kind = "response", reason = "it has no list of " .. self.field }
    end
    for _, item in ipairs(self.kind and items or {}) do
      set_type(item, self.kind)
    end
    self.items, self.position, self.seen[url] = items, 1, true
    if self.product then
      self.next_url, self.trouble = resources.next_product_url(call, self.product, page)
    else
      self.next_url, self.trouble = resources.next_url(call, page)
    end
    if self.next_url and self.seen[self.next_url] then
      self.trouble = "its pages repeat"
    end
    self.is_last_page = not self.next_url and not self.trouble
    return true
  end,
}

--- The next item; nil at the end. A failure ends the list, and each later read returns it again.
---@return table? item
---@return string? message
---@return twilio.numbers.Error? err
function List:next()
  while not self.is_over do
    local item = self.items[self.position]
    if self.count == self.limit or (not item and self.is_last_page) then
      break
    elseif item then
      self.position, self.count = self.position + 1, self.count + 1
      return item
    end
    local turned, message, err = self.turn()
    if not turned then
      self.message, self.err = message, err
      break
    end
  end
  self.is_over = true
  return nil, self.message, self.err
end

--- The iterator for a `for` loop. (PUC Lua 5.1 cannot yield in an iterator: in a host's coroutine, use
--- next().) It passes its last item, so it ends after the `false` of a failure. Called in any other way, the
--- list returns that once.
function List:__call(...)
  local item, message, err = self:next()
  local _, last = ...
  local is_loop = select("#", ...) > 0
  if not err or last == false or (self.is_reported and not is_loop) then
    return item
  end
  self.is_reported = true
  return false, message, err
end

--- The rest of the list.
---@return table[]? items
---@return string? message
---@return twilio.numbers.Error? err
function List:all()
  local items = {}
  while true do
    local item, message, err = self:next()
    if err then
      return nil, message, err
    elseif not item then
      return items
    end
    items[#items + 1] = item
  end
end

function List:__tostring()
  return ("twilio.numbers list of %s (%d read)"):format(self.name, self.count)
end

--- Splits a filter into Twilio's parameters and the library's own fields. A table that is not plain is
--- returned unchanged, and the core rejects it.
local function split(filter, rows)
  local rest, ours = {}, {}
  if not core.is_plain_table(filter) then
    return filter, ours
  end
  for name, value in next, filter do
    rest[name] = value
  end
  for _, row in ipairs(rows) do
    ours[row.name], rest[row.name] = rest[row.name], nil
  end
  return rest, ours
end

local function join(...)
  local all = {}
  for _, part in ipairs { ... } do
    for _, item in ipairs(part) do
      all[#all + 1] = item
    end
  end
  return all
end

--- Sets the page size from the limit, so that a short list takes one request. Without a limit, Twilio's
--- default applies.
local function set_page_size(filter, limit)
  if type(filter) == "table" and limit and filter.page_size == nil then
    filter.page_size = math.min(limit, PAGE_SIZE_MAX)
  end
end

--- Creates a list. Sends nothing.
---@param name "search"|"list"|"addresses"|"bundles"
---@param filter table|nil
---@param wrong table problems found earlier
---@param path_of function from the library's own fields of the filter to the path of the resource; the path
---of a product begins with a slash
---@param more { name: string }[]|nil other fields that the caller's filter may have
---@return table? list of a search: has the field `kind`, the type of its items
---@return string? message
---@return twilio.numbers.Error? err
function list.new(name, filter, wrong, path_of, more)
  local rows = options[name:upper()]
  local rest, ours = split(filter == nil and {} or filter, rows)
  local values, ours_wrong = options.read(rows, ours)
  set_page_size(rest, #ours_wrong == 0 and values.limit)
  local form, rest_wrong = core.form(rest, name)
  if rest_wrong then
    rest_wrong = messages.describe(rest_wrong, name, join(rows, more or {}))
  end
  wrong = join(wrong, ours_wrong, rest_wrong or {})
  if #wrong > 0 then
    return errors.invalid(wrong)
  end
  local kind = KINDS[name]
  local self = list.of(kind.field, values.limit, turn_page)
  self.seen, self.product, self.name = {}, kind.product, kind.items or kind.field
  self.first_url = function(call)
    local path = path_of(values)
    local url = kind.product and call:product_url(kind.product, path) or call:url(path)
    return url .. (form ~= "" and "?" .. form or "")
  end
  return self
end

--- Creates a list of pages from any source.
---@param field string the name of its items
---@param limit integer|nil how many items to read at most
---@param turn_page_of table an operation that reads the next page, and sets items, position and is_last_page
---@return table list
function list.of(field, limit, turn_page_of)
  return setmetatable({
    field = field,
    name = field,
    limit = limit,
    count = 0,
    items = {},
    position = 1,
    turn_page = turn_page_of,
  }, List)
end

--- Makes a list fetch its pages as parts of a call.
function list.within(self, call)
  self.turn = function()
    return self.turn_page.run(call, self)
  end
end

--- An operation, see async/start.lua: reads all of a list within one call. Takes the results of new().
list.collect = {
  run = function(call, self, message, err)
    if not self then
      return nil, message, err
    end
    list.within(self, call)
    return self:all()
  end,
}

return list
