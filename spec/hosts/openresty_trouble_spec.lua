-- Situations in which nginx does not run, or ends, the timers that the library needs: no caller may wait for
-- ever.
local nginx = require("spec.support.nginx")
local openresty = require("spec.support.openresty")
local simulator = require("spec.support.simulator")

-- /hold takes the one timer that may run, until /release.
local HOLD = [[
  location = /hold { content_by_lua_block {
    local host = require("host")
    host.released = require("ngx.semaphore").new()
    ngx.timer.at(0, function()
      host.is_held = true
      host.released:wait(60)
      host.is_held = false
    end)
  } }
  location = /is_held { content_by_lua_block { ngx.print(tostring(require("host").is_held)) } }
  location = /release { content_by_lua_block { require("host").released:post() } }
]]

-- Purchases of a client whose first on_event does what the module "first" says.
local FIRST = [[
  location = /first { content_by_lua_block {
    local host = require("host")
    host.other = host.other or host.new { on_event = function()
      local first = host.first
      if first then
        host.first = nil
        first()
      end
    end }
    ngx.print(host.buy(host.other))
  } }
]]

describe("in an nginx", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local host

  after_each(function()
    assert.is_nil(host:stop():match("exited on signal[^\n]*"))
  end)

  local function assert_bought(requests)
    for _, one in ipairs(requests) do
      nginx.await(function()
        return one:is_answered()
      end)
      assert.matches("^PN", one:receive().body)
    end
  end

  local function begin(path, count)
    local requests = {}
    for i = 1, count do
      requests[i] = host:begin(path)
    end
    return requests
  end

  describe("whose timers are all in use", function()
    before_each(function()
      host = openresty.start(twilio, { http = "lua_max_running_timers 1;", server = HOLD })
      host:get("/hold")
      host:await("/is_held", "true")
    end)

    it("a purchase works without a timer, and the next one uses one again", function()
      assert_bought(begin("/buy", 3))
      assert.equal("true", host:get("/is_held").body)
      host:get("/release")
      host:await("/is_held", "false")
      assert_bought(begin("/buy", 3))
    end)

    it("a purchase_async waits for a timer", function()
      host:get("/async?count=2")
      host:get("/release")
      host:await("/called", "2 0")
      host:get("/async")
      host:await("/called", "3 0")
    end)
  end)

  describe("that refuses timers", function()
    before_each(function()
      host = openresty.start(twilio, {
        http = "lua_max_pending_timers 1;",
        server = [[
          location = /hold { content_by_lua_block { assert(ngx.timer.at(3600, function() end)) } }
          location = /refused { content_by_lua_block {
            local _, message, err = require("host").client:purchase_async { area_code = "415" }
            ngx.print(err.kind, " ", err.purchased, ": ", message)
          } }
        ]],
      })
      assert.equal(200, host:get("/hold").status)
    end)

    it("a purchase works without a timer", function()
      assert_bought(begin("/buy", 3))
    end)

    it("a purchase_async fails with the reason, and sends nothing", function()
      assert.equal(
        "connect no: nothing was sent: nginx created no timer: too many pending timers.",
        host:get("/refused").body
      )
      assert.equal(0, twilio:state().requests)
    end)
  end)

  it("an ngx.exit in a callback affects no other callback", function()
    host = openresty.start(twilio, {
      server = [[
        location = /exit { content_by_lua_block {
          local host = require("host")
          host.buy_async(1, function()
            host.call_back(nil, "exits")
            ngx.exit(ngx.OK)
          end)
        } }
        location = /wait { content_by_lua_block {
          local host = require("host")
          host.buy_async(1, function(...)
            host.waits = require("ngx.semaphore").new()
            host.waits:wait(60)
            host.call_back(...)
          end)
        } }
        location = /waits { content_by_lua_block { ngx.print(tostring(require("host").waits)) } }
        location = /go_on { content_by_lua_block { require("host").waits:post() } }
      ]],
    })
    host:get("/wait")
    nginx.await(function()
      return host:get("/waits").body ~= "nil"
    end)
    twilio:limits { latency = 0.2 } -- so that they are under way together
    host:get("/async?count=3")
    host:get("/exit")
    host:get("/async?count=3")
    host:await("/called", "6 1")
    host:get("/go_on")
    host:await("/called", "7 1")
    twilio:limits {}
    host:get("/async")
    host:await("/called", "8 1")
  end)

  for name, first in pairs {
    ["ends its timer"] = "ngx.exit(ngx.OK)",
    ["never returns"] = "host.never:wait(60)",
  } do
    it("purchases are answered after an on_event that " .. name, function()
      host = openresty.start(twilio, {
        init = ([[
          local host = require("host")
          function host.first()
            host.never = require("ngx.semaphore").new()
            %s
          end
        ]]):format(first),
        server = FIRST,
      })
      twilio:limits { latency = 0.2 } -- so that one timer handles them all
      assert_bought(begin("/first", 5))
      assert_bought(begin("/first", 5))
      assert.equal(10, twilio:state().purchases)
      twilio:limits {}
    end)
  end

  it("an aborted request that buys many affects no other, and starts no more purchases", function()
    host = openresty.start(twilio, {
      server = [[
        location = /many { lua_check_client_abort on; content_by_lua_block {
          local host = require("host")
          host.narrow = host.narrow or host.new { max_in_flight = 2 }
          local from, list = tonumber(ngx.var.arg_from), {}
          for i = 1, 4 do
            list[i] = "+1415555" .. from + i
          end
          ngx.print(host.narrow:purchase_many(list).bought)
        } }
      ]],
    })
    twilio:limits { latency = 0.2 }
    for round = 1, 3 do
      local from, posts = 4000 + round * 100, twilio:state().posts
      local aborted = host:begin("/many?from=" .. from)
      nginx.await(function()
        return twilio:state().posts == posts + 2
      end)
      aborted:close()
      assert.equal("4", host:get("/many?from=" .. from + 50).body)
    end
    assert.equal(3 * 6, twilio:state().posts)
    assert.equal(3 * 6, twilio:state().purchases)
  end)
end)
