-- Dates in Twilio's formats: RFC 2822 under /2010-04-01, ISO 8601 in its other products. Pure.

local dates = {}

-- Formats once a second: os.date is a large part of the cost of a purchase.
local function once_a_second(format)
  local time_of, text
  return function()
    local time = os.time()
    if time ~= time_of then
      time_of, text = time, os.date(format, time)
    end
    return text
  end
end

---Now, such as "Tue, 18 Aug 2015 17:07:30 +0000".
---@type fun(): string
dates.rfc2822 = once_a_second("!%a, %d %b %Y %H:%M:%S +0000")

---Now, such as "2015-08-18T17:07:30Z".
---@type fun(): string
dates.iso8601 = once_a_second("!%Y-%m-%dT%H:%M:%SZ")

return dates
