local core = require("twilio.numbers.core")

local KEY_MAX = 255 -- bytes

--- Checks an idempotency key. Returns what is wrong, without the key, or nil.
---@param key any
---@return string? message
return function(key)
  if type(key) ~= "string" then
    return "must be a string, got " .. (key == nil and "nil" or "a " .. type(key))
  elseif #key == 0 or #key > KEY_MAX then
    return ("must have from 1 to %d bytes, got %d"):format(KEY_MAX, #key)
  elseif not core.is_utf8(key) then
    return "must be valid UTF-8"
  elseif key:find("\0", 1, true) or key:find("[\1-\31\127]") or key:find("\194[\128-\159]") then
    return "must not contain control characters"
  end
end
