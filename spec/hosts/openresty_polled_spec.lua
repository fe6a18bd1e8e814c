-- Calls that are polled in nginx: poll() must not disturb other requests.
local nginx = require("spec.support.nginx")
local openresty = require("spec.support.openresty")
local simulator = require("spec.support.simulator")

-- /begin?how=NAME begins two purchases, and each /poll is a request of its own.
local LOCATIONS = [[
  location = /begin { content_by_lua_block {
    local host, how = require("host"), require("how")
    host.polled = host.polled or host.new { loop = how.loops[ngx.var.arg_loop] }
    host.buy_async(2, how.callbacks[ngx.var.arg_callback], host.polled)
  } }
  location = /poll { content_by_lua_block {
    local host = require("host")
    local polled, left = pcall(host.polled.poll, host.polled)
    host.raised = not polled and left or host.raised
    ngx.print(host.polled.scheduler.pending)
  } }
  location = /raised { content_by_lua_block { ngx.print(tostring(require("host").raised)) } }
]]

local HOW = [[
  package.preload["how"] = function()
    local host = require("host")
    return {
      loops = { block = "block", custom = { wait = ngx.sleep, sleep = ngx.sleep } },
      callbacks = {
        counts = host.call_back,
        logs = function(...)
          ngx.log(ngx.NOTICE, "called back")
          host.call_back(...)
        end,
        iterates = function(...)
          for count in coroutine.wrap(function() coroutine.yield(1) end) do
            assert(count == 1)
          end
          host.call_back(...)
        end,
        sleeps = function()
          ngx.sleep(0)
        end,
      },
    }
  end
]]

describe("a purchase that is polled in nginx", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local host

  before_each(function()
    host = openresty.start(twilio, { init = HOW, server = LOCATIONS })
  end)
  after_each(function()
    assert.is_nil(openresty.trouble(host:stop()))
  end)

  local function buy(loop, callback)
    twilio:fault { fault = "rate_limit", method = "POST", retry_after = 1, times = 2 }
    host:get(("/begin?loop=%s&callback=%s"):format(loop, callback))
    host:await("/poll", "0")
    assert.equal(2, twilio:state().purchases)
  end

  for _, loop in ipairs { "block", "custom" } do
    it("may be started in one request and polled in others, with the loop " .. loop, function()
      buy(loop, "counts")
      assert.equal("2 0", host:get("/called").body)
    end)
  end

  for _, callback in ipairs { "logs", "iterates" } do
    it("may have a callback that " .. callback, function()
      buy("block", callback)
      assert.equal("2 0", host:get("/called").body)
    end)
  end

  it("fails if its callback would wait, which poll() cannot", function()
    buy("block", "sleeps")
    assert.matches("no request", host:get("/raised").body)
  end)
end)

describe("a purchase of init_worker", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  it("needs no poll()", function()
    twilio:fault { fault = "rate_limit", method = "POST", retry_after = 1, times = 3 }
    local host = openresty.start(twilio, {
      http = 'init_worker_by_lua_block { require("host").buy_async(3) }',
    })
    nginx.await(function()
      return host:get("/called").body == "3 0"
    end)
    assert.is_nil(openresty.trouble(host:stop()))
    assert.equal(3, twilio:state().purchases)
  end)
end)
