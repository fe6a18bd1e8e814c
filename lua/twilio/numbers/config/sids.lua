--- The form of a SID, in words, and how one is compared. The check is in csrc/pure/sid.c.
local sids = {}

---@param prefix string|nil the two letters it begins with
---@param opaque_sids boolean|nil the client's option
function sids.words(prefix, opaque_sids)
  return opaque_sids and "1 to 64 letters, digits and hyphens" or prefix .. " and 32 hex digits"
end

--- Whether a response names this SID. Its hexadecimal digits may be in either case.
---@param said any of the response
---@param sid string
function sids.are_same(said, sid)
  return type(said) == "string" and said:lower() == sid:lower()
end

return sids
