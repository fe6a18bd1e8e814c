-- transport = "resty" in a real nginx, against the simulator over TLS: a purchase ends as with libcurl under
-- every fault. lua-resty-http is spec/support/resty/http.lua here, and also the one in LUA_RESTY_HTTP: its
-- folder and, separated by colons, those of its dependencies that this nginx lacks, such as lua-resty-string.
local cjson = require("cjson")
local clients = require("spec.support.clients")
local faults = require("spec.support.faults")
local left_out = require("spec.support.left_out")
local nginx = require("spec.support.nginx")
local simulator = require("spec.support.simulator")

local PHONE = "+14155550142"

-- A module for nginx's Lua: buys by the query's parameters, and responds with JSON.
local HOST = [[
  package.preload["host"] = function()
    local host = { events = {} }
    function host.client(options)
      options.account_sid, options.auth_token = %q, %q
      options.transport = "resty"
      options.on_event = function(event)
        host.events[#host.events + 1] = event.status or event.error
      end
      return assert(require("twilio.numbers").client(options))
    end
    function host.buy(base_url)
      local given = ngx.req.get_uri_args()
      local client = host.client { base_url = base_url, timeout = tonumber(given.timeout) }
      local params = { area_code = given.area_code }
      params.phone_number = given.phone_number and "+" .. given.phone_number
      local number, message, err = client:purchase(params)
      ngx.print(require("cjson").encode { number = number, message = message, err = err })
    end
    function host.begin(base_url)
      local client = host.client { base_url = base_url }
      for _ = 1, 30 do
        client:purchase_async({ area_code = "415" }, function(number)
          host.bought = (host.bought or 0) + (number and 1 or 0)
        end)
      end
    end
    return host
  end
]]

local function http_of(twilio, more)
  return table.concat({
    ("lua_ssl_trusted_certificate %s;"):format(twilio.ca_file),
    "lua_ssl_verify_depth 3;",
    "lua_socket_log_errors off;",
    ("init_by_lua_block { %s }"):format(HOST:format(twilio.account_sid, twilio.auth_token)),
    more or "",
  }, "\n")
end

local function location(path, code)
  return ("location = %s { content_by_lua_block { %s } }"):format(path, code)
end

local function buying(path, base_url)
  return location(path, ("require('host').buy(%q)"):format(base_url))
end

-- Connects as the transport does, but to a name that the certificate does not have.
local WRONG_NAME = [[
  local connection = require("resty.http").new()
  local to = { scheme = "https", host = "127.0.0.1", port = %s, ssl_verify = true }
  to.ssl_server_name = "api.twilio.com"
  local called, connected, message = pcall(connection.connect, connection, to)
  ngx.print(called and message or connected)
]]

-- As in spec/safety/matrix.lua. `resty` is what differs: lua-resty-http does not report a status line whose
-- headers break off, and has no limit for headers.
local FAULTS = {
  { fault = "close_before_read" },
  { fault = "reset_before_read" },
  { fault = "close_after_read" },
  { fault = "reset_after_read" },
  { fault = "close_after_commit" },
  { fault = "reset_after_commit" },
  { fault = "close_in_headers", resty = { area = { "network unknown", 1, 1 } } },
  { fault = "close_in_headers", status_line = false },
  { fault = "close_in_body" },
  { fault = "drip", seconds = 0 },
  { fault = "goaway" },
  { fault = "status", status = 500 },
  { fault = "status", status = 503 },
  { fault = "status", status = 503, commit = true },
  { fault = "status", status = 408 },
  { fault = "status", status = 409 },
  { fault = "status", status = 400 },
  { fault = "status", status = 403 },
  { fault = "status", status = 401 },
  { fault = "status", status = 204, commit = true },
  { fault = "rate_limit", retry_after = 1 },
  { fault = "redirect" },
  { fault = "html" },
  { fault = "html", commit = false },
  { fault = "invalid_json" },
  { fault = "nested_json" },
  { fault = "huge_json" },
  { fault = "gzip_bomb" },
  { fault = "many_headers", resty = { area = { "number", 1, 1 } } },
  { fault = "empty" },
}

local DIFFERS = {} -- of each fault
for _, fault in ipairs(FAULTS) do
  DIFFERS[fault] = fault.resty or {}
  fault.resty, fault.method = nil, "POST"
end

-- The lua-resty-http to use: a name, and where nginx finds it first.
local SOURCES = { { "a double of lua-resty-http" } }
local folders = os.getenv("LUA_RESTY_HTTP") or ""
if
  not left_out.without(
    folders ~= "",
    "spec/hosts/resty_spec.lua with the real one",
    "LUA_RESTY_HTTP=folder of lua-resty-http"
  )
then
  SOURCES[2] = { "lua-resty-http", folders:gsub("([^:]+):?", "%1/lib/?.lua;"):gsub(";$", "") }
end

-- The functions that the library calls, and that resty_contract_spec.lua stands in for.
local LACKING = [[
  local connection, lacking = require("resty.http").new(), {}
  for name in ("set_timeouts connect request close set_keepalive"):gmatch("%S+") do
    lacking[#lacking + 1] = type(connection[name]) ~= "function" and name or nil
  end
  ngx.print("lacks: ", table.concat(lacking, " "))
]]

local function behaves(source, first)
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local other, host

  setup(function()
    other = simulator.start() -- whose certificate is not trusted
    host = nginx.start {
      first = first,
      http = http_of(twilio),
      server = table.concat({
        buying("/buy", twilio.base_url),
        buying("/buy_plain", twilio.http_url),
        buying("/buy_untrusted", other.base_url),
        buying("/buy_nowhere", "https://127.0.0.1:1"),
        buying("/buy_unknown_name", "https://twilio.invalid"),
        location("/wrong_name", WRONG_NAME:format(twilio.base_url:match("%d+$"))),
        location("/lacking", LACKING),
        location("/source", "ngx.print(package.searchpath('resty.http', package.path))"),
        location("/begin", ("require('host').begin(%q)"):format(twilio.base_url)),
        location("/bought", "ngx.print(require('host').bought)"),
        location("/libcurl", 'ngx.print(tostring(package.loaded["twilio.numbers.curl"]))'),
      }, "\n"),
    }
  end)

  teardown(function()
    host:stop()
    other:stop()
  end)

  -- The response of a location that buys.
  local function buy(path)
    local answer = host:get(path)
    assert.equal(200, answer.status, host:log())
    return cjson.decode(answer.body)
  end

  local function result(number, err)
    local state = twilio:state()
    if number then
      assert.equal(state.owned[1].sid, number.sid)
    end
    return { number and "number" or err.kind .. " " .. err.purchased, state.posts, #state.owned }
  end

  local function by_libcurl(params)
    local client = clients.of(twilio)
    local number, _, err = client:purchase(params)
    client:close()
    return result(number, err)
  end

  local function by_resty(params)
    local phone = params.phone_number and "phone_number=" .. params.phone_number:sub(2)
    local got = buy("/buy?" .. (phone or "area_code=" .. params.area_code))
    return result(got.number, got.err)
  end

  it("sends by " .. source .. ", which has the functions that it calls", function()
    local path = host:get("/source").body
    assert.equal(not first, path:find("spec/support/resty/http.lua", 1, true) ~= nil, path)
    assert.equal("lacks: ", host:get("/lacking").body)
  end)

  it("buys the same number as libcurl, with the same fields", function()
    local client = clients.of(twilio)
    local expected = assert(client:purchase { phone_number = PHONE })
    client:close()
    local got = buy("/buy?phone_number=" .. PHONE:sub(2)).number
    expected.date_updated, got.date_updated = nil, nil
    assert.same(expected, got)
    assert.equal(1, twilio:state().purchases) -- the second time it was owned already
    assert.is_nil(buy("/buy?area_code=415").err)
  end)

  it("sends what libcurl sends, but for the User-Agent", function()
    local client = clients.of(twilio)
    assert(client:purchase { area_code = "415" })
    client:close()
    buy("/buy?area_code=415")
    local requests = twilio:requests()
    local curl, resty = requests[1], requests[2]
    for _, name in ipairs { "method", "path", "query", "body" } do
      assert.equal(curl[name], resty[name])
    end
    for _, name in ipairs { "authorization", "accept", "content-type", "content-length", "host" } do
      assert.equal(curl.headers[name] or curl.headers[":authority"], resty.headers[name], name)
    end
    assert.matches("^twilio%-numbers/.*LuaJIT", resty.headers["user-agent"])
  end)

  it("buys over plain HTTP, on loopback", function()
    assert.is_nil(buy("/buy_plain?area_code=415").err)
    assert.equal(1, #twilio:state().owned)
  end)

  for _, fault in ipairs(FAULTS) do
    local differs = DIFFERS[fault]
    for name, params in pairs { phone = { phone_number = PHONE }, area = { area_code = "415" } } do
      it(("ends as by libcurl, by %s: %s"):format(name, faults.describe(fault)), function()
        twilio:fault(fault)
        local expected = by_libcurl(params)
        twilio:clear()
        twilio:reset()
        twilio:fault(fault)
        assert.same(differs[name] or expected, by_resty(params))
      end)
    end
  end

  it("times out, and reports that the outcome is unknown", function()
    twilio:fault { fault = "hang", times = 9, seconds = 20 }
    local got = buy("/buy?area_code=415&timeout=0.2")
    assert.same({ "timeout", "unknown", 1 }, { got.err.kind, got.err.purchased, got.err.attempts })
  end)

  it("times out when the response drips", function()
    twilio:fault { fault = "drip", seconds = 0.1, pieces = 50 }
    local got = buy("/buy?area_code=415&timeout=1.5")
    assert.equal("timeout", got.err.kind)
    assert.not_equal("no", got.err.purchased)
    assert.equal(1, twilio:state().posts)
  end)

  it("reuses a connection", function()
    for _ = 1, 5 do
      assert.is_nil(buy("/buy?area_code=415").err)
    end
    local state = twilio:state()
    assert.equal(5, state.purchases)
    assert.is_true(state.connections <= 1)
  end)

  it("buys once when the server has retired the kept connection", function()
    for i = 1, 5 do
      local got = buy("/buy?area_code=415")
      assert.is_nil(got.err)
      assert.equal(i, twilio:state().purchases)
      twilio:retire()
    end
    assert.equal(5, twilio:state().posts)
  end)

  it("buys for 50 concurrent requests", function()
    local seen = {}
    for _, answer in ipairs(host:get_all("/buy?area_code=415", 50)) do
      local number = cjson.decode(answer.body).number
      assert.is_nil(seen[number.phone_number])
      seen[number.phone_number] = true
    end
    assert.equal(50, #twilio:state().owned)
  end)

  it("calls back for a purchase_async whose request is over", function()
    assert.equal(200, host:get("/begin").status)
    host:await("/bought", "30")
    assert.equal(30, #twilio:state().owned)
  end)

  it("serves other requests while a purchase is in flight", function()
    twilio:limits { latency = 0.3 }
    local request = host:begin("/buy?area_code=415")
    nginx.await(function()
      return twilio:state().posts == 1
    end)
    assert.equal("pong", host:get("/ping").body)
    assert.is_false(request:is_answered())
    assert.is_nil(cjson.decode(request:receive().body).err)
  end)

  it("sends nothing to a server whose certificate it does not trust", function()
    local got = buy("/buy_untrusted?area_code=415")
    assert.same({ "tls", "no" }, { got.err.kind, got.err.purchased }, got.message)
    assert.matches("certificate", got.message, 1, true)
    assert.equal(0, other:state().requests)
  end)

  it("has nginx compare the certificate with the server's name", function()
    local message = host:get("/wrong_name").body
    if not message:find("assertion failed!", 1, true) then -- lua-resty-core, issue 499
      assert.equal("certificate host mismatch", message)
    end
  end)

  it("fails to connect to a closed port or an unknown host", function()
    for _, path in ipairs { "/buy_nowhere", "/buy_unknown_name" } do
      local got = buy(path .. "?area_code=415")
      assert.same({ "connect", "no" }, { got.err.kind, got.err.purchased })
    end
  end)

  it("does not load libcurl", function()
    assert.equal("nil", host:get("/libcurl").body)
  end)

  it("has raised no error in nginx", function()
    assert.is_nil(host:log():match("%[error%][^\n]*lua[^\n]*"))
  end)
end

for _, source in ipairs(SOURCES) do
  describe('transport = "resty" in nginx, by ' .. source[1], function()
    behaves(source[1], source[2])
  end)
end
