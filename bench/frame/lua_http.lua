-- lua-http in a frame loop: a coroutine of cqueues for each purchase and a step that does not wait in each
-- frame, see bench/frame.lua. Connections are kept for the next purchases.
local cqueues = require("cqueues")
local lua_http_purchase = require("lua_http_purchase")

---@param server { url: string, ca_file: string }
---@return { begin: fun(done: function), poll: function }
return function(server)
  local connect, purchase = lua_http_purchase.of(server)
  local loop, idle = cqueues.new(), {}
  return {
    begin = function(done)
      loop:wrap(function()
        local connection = table.remove(idle) or connect()
        purchase(connection)
        idle[#idle + 1] = connection
        done()
      end)
    end,
    poll = function()
      assert(loop:step(0))
    end,
  }
end
