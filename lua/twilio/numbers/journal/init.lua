--- Opens the journal of a client.
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

--- The journal that a client's options ask for; false if they ask for none.
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
