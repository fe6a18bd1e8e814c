-- What remains of a secret in a process's memory after the client was closed. Searches from outside a process
-- that gets every secret only from spec_process.unmask(), as a single Lua string of its program.
local mask = require("spec.support.masked")
local memory = require("spec.support.memory")
local mime = require("mime")
local proxy = require("spec.support.proxy")
local simulator = require("spec.support.simulator")

local PROXY_USER, PROXY_PASSWORD = "buyer", "the-pr0xy-has-its-own-passw0rd-too"
local OWN_TOKEN = "a-t0ken-of-the-h0sts-own-that-is-too-long-for-lua-to-keep-once"

--- What a program can do with a client, which it closes:
---   sends    whether libcurl sends something of it
---   bearer   whether the header has the secret as it is
---   in_lua   whether a transport in Lua sees the header
---   host     what it does by itself with the secrets
---   fault    what the server does wrong with each purchase
local USES = {
  {
    name = "a client that was never used",
    program = [[client_of { auth_token = secret.auth_token() }:close()]],
  },
  {
    name = "a client that could not be made",
    program = [[
      assert(not numbers.client { auth_token = secret.auth_token(), retries = -1 })
      assert(not numbers.client { auth_token = secret.auth_token(), api_key = "SK" })
    ]],
  },
  {
    name = "a client with a token that was never used",
    host = [[secret.own_token()]],
    program = [[client_of({ access_token = secret.own_token() }):close()]],
  },
  {
    name = "a client with a proxy that was never used",
    host = [[
      secret.auth_token()
      secret.proxy()
    ]],
    program = [[
      client_of({ auth_token = secret.auth_token(), proxy = secret.proxy() }):close()
    ]],
  },
  {
    name = "requests for a server that is down",
    program = [[
      twilio.base_url = "https://127.0.0.1:1"
      local client = client_of { auth_token = secret.auth_token(), retries = 0 }
      assert(not client:purchase { area_code = "415" })
      assert(not client:purchase_async({ area_code = "415" }):wait())
      client:close()
    ]],
  },
  {
    name = "a purchase that blocked, over HTTP/1.1",
    sends = true,
    program = [[
      local client = client_of { auth_token = secret.auth_token() }
      assert(client:purchase { area_code = "415" })
      client:close()
    ]],
  },
  {
    name = "a purchase in flight, over HTTP/2",
    sends = true,
    program = [[
      local client = client_of { auth_token = secret.auth_token() }
      assert(client:purchase_async({ area_code = "415" }):wait())
      client:close()
    ]],
  },
  {
    name = "a purchase with an API key",
    sends = true,
    program = [[
      local client = client_of { api_key = twilio.api_key, api_secret = secret.api_secret() }
      assert(client:purchase { area_code = "415" })
      assert(client:purchase_async({ area_code = "415" }):wait())
      client:close()
    ]],
  },
  {
    name = "tokens of a function, the first of which was refused",
    sends = true,
    bearer = true,
    program = [[
      local asked = 0
      local client = client_of {
        access_token = function()
          asked = asked + 1
          return asked == 1 and secret.own_token() or secret.access_token()
        end,
      }
      assert(client:purchase { area_code = "415" })
      assert(asked == 2)
      client:close()
    ]],
  },
  {
    name = "auth tokens of a function, the first of which was refused",
    host = [[
      secret.own_token()
      secret.auth_token()
    ]],
    sends = true,
    program = [[
      local asked = 0
      local client = client_of {
        auth_token = function()
          asked = asked + 1
          return asked == 1 and secret.own_token() or secret.auth_token()
        end,
      }
      assert(client:purchase { area_code = "415" })
      assert(client:purchase_async({ area_code = "415" }):wait())
      assert(asked == 2)
      client:close()
    ]],
  },
  {
    name = "a secret of a function, for an API key",
    host = [[secret.api_secret()]],
    sends = true,
    program = [[
      local client = client_of { api_key = twilio.api_key, api_secret = secret.api_secret }
      assert(client:purchase_async({ area_code = "415" }):wait())
      client:close()
    ]],
  },
  {
    name = "a purchase that failed",
    sends = true,
    fault = "hang",
    program = [[
      local client = client_of { auth_token = secret.auth_token(), timeout = 0.2, retries = 0 }
      assert(not client:purchase { area_code = "415" })
      assert(not client:purchase_async({ area_code = "415" }):wait())
      client:close()
    ]],
  },
  {
    name = "a purchase that failed on the way of a transport in Lua",
    in_lua = true,
    program = [[
      local client = client_of {
        auth_token = secret.auth_token(),
        retries = 0,
        transport = function(request)
          error("could not send " .. request.headers.Authorization)
        end,
      }
      local _, message = client:purchase { area_code = "415" }
      assert(message:find("could not send Basic [redacted]", 1, true), message)
      client:close()
    ]],
  },
  {
    name = "purchases through a proxy with a password",
    sends = true,
    program = [[
      local client = client_of {
        auth_token = secret.auth_token(),
        proxy = secret.proxy(),
      }
      assert(client:purchase { area_code = "415" })
      assert(client:purchase_async({ area_code = "415" }):wait())
      client:close()
    ]],
  },
  {
    name = "a client that is closed, but kept",
    sends = true,
    program = [[
      kept = client_of {
        auth_token = secret.auth_token(),
        proxy = secret.proxy(),
      }
      assert(kept:purchase { area_code = "415" })
      assert(kept:purchase_async({ area_code = "415" }):wait())
      kept:close()
    ]],
  },
}

