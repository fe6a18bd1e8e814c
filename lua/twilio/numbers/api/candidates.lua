--- The numbers that a purchase may try, one at a time: the results of a search, in random order, without
--- numbers that contradict the filter, need an address that is not given, are rejected by `accept`, were
--- tried before, or are being bought by another call. Several searches (searches.lua) follow each other: the
--- next is sent when the one before has no more numbers that fit.
local reservations = require("twilio.numbers.api.reservations")
local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")
local countries = require("twilio.numbers.api.countries")
local errors = require("twilio.numbers.errors")
local filters = require("twilio.numbers.api.filters")
local fit = require("twilio.numbers.api.fit")
local list = require("twilio.numbers.api.list")
local narrow = require("twilio.numbers.api.narrow")
local resources = require("twilio.numbers.api.resources")
local responses = require("twilio.numbers.http.response")
local searches = require("twilio.numbers.api.searches")

---@class twilio.numbers.Candidates
local Candidates = {}
Candidates.__index = Candidates

local candidates = {}

local MOST = 10 -- tried by default

local POLL_EVERY = 0.1 -- seconds between two checks of other calls' reservations

local PAGE_SIZE_MAX = 1000 -- Twilio's limit

local STALE_SEARCHES = 3 -- in a row with only numbers that are gone, as from a search index that lags behind

--- Shuffles a list, so that concurrent buyers rarely choose the same number. If the system has no random
--- numbers, the order is unchanged.
local function shuffle(items)
  for last = #items, 2, -1 do
    local drawn, fraction = pcall(core.jitter)
    local other = drawn and math.floor(fraction * last) + 1 or last
    items[last], items[other] = items[other], items[last]
  end
end

--- A search for numbers, read within the call, each page in random order.
local function search(self)
  local country, kind = self.filter.country, self.filter.type
  local function path()
    return resources.available_path(country, kind)
  end
  local found, message, err = list.new("search", self.rest, self.wrong, path, searches.FIELDS)
  if not found then
    return nil, message, err
  end
  found.explain = not self.may_be_unsold and countries.explanation(country, kind)
  found.kind = kind
  list.within(found, self.call)
  local turn = found.turn
  function found.turn()
    local turned, why, problem = turn()
    if turned then
      shuffle(found.items)
    end
    return turned, why, problem
  end
  return found
end

--- Switches to a search. Sends nothing.
---@param place integer its index
local function enter(self, place)
  local next_search = self.searches[place]
  self.place, self.filter, self.rest = place, next_search.filter, next_search.rest
  self.may_be_unsold = next_search.may_be_unsold
  self.has_page_size = self.rest.page_size ~= nil or self.rest.limit ~= nil
  self.is_wide = false -- searches with the largest page
  self.busy = {} -- numbers in this search that other calls were buying
  self.is_old = false -- a number that this search offered is gone
  self.is_stale = false -- this search returned a number that was already gone
  self.stale_searches = 0
end

--- Creates the candidates. Sends nothing.
---@param call table
---@param params table of the purchases
---@param all twilio.numbers.Search[]|nil nil if the filter is no table
---@param wrong twilio.numbers.Problem[] problems of filter and parameters, found by filters.read()
---@return twilio.numbers.Candidates?
---@return string? message
---@return twilio.numbers.Error? err
function candidates.new(call, params, all, wrong)
  if not all then
    return errors.invalid(wrong)
  end
  local self = setmetatable({
    call = call,
    params = type(params) == "table" and filters.params_for(params) or {}, -- a copy
    searches = call.policy and narrow(all, call.policy.within.prefixes) or all,
    wrong = wrong,
    most = call.options.candidates or MOST, -- candidates to try, over all searches
    refusal = false, -- the outcome of the first search or number that the spending policy excludes
    seen = {}, -- numbers offered or passed over: true, or "gone"
    passed = {}, -- how many were passed over, by reason
    was_busy = {}, -- numbers in earlier searches that other calls were buying
  }, Candidates)
  enter(self, 1)
  local message, err
  self.list, message, err = search(self)
  if not self.list then
    return nil, message, err
  end
  return self
end

--- Searches again, for other numbers.
---@param page_size? integer
function Candidates:search_again(page_size)
  if not self.has_page_size then
    self.rest.page_size = self.is_wide and PAGE_SIZE_MAX or page_size
  end
  self.list, self.busy = search(self), {}
  self.is_old, self.is_stale = false, false
end

local function has_number(candidate)
  local phone_number = candidate.phone_number
  return type(phone_number) == "string" and phone_number:match("^%+[1-9]%d+$") ~= nil
end

local NOT_ALLOWED = "not allowed"

local ADDRESS = "needs an address: give address_sid or bundle_sid"

--- Describes the next purchase for the spending policy.
---@param candidate? table one that was just offered; nil: the filter itself
---@return twilio.numbers.Choice
function Candidates:choice(candidate)
  return {
    country = self.filter.country,
    type = self.filter.type,
    phone_number = candidate and candidate.phone_number,
    candidate = candidate,
    params = self.params,
  }
end

--- Whether the spending policy excludes this search, or a candidate.
---@param candidate table|nil nil: the search
local function is_excluded(self, candidate)
  local policy = self.call.policy
  if not policy then
    return false
  end
  local choice = self:choice(candidate)
  choice.area_code = self.rest.area_code
  local refusal = policy:excluded(choice)
  self.refusal = self.refusal or refusal or false
  return refusal ~= nil
end

