-- `make bundle`: a folder that is all a host without LuaRocks needs.
local interpreter = require("spec.support.interpreter")

local LUA = interpreter.command:gsub("^lua(%d)", "%1")

local output = require("spec.support.files").output

describe("make bundle", function()
  local folder

  setup(function()
    folder = output("mktemp -d"):match("%S+")
    local command = "unset LD_PRELOAD BUILD; make -s bundle LUA=%s 2>&1"
    local made = output(command:format(LUA))
    assert.equal("build/bundle/" .. LUA, made:match("([^\n]*)\n$"), made)
    os.execute(("mkdir %s/empty && cp -R build/bundle/%s %s/lib"):format(folder, LUA, folder))
  end)

  teardown(function()
    os.execute("rm -rf " .. folder)
  end)

  -- Runs a program in an empty folder, with only the bundle in its paths.
  local function run(program)
    local line = "cd %s/empty && env -i PATH=\"$PATH\" LUA_PATH='%s' LUA_CPATH='%s' %s -e '%s' 2>&1"
    local lib = folder .. "/lib"
    local path = ("%s/?.lua;%s/?/init.lua"):format(lib, lib)
    return output(line:format(folder, path, lib .. "/?.so", interpreter.command, program))
  end

  it("loads the library with libcurl and all of its modules", function()
    local said = run([[
      local numbers = require("twilio.numbers")
      local client = assert(numbers.client {
        account_sid = "AC" .. ("0"):rep(32), auth_token = "x", base_url = "https://127.0.0.1:1", proxy = "",
      })
      local _, _, err = client:purchase({ phone_number = "+14155550100" }, { retries = 0 })
      print(err.kind, err.purchased, package.loaded["twilio.numbers.curl"] ~= nil)
      print(package.loaded["cjson"] == nil)
      print(pcall(require, "twilio.numbers.stores"))]])
    assert.matches("^connect\tno\ttrue\ntrue\ntrue\t", said)
  end)

  it("buys in a frame loop from its own simulator", function()
    local said = run([[
      local transport, twilio = require("twilio.simulator").transport()
      local client = assert(require("twilio.numbers").client {
        account_sid = twilio.account_sid, auth_token = twilio.auth_token, transport = transport,
      })
      client:purchase_async({ area_code = "415" }, function(number) print(number.phone_number) end)
      repeat until client:poll() == 0]])
    assert.matches("^%+1415555%d+\n$", said)
  end)

  it("contains the licence and no command", function()
    local files = output(("cd %s/lib && find . -type f"):format(folder))
    assert.matches("\n./twilio/LICENSE\n", "\n" .. files, 1, true)
    assert.is_nil(files:find("command/", 1, true))
    assert.is_truthy(files:find("./twilio/numbers/core.so\n", 1, true))
  end)
end)
