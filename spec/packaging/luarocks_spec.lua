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

local LUA = interpreter.command:gsub("^lua(%d)", "%1")

local function run(command)
  local pipe = assert(io.popen(command .. " 2>&1; echo status $?"))
  local output = pipe:read("*a")
  pipe:close()
  return output:match("^(.*)status (%d+)%s*$")
end

local read = require("spec.support.files").read

--- Runs make without the variables of an outer `make`.
local function make(arguments)
  return run("unset MAKEFLAGS MAKELEVEL; make -s " .. arguments)
end

describe("the rockspec", function()
  it("passes luarocks lint", function()
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

  it("is for POSIX systems, and depends on argparse for the commands", function()
    local text = read(ROCKSPEC)
    assert.matches('\nsupported_platforms = { "unix" }\n', text, 1, true)
    assert.matches('"argparse >= 0.7"', text, 1, true)
  end)
end)

describe("a source that includes libcurl", function()
  it("names the package to install if libcurl's headers are missing", function()
    local compile = "echo '#include \"http/libcurl.h\"' | cc -Icsrc -nostdinc -fsyntax-only -x c -"
    local output, status = run(compile)
    assert.matches("missing? install libcurl4-openssl-dev", output, 1, true)
    assert.equal("1", status)
  end)
end)

describe("make rock", function()
  local folder, environment

  --- A command of the installed tree, in another directory and without the paths of these specs.
  local function installed(command, variables)
    local line = "cd / && unset LUA_PATH LUA_CPATH; %s %s/tree/bin/%s"
    return run(line:format(variables or "", folder, command))
  end

  local function rock(arguments)
    local include = jit and "LUA_INCDIR=/usr/include/luajit-2.1" or ""
    local line = "rock LUA=%s %s ROCK='--tree=%s/tree --deps-mode=none %s'"
    return make(line:format(LUA, include, folder, arguments or ""))
  end

  setup(function()
    folder = run("mktemp -d"):match("%S+")
    local output, status = rock()
    assert.equal("0", status, output)
    local path = 'eval "$(luarocks --lua-version=%s --tree=%s/tree path)";'
    environment = path:format(VERSION, folder)
    if VERSION == "5.5" then -- of which Debian has no lua-cjson: tools/lua-cjson has built one
      run(("cp %s %s/tree/lib/lua/5.5"):format(interpreter.path_of("cjson"), folder))
    end
  end)

  teardown(function()
    run("rm -rf " .. folder)
  end)

  it("leaves no files among the sources", function()
    assert.equal("", (run("find csrc -name '*.o'; ls -d twilio *.so 2>/dev/null; true")))
  end)

  it("builds modules that export their one function", function()
    for _, name in ipairs { "core", "curl" } do
      local path = ("%s/tree/lib/lua/%s/twilio/numbers/%s.so"):format(folder, VERSION, name)
      local symbols = run("nm -D --defined-only " .. path)
      assert.equal("T luaopen_twilio_numbers_" .. name .. "\n", (symbols:gsub("^%x+ ", "")))
    end
  end)

  it("names libcurl if it is missing", function()
    local output, status = rock("CURL_DIR=/nowhere")
    assert.matches("You may have to install CURL in your system", output, 1, true)
    assert.equal("2", status)
  end)

  it("installs a module that buys outside the source tree", function()
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
    local output, status = run(
      ("cd / && env -u LUA_PATH -u LUA_CPATH %s %s/buy.lua"):format(interpreter.command, folder)
    )
    local variables = environment .. " TWILIO_ACCOUNT_SID=%s TWILIO_AUTH_TOKEN=%s CURL_CA_BUNDLE=%s"
    local listed, list_status = installed(
      "twilio-numbers list --base-url " .. twilio.base_url,
      variables:format(twilio.account_sid, twilio.auth_token, twilio.ca_file)
    )
    twilio:stop()
    assert.equal("bought +15005550006\n", output)
    assert.equal("0", status)
    assert.matches("\n%+15005550006  PN", listed)
    assert.equal("0", list_status)
  end)

  -- Without dependencies, LuaRocks' wrapper has no tree.
  it("installs commands that find their modules without a variable", function()
    for _, command in ipairs { "twilio-numbers --version", "twilio-simulator --help" } do
      local output, status = installed(command)
      assert.equal("0", status, output)
    end
  end)

  it("installs the simulator that twilio-numbers --simulate starts", function()
    local output, status =
      installed("twilio-numbers --simulate --json search US local --limit 1", environment)
    assert.matches('"phone_number":"%+1', output)
    assert.equal("0", status, output)
  end)
end)
