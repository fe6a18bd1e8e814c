--- The methods of a client that change and release many numbers, see methods.lua. meta/owned_many.lua
--- documents them.
local options = require("twilio.numbers.config.options")
local owned_many = require("twilio.numbers.api.owned_many")
local owned_number = require("twilio.numbers.api.owned_number")
local release = require("twilio.numbers.journal.release")
local start = require("twilio.numbers.async.start")

local methods = {}

local PLAIN_RELEASE = owned_many.release(owned_number.release)
local JOURNALLED_RELEASE = owned_many.release(release)

--- The operation that releases many numbers, each on its own.
local function release_of(client)
  return client.journal and JOURNALLED_RELEASE or PLAIN_RELEASE
end

function methods:update_many(sids, params, call_options)
  start.check(self, "update_many")
  local rows = options.UPDATE_MANY
  return start.now(self, rows, call_options, owned_many.update, sids, params)
end

function methods:update_many_async(sids, params, call_options, callback, ...)
  start.check(self, "update_many_async")
  local extra = start.extra(params, ...)
  local form = "update_many_async(sids, params, [options,] [callback])"
  local rows, update = options.UPDATE_MANY, owned_many.update
  return start.async(self, form, rows, update, call_options, callback, extra, sids, params)
end

function methods:release_many(sids, call_options)
  start.check(self, "release_many")
  return start.now(self, options.RELEASE_MANY, call_options, release_of(self), sids)
end

function methods:release_many_async(sids, call_options, callback, ...)
  start.check(self, "release_many_async")
  local extra = start.extra(sids, ...)
  local form = "release_many_async(sids, [options,] [callback])"
  local rows, operation = options.RELEASE_MANY, release_of(self)
  return start.async(self, form, rows, operation, call_options, callback, extra, sids)
end

return methods
