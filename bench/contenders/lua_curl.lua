-- Debian's lua-curl 0.3.0, one purchase at a time: one easy handle, so its connection is kept.
-- It has no curl_multi, so it cannot have requests in flight.
local curl = require("curl")
local order = require("order")

local arguments = order.arguments()
local chunks
local easy = curl.easy_init()
easy:setopt(curl.OPT_URL, arguments.url .. order.path)
easy:setopt(curl.OPT_CAINFO, arguments.ca_file)
easy:setopt(curl.OPT_NOSIGNAL, 1)
easy:setopt(curl.OPT_HTTPHEADER, { "Authorization: " .. order.authorization, "Expect:" })
easy:setopt(curl.OPT_HEADERFUNCTION, function(line)
  chunks.status = line:match("^HTTP/%S+ (%d+)") or chunks.status
  return #line
end)
easy:setopt(curl.OPT_WRITEFUNCTION, function(chunk)
  chunks[#chunks + 1] = chunk
  return #chunk
end)

local function buy(count)
  for _ = 1, count do
    chunks = {}
    easy:setopt(curl.OPT_POSTFIELDS, order.form())
    assert(easy:perform())
    assert(order.number(chunks.status, table.concat(chunks)))
    order.answered()
  end
end

order.measure(buy, arguments)
