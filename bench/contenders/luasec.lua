-- LuaSocket and LuaSec, one purchase at a time, by documented functions: ssl.https.request with a table,
-- which reads the certificates for each request; or, with ONE_CONTEXT in the environment, socket.http.request
-- with a `create` (LuaSocket's manual) that wraps each connection with one context (LuaSec's manual). Both
-- open a new connection for each request.
local http = require("socket.http")
local https = require("ssl.https")
local ltn12 = require("ltn12")
local order = require("order")
local socket = require("socket")
local ssl = require("ssl")

local arguments = order.arguments()
local context

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

if os.getenv("ONE_CONTEXT") then
  context = assert(ssl.newcontext {
    mode = "client",
    protocol = "any",
    options = { "all", "no_sslv2", "no_sslv3" },
    cafile = arguments.ca_file,
    verify = "peer",
  })
end

local function buy(count)
  for _ = 1, count do
    local form, chunks = order.form(), {}
    local request = {
      url = arguments.url .. order.path,
      method = "POST",
      headers = {
        ["Authorization"] = order.authorization,
        ["Content-Type"] = "application/x-www-form-urlencoded",
        ["Content-Length"] = #form,
      },
      source = ltn12.source.string(form),
      sink = ltn12.sink.table(chunks),
    }
    if context then
      request.create = create
    else
      request.cafile, request.verify = arguments.ca_file, "peer"
    end
    local _, status = assert((context and http or https).request(request))
    assert(order.number(status, table.concat(chunks)))
    order.answered()
  end
end

order.measure(buy, arguments)
