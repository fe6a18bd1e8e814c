-- How `make check` chooses its specs: tools/check, tools/check.lua.
local interpreter = require("spec.support.interpreter")

local output = require("spec.support.files").output

--- The chosen and the left-out specs, with only these commands and their requirements available.
local function choose(path)
  local name = os.tmpname()
  local line = "PATH=%s %s tools/check.lua %s"
  local command = output("command -v " .. interpreter.command):match("%S+")
  local chosen = output(line:format(path, command, name))
  local file = assert(io.open(name))
  local left_out = file:read("*a")
  file:close()
  os.remove(name)
  return chosen, left_out
end

local function count(text)
  return select(2, text:gsub("\n", "\n"))
end

describe("make check", function()
  local folder

  setup(function()
    folder = output("mktemp -d"):match("%S+")
    for _, name in ipairs { "find", "sort", "sh" } do
      os.execute(("ln -s $(command -v %s) %s"):format(name, folder))
    end
  end)

  teardown(function()
    os.execute("rm -r " .. folder)
  end)

  it("runs each spec file or prints why it is left out", function()
    local chosen, left_out = choose("$PATH")
    local all = output("find spec -name '*_spec.lua'")
    assert.equal(count(all), count(chosen) + count(left_out))
    for path in all:gmatch("%S+") do
      local is_chosen = ("\n" .. chosen):find("\n" .. path .. "\n", 1, true) ~= nil
      local is_left_out = left_out:find(": " .. path .. "\n", 1, true) ~= nil
      assert.are_not.equal(is_chosen, is_left_out, path)
    end
  end)

  it("leaves out slow specs and those that need npm", function()
    local chosen, left_out = choose("$PATH")
    assert.matches("takes long: spec/failures/lua_memory_client_spec.lua\n", left_out, 1, true)
    assert.matches("Prism: spec/wire/prism_spec.lua\n", left_out, 1, true)
    assert.matches("the official client: spec/wire/official_client_spec.lua\n", left_out, 1, true)
    assert.matches("spec/pure/sid_spec.lua\n", chosen, 1, true)
  end)

  it("leaves out and names specs that start a missing program", function()
    local chosen, left_out = choose(folder)
    assert.matches("\nhaproxy: spec/hosts/haproxy_spec.lua\n", "\n" .. left_out, 1, true)
    assert.matches("the simulator %(.-%): spec/api/purchase_spec.lua\n", left_out)
    assert.matches("spec/pure/sid_spec.lua\n", chosen, 1, true)
  end)
end)

describe("a Lua with few modules", function()
  it("runs the spec files that it can load, and prints the others", function()
    local name = os.tmpname()
    local paths = "spec/layers_spec.lua spec/pure/sid_spec.lua spec/hosts/luv_spec.lua"
    local line = "LUA_PATH=none LUA_CPATH=none %s tools/specs.lua %s %s"
    local chosen = output(line:format(interpreter.command, name, paths))
    local file = assert(io.open(name))
    local left_out = file:read("*a")
    file:close()
    os.remove(name)
    assert.equal("spec/layers_spec.lua\nspec/pure/sid_spec.lua\n", chosen)
    assert.matches("^lua%-%l+ for [^:]+: spec/hosts/luv_spec%.lua\n$", left_out)
  end)
end)
