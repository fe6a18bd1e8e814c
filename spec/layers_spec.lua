-- The folders are layers: a file uses its own folder and those below it.
local function lines_of(command)
  local lines = {}
  local output = assert(io.popen(command))
  for line in output:lines() do
    lines[#lines + 1] = line
  end
  output:close()
  return lines
end

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

local LAYERS = { pure = 1, http = 2, io = 3, lua = 4 }

describe("a file of csrc", function()
  local files = lines_of("find csrc -name '*.[ch]'")

  it("lies in the folder of a layer", function()
    assert.is_true(#files > 50)
    for _, path in ipairs(files) do
      assert.is_truthy(LAYERS[path:match("^csrc/(%l+)/[%l_%d]+%.[ch]$")], path)
    end
  end)

  it("includes headers of its own layer and of those below", function()
    for _, path in ipairs(files) do
      local own = LAYERS[path:match("^csrc/(%l+)/")]
      for header in read(path):gmatch('#include "([^"]+)"') do
        local layer = LAYERS[header:match("^(%l+)/")]
        assert.is_truthy(layer and layer <= own, path .. " includes " .. header)
      end
    end
  end)

  it("knows Lua only in csrc/lua, and libcurl only in csrc/http and csrc/io", function()
    for _, path in ipairs(files) do
      local layer, text = path:match("^csrc/(%l+)/"), read(path)
      local knows_lua = text:find("#include <lua", 1, true) or text:find("lauxlib.h", 1, true)
      local knows_libcurl = text:find('#include "http/libcurl.h"', 1, true)
      assert.is_true(not knows_lua or layer == "lua", path)
      assert.is_true(not knows_libcurl or layer == "http" or layer == "io", path)
      local is_libcurl = path == "csrc/http/libcurl.h"
      assert.equal(is_libcurl, text:find("#include <curl/", 1, true) ~= nil, path)
    end
  end)
end)

describe("a spec", function()
  it("has a name that no other has", function()
    local seen = {}
    for _, path in ipairs(lines_of("find spec -name '*_spec.lua'")) do
      local name = path:match("[^/]+$")
      assert.is_nil(seen[name], path .. " and " .. tostring(seen[name]))
      seen[name] = path
    end
  end)
end)
