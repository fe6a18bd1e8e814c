-- The rock builds with LuaRocks alone, offline, and what it installs buys a number outside the
-- source tree.
local interpreter = require("spec.support.interpreter")
local simulator = require("spec.support.simulator")

-- luacheck: read globals jit
local VERSION = _VERSION:match("%d%.%d")
local ROCKSPEC = "twilio-numbers-scm-1.rockspec"

local PROGRAM = [[
  package.path = tree .. "/share/lua/%s/?.lua;" .. tree .. "/share/lua/%s/?/init.lua;" .. package.path
  package.cpath = tree .. "/lib/lua/%s/?.so;" .. package.cpath
  local numbers = require "twilio.numbers"
  local client = assert(numbers.client { account_sid = %q, auth_token = %q, base_url = %q, ca_file = %q })
  print("bought " .. assert(client:purchase { phone_number = "+15005550006" }).phone_number)
]]

--- The simulator comes with the rock.
local SIMULATED = "%s/tree/bin/twilio-numbers --simulate --json search US local --limit 1"

local function run(command)
  local pipe = assert(io.popen(command .. " 2>&1; echo status $?"))
  local output = pipe:read("*a")
  pipe:close()
  return output:match("^(.*)status (%d+)%s*$")
end

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

--- Without what another `make` has set.
local function make(arguments)
  return run("unset MAKEFLAGS MAKELEVEL; make -s " .. arguments)
end

describe("the rockspec", function()
  it("has nothing that luarocks lint objects to", function()
    local output, status = run("luarocks lint " .. ROCKSPEC)
    assert.equal("0", status, output)
  end)

  it("lists every file of csrc and lua", function()
    local copy = run("mktemp"):match("%S+")
    run(("cp %s %s"):format(ROCKSPEC, copy))
    local output, status = make("rockspec ROCKSPEC=" .. copy)
    local written = read(copy)
    os.remove(copy)
    assert.equal("0", status, output)
    assert.is_true(
      written == read(ROCKSPEC),
      ROCKSPEC .. " lists other files than there are: `make rockspec` writes its lists"
    )
  end)

  it("installs a module that buys outside the source tree, and the command", function()
    local folder = run("mktemp -d"):match("%S+")
    assert.equal(
      "0",
      select(
        2,
        run(("cp -r bin csrc lua %s %s/ && rm -f %s/csrc/*.o"):format(ROCKSPEC, folder, folder))
      )
    )
    local include = jit and "LUA_INCDIR=/usr/include/luajit-2.1" or ""
    local output, status = run(
      ("cd %s && luarocks --lua-version=%s --tree=%s/tree make --deps-mode=none %s %s"):format(
        folder,
        VERSION,
        folder,
        ROCKSPEC,
        include
      )
    )
    assert.equal("0", status, output)
    local twilio = simulator.start()
    local program = PROGRAM:format(
      VERSION,
      VERSION,
      VERSION,
      twilio.account_sid,
      twilio.auth_token,
      twilio.base_url,
      twilio.ca_file
    )
    local file = assert(io.open(folder .. "/buy.lua", "w"))
    file:write(("local tree = %q\n"):format(folder .. "/tree"), program)
    file:close()
    output, status = run(
      ("cd / && env -u LUA_PATH -u LUA_CPATH %s %s/buy.lua"):format(interpreter.command, folder)
    )
    -- Without dependencies LuaRocks' wrapper knows no tree.
    local bare, bare_status = run(
      ("cd / && env -u LUA_PATH -u LUA_CPATH %s/tree/bin/twilio-numbers --version"):format(folder)
    )
    local settings = 'eval "$(luarocks --lua-version=%s --tree=%s/tree path)";'
      .. " TWILIO_ACCOUNT_SID=%s TWILIO_AUTH_TOKEN=%s CURL_CA_BUNDLE=%s"
    local listed, list_status = run(
      ("cd / && " .. settings .. " %s/tree/bin/twilio-numbers list --base-url %s"):format(
        VERSION,
        folder,
        twilio.account_sid,
        twilio.auth_token,
        twilio.ca_file,
        folder,
        twilio.base_url
      )
    )
    local simulated, simulated_status = run(
      ('cd / && eval "$(luarocks --lua-version=%s --tree=%s/tree path)"; ' .. SIMULATED):format(
        VERSION,
        folder,
        folder
      )
    )
    twilio:stop()
    run("rm -rf " .. folder)
    assert.equal("bought +15005550006\n", output)
    assert.equal("0", status)
    assert.matches("\n%+15005550006  PN", listed)
    assert.equal("0", list_status)
    assert.matches("^twilio%-numbers %d", bare)
    assert.equal("0", bare_status)
    assert.matches('"phone_number":"%+1', simulated)
    assert.equal("0", simulated_status, simulated)
  end)
end)
