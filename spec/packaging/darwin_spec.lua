-- What `make` runs on macOS: under its name, with a compiler that knows no linker option of GNU.
local STUBS = {
  uname = "echo Darwin",
  cc = 'case "$*" in *-Wl,-z,*) exit 1 ;; esac',
}

local function output(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

--- The commands of `make -n`, in a folder where nothing is built.
local function commands()
  local folder = output("mktemp -d"):match("%S+")
  for name, body in pairs(STUBS) do
    local file = assert(io.open(folder .. "/" .. name, "w"))
    file:write("#!/bin/sh\n", body, "\n")
    file:close()
  end
  local line =
    "chmod +x %s/*; unset MAKEFLAGS MAKELEVEL; PATH=%s:$PATH make -n LUA=5.4 CC=cc BUILD=%s/build 2>&1"
  local said = output(line:format(folder, folder, folder))
  os.execute("rm -r " .. folder)
  return said
end

describe("make on macOS", function()
  local said = commands()

  for _, name in ipairs { "core", "curl", "stores" } do
    it("links a bundle that finds Lua in its host: " .. name, function()
      local link = said:match("\n(cc [^\n]*/" .. name .. "%.so[^\n]*)")
      assert.is_truthy(link:find(" -bundle -undefined dynamic_lookup ", 1, true))
      assert.is_nil(link:find(" -shared", 1, true))
      assert.is_nil(link:find("-Wl,-z", 1, true))
      assert.is_nil(link:find("-ldl", 1, true))
    end)
  end

  it("links curl with libcurl", function()
    assert.is_truthy(said:find("\ncc [^\n]* %-lcurl [^\n]*/curl%.so\n"))
  end)
end)
