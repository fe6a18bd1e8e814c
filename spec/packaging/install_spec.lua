-- `make install`, as a distributor runs it.
local interpreter = require("spec.support.interpreter")

local LUA = interpreter.command:gsub("^lua(%d)", "%1")

local output = require("spec.support.files").output

describe("make install", function()
  local folder

  setup(function()
    folder = output("mktemp -d"):match("%S+")
    local command =
      "unset LD_PRELOAD BUILD; make -s install LUA=%s PREFIX=/usr DESTDIR=%s >/dev/null 2>&1"
    os.execute(command:format(LUA, folder))
  end)

  teardown(function()
    os.execute("rm -rf " .. folder)
  end)

  it("installs the module in this Lua's paths below DESTDIR", function()
    local version = _VERSION:match("%d%.%d")
    for _, file in ipairs {
      "/usr/share/lua/%s/twilio/numbers/init.lua",
      "/usr/lib/lua/%s/twilio/numbers/core.so",
      "/usr/lib/lua/%s/twilio/numbers/curl.so",
    } do
      local found = io.open(folder .. file:format(version))
      assert.is_truthy(found, file)
      found:close()
    end
  end)

  it("installs twilio-numbers for this Lua, which buys from the installed simulator", function()
    local script = assert(io.open(folder .. "/usr/bin/twilio-numbers"))
    assert.equal("#!/usr/bin/env " .. interpreter.command, script:read("*l"))
    script:close()
    local buy =
      "cd / && env -u LUA_PATH -u LUA_CPATH %s/usr/bin/twilio-numbers --simulate buy US -y"
    assert.matches("%+1%d+  PN%x+", output(buy:format(folder)))
  end)

  it("installs twilio-simulator", function()
    local run =
      "cd / && env -u LUA_PATH -u LUA_CPATH %s/usr/bin/twilio-simulator --quiet | sed /^ready/q"
    assert.matches("base_url: https://.*\nready\n$", output(run:format(folder)))
  end)
end)
