--- The methods of a client that change and release many numbers, see methods.lua. meta/owned_many.lua
--- documents them.
local options = require("twilio.numbers.config.options")
local owned_many = require("twilio.numbers.api.owned_many")
local start = require("twilio.numbers.async.start")

local methods = {}

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
  return start.now(self, options.RELEASE_MANY, call_options, self.operations.release_many, sids)
end

function methods:release_many_async(sids, call_options, callback, ...)
  start.check(self, "release_many_async")
  local extra = start.extra(sids, ...)
  local form = "release_many_async(sids, [options,] [callback])"
  local rows, operation = options.RELEASE_MANY, self.operations.release_many
  return start.async(self, form, rows, operation, call_options, callback, extra, sids)
end

return methods
