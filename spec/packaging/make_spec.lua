-- The messages of `make` if a dependency is missing.
local interpreter = require("spec.support.interpreter")

local LUA = interpreter.command:gsub("^lua(%d)", "%1")

--- The output of `make`, without the variables of an outer one or of CI.
local function make(arguments)
  local line = "unset MAKEFLAGS MAKELEVEL WERROR; make %s 2>&1; echo code $?"
  local pipe = assert(io.popen(line:format(arguments)))
  local output = pipe:read("*a")
  pipe:close()
  return output
end

describe("make", function()
  it("names the package that contains lua.h if it is missing", function()
    local said = make(("BUILD=build/missing LUA=%s LUA_INCDIR=/nowhere"):format(LUA))
    assert.matches("there is no lua.h for Lua " .. LUA .. ": apt-get install liblua", said, 1, true)
    assert.matches("or make LUA=" .. LUA .. " LUA_INCDIR=", said, 1, true)
    assert.matches("\ncode 2\n$", said)
    assert.is_nil(said:find("compile", 1, true))
  end)

  it("reports that there is no compiler", function()
    local said = make(("BUILD=build/missing LUA=%s CC=no-such-cc"):format(LUA))
    assert.matches('there is no compiler "no-such-cc": apt-get install gcc', said, 1, true)
  end)

  -- It knows Lua by one name alone, and libcurl.
  local PKG_CONFIG = [[
#!/bin/sh
case "$*" in
  "--exists $KNOWN"|"--exists $KNOWN >= "*) exit 0 ;;
  "--cflags $KNOWN") echo "-DFROM_PKG_CONFIG $(pkg-config --cflags %s)" ;;
  *libcurl) exec pkg-config "$@" ;;
  *) exit 1 ;;
esac
]]

  it("finds Lua by the names that other systems give it", function()
    local version = LUA:match("^%d%.%d$")
    local names = { interpreter.command }
    if version then
      names = { "lua" .. version, "lua-" .. version, "lua" .. version:gsub("%.", ""), "lua" }
    end
    local folder = io.popen("mktemp -d"):read("*l")
    local file = assert(io.open(folder .. "/pkg-config", "w"))
    file:write(PKG_CONFIG:format(interpreter.command))
    file:close()
    os.execute("chmod +x " .. folder .. "/pkg-config")
    local line = "-n PKG_CONFIG='KNOWN=%s %s/pkg-config' BUILD=%s LUA=%s %s/%s/objects/pure/sid.o"
    for _, name in ipairs(names) do
      local said = make(line:format(name, folder, folder, LUA, folder, LUA))
      assert.matches(" -DFROM_PKG_CONFIG ", said, 1, true)
    end
    local said = make(line:format("lua9.9", folder, folder, LUA, folder, LUA))
    os.execute("rm -r " .. folder)
    assert.matches("there is no lua.h", said, 1, true)
  end)

  -- A warning in the module's code, as a newer compiler may have one.
  local WARNING = "LUA=%s CFLAGS=-Wframe-larger-than=1 BUILD=%s %s/%s/objects/%s.o"

  --- The compiler's output for one unit that is built in a folder of its own.
  local function compile(variables)
    local folder = io.popen("mktemp -d"):read("*l")
    local unit = io.popen("ls csrc/*/*.c"):read("*l"):match("csrc/(.*)%.c")
    local said = make(WARNING:format(LUA, folder, folder, LUA, unit) .. " " .. variables)
    os.execute("rm -r " .. folder)
    return said
  end

  it("builds despite compiler warnings", function()
    local said = compile("")
    assert.matches("warning: ", said, 1, true)
    assert.matches("\ncode 0\n$", said)
  end)

  it("fails on a compiler warning with WERROR=-Werror, which CI sets", function()
    assert.matches("\ncode 2\n$", compile("WERROR=-Werror"))
    assert.matches("\nexport WERROR=-Werror\n", assert(io.open(".ci/run")):read("*a"), 1, true)
  end)

  it("lists the supported Luas for an unknown name", function()
    local said = make("LUA=9.9")
    assert.matches("LUA=9.9 is none of 5.1 5.2 5.3 5.4 5.5 luajit", said, 1, true)
  end)
end)
