-- In nginx: errors in callbacks, and phases that cannot wait.
local openresty = require("spec.support.openresty")
local simulator = require("spec.support.simulator")

local INIT = [[
  local host = require("host")
  host.sold_before = host.buy()
]]

local LOCATIONS = [[
  location = /before { content_by_lua_block { ngx.print(require("host").sold_before) } }
  location = /raise { content_by_lua_block {
    require("host").buy_async(1, function()
      error("the callback's own trouble")
    end)
    ngx.print("begun")
  } }
  location = /log {
    content_by_lua_block { ngx.print("answered") }
    log_by_lua_block {
      local host = require("host")
      host.in_log = { host.client:purchase { area_code = "415" } }
    }
  }
  location = /log_said { content_by_lua_block {
    ngx.print(tostring((require("host").in_log or {})[2]))
  } }
]]

describe("In nginx", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local host

  setup(function()
    host = openresty.start(twilio, { init = INIT, server = LOCATIONS })
  end)

  teardown(function()
    host:stop()
  end)

  it("a purchase may be made before the workers start, and blocks", function()
    assert.matches("^PN%x+$", host:get("/before").body)
  end)

  it("an error in a callback is logged and does not affect other purchases", function()
    assert.equal("begun", host:get("/raise").body)
    assert.matches("^PN%x+$", host:get("/buy").body)
    assert.equal("begun", host:get("/async").body)
    host:await("/called", "1 0")
    require("spec.support.nginx").await(function()
      return host:log():find("the callback's own trouble", 1, true)
    end)
  end)

  it("a phase that cannot wait buys nothing, and names the phases that can", function()
    local before = twilio:state().purchases
    assert.equal("answered", host:get("/log").body)
    require("spec.support.nginx").await(function()
      return host:get("/log_said").body ~= "nil"
    end)
    local message = host:get("/log_said").body
    assert.matches("nginx cannot wait in the phase log: use ngx.timer.at(0, ...)", message, 1, true)
    assert.equal(before, twilio:state().purchases)
  end)
end)
