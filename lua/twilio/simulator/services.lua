-- The Messaging Services of the accounts, and their numbers. Pure; independent of requests.
-- Used by the store, by messaging.lua and by control.lua.

local collection = require("twilio.simulator.collection")
local dates = require("twilio.simulator.dates")

local services = {}
services.__index = services

local LIMIT = 400 -- numbers in one service

---@class twilio.simulator.Service
---@field sid string
---@field account_sid string
---@field friendly_name string
---@field limit integer how many numbers it takes
---@field created integer the status when a number is added: 201 or 200
---@field us_app_to_person_registered boolean whether a campaign for US 10DLC is registered
---@field use_inbound_webhook_on_number boolean whether the number's own URLs are used
---@field usecase string
---@field members table[] the numbers in it, oldest first: sid, date_created

-- The settings of a service and their defaults, which also give their types.
local defaults = {
  friendly_name = "Service",
  limit = LIMIT,
  created = 201,
  us_app_to_person_registered = true,
  use_inbound_webhook_on_number = true,
  usecase = "notifications",
}

function services.new()
  return setmetatable({ all = collection.new(), of_number = {} }, services)
end

---Adds a service.
---@param sid string
---@param account_sid string
---@param fields table settings
---@return twilio.simulator.Service
function services:add(sid, account_sid, fields)
  local service = { sid = sid, account_sid = account_sid, members = {} }
  service.date_created = dates.iso8601()
  for name, default in pairs(defaults) do
    service[name] = default
  end
  services.set(service, fields)
  return self.all:add(service)
end

---Checks settings.
---@param fields table
---@return string? problem
function services.problem(fields)
  for name, default in pairs(defaults) do
    local kind = type(default)
    if fields[name] ~= nil and type(fields[name]) ~= kind then
      return ("%s must be a %s"):format(name, kind)
    end
  end
end

---Changes a service's settings.
---@param service twilio.simulator.Service
---@param fields table valid settings
function services.set(service, fields)
  for name in pairs(defaults) do
    if fields[name] ~= nil then
      service[name] = fields[name]
    end
  end
end

---Adds a number to a service.
---@param service twilio.simulator.Service
---@param number_sid string
---@return table member
function services:put(service, number_sid)
  local member = { sid = number_sid, date_created = dates.iso8601() }
  service.members[#service.members + 1] = member
  self.of_number[number_sid] = service
  return member
end

---A number as a member of a service.
---@param service twilio.simulator.Service
---@param number_sid string
---@return table? member, integer? index
function services.member(service, number_sid)
  for index, member in ipairs(service.members) do
    if member.sid == number_sid then
      return member, index
    end
  end
end

---Removes a number from its service, if it is in one.
---@param number_sid string
function services:take_out(number_sid)
  local service = self.of_number[number_sid]
  if service then
    local _, index = services.member(service, number_sid)
    table.remove(service.members, index)
    self.of_number[number_sid] = nil
  end
end

return services
