-- --simulate: a server by the Lua that runs the command, or a simulator in its process.
local interpreter = require("spec.support.interpreter")
local left_out = require("spec.support.left_out")

local output = require("spec.support.files").output

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

-- Debian's path of lua-http: 5.1 and LuaJIT find it by themselves, and the others can load it.
local ROCKS = "/usr/share/lua/5.1/"
local HAS_HTTP =
  "for _, name in ipairs { 'http.h1_connection', 'openssl.pkey', 'socket' } do require(name) end"

describe("twilio-numbers --simulate", function()
  local folder

  before_each(function()
    folder = output("mktemp -d"):match("%S+")
  end)

  after_each(function()
    os.execute("rm -r " .. folder)
  end)

  -- Runs this Lua with modules from the folder, which no environment variable names.
  local function run(what, variables)
    local line = "LUA_PATH=%s LUA_CPATH=%s %s -e %s %s 2>&1; echo code $?"
    line = (variables or "") .. line
    local program = ("package.path = '%s/?.lua;%s/?/init.lua;' .. package.path"):format(
      folder,
      folder
    )
    return output(
      line:format(
        quote(package.path),
        quote(package.cpath),
        interpreter.command,
        quote(program),
        what
      )
    )
  end

  local function simulate(arguments)
    return run("bin/twilio-numbers --simulate " .. arguments)
  end

  local function write(name, text)
    local file = assert(io.open(folder .. "/" .. name, "w"))
    file:write(text)
    file:close()
  end

  it("buys in the command's own process if its Lua has no lua-http", function()
    write("cqueues.lua", "error('there is no cqueues')")
    local said = simulate("buy --area-code 415 --count 2 -y")
    assert.matches("^Simulated: nothing here is real, and nothing costs money.\n", said)
    assert.matches("for account AC%x+ at https://simulator.invalid %(not Twilio%)", said)
    assert.matches("\n%+1415555%d+  PN[^\n]*\n%+1415555%d+  PN", said)
    assert.matches("\ncode 0\n$", said)
    assert.is_nil(said:find("cqueues", 1, true), said)
  end)

  it("uses another account each time in its own process, like a server", function()
    write("cqueues.lua", "error('there is no cqueues')")
    local account_sid = simulate("buy --area-code 415 -y"):match("account (AC%x+)")
    assert.not_equal(account_sid, simulate("buy --area-code 415 -y"):match("account (AC%x+)"))
  end)

  it("leaves out the journal of real purchases, and says so where one is needed", function()
    write("cqueues.lua", "error('there is no cqueues')")
    local real = "TWILIO_NUMBERS_JOURNAL=/no/such/folder/purchases.db "
    local function simulate_beside(arguments)
      return run("bin/twilio-numbers --simulate " .. arguments, real)
    end
    assert.matches("code 0\n$", simulate_beside("buy --area-code 415 -y"))
    for _, words in ipairs { "buy --key a --area-code 415 -y", "journal list" } do
      local said = simulate_beside(words)
      assert.matches("with --simulate, TWILIO_NUMBERS_JOURNAL is not used", said, 1, true)
      assert.matches("code 2\n$", said)
    end
    local said = simulate("journal list")
    assert.matches("give --journal FILE|URL, or set TWILIO_NUMBERS_JOURNAL", said, 1, true)
  end)

  it("refuses in its own process what Twilio refuses: 1", function()
    write("cqueues.lua", "error('there is no cqueues')")
    local said = simulate("buy +15005550000 -y")
    assert.matches("%+15005550000 is not available %(status 400, error 21422%)", said)
    assert.matches("\ncode 1\n$", said)
  end)

  it(
    "buys in its own process if a program has the Lua in it, which names no interpreter",
    function()
      local program =
        "arg = nil os.exit(require('twilio.numbers.command').run { '--simulate', 'buy', '-y', 'US' })"
      local said = run("-e " .. quote(program))
      assert.matches("at https://simulator.invalid %(not Twilio%)", said)
      assert.matches("\n%+1%d+  PN[^\n]*\ncode 0\n$", said)
    end
  )

  it("starts a server with the interpreter and the paths that run it", function()
    if not pcall(require, "http.h1_connection") then
      for _, name in ipairs { "http", "lpeg_patterns", "basexx.lua", "fifo.lua", "binaryheap.lua" } do
        os.execute(("ln -s %s%s %s"):format(ROCKS, name, folder))
      end
    end
    local has = run("-e " .. quote(HAS_HTTP)) == "code 0\n"
    if
      left_out.without(has, "--simulate with a server", "lua-http for " .. interpreter.command)
    then
      return
    end
    local said = simulate("buy --area-code 415 -y")
    assert.matches("at https://127%.0%.0%.1:%d+ %(not Twilio%)", said)
    assert.matches("\ncode 0\n$", said)
  end)
end)
