--- The job of an order: buys a certain number, or any that matches a filter. protocol.lua gets the next
--- number to try from the job, and reports the result to it.
---
---@class twilio.numbers.Job
---@field op string
---@field asked table<string, string> the fingerprint of the request, see asked.lua
---@field finish boolean whether to finish the order even if its first call had other parameters
---@field number string|nil the certain number
---@field choice fun(self, number: string): twilio.numbers.Choice the choice for the spending policy
---@field is_offered boolean|nil a search returned that number: if another order has it, the caller takes
---another
---@field next fun(self, session): string?, string?, table? the next number to try; nil: there is none
---@field params_for fun(self, number: string): table the parameters of its purchase
---@field put_back fun(self, number: string) the number was not tried after all
---@field skip fun(self, number: string) the number cannot be tried
---@field refused fun(self, number: string, err: table): boolean Twilio refused the number; returns whether to
---try another
---@field owned fun(self, session, owned: table, claim_key: string): ... the account already owns it
---@field compare fun(self, number, message, info): ... the results of the call for a purchased number
local adopt = require("twilio.numbers.journal.adopt")
local complete = require("twilio.numbers.journal.complete")
local filters = require("twilio.numbers.api.filters")
local fit = require("twilio.numbers.api.fit")
local none_left = require("twilio.numbers.api.none_left")
local order = require("twilio.numbers.journal.order")
local owned_number = require("twilio.numbers.api.owned_number")
local ownership = require("twilio.numbers.api.ownership")
local refusals = require("twilio.numbers.api.refusals")
local reservations = require("twilio.numbers.api.reservations")
local responses = require("twilio.numbers.http.response")

local Session = require("twilio.numbers.journal.session")

local jobs = {}

-- ---- a certain number ----

local Named = {}
Named.__index = Named

---@param params table with the phone_number
---@param is_offered? boolean
---@param choice? twilio.numbers.Choice the number as a search returned it
function jobs.named(call, params, is_offered, choice)
  local rest = {}
  for name, value in next, params do
    rest[name] = value
  end
  rest.phone_number = nil
  local number = params.phone_number
  return setmetatable({
    call = call,
    number = number,
    params = rest,
    is_offered = is_offered,
    chosen = choice or { phone_number = number, type = call.options.type, params = rest },
  }, Named)
end

function Named:next()
  return self.number
end

function Named:params_for(number)
  return filters.params_for(self.params, number)
end

function Named.put_back() end
Named.skip = Named.put_back

function Named:choice()
  return self.chosen
end

function Named.refused()
  return false
end

function Named.compare(_, number, message, info)
  return number, message, info
end

--- Updates the number by its SID: if the number is gone, an update cannot buy it. An order that has adopted
--- the number records that its settings are complete.
---@return table? number or AGAIN
---@return string? message
---@return table? err
function Named:update(session, owned)
  if next(self.params) == nil then
    return owned
  end
  local number, _, err = owned_number.update.run(self.call, owned.sid, self.params)
  local record = session:record()
  if number then
    if record and record.adopted and not record.whole then
      session:write("settle", order.make_whole(record))
    end
    return number
  elseif responses.is_not_found(err) then
    return Session.AGAIN
  end
  return session:pass_on(err)
end

--- Handles a number that the account owns: buying it would be an update. With a key it is recorded before it
--- is sent, so that the key cannot be used for another number.
function Named:owned(session, owned, claim_key)
  if self.call.options.unless_owned then
    return session:fail(ownership.refusal(self.number, owned))
  end
  local services = self.call.state.services
  local refusal = services and services:refusal(self.call)
  if refusal then
    return session:fail(refusal)
  elseif session.is_keyed then
    local is_updated = services or next(self.params) ~= nil
    local adopted, value, message, err = adopt.run(session, self, owned, claim_key, is_updated)
    if not adopted then
      return value, message, err
    end
  end
  local number, message, err = self:update(session, owned)
  if not number or number == Session.AGAIN then
    return number, message, err
  end
  local info = session.is_keyed and { adopted = true } or nil
  message = session.is_keyed and ownership.ADOPTED or nil
  if services then
    return complete.attachment(session, number, message, info)
  end
  return number, message, info
end

-- ---- any number ----

local Found = {}
Found.__index = Found

---@param found twilio.numbers.Candidates
function jobs.found(call, found)
  return setmetatable({
    call = call,
    params = found.params,
    found = found,
    tried = 0,
    last_error = nil,
    pending = false, -- a number that was put back
    offered = {}, -- the choices of the numbers that the call has reserved, by number
  }, Found)
end

--- The next number of the search, or why there is none.
function Found:next()
  local pending = self.pending
  if pending then
    self.pending = false
    return pending
  end
  local candidate, message, err
  if self.tried < self.found.most then
    candidate, message, err = self.found:find()
  end
  if err then
    return nil, message, err
  elseif candidate then
    self.offered[candidate.phone_number] = self.found:choice(candidate)
    return candidate.phone_number
  end
  return none_left.fail(self.found, self.tried, self.last_error)
end

Found.params_for = Named.params_for

function Found:choice(number)
  return self.offered[number]
end

function Found:put_back(number)
  self.pending = number
end

local function gone(self, number, reason)
  self.found:gone(number, reason)
  if self.offered[number] then
    self.offered[number] = nil
    reservations.settle(self.call, number, "no")
  end
end

function Found:skip(number)
  gone(self, number, "belong to other orders")
end

function Found:refused(number, err)
  self.tried, self.last_error = self.tried + 1, err
  if self.pending == number then -- it was put back, then tried again
    self.pending = false
  end
  if refusals.is_gone(err) then
    gone(self, number)
  end
  return true
end

function Found:owned(session, owned, claim_key)
  if self.call.options.unless_owned ~= false then
    gone(self, owned.phone_number, "owned already")
    return Session.AGAIN
  end
  local adopted, value, message, err = adopt.run(session, self, owned, claim_key)
  if not adopted then
    return value, message, err
  end
  return self:compare(owned, ownership.ADOPTED, { adopted = true })
end

function Found:compare(number, message, info)
  return fit.compare(self.found.filter, number, message, info)
end

--- Ends the reservations of the call.
---@param purchased "no"|"unknown"|"yes" of the call
function jobs.release(self, purchased)
  for number in pairs(self.offered or {}) do
    reservations.settle(self.call, number, purchased)
  end
end

return jobs