describe("in the memory of a process", function()
  local twilio, through, secrets

  setup(function()
    twilio = simulator.start()
    through = proxy.start {
      authorization = "Basic " .. mime.b64(PROXY_USER .. ":" .. PROXY_PASSWORD),
    }
    secrets = {
      auth_token = twilio.auth_token,
      api_secret = twilio.api_secret,
      access_token = twilio.access_token,
      own_token = OWN_TOKEN,
      proxy = ("http://%s:%s@127.0.0.1:%d"):format(PROXY_USER, PROXY_PASSWORD, through.port),
    }
  end)

  teardown(function()
    through:stop()
    twilio:stop()
  end)

  --- The needles: both ends of a secret, since malloc overwrites the start of freed memory; plain, and as
  --- in the header.
  local function needles()
    local list = {}
    local function add(name, text)
      list[name .. ", beginning"], list[name .. ", end"] = text:sub(1, 14), text:sub(-14)
    end
    local function add_coded(name, user, password)
      local coded = mime.b64(user .. ":" .. password):gsub("=*$", "")
      add(name .. " in base64", coded:sub(4 * math.ceil((#user + 1) / 3) + 1))
    end
    for name, secret in pairs(secrets) do
      add(name, name == "proxy" and PROXY_PASSWORD or secret)
    end
    add_coded("auth_token", twilio.account_sid, twilio.auth_token)
    add_coded("api_secret", twilio.api_key, twilio.api_secret)
    add_coded("proxy", PROXY_USER, PROXY_PASSWORD)
    return list
  end

  --- The program's own lines: `secret` makes secrets, `client_of` clients.
  local function prelude()
    local lines = { "local secret, twilio = {}, {}" }
    local public = {
      account_sid = twilio.account_sid,
      base_url = twilio.base_url,
      ca_file = twilio.ca_file,
      api_key = twilio.api_key,
    }
    for name, value in pairs(public) do
      lines[#lines + 1] = ("twilio.%s = %q"):format(name, value)
    end
    for name, value in pairs(secrets) do
      local line = "function secret.%s() return require('spec_process').unmask(%q) end"
      lines[#lines + 1] = line:format(name, mask(value))
    end
    return table.concat(lines, "\n")
      .. [[

      local numbers = require("twilio.numbers")
      local function client_of(options)
        for _, name in ipairs { "account_sid", "base_url", "ca_file" } do
          options[name] = twilio[name]
        end
        options.loop = "block"
        return assert(numbers.client(options))
      end
    ]]
  end

  --- The secrets found after a program has done something and collected its garbage.
  local function search(program, preload)
    local process = memory.start(prelude() .. [[
      local function use()
        ]] .. program .. [[

      end
      use()
      collectgarbage()
      collectgarbage()
      stop()
    ]], preload)
    local found = process:search(needles())
    assert.equal("", process:finish())
    return found
  end

  --- The remains of a program that has a secret once, and no client: malloc may keep the bytes of Lua's own
  --- strings, and registers may have been saved on the stack.
  local function most_of_host(use, preload)
    local most = 1
    for _, count in pairs(search(use.host or "secret.auth_token()", preload)) do
      most = math.max(most, count)
    end
    return most
  end

  --- Fails if more copies of a secret are found than the program's own.
  local function check(found, allowed)
    for name, count in pairs(found) do
      local most = allowed(name)
      assert.is_true(count <= most, ("%s: %d times"):format(name, count))
    end
  end

  local function is_coded(name)
    return name:find("base64", 1, true) ~= nil
  end

  it("a secret that the program keeps is found", function()
    for _, preload in ipairs { "", "spec_forgetful" } do
      local found = search("kept = secret.auth_token()", preload ~= "" and preload or nil)
      assert.is_true(found["auth_token, beginning"] >= 1)
      assert.is_true(found["auth_token, end"] >= 1)
    end
  end)

  for _, use in ipairs(USES) do
    local function set_up()
      twilio:clear()
      if use.fault then
        twilio:fault { fault = use.fault, method = "POST", times = 99 }
      end
    end

    -- luacheck: read globals jit
    it("no secret remains after " .. use.name, function()
      set_up()
      -- LuaJIT frees its strings without malloc's help
      local most = jit and most_of_host(use, "spec_forgetful") or 0
      check(search(use.program, "spec_forgetful"), function(name)
        -- a transport in Lua has the header as a string, and in Lua's own buffers
        return use.in_lua and is_coded(name) and math.huge or is_coded(name) and 0 or most
      end)
    end)

    it("the library leaves no copy, freed or not, after " .. use.name, function()
      set_up()
      local most = most_of_host(use)
      check(search(use.program), function(name)
        -- libcurl does not wipe what it has sent: neither the header nor a proxy's password
        local is_curls = use.sends and (is_coded(name) or name:find("^proxy") or use.bearer)
        return (is_curls or use.in_lua) and math.huge or is_coded(name) and 0 or most
      end)
    end)
  end
end)
