-- The life cycle of an nginx worker that buys: it ends in time and leaks nothing.
local nginx = require("spec.support.nginx")
local openresty = require("spec.support.openresty")
local simulator = require("spec.support.simulator")

describe("an nginx worker", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local host

  after_each(function()
    assert.is_nil(openresty.trouble(host:stop()))
  end)

  local function await_posts(count)
    nginx.await(function()
      return twilio:state().posts >= count
    end)
  end

  -- Each way to end it, by what it does to a host.
  local WAYS = {
    quits = function()
      host:signal("QUIT")
      nginx.await(function()
        return not host:is_running()
      end)
      host:wait()
    end,
    ["makes way for a new one"] = function()
      local old = host:reload()
      nginx.await(function()
        return not nginx.is_running(old)
      end)
    end,
  }

  for name, end_worker in pairs(WAYS) do
    it(name .. " after a purchase_async", function()
      host = openresty.start(twilio, {})
      host:get("/async")
      host:await("/called", "1 0")
      end_worker()
    end)

    it(name .. " once the purchases that wait for their next attempt are done", function()
      twilio:fault { fault = "rate_limit", method = "POST", retry_after = 1, times = 3 }
      host = openresty.start(twilio, {
        server = [[
          location = /noted { content_by_lua_block {
            require("host").buy_async(3, function(number)
              ngx.log(ngx.NOTICE, "called back with ", number.sid)
            end)
          } }
        ]],
      })
      host:get("/noted")
      await_posts(3)
      end_worker()
      assert.equal(3, twilio:state().purchases)
      assert.equal(3, select(2, host:log():gsub("called back with PN", "")))
    end)
  end

  it("keeps nothing of clients that live as long as a request (lua_code_cache off)", function()
    host = openresty.start(twilio, { http = "lua_code_cache off;" })
    local pid = host:get("/worker").body
    local descriptors, threads = nginx.resources(pid)
    for _ = 1, 5 do
      assert.matches("^PN", host:get("/buy").body)
      host:get("/async")
    end
    nginx.await(function()
      local descriptors_now, threads_now = nginx.resources(pid)
      return twilio:state().purchases == 10
        and descriptors_now <= descriptors
        and threads_now <= threads
    end)
  end)

  it("checks each of many purchases at most twice when they end", function()
    host = openresty.start(twilio, {
      init = [[
        local host, status = require("host"), coroutine.status
        host.looks = 0
        function coroutine.status(thread)
          host.looks = host.looks + 1
          return status(thread)
        end
      ]],
      server = [[ location = /looks { content_by_lua_block { ngx.print(require("host").looks) } } ]],
    })
    host:get("/async?count=300")
    host:await("/called", "300 0")
    assert.is_true(tonumber(host:get("/looks").body) <= 2 * 300)
  end)

  -- Starts the given number of requests at once, and returns when Twilio has read a purchase of each.
  local function begin(path, count)
    local posts, requests = twilio:state().posts, {}
    for i = 1, count do
      requests[i] = host:begin(path)
    end
    await_posts(posts + count)
    return requests
  end

  it("serves other requests while purchases are in flight", function()
    host = openresty.start(twilio, {})
    twilio:limits { latency = 0.3 }
    local requests, count = begin("/buy", 20), 0
    while not requests[1]:is_answered() do
      assert.equal("pong", host:get("/ping").body)
      count = count + 1
    end
    assert.is_true(count >= 10)
    for _, one in ipairs(requests) do
      assert.matches("^PN", one:receive().body)
    end
    twilio:limits {}
  end)

  it("keeps nothing of aborted requests", function()
    host = openresty.start(twilio, {
      server = [[
        location = /abandoned {
          lua_check_client_abort on;
          content_by_lua_block { ngx.print(require("host").buy()) }
        }
      ]],
    })
    twilio:limits { latency = 0.2 }
    local pid = host:get("/worker").body
    assert.matches("^PN", host:get("/abandoned").body)
    local descriptors, threads = nginx.resources(pid)
    for _ = 1, 3 do
      for _, one in ipairs(begin("/abandoned", 30)) do
        one:close()
      end
    end
    nginx.await(function()
      local descriptors_now, threads_now = nginx.resources(pid)
      return twilio:state().purchases == 91
        and descriptors_now <= descriptors
        and threads_now <= threads
    end)
    assert.matches("^PN", host:get("/abandoned").body)
    twilio:limits {}
  end)

  it("may have several clients", function()
    host = openresty.start(twilio, {
      server = [[
        location = /three { content_by_lua_block {
          local host = require("host")
          local threads, bought = {}, 0
          host.clients = host.clients or { host.new {}, host.new {}, host.new {} }
          for i = 1, 30 do
            threads[i] = ngx.thread.spawn(host.buy, host.clients[i % 3 + 1])
          end
          for _, thread in ipairs(threads) do
            local _, sid = ngx.thread.wait(thread)
            bought = bought + (sid:match("^PN") and 1 or 0)
          end
          ngx.print(bought)
        } }
        location = /close { content_by_lua_block {
          local host = require("host")
          for _, client in ipairs(host.clients) do
            client:close()
          end
          host.clients = nil
        } }
      ]],
    })
    local pid = host:get("/worker").body
    local descriptors, threads = nginx.resources(pid)
    for _ = 1, 2 do
      assert.equal("30", host:get("/three").body)
      assert.equal(200, host:get("/close").status)
    end
    nginx.await(function()
      local descriptors_now, threads_now = nginx.resources(pid)
      return descriptors_now <= descriptors and threads_now <= threads
    end)
    assert.equal(60, twilio:state().purchases)
  end)

  it("polls if no unix socket can be created", function()
    host = openresty.start(twilio, { env = { TMPDIR = "/nonexistent" } })
    twilio:fault { fault = "rate_limit", method = "POST", retry_after = 1 }
    for _, answer in ipairs(host:get_all("/buy", 5)) do
      assert.matches("^PN", answer.body)
    end
    host:get("/async?count=5")
    host:await("/called", "5 0")
    assert.equal(10, twilio:state().purchases)
    WAYS.quits()
  end)
end)
