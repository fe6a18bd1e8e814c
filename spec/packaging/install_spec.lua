-- `make install`, as a distributor runs it.
local interpreter = require("spec.support.interpreter")

local LUA = interpreter.command:gsub("^lua(%d)", "%1")

local output = require("spec.support.files").output

--- Runs `make`, without what another one has set.
local function make(goals, folder, variables)
  local command =
    "unset LD_PRELOAD BUILD MAKEFLAGS MAKELEVEL; make -s -j2 %s LUA=%s DESTDIR=%s %s 2>&1"
  return output(command:format(goals, LUA, folder, variables or "PREFIX=/usr"))
end

local function files_in(folder)
  return output(("cd %s 2>/dev/null && find . -type f | LC_ALL=C sort"):format(folder))
end

describe("make install", function()
  local folder

  setup(function()
    folder = output("mktemp -d"):match("%S+")
    make("install", folder)
  end)

  teardown(function()
    os.execute("rm -rf " .. folder)
  end)

  it("installs the module in this Lua's paths below DESTDIR", function()
    local version = _VERSION:match("%d%.%d")
    for _, file in ipairs {
      "/usr/share/lua/%s/twilio/numbers/init.lua",
      "/usr/share/lua/%s/twilio/numbers/meta/client.lua",
      "/usr/lib/lua/%s/twilio/numbers/core.so",
      "/usr/lib/lua/%s/twilio/numbers/curl.so",
    } do
      local found = io.open(folder .. file:format(version))
      assert.is_truthy(found, file)
      found:close()
    end
  end)

  it("installs every module in Lua that the sources have", function()
    local installed = files_in(folder .. "/usr/share/lua/" .. _VERSION:match("%d%.%d"))
    assert.equal(files_in("lua"), installed)
  end)

  it("installs the completions of bash, zsh and fish", function()
    for _, file in ipairs {
      "bash-completion/completions/twilio-numbers",
      "zsh/site-functions/_twilio-numbers",
      "fish/vendor_completions.d/twilio-numbers.fish",
    } do
      local found = assert(io.open(folder .. "/usr/share/" .. file), file)
      assert.matches("twilio%-numbers", found:read("*a"))
      found:close()
    end
  end)

  it("installs every manual page that the sources have", function()
    local pages = output("cd man 2>/dev/null && ls *.1"):gsub("(%S+)", "./%1")
    assert.equal(pages, files_in(folder .. "/usr/share/man/man1"))
  end)

  it("leaves the completions out where the command does not run, and installs the rest", function()
    local other = output("mktemp -d"):match("%S+")
    local said = make("install", other, "PREFIX=/usr INTERPRETER=no-such-lua")
    local installed = files_in(other)
    os.execute("rm -rf " .. other)
    assert.matches("left out: the shells' completions", said, 1, true)
    assert.is_truthy(installed:find("./usr/bin/twilio-numbers\n", 1, true))
    assert.is_nil(installed:find("bash-completion", 1, true))
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

  it("installs into the folders that a packager names, and says so in the command", function()
    local other = output("mktemp -d"):match("%S+")
    local names = { "BINDIR", "MANDIR", "INST_LUADIR", "INST_LIBDIR" }
    for _, shell in ipairs { "BASH", "ZSH", "FISH" } do
      names[#names + 1] = shell .. "_COMPLETION_DIR"
    end
    local variables =
      { "PREFIX=/elsewhere INTERPRETER=$(command -v " .. interpreter.command .. ")" }
    for _, name in ipairs(names) do
      variables[#variables + 1] = name .. "=/my/" .. name
    end
    make("install", other, table.concat(variables, " "))
    local installed = files_in(other)
    local first = output(("head -n 1 %s/my/BINDIR/twilio-numbers"):format(other))
    os.execute("rm -rf " .. other)
    for _, file in ipairs {
      "BINDIR/twilio-simulator",
      "INST_LUADIR/twilio/numbers/init.lua",
      "INST_LIBDIR/twilio/numbers/core.so",
      "BASH_COMPLETION_DIR/twilio-numbers",
      "ZSH_COMPLETION_DIR/_twilio-numbers",
      "FISH_COMPLETION_DIR/twilio-numbers.fish",
    } do
      assert.is_truthy(installed:find("./my/" .. file .. "\n", 1, true), installed)
    end
    assert.is_nil(installed:find("elsewhere", 1, true))
    assert.matches("^#!/[^ ]*/" .. interpreter.command:gsub("%p", "%%%0") .. "\n$", first)
  end)
end)

describe("make uninstall", function()
  it("removes all that make install has installed, and nothing of another library", function()
    local folder = output("mktemp -d"):match("%S+")
    local version = _VERSION:match("%d%.%d")
    make("install", folder)
    local mine = ("/usr/share/lua/%s/twilio/other.lua"):format(version)
    os.execute(("touch %s%s"):format(folder, mine))
    make("uninstall", folder)
    local left = files_in(folder)
    os.execute("rm -rf " .. folder)
    assert.equal("." .. mine .. "\n", left)
  end)
end)

describe("make", function()
  local function unit(variables)
    local folder = output("mktemp -d"):match("%S+")
    local command =
      "unset MAKEFLAGS MAKELEVEL CFLAGS; make -n BUILD=%s LUA=%s %s %s/%s/twilio/numbers/core.so 2>&1"
    local said = output(command:format(folder, LUA, variables, folder, LUA))
    os.execute("rm -rf " .. folder)
    return said
  end

  it("compiles and links with a packager's flags", function()
    local said = unit("CPPFLAGS=-DFROM_CPPFLAGS CFLAGS='-O1 -DFROM_CFLAGS' LDFLAGS=-Wl,-O1")
    local compile, link =
      said:match("\n(%S+ [^\n]* %-c csrc/pure/[^\n]*).*\n([^\n]*%-shared[^\n]*)")
    assert.matches(" -DFROM_CPPFLAGS -O1 -DFROM_CFLAGS ", compile, 1, true)
    assert.matches(" -O1 -DFROM_CFLAGS ", link, 1, true)
    assert.matches(" -Wl,-O1 ", link, 1, true)
  end)

  it("leaves the level of FORTIFY_SOURCE to a packager", function()
    assert.matches(" -D_FORTIFY_SOURCE=3 ", unit(""), 1, true)
    assert.is_nil(unit("CPPFLAGS=-D_FORTIFY_SOURCE=2"):find("_FORTIFY_SOURCE=3", 1, true))
  end)
end)
