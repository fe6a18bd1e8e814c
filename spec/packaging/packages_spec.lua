-- Which packages tools/install installs, depending on those that apt knows.

local FAKES = {
  ["dpkg-query"] = "exit 1", -- nothing is installed
  ["apt-cache"] = [[
    case " $UNKNOWN " in *" $2 "*) candidate='(none)' ;; *) candidate=1 ;; esac
    echo "  Candidate: $candidate"]],
  ["apt-get"] = "exit 0",
  ["sudo"] = [[exec "$@"]],
}

local output = require("spec.support.files").output

describe("tools/install", function()
  local folder

  setup(function()
    folder = output("mktemp -d"):match("%S+")
    for name, body in pairs(FAKES) do
      local path = folder .. "/" .. name
      local file = assert(io.open(path, "w"))
      file:write("#!/bin/sh\n", body, "\n")
      file:close()
      os.execute("chmod +x " .. path)
    end
  end)

  teardown(function()
    os.execute("rm -r " .. folder)
  end)

  local function install(unknown)
    return output(("PATH=%s:$PATH UNKNOWN='%s' tools/install demo 2>&1"):format(folder, unknown))
  end

  it("installs luajit2 if it exists, as on Debian 12", function()
    local said = install("")
    assert.matches("\nInstalling Debian packages: [^\n]* luajit2 ", said)
    assert.is_nil(said:find(" luajit ", 1, true))
    assert.is_nil(said:find("left out", 1, true))
  end)

  it("installs luajit if there is no luajit2, as on Debian 13", function()
    local said = install("luajit2")
    assert.matches("\nInstalling Debian packages: [^\n]* luajit ", said)
    assert.is_nil(said:find("luajit2", 1, true))
    assert.is_nil(said:find("left out", 1, true))
  end)

  it("names and counts packages that a release lacks, and installs the others", function()
    local said = install("lua-http lua-socket")
    assert.matches("\nInstalling Debian packages: gcc ", said)
    assert.matches("left out (2): lua-http lua-socket\n", said, 1, true)
  end)
end)
