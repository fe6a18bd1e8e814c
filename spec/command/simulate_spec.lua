-- --simulate where no simulator runs.
local interpreter = require("spec.support.interpreter")

local function output(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

describe("twilio-numbers --simulate", function()
  it("says what the simulator needs when no Lua runs it, and buys nothing: 1", function()
    local lua = output("command -v " .. interpreter.command):match("%S+")
    local folder = output("mktemp -d"):match("%S+")
    for _, name in ipairs { "luajit", "lua5.1", "lua5.2", "lua5.3", "lua5.4", "lua" } do
      assert(os.execute(("ln -s /bin/false %s/%s"):format(folder, name)))
    end
    local line =
      "PATH=%s:$PATH %s bin/twilio-numbers --simulate buy --area-code 415 -y 2>&1; echo code $?"
    local said = output(line:format(folder, lua))
    os.execute("rm -r " .. folder)
    assert.matches(
      "^twilio%-simulator: no Lua here has lua%-http[^\n]*: luarocks install http ",
      said
    )
    assert.matches("\ntwilio%-numbers: the simulator does not start: ", said)
    assert.matches("code 1\n$", said)
    assert.is_nil(said:find("Simulated", 1, true))
  end)
end)
