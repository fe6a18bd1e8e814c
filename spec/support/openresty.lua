-- Starts a real nginx (spec.support.nginx) whose worker has a client of the library and buys.
--
--   local host = require("spec.support.openresty").start(twilio, {
--     http = [[ lua_max_running_timers 1; ]],
--     server = [[ location = /close { content_by_lua_block { require("host").client:close() } } ]],
--   })
--   host:get("/buy").body             -- the number's SID, or what went wrong
--   host:get("/async?count=5")        -- five purchases by purchase_async
--   host:await("/called", "5 0")      -- callbacks with a number, and without

local nginx = require("spec.support.nginx")

local openresty = {}

-- The module for nginx's Lua.
local MODULE = [[
  package.preload["host"] = function()
    local host = { bought = 0, failed = 0 }
    function host.new(options)
      options.account_sid, options.auth_token, options.base_url, options.ca_file = %q, %q, %q, %q
      return assert(require("twilio.numbers").client(options))
    end
    host.client = host.new {}
    function host.buy(client)
      local number, message = (client or host.client):purchase { area_code = "415" }
      return number and number.sid or message
    end
    function host.call_back(number, message)
      if number then
        host.bought = host.bought + 1
      else
        host.failed, host.message = host.failed + 1, message
      end
    end
    function host.buy_async(count, callback, client)
      for _ = 1, count or 1 do
        local params = { area_code = "415" }
        assert((client or host.client):purchase_async(params, callback or host.call_back))
      end
    end
    return host
  end
]]

local LOCATIONS = [[
  location = /buy { content_by_lua_block { ngx.print(require("host").buy()) } }
  location = /async { content_by_lua_block {
    require("host").buy_async(tonumber(ngx.var.arg_count))
    ngx.print("begun")
  } }
  location = /called { content_by_lua_block {
    local host = require("host")
    ngx.print(host.bought, " ", host.failed)
  } }
]]

---@param twilio table a simulator
---@param options { http: string?, server: string?, env: table?, init: string? }
---`init`: Lua that runs before the workers are there
---@return table host as nginx.start returns it
function openresty.start(twilio, options)
  local credentials = { twilio.account_sid, twilio.auth_token, twilio.base_url, twilio.ca_file }
  local module = MODULE:format((table.unpack or unpack)(credentials)) -- luacheck: ignore
  return nginx.start {
    http = ("%s\ninit_by_lua_block { %s\n%s }"):format(
      options.http or "",
      module,
      options.init or ""
    ),
    server = LOCATIONS .. (options.server or ""),
    env = options.env,
  }
end

---A failure in nginx, if any: a crashed worker or a Lua error.
---@param log string
---@return string? line of the log
function openresty.trouble(log)
  log = log:gsub("[^\n]*lua_code_cache is off[^\n]*", "")
  return log:match("%[alert%][^\n]*")
    or log:match("exited on signal[^\n]*")
    or log:match("%[error%][^\n]*lua[^\n]*")
end

return openresty
