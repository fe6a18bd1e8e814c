--- Opens the journal of a client.
local core = require("twilio.numbers.core")
local errors = require("twilio.numbers.errors")
local options = require("twilio.numbers.config.options")
local store = require("twilio.numbers.journal.store")

local journals = {}

--- The time limit of a read from a journal that may have to be created.
local SECONDS = 30

--- Opens a journal. The first call opens its file or its connection.
---@param how? { create: boolean? } create: the first call creates it if it does not exist
---@return twilio.numbers.Journal? journal
---@return string? message
---@return twilio.numbers.Error? err
local function open(spec, how)
  local journal, message, kind = store.open(spec, how)
  if journal then
    return journal
  elseif kind == "invalid" then
    return errors.invalid { { name = "journal", message = message } }
  end
  return errors.fail { kind = "journal", reason = message }
end

--- Reads from a journal, as the first call would. Blocks.
local function try(spec, how)
  local journal, message, err = open(spec, how)
  if not journal then
    return nil, message, err
  end
  local call = { loop = false, cancelled = false, ends = core.now() + SECONDS }
  local found, why = journal:read(call, { "order/" })
  journal:close(0)
  if found then
    return true
  end
  return errors.fail { kind = "journal", reason = why }
end

--- Creates a journal unless it exists, and reads from it. Blocks.
---@param spec string see journal/spec.lua
---@return "made"|"there"|nil result
---@return string? message
---@return twilio.numbers.Error? err
function journals.make(spec)
  if try(spec) then
    return "there"
  end
  local made, message, err = try(spec, { create = true })
  if not made then
    return nil, message, err
  end
  return "made"
end

--- Opens a journal for numbers.journal(). What it returns never creates one: a file that is missing later has
--- been lost.
---@param spec string|table see journal/spec.lua
---@param given? { create: boolean? } create: create it first, unless it exists; this blocks
---@return twilio.numbers.Journal? journal
---@return string? message
---@return twilio.numbers.Error? err
function journals.open(spec, given)
  local values, wrong = options.read(options.JOURNAL, given)
  if #wrong > 0 then
    return errors.invalid(wrong)
  elseif values.create and type(spec) ~= "table" then
    local made, message, err = try(spec, { create = true })
    if not made then
      return nil, message, err
    end
  end
  return open(spec)
end

--- The journal that a client's options name; false if they name none.
---@return twilio.numbers.Journal|false|nil journal
---@return string? message
---@return twilio.numbers.Error? err
function journals.of(values)
  local spec = values.journal
  if not spec then
    return false
  elseif store.is_open(spec) then
    return spec
  end
  return open(spec)
end

return journals
