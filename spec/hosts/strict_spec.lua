-- Hosts that raise an error for an undeclared global, and sandboxes that lack globals or remove them once a
-- module is loaded.
local interpreter = require("spec.support.interpreter")
local left_out = require("spec.support.left_out")
local scripted = require("spec.support.scripted")
local simulator = require("spec.support.simulator")

--- Forbids undeclared globals before the library is loaded, like Penlight, Tarantool and nmap.
local STRICT = [[
  setmetatable(_G, {
    __index = function(_, name) error("variable '" .. tostring(name) .. "' is not declared", 2) end,
    __newindex = function(_, name) error("assignment to undeclared '" .. tostring(name) .. "'", 2) end,
  })
]]

--- Removes all globals except those of any sandbox, once the library is loaded.
local SANDBOX = [[
  local print, kept = print, {}
  for name in ("assert error getmetatable ipairs next pairs pcall rawequal rawget rawset select"
    .. " setmetatable tonumber tostring type coroutine math string table _G _VERSION"):gmatch("%S+") do
    kept[name] = true
  end
  for name in pairs(_G) do
    if not kept[name] then rawset(_G, name, nil) end
  end
]]

local CLIENT = [[
  local numbers = require("twilio.numbers")
  local options = {
    account_sid = %q, auth_token = %q, base_url = %q, ca_file = %q, loop = %s, transport = %s, %s
  }
]]

local FUNCTION = [[
  function() return { status = 201, body = ]] .. ("%q"):format(scripted.body()) .. [[ } end
]]

--- Everything that a client does, waiting with its loop.
local EVERYTHING = [[
  local client = assert(numbers.client(options))
  local heard
  local function buy_all()
    local number = assert(client:purchase { area_code = "415" })
    assert(client:purchase({ phone_number = "+14155550177" }, { unless_owned = true }))
    assert(client:purchase_available { country = "US", area_code = "415" })
    assert(client:purchase_many({ country = "US", area_code = "415", count = 3 }).bought == 3)
    assert(client:list({ limit = 2 }):next())
    assert(client:search("US", "local", { limit = 2 }):all())
    assert(client:fetch(number.sid))
    assert(client:update(number.sid, { friendly_name = "x", voice_url = "https://example.com/" }))
    assert(client:release(number.sid))
    assert(select(3, client:purchase { phone_number = "+15005550000" }).code == 21422)
    assert(not client:purchase { phone_numbr = "1" })
  end
  local function begin_all()
    local pending, heard = nil, 0
    local function hear() heard = heard + 1 end
    pending = assert(client:purchase_async({ area_code = "415" }, hear))
    assert(client:purchase_async({ phone_number = "1" }, hear))
    assert(client:purchase_many_async({ country = "US", area_code = "415", count = 2 }, {}, hear))
    assert(client:list_async({ limit = 2 }, hear))
    assert(pending:wait())
    client:close(60)
    return function() return heard end
  end
  local function all()
    buy_all()
    heard = begin_all()
  end
]]

--- The same for a transport in Lua that always returns the same response.
local FEW = [[
  local client = assert(numbers.client(options))
  local function heard() return 4 end
  local function all()
    assert(client:purchase { area_code = "415" })
    assert(client:purchase_async({ area_code = "415" }):wait())
    client:close(60)
  end
]]

--- How each host runs a function, and what of the host is loaded before the library.
local HOSTS = {
  block = { load = "", run = "all()" },
  auto = { load = "", run = "all()" },
  cqueues = {
    load = 'local cqueues = require("cqueues")',
    run = "local loop = cqueues.new() loop:wrap(all) assert(loop:loop())",
  },
  copas = {
    load = 'local copas = require("copas")',
    run = "copas.addthread(all) while not (heard and heard() == 4) do copas.step(0.1) end",
    needs_globals = true, -- itself
  },
  luv = {
    load = 'local uv = require("luv")',
    run = "coroutine.wrap(all)() uv.run()",
  },
}

local OWN_LOOP = "{ sleep = coroutine.yield, wait = coroutine.yield }"
local OWN_RUN =
  "local thread = coroutine.wrap(function() all() return true end) repeat until thread() == true"

local function lacks(module)
  return left_out.without_module(
    "spec/hosts/strict_spec.lua",
    "lua-" .. module,
    interpreter.command,
    module
  )
end

-- The library of a host, which not every Lua has.
local LACKS = { copas = lacks("copas"), cqueues = lacks("cqueues"), luv = lacks("luv") }

