-- What `make` says where something that it needs is missing.
local interpreter = require("spec.support.interpreter")

local LUA = interpreter.command:gsub("^lua(%d)", "%1")

--- What `make` says, without what it was started with by another one.
local function make(arguments)
  local line = "unset MAKEFLAGS MAKELEVEL; make BUILD=build/missing %s 2>&1; echo code $?"
  local pipe = assert(io.popen(line:format(arguments)))
  local output = pipe:read("*a")
  pipe:close()
  return output
end

describe("make", function()
  it("names the package that has lua.h when it is not there", function()
    local said = make(("LUA=%s LUA_INCDIR=/nowhere"):format(LUA))
    assert.matches("there is no lua.h for Lua " .. LUA .. ": apt-get install liblua", said, 1, true)
    assert.matches("or make LUA=" .. LUA .. " LUA_INCDIR=", said, 1, true)
    assert.matches("\ncode 2\n$", said)
    assert.is_nil(said:find("compile", 1, true))
  end)

  it("says that there is no compiler", function()
    local said = make(("LUA=%s CC=no-such-cc"):format(LUA))
    assert.matches('there is no compiler "no-such-cc": apt-get install gcc', said, 1, true)
  end)

  it("says which Luas there are when it knows none by that name", function()
    local said = make("LUA=9.9")
    assert.matches("LUA=9.9 is none of 5.1 5.2 5.3 5.4 luajit", said, 1, true)
  end)
end)
