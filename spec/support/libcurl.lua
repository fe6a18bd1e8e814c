--- The version of libcurl at run time, for specs that depend on it.
local curl = require("twilio.numbers.curl")

local libcurl = {}

local function parts(version)
  local major, minor, patch = version:match("(%d+)%.(%d+)%.(%d+)")
  return { tonumber(major), tonumber(minor), tonumber(patch) }
end

---@param version string such as "8.1.0"
function libcurl.is_before(version)
  local here, there = parts(curl.version()), parts(version)
  for i = 1, #there do
    if here[i] ~= there[i] then
      return here[i] < there[i]
    end
  end
  return false
end

return libcurl
