-- LuaSocket and LuaSec at their fastest by documented functions: socket.http.request with a `create` of its
-- own (LuaSocket's manual) that wraps each connection with one context (ssl.newcontext, LuaSec's manual),
-- so that the certificates are read once. LuaSocket still connects anew for each request.
local http = require("socket.http")
local ltn12 = require("ltn12")
local order = require("order")
local socket = require("socket")
local ssl = require("ssl")

local arguments = order.arguments()
local context = assert(ssl.newcontext {
  mode = "client",
  protocol = "any",
  options = { "all", "no_sslv2", "no_sslv3" },
  cafile = arguments.ca_file,
  verify = "peer",
})

-- A socket for LuaSocket's http: connects, shakes hands, and passes everything else on.
local function create()
  local plain = assert(socket.tcp())
  local secure
  return setmetatable({
    settimeout = function(_, ...)
      return (secure or plain):settimeout(...)
    end,
    connect = function(_, host, port)
      assert(plain:connect(host, port))
      secure = assert(ssl.wrap(plain, context))
      assert(secure:dohandshake())
      return 1
    end,
  }, {
    __index = function(_, name)
      return function(_, ...)
        return secure[name](secure, ...)
      end
    end,
  })
end

local function buy(count)
  for _ = 1, count do
    local form, chunks = order.form(), {}
    local _, status = assert(http.request {
      url = arguments.url .. order.path,
      method = "POST",
      headers = {
        ["Authorization"] = order.authorization,
        ["Content-Type"] = "application/x-www-form-urlencoded",
        ["Content-Length"] = #form,
      },
      source = ltn12.source.string(form),
      sink = ltn12.sink.table(chunks),
      create = create,
    })
    assert(order.number(status, table.concat(chunks)))
    order.answered()
  end
end

order.measure(buy, arguments)
