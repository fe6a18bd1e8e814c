-- The library in a real nginx with one worker, with libcurl and the default loop: waiting for Twilio must not
-- block other requests.
local cjson = require("cjson")
local nginx = require("spec.support.nginx")
local simulator = require("spec.support.simulator")

-- A module for nginx's Lua: one client per worker, and its events.
local HOST = [[
  package.preload["host"] = function()
    local host = { events = {}, later = "" }
    host.client = assert(require("twilio.numbers").client {
      account_sid = %q, auth_token = %q, base_url = %q, ca_file = %q,
      on_event = function(event)
        host.events[#host.events + 1] = { method = event.method, status = event.status }
      end,
    })
    function host.json(number, message, err)
      return require("cjson").encode { number = number, message = message, err = err }
    end
    function host.buy()
      return host.json(host.client:purchase { area_code = "415" })
    end
    function host.buy_where_nothing_yields()
      local number, message, err
      string.gsub("x", "x", function()
        number, message, err = host.client:purchase { area_code = "415" }
      end)
      return host.json(number, message, err)
    end
    function host.buy_for_later()
      host.later = host.buy()
    end
    function host.buy_async()
      host.client:purchase_async({ area_code = "415" }, function(...)
        host.phase = ngx.get_phase()
        host.later = host.json(...)
      end)
    end
    return host
  end
]]

local LOCATIONS = [[
  location = /content { content_by_lua_block { ngx.print(require("host").buy()) } }
  location = /rewrite {
    rewrite_by_lua_block { ngx.ctx.got = require("host").buy() }
    content_by_lua_block { ngx.print(ngx.ctx.got) }
  }
  server_rewrite_by_lua_block {
    if ngx.var.uri == "/server_rewrite" then ngx.ctx.got = require("host").buy() end
  }
  location = /server_rewrite { content_by_lua_block { ngx.print(ngx.ctx.got) } }
  location = /access {
    access_by_lua_block { ngx.ctx.got = require("host").buy() }
    content_by_lua_block { ngx.print(ngx.ctx.got) }
  }
  location = /timer {
    content_by_lua_block { ngx.timer.at(0, require("host").buy_for_later) }
  }
  location = /header_filter {
    content_by_lua_block { ngx.print("sent") }
    header_filter_by_lua_block { require("host").buy_for_later() }
  }
  location = /log {
    content_by_lua_block { ngx.print("sent") }
    log_by_lua_block { require("host").buy_for_later() }
  }
  location = /async {
    content_by_lua_block { require("host").buy_async() ngx.print("started") }
  }
  location = /abandoned {
    lua_check_client_abort on;
    content_by_lua_block { ngx.print(require("host").buy()) }
  }
  location = /unyielding { content_by_lua_block { ngx.print(require("host").buy_where_nothing_yields()) } }
  location = /later { content_by_lua_block { ngx.print(require("host").later) } }
  location = /phase { content_by_lua_block { ngx.print(require("host").phase) } }
  location = /events { content_by_lua_block {
    local host = require("host")
    ngx.print("[")
    for i, event in ipairs(host.events) do
      ngx.print(i > 1 and "," or "", require("cjson").encode(event))
    end
    ngx.print("]")
  } }
  location = /forget { content_by_lua_block {
    local host = require("host")
    host.events, host.later = {}, ""
  } }
]]

local function start(twilio, before_fork)
  local module = HOST:format(twilio.account_sid, twilio.auth_token, twilio.base_url, twilio.ca_file)
  return nginx.start {
    http = ("init_by_lua_block { %s\n%s }"):format(module, before_fork or ""),
    server = LOCATIONS,
  }
end

local function number_of(answer, host)
  assert.equal(200, answer.status, host:log())
  local got = cjson.decode(answer.body)
  assert.is_nil(got.message)
  return got.number
end

-- Starts the given number of purchases at once, and returns when Twilio has read them all.
local function begin(host, twilio, path, count)
  local requests = {}
  for i = 1, count do
    requests[i] = host:begin(path)
  end
  nginx.await(function()
    return twilio:state().posts == count
  end)
  return requests
end

describe("in nginx", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local host

  setup(function()
    host = start(twilio)
  end)
  before_each(function()
    host:get("/forget")
  end)
  teardown(function()
    host:stop()
  end)

  -- Waits for the work after the response, and returns it.
  local function later()
    return cjson.decode(nginx.await(function()
      local body = host:get("/later").body
      return body ~= "" and body
    end))
  end

  for _, phase in ipairs { "content", "access", "rewrite", "server_rewrite" } do
    it("buys a number in the phase " .. phase, function()
      local number = number_of(host:get("/" .. phase), host)
      assert.equal(twilio:state().owned[1].sid, number.sid)
    end)
  end

  it("fails without sending in a callback of string.gsub, which cannot yield", function()
    number_of(host:get("/content"), host) -- warm: the next could be bought at once
    local got = cjson.decode(host:get("/unyielding").body)
    assert.same({ "invalid", "no" }, { got.err.kind, got.err.purchased })
    assert.matches("this code cannot yield", got.message)
    assert.equal(1, twilio:state().posts)
  end)

  it("buys a number in a timer", function()
    assert.equal(200, host:get("/timer").status)
    assert.equal(later().number.sid, twilio:state().owned[1].sid)
  end)

  for _, phase in ipairs { "log", "header_filter" } do
    it("fails without sending in the phase " .. phase .. ", which cannot wait", function()
      assert.equal(200, host:get("/" .. phase).status)
      local got = later()
      assert.is_nil(got.number)
      assert.same({ "invalid", "no", 0 }, { got.err.kind, got.err.purchased, got.err.attempts })
      assert.equal(got.message, got.err.message)
      assert.equal(0, twilio:state().requests)
    end)
  end

  it("serves other requests while a purchase is in flight", function()
    twilio:limits { latency = 0.3 }
    local request = begin(host, twilio, "/content", 1)[1]
    assert.equal("pong", host:get("/ping").body)
    assert.is_false(request:is_answered())
    number_of(request:receive(), host)
  end)

  it("serves other requests while a purchase waits for its next attempt", function()
    twilio:fault { fault = "rate_limit", method = "POST", retry_after = 1 }
    local request = begin(host, twilio, "/content", 1)[1]
    assert.equal("pong", host:get("/ping").body)
    assert.is_false(request:is_answered())
    number_of(request:receive(), host)
    assert.equal(2, twilio:state().posts)
  end)

  it("buys a separate number for each of 50 concurrent requests", function()
    local seen = {}
    for _, answer in ipairs(host:get_all("/content", 50)) do
      local number = number_of(answer, host)
      assert.is_nil(seen[number.phone_number])
      seen[number.phone_number] = true
    end
    assert.equal(50, #twilio:state().owned)
  end)

  it("keeps its books when requests are abandoned", function()
    twilio:limits { latency = 0.3 }
    for _, request in ipairs(begin(host, twilio, "/abandoned", 5)) do
      request:close()
    end
    nginx.await(function()
      return #cjson.decode(host:get("/events").body) == 5
    end)
    twilio:limits {}
    for _ = 1, 3 do
      number_of(host:get("/abandoned"), host)
    end
    local bought = 0
    for _, event in ipairs(cjson.decode(host:get("/events").body)) do
      bought = bought + (event.method == "POST" and event.status == 201 and 1 or 0)
    end
    local state = twilio:state()
    assert.same({ 8, 8, 8 }, { bought, state.purchases, state.posts })
  end)

  it("calls back in a timer after the request that started the purchase", function()
    twilio:limits { latency = 0.3 }
    local answer = host:get("/async")
    assert.equal("started", answer.body, host:log())
    assert.equal(later().number.sid, twilio:state().owned[1].sid)
    assert.equal("timer", host:get("/phase").body)
  end)

  it("has raised no error", function()
    assert.is_nil(host:log():match("%[error%][^\n]*lua[^\n]*"))
    assert.is_nil(host:log():match("%[alert%][^\n]*"))
  end)
end)

describe("nginx", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local host

  after_each(function()
    local log = host:stop()
    assert.is_nil(log:match("%[alert%][^\n]*"))
    assert.is_nil(log:match("exited on signal[^\n]*"))
  end)

  local function assert_all_bought(requests)
    for _, one in ipairs(requests) do
      number_of(one:receive(), host)
    end
  end

  it("may load the library and create the client before its workers fork", function()
    host = start(twilio, 'require("host")')
    number_of(host:get("/content"), host)
    local old = host:reload()
    number_of(host:get("/content"), host)
    nginx.await(function()
      return not nginx.is_running(old)
    end)
    assert.equal(2, twilio:state().purchases)
  end)

  it("may reload its configuration with purchases in flight", function()
    host = start(twilio)
    twilio:limits { latency = 0.5 }
    local requests = begin(host, twilio, "/content", 5)
    local old = host:reload()
    assert_all_bought(requests)
    twilio:limits {}
    number_of(host:get("/content"), host)
    nginx.await(function()
      return not nginx.is_running(old)
    end)
    assert.equal(6, twilio:state().purchases)
  end)

  it("lets purchases finish before it quits", function()
    host = start(twilio)
    twilio:limits { latency = 0.5 }
    local requests = begin(host, twilio, "/content", 5)
    host:signal("QUIT")
    assert_all_bought(requests)
    nginx.await(function()
      return not host:is_running()
    end)
    host:wait()
    assert.equal(5, twilio:state().purchases)
  end)

  it("ends at once on a fast shutdown, and leaves no process behind", function()
    host = start(twilio)
    twilio:limits { latency = 30 }
    host:begin("/content")
    nginx.await(function()
      return twilio:state().posts == 1
    end)
    host:stop()
    twilio:limits {}
  end)
end)