--- Why a candidate does not qualify.
---@return string? reason nil if it does
---@return string? complaint an error that `accept` raised
local function unfit(self, candidate)
  local difference = fit.differences(self.filter, candidate)[1]
  if difference then
    return "contradicts the filter's " .. difference.name
  elseif fit.lacks_address(self.params, candidate) then
    return ADDRESS
  elseif is_excluded(self, candidate) then
    return NOT_ALLOWED
  end
  local accept = self.call.options.accept
  if not accept then
    return nil
  end
  local called, accepted = compat.pcall(accept, candidate)
  if not called then
    return nil, "accept raised an error: " .. compat.tostring(accepted)
  end
  return not accepted and "was not accepted" or nil
end

--- Whether to offer a candidate. If so, its number is reserved for the call, except in a dry run.
---@return boolean offered
---@return string? complaint an error that `accept` raised
local function consider(self, candidate)
  local phone_number = candidate.phone_number
  local seen = self.seen[phone_number]
  if seen then
    self.is_stale = self.is_stale or seen == "gone"
    return false
  end
  self.seen[phone_number] = true
  local reason, complaint = unfit(self, candidate)
  candidate.phone_number = phone_number -- `accept` may have changed it
  if reason or complaint then
    self.passed[reason or ""] = (self.passed[reason or ""] or 0) + 1
    return false, complaint
  elseif self.call.options.dry_run or reservations.take(self.call, phone_number) then
    return true
  end
  self.seen[phone_number], self.busy[phone_number] = nil, true
  return false
end

--- The next candidate of this search.
---@return table? candidate nil at the end of the search
---@return string? message
---@return twilio.numbers.Error? err
function Candidates:next()
  if is_excluded(self) then
    return nil
  end
  while true do
    local candidate, message, err = self.list:next()
    if err and self.may_be_unsold and responses.is_not_found(err) then
      return nil
    elseif not candidate then
      return nil, message, err
    elseif has_number(candidate) then
      local offered, complaint = consider(self, candidate)
      if complaint then
        return self.call:fail { kind = "cancelled", purchased = "no", reason = complaint }
      elseif offered then
        self.stale_searches = 0
        return candidate
      end
    end
  end
end

--- Sleeps and lets other calls proceed.
local function pause(call)
  if call.loop then
    return call:sleep(POLL_EVERY)
  end
  call.client.scheduler:wait({ done = false, wake = false }, nil, POLL_EVERY)
  return not call.cancelled
end

--- Numbers of the searches that are being bought by calls that this call can wait for.
---@return string[]
local function in_progress(self)
  local numbers = {}
  for _, busy in ipairs { self.busy, self.was_busy } do
    for phone_number in pairs(busy) do
      local is_awaited = reservations.is_in_progress(self.call, phone_number)
      numbers[#numbers + 1] = is_awaited and phone_number or nil
    end
  end
  return numbers
end

--- Waits until one of the calls that were buying numbers of the searches has finished.
---@return boolean ended false: there is no such call, or the deadline has passed
function Candidates:wait()
  local call, waits_for = self.call, in_progress(self)
  while waits_for[1] and not call.state.stopped and call:remaining() > POLL_EVERY do
    for _, phone_number in ipairs(waits_for) do
      if not reservations.is_in_progress(call, phone_number) then
        return true
      end
    end
    if not pause(call) then
      return false
    end
  end
  return false
end

--- At the end of a search: switches to the next one.
---@return boolean switched false if it was the last
local function move_on(self)
  if self.call.state.stopped or not self.searches[self.place + 1] then
    return false
  end
  for phone_number in pairs(self.busy) do
    self.was_busy[phone_number] = true
  end
  for phone_number in pairs(self.seen) do
    self.seen[phone_number] = true -- a number that is gone must not make a wider search stale too
  end
  enter(self, self.place + 1)
  return true
end

--- At the end of the last search: waits for other calls, whose numbers may then be for sale in any of the
--- searches.
---@return boolean ended see wait()
local function wait_and_restart(self)
  local is_last = self.place == #self.searches
  if not is_last or not self:wait() then
    return false
  elseif self.place > 1 then
    self.was_busy = {}
    enter(self, 1)
  end
  return true
end

--- At the end of a search: whether another search, the same or the next one, may return more. Waits until it
--- is time to send it.
---@return boolean
function Candidates:may_find_more()
  local has_others = next(self.busy) ~= nil
  if has_others and not self.is_wide and not self.has_page_size then
    self.is_wide = true
    return true
  elseif self.is_old or wait_and_restart(self) then
    return true
  elseif not self.is_stale or self.stale_searches >= STALE_SEARCHES or self.call.state.stopped then
    return move_on(self)
  end
  self.stale_searches = self.stale_searches + 1
  return self.call:back_off(self.stale_searches - 1, {})
end

--- The next candidate of this search, or of those that follow.
---@return table? candidate
---@return string? message
---@return twilio.numbers.Error? err
function Candidates:find()
  while true do
    local candidate, message, err = self:next()
    if candidate or err or not self:may_find_more() then
      return candidate, message, err
    end
    self:search_again(self.rest.page_size)
  end
end

--- Records that a number that was offered is no longer for sale.
---@param reason? string counts the number as passed over, for this reason
function Candidates:gone(phone_number, reason)
  self.seen[phone_number], self.is_old = "gone", true
  if reason then
    self.passed[reason] = (self.passed[reason] or 0) + 1
  end
end

return candidates
