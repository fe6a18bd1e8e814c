-- How `make test` runs the specs: tools/test, tools/supervise.c, spec/support/progress.lua.
local files = require("spec.support.files")
local interpreter = require("spec.support.interpreter")
local terminal = require("spec.support.terminal")

local LUA = interpreter.command:gsub("^lua(%d)", "%1")
local BUILD = os.getenv("BUILD") or "build"
local SHORT = "spec/pure/sid_spec.lua"

local output = files.output

local function is_running(pid)
  local file = io.open("/proc/" .. pid .. "/stat")
  if file then
    file:close()
  end
  return file ~= nil
end

describe("tools/test", function()
  it("ends all processes that the specs started when Ctrl-C is pressed", function()
    local folder = output("mktemp -d"):match("%S+")
    local line = "TMPDIR=%s TEST_PIDS=%s/pids LUAS=%s tools/test %s spec/support/endless.lua"
    local shell = terminal.run(line:format(folder, folder, LUA, SHORT))
    local screen = shell:wait("started")
    assert.matches("1/2  " .. SHORT .. ": 8 passed, ", screen, 1, true)

    shell:type("C-c")
    shell:wait("exit 130")
    local count = 0
    for pid in io.lines(folder .. "/pids") do
      count = count + 1
      assert.is_false(is_running(pid), ("process %d of the list still runs"):format(count))
    end
    assert.equal(7, count)
    shell:close()
    os.execute("rm -r " .. folder)
  end)

  it(
    "writes a line for each finished spec file, the time it took, and a plain last line",
    function()
      local said = output(("LUAS=%s tools/test %s spec/pure/form_spec.lua 2>&1"):format(LUA, SHORT))
      assert.matches(LUA .. "%s+1/2  spec/pure/sid_spec%.lua: 8 passed, %d+%.%d s\n", said)
      assert.matches(LUA .. "%s+2/2  spec/pure/form_spec%.lua: 5 passed, %d+%.%d s\n", said)
      assert.matches("\nTook %d+ min %d+ s%.\n13 passed, 0 failed\n$", said)
    end
  )

  it("names the specs that failed in its last lines", function()
    local folder = output("mktemp -d"):match("%S+")
    files.write(folder .. "/wrong_spec.lua", 'it("is wrong", function() assert.equal(1, 2) end)')
    local said =
      output(("LUAS=%s tools/test %s %s 2>/dev/null; echo $?"):format(LUA, SHORT, folder))
    os.execute("rm -r " .. folder)
    local last =
      "\nLua %s: 1 failed\n   Failure %%S+ %%S+/wrong_spec%%.lua @ 1\n   is wrong\nTook [^\n]+\n"
    assert.matches(last:format(LUA) .. "8 passed, 1 failed\n1\n$", said)
  end)

  it("leaves specs that do not depend on the Lua out of a brief run, and lists them", function()
    local line = "BRIEF=%s LUAS=%s tools/test %s spec/compat_spec.lua 2>&1"
    local said = output(line:format(LUA, LUA, SHORT))
    assert.matches(LUA .. "%s+1/1  spec/compat_spec%.lua: %d+ passed, ", said)
    assert.matches("BRIEF: Lua " .. LUA .. ": spec/pure/*", said, 1, true)
    assert.not_matches(SHORT, said, 1, true)
  end)

  describe("if Luas are missing", function()
    local folder

    before_each(function()
      folder = output(("mktemp -d %s/XXXXXX"):format(BUILD)):match("%S+")
    end)

    after_each(function()
      os.execute("rm -r " .. folder)
    end)

    local function run()
      return output(("BUILD=%s LUAS= tools/test %s 2>&1; echo $?"):format(folder, SHORT))
    end

    it("lists and counts missing Luas, and passes with the others", function()
      os.execute(("ln -s ../%s %s/%s"):format(LUA, folder, LUA))
      local said = run()
      assert.matches("\nLeft out %(5%):\n", said)
      for _, lua in ipairs { "5.1", "5.2", "5.3", "5.4", "5.5", "luajit" } do
        assert.equal(lua ~= LUA, said:find("\n   Lua " .. lua .. ": ", 1, true) ~= nil, lua)
      end
      assert.matches("\n8 passed, 0 failed\n0\n$", said)
    end)

    it("fails if it can run no spec", function()
      assert.matches("%(6%):\n.*\n0 passed, 0 failed\n1\n$", run())
    end)
  end)
end)

describe("tools/supervise", function()
  local SUPERVISE = BUILD .. "/supervise"

  it("ends processes that a command leaves behind, and returns its status", function()
    local command = [[%s 30 sh -c 'setsid sleep 1000 >/dev/null & echo $!; exit 3'; echo $?]]
    local pid, status = output(command:format(SUPERVISE)):match("^(%d+)\n(%d+)\n$")
    assert.equal("3", status)
    assert.is_false(is_running(pid))
  end)

  it("ends a command that takes too long, with status 124", function()
    local command = [[%s 1 sh -c 'echo $$; exec sleep 1000'; echo $?]]
    local pid, status = output(command:format(SUPERVISE)):match("^(%d+)\n(%d+)\n$")
    assert.equal("124", status)
    assert.is_false(is_running(pid))
  end)
end)
