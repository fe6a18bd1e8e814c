--- What a SID must be, in words. What it is, is in csrc/pure/sid.c.
local sids = {}

---@param prefix string|nil its two letters
---@param opaque_sids boolean|nil the client's option
function sids.words(prefix, opaque_sids)
  return opaque_sids and "1 to 64 letters, digits and hyphens" or prefix .. " and 32 hex digits"
end

return sids
