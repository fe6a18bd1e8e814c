-- tools/release check: what must agree before a release is built.

local function run(command)
  local pipe = assert(io.popen(command .. " 2>&1; echo status $?"))
  local output = pipe:read("*a")
  pipe:close()
  return output:match("^(.*)status (%d+)%s*$")
end

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

local VERSION = require("twilio.numbers")._VERSION

describe("The version", function()
  it("is that of the changelog's first heading", function()
    assert.equal(VERSION, read("CHANGELOG.md"):match("\n## (%S+)"))
  end)
end)

describe("tools/release check", function()
  local folder

  local MODULE = "lua/twilio/numbers/init.lua"
  local ROCKSPEC = "twilio-numbers-1.2.3-1.rockspec"

  local function in_folder(command)
    return run(("unset MAKEFLAGS MAKELEVEL; cd %s && %s"):format(folder, command))
  end

  local function commit()
    local git = "git -c user.name=me -c user.email=me@example.com "
    local output, status = in_folder(git .. "add -A && " .. git .. "commit -qm 'One step'")
    assert.equal("0", status, output)
  end

  --- Changes a file of the copy, and commits that.
  local function change(path, pattern, replacement)
    local text, count = read(folder .. "/" .. path):gsub(pattern, replacement, 1)
    assert.equal(1, count, path)
    write(folder .. "/" .. path, text)
    commit()
  end

  before_each(function()
    folder = run("mktemp -d"):match("%S+")
    in_folder("git init -q && mkdir -p tools lua/twilio/numbers")
    for _, path in ipairs { "tools/release", MODULE, "twilio-numbers-scm-1.rockspec" } do
      run(("cp %s %s/%s"):format(path, folder, path))
    end
    write(
      folder .. "/CHANGELOG.md",
      "# Changelog\n\n## 1.2.3 (2026-12-24)\n\n## 1.2.2 (2026-01-01)\n"
    )
    change(MODULE, '_VERSION = "[^"]*"', '_VERSION = "1.2.3"')
    in_folder("tools/release rockspec")
    commit()
  end)

  after_each(function()
    run("rm -rf " .. folder)
  end)

  local function refuses(words)
    local output, status = in_folder("tools/release check")
    assert.equal("1", status)
    assert.is_truthy(output:find(words, 1, true), output)
    assert.equal(1, select(2, output:gsub("\n", "")), output)
  end

  it("accepts a changelog, a module and a rockspec of one version", function()
    assert.same({ "", "0" }, { in_folder("tools/release check") })
    local text = read(folder .. "/" .. ROCKSPEC)
    assert.matches('\nversion = "1.2.3-1"\n', text, 1, true)
    assert.matches('%.git",\n  tag = "v1%.2%.3",\n}', text)
    local output, status = in_folder("luarocks lint " .. ROCKSPEC)
    assert.equal("0", status, output)
  end)

  it("refuses a changelog of another version", function()
    change("CHANGELOG.md", "1%.2%.3", "1.2.4")
    refuses("CHANGELOG.md begins with 1.2.4, and numbers._VERSION is 1.2.3")
  end)

  it("refuses a module of another version than that of changelog and rockspec", function()
    change(MODULE, "1%.2%.3", "1.2.4")
    local output, status = in_folder("tools/release check")
    assert.equal("1", status)
    assert.matches("CHANGELOG.md begins with 1.2.3, and numbers._VERSION is 1.2.4", output, 1, true)
    assert.matches(ROCKSPEC .. " is of another version than 1.2.4", output, 1, true)
  end)

  it("refuses a rockspec that says another version than its name", function()
    change(ROCKSPEC, "1%.2%.3%-1", "1.2.2-1")
    refuses(ROCKSPEC .. " differs from twilio-numbers-scm-1.rockspec")
  end)

  it("refuses a rockspec that lists other files than the one for every commit", function()
    change("twilio-numbers-scm-1.rockspec", '"csrc/pure/base64.c", ', "")
    refuses(ROCKSPEC .. " differs from twilio-numbers-scm-1.rockspec")
  end)

  it("refuses a release without its rockspec, or without a day", function()
    change("CHANGELOG.md", "2026%-12%-24", "unreleased")
    refuses("CHANGELOG.md must name the day: ## 1.2.3 (2")
    change("CHANGELOG.md", "unreleased", "2026-12-24")
    in_folder("git rm -q " .. ROCKSPEC)
    commit()
    refuses("there is no " .. ROCKSPEC)
  end)

  it("refuses what is not committed, and the tag of another commit", function()
    in_folder("touch more")
    refuses("not all is committed")
    in_folder("git tag v1.2.3")
    commit()
    refuses("v1.2.3 is the tag of another commit")
  end)
end)
