-- `make install`, as a distributor runs it.
local interpreter = require("spec.support.interpreter")

local LUA = interpreter.command:gsub("^lua(%d)", "%1")

describe("make install", function()
  it("puts the module where this Lua looks for it, below DESTDIR", function()
    local pipe = assert(io.popen("mktemp -d"))
    local folder = pipe:read("*l")
    pipe:close()
    local version = _VERSION:match("%d%.%d")
    local command =
      "unset LD_PRELOAD BUILD; make -s install LUA=%s PREFIX=/usr DESTDIR=%s >/dev/null 2>&1"
    os.execute(command:format(LUA, folder))
    for _, file in ipairs {
      "/usr/share/lua/%s/twilio/numbers/init.lua",
      "/usr/lib/lua/%s/twilio/numbers/core.so",
      "/usr/lib/lua/%s/twilio/numbers/curl.so",
    } do
      local found = io.open(folder .. file:format(version))
      assert.is_truthy(found, file)
      found:close()
    end
    local script = assert(io.open(folder .. "/usr/bin/twilio-numbers"))
    assert.equal("#!/usr/bin/env " .. interpreter.command, script:read("*l"))
    script:close()
    os.execute("rm -rf " .. folder)
  end)
end)
