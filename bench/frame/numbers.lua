-- twilio-numbers in a frame loop: client:purchase_async() and client:poll(), see bench/frame.lua.
local account = require("account")

---@param server { url: string, ca_file: string }
---@return { begin: fun(done: function), poll: function }
return function(server)
  local client = account.client(server)
  local params = account.params
  return {
    begin = function(done)
      client:purchase_async(params, function(number, message)
        assert(number, message)
        done()
      end)
    end,
    poll = function()
      client:poll()
    end,
  }
end
