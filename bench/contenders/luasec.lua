-- LuaSocket and LuaSec as their manuals show it: ssl.https.request with a table. One purchase at a time.
-- It sends "Connection: close" and connects anew for each request, reading the certificates again: the
-- documented functions can keep neither. luasec_context.lua keeps what can be kept.
local https = require("ssl.https")
local ltn12 = require("ltn12")
local order = require("order")

local arguments = order.arguments()

local function buy(count)
  for _ = 1, count do
    local form, chunks = order.form(), {}
    local _, status = assert(https.request {
      url = arguments.url .. order.path,
      method = "POST",
      headers = {
        ["Authorization"] = order.authorization,
        ["Content-Type"] = "application/x-www-form-urlencoded",
        ["Content-Length"] = #form,
      },
      source = ltn12.source.string(form),
      sink = ltn12.sink.table(chunks),
      cafile = arguments.ca_file,
      verify = "peer",
    })
    assert(order.number(status, table.concat(chunks)))
    order.answered()
  end
end

order.measure(buy, arguments)
