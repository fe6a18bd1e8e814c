-- lua-http 0.4 with kept connections: http.client.connect and a stream for each purchase, as its manual has
-- it for more than one request (http.request connects anew for each). Many in flight are as many
-- coroutines of cqueues: over HTTP/1.1 with a connection each, over HTTP/2 with one connection for all.
local client = require("http.client")
local cqueues = require("cqueues")
local new_headers = require("http.headers").new
local openssl_store = require("openssl.x509.store")
local order = require("order")
local tls = require("http.tls")

local arguments = order.arguments()
local host, port = arguments.url:match("^https://([%d.]+):(%d+)$")
local store = openssl_store.new()
store:add(arguments.ca_file)
local context = tls.new_client_context()
context:setStore(store)

local function connect()
  return assert(client.connect {
    host = host,
    port = tonumber(port),
    tls = true,
    ctx = context,
    version = arguments.http,
  })
end

local function purchase(connection)
  local form, headers = order.form(), new_headers()
  headers:append(":method", "POST")
  headers:append(":scheme", "https")
  headers:append(":authority", host .. ":" .. port)
  headers:append(":path", order.path)
  headers:append("authorization", order.authorization, true)
  headers:append("content-type", "application/x-www-form-urlencoded")
  headers:append("content-length", ("%d"):format(#form))
  local stream = assert(connection:new_stream())
  assert(stream:write_headers(headers, false))
  assert(stream:write_body_from_string(form))
  local answer = assert(stream:get_headers())
  assert(order.number(answer:get(":status"), assert(stream:get_body_as_string())))
  stream:shutdown()
  order.answered()
end

local kept = {}

local function buy(count)
  local left, loop = count, cqueues.new()
  for i = 1, arguments.in_flight do
    loop:wrap(function()
      local slot = arguments.http == 2 and 1 or i
      while left > 0 do
        left = left - 1
        kept[slot] = kept[slot] or connect()
        purchase(kept[slot])
      end
    end)
  end
  assert(loop:loop())
end

if arguments.http == 2 then -- before many want it at once
  local loop = cqueues.new()
  loop:wrap(function()
    kept[1] = connect()
  end)
  assert(loop:loop())
end
order.measure(buy, arguments)
