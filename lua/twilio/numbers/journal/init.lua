--- Opens the journal of a client.
local core = require("twilio.numbers.core")
local errors = require("twilio.numbers.errors")
local store = require("twilio.numbers.journal.store")

local journals = {}

---@return twilio.numbers.Journal? journal
---@return string? message
---@return twilio.numbers.Error? err
function journals.open(spec, options)
  local journal, message, kind = store.open(spec, options)
  if journal then
    return journal
  elseif kind == "invalid" then
    return errors.invalid { { name = "journal", message = message } }
  end
  return errors.fail { kind = "journal", reason = message }
end

--- Reads from a journal, as the first call would.
local function try(spec, options, seconds)
  local journal, message, err = journals.open(spec, options)
  if not journal then
    return nil, message, err
  end
  local call = { loop = false, cancelled = false, ends = core.now() + seconds }
  local found, why = journal:read(call, { "order/" })
  journal:close(0)
  if found then
    return true
  end
  return errors.fail { kind = "journal", reason = why }
end

--- Creates a journal unless it exists, and reads from it. Blocks.
---@param spec string|table see journal/spec.lua
---@param seconds number the time limit of each of the two steps
---@return "made"|"there"|nil result
---@return string? message
---@return twilio.numbers.Error? err
function journals.make(spec, seconds)
  if try(spec, nil, seconds) then
    return "there"
  end
  local made, message, err = try(spec, { create = true }, seconds)
  if not made then
    return nil, message, err
  end
  return "made"
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
  return journals.open(spec)
end

return journals
