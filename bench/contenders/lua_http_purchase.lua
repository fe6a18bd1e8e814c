-- How lua-http buys, by its manual's way for several requests: a kept connection (http.client.connect)
-- and a stream for each purchase. Certificates are read once. To be called in a coroutine of cqueues.
local client = require("http.client")
local new_headers = require("http.headers").new
local openssl_store = require("openssl.x509.store")
local order = require("order")
local tls = require("http.tls")

local lua_http = {}

---@param server { url: string, ca_file: string }
---@return fun(): table connect
---@return fun(connection: table) purchase
function lua_http.of(server)
  local host, port = server.url:match("^https://([%d.]+):(%d+)$")
  local store = openssl_store.new()
  store:add(server.ca_file)
  local context = tls.new_client_context()
  context:setStore(store)

  local function connect()
    return assert(client.connect {
      host = host,
      port = tonumber(port),
      tls = true,
      ctx = context,
      version = 1.1,
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

  return connect, purchase
end

return lua_http
