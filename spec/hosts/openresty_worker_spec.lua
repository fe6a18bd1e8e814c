-- The life of an nginx worker with purchases in it: it ends when it shall, and keeps nothing.
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

    it(name .. " when the purchases are done that wait to be sent again", function()
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

  it("looks at each of many purchases at most twice when they end", function()
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
end)