describe("A strict host", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  local function client_of(loop, transport, more)
    return CLIENT:format(
      twilio.account_sid,
      twilio.auth_token,
      twilio.base_url,
      twilio.ca_file,
      loop,
      transport or "nil",
      more or ""
    )
  end

  local ENDS = "\nassert(heard() == 4)\nprint('all done')"

  local function run(...)
    local output, status = interpreter.result(table.concat({ ... }, "\n") .. ENDS, 60)
    assert.equal("all done\n", output)
    assert.equal(0, status)
  end

  for name, host in pairs(HOSTS) do
    if not LACKS[name] then
      local loop = ("%q"):format(name)
      it("that forbids undeclared globals works, with loop = " .. loop, function()
        run(host.load, STRICT, client_of(loop), EVERYTHING, host.run)
      end)

      if not host.needs_globals then
        it("that removes its globals works with what was loaded, with loop = " .. loop, function()
          run(host.load, client_of(loop), SANDBOX, STRICT, EVERYTHING, host.run)
        end)
      end
    end
  end

  local BARE = "io, debug, os = nil, nil, { time = os.time }"

  it("that forbids undeclared globals works with a transport in Lua", function()
    run(STRICT, client_of('"auto"', FUNCTION), FEW, "all()")
  end)

  it("that removes its globals works with a transport in Lua", function()
    run(client_of('"auto"', FUNCTION), SANDBOX, STRICT, FEW, "all()")
  end)

  it("that forbids undeclared globals works with its own wait functions", function()
    run(STRICT, client_of(OWN_LOOP), EVERYTHING, OWN_RUN)
  end)

  it("that removes its globals works with its own wait functions", function()
    run(client_of(OWN_LOOP), SANDBOX, STRICT, EVERYTHING, OWN_RUN)
  end)

  it("that has no io, no debug and only os.time works", function()
    run(BARE, client_of('"block"'), EVERYTHING, "all()")
  end)

  it("that has no io, no debug and only os.time works with a transport in Lua", function()
    run(BARE, client_of('"auto"', FUNCTION), FEW, "all()")
  end)

  if not LACKS.luv then
    it("that has no io, no debug and only os.time works in luv", function()
      run('local uv = require("luv")', BARE, client_of('"luv"'), EVERYTHING, HOSTS.luv.run)
    end)
  end

  it("without os gets an error that names the missing credentials", function()
    local output = interpreter.result([[
      os = nil
      print(select(2, require("twilio.numbers").client {}))
    ]])
    assert.matches("account_sid is missing", output, 1, true)
    assert.matches("no credentials", output, 1, true)
  end)

  it("without package.loaded works", function()
    run("package = nil", client_of('"auto"'), EVERYTHING, "all()")
  end)

  it("whose require stops working gets an error when a client needs libcurl or a loop", function()
    local output = interpreter.result([[
      local real, is_over = require, false
      function require(name)
        return is_over and error("require() is disabled") or real(name)
      end
      local numbers = require("twilio.numbers")
      is_over = true
      local given = { account_sid = "AC" .. ("0"):rep(32), auth_token = "x" }
      print(select(2, numbers.client(given)))
      given.loop = "luv"
      print(select(2, numbers.client(given)))
      given.loop, given.transport = nil, "resty"
      print(select(2, numbers.client(given)))
      given.transport = function() return nil, "refused", "connect" end
      print(select(2, assert(numbers.client(given)):purchase({ area_code = "415" }, { retries = 0 })))
    ]])
    local lines = {}
    for line in output:gmatch("[^\n]+") do
      lines[#lines + 1] = line
    end
    assert.matches("libcurl cannot be used .*require%(%) is disabled", lines[1])
    assert.matches('the loop "luv" needs the rock luv: .*require%(%) is disabled', lines[2])
    assert.matches("lua%-resty%-http cannot be used: .*require%(%) is disabled", lines[3])
    assert.matches("^Twilio could not be reached: refused", lines[4])
  end)
end)

--- The globals that a function may read when it is called, which every sandbox has.
local BASIC = {}
for name in
  (
    "assert error getmetatable ipairs next pairs pcall rawequal rawget rawset select setmetatable"
    .. " tonumber tostring type coroutine math string table"
  ):gmatch("%S+")
do
  BASIC[name] = true
end

describe("The library", function()
  it("reads no global after it was loaded, except those that every sandbox has", function()
    local found = {}
    local files = io.popen("find lua/twilio/numbers -name '*.lua' ! -path '*/command/*'")
    for file in files:lines() do
      local listing = assert(io.popen("luac5.1 -l -p " .. file))
      local is_function = false
      for line in listing:lines() do
        local kind = line:match("^(%a+) <")
        is_function = kind and kind == "function" or (not kind and is_function)
        local name = line:match("[GS]ETGLOBAL.*; (%S+)$")
        if name and is_function and not BASIC[name] and not file:find("globals.lua", 1, true) then
          found[#found + 1] = file .. ": " .. name
        end
      end
      listing:close()
    end
    files:close()
    assert.same({}, found)
  end)
end)
