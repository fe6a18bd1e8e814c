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

local read = require("spec.support.files").read

local LAYERS = { pure = 1, http = 2, io = 3, journal = 4, lua = 5 }

describe("a file of csrc", function()
  local files = lines_of("find csrc -name '*.[ch]'")

  it("is in the folder of a layer", function()
    assert.is_true(#files > 50)
    for _, path in ipairs(files) do
      assert.is_truthy(LAYERS[path:match("^csrc/(%l+)/[%l_%d]+%.[ch]$")], path)
    end
  end)

  it("includes only headers of its own and lower layers", function()
    for _, path in ipairs(files) do
      local own = LAYERS[path:match("^csrc/(%l+)/")]
      for header in read(path):gmatch('#include "([^"]+)"') do
        local layer = LAYERS[header:match("^(%l+)/")]
        assert.is_truthy(layer and layer <= own, path .. " includes " .. header)
      end
    end
  end)

  it("uses Lua only in csrc/lua, and libcurl only in csrc/http and csrc/io", function()
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

--- What the folders of the Lua layer may require, besides their own and the files that have none.
local REQUIRES = {
  api = { async = true, config = true, http = true },
  async = { config = true, hosts = true, http = true },
  journal = { api = true, async = true, config = true, http = true },
  transport = { http = true },
  config = {},
  hosts = {},
  http = {},
}

local FILES_MAX = 9 -- one requiring the next

describe("a file of the Lua layer", function()
  local modules = {} -- name -> the modules that it requires

  setup(function()
    for _, path in ipairs(lines_of("find lua/twilio/numbers -name '*.lua' ! -path '*/command/*'")) do
      local name = path:match("^lua/(.*)%.lua$"):gsub("/init$", ""):gsub("/", ".")
      local required, text = {}, read(path):gsub("%-%-[^\n]*", "")
      for module in text:gmatch('require%("(twilio%.numbers[%w_.]*)"%)') do
        required[#required + 1] = module
      end
      modules[name] = required
    end
  end)

  local function folder_of(name)
    local folder = name:match("^twilio%.numbers%.([%w_]+)")
    return REQUIRES[folder] and folder
  end

  it("requires only modules of its own and lower folders", function()
    for name, required in pairs(modules) do
      local folder = folder_of(name)
      for _, module in ipairs(required) do
        local other = folder_of(module)
        local may = not folder or not other or other == folder or REQUIRES[folder][other]
        assert.is_truthy(may, name .. " requires " .. module)
      end
    end
  end)

  it("requires others without a cycle or a long chain", function()
    local lengths = {}
    local function length_of(name, chain)
      assert.is_nil(chain:find(" " .. name .. " ", 1, true), "a circle:" .. chain .. name)
      chain = chain .. name .. " "
      if not lengths[name] then
        local longest = 0
        for _, module in ipairs(modules[name] or {}) do
          longest = math.max(longest, modules[module] and length_of(module, chain) or 0)
        end
        lengths[name] = longest + 1
      end
      return lengths[name]
    end
    for name in pairs(modules) do
      assert.is_true(length_of(name, " ") <= FILES_MAX, name .. ": " .. length_of(name, " "))
    end
  end)

  it("does not start calls below the client", function()
    for name, required in pairs(modules) do
      for _, module in ipairs(required) do
        local is_top = name == "twilio.numbers.client" or name:find("[%._]methods$") ~= nil
        assert.is_true(module ~= "twilio.numbers.async.start" or is_top, name)
      end
    end
  end)
end)

describe("a file of the library or of the command", function()
  it("does not use os.execute, which ignores Ctrl-C meanwhile", function()
    for _, path in ipairs(lines_of("find lua/twilio/numbers -name '*.lua'")) do
      local text = read(path):gsub("%-%-[^\n]*", "")
      assert.is_nil(text:find("os.execute", 1, true), path)
    end
  end)
end)

describe("a file of api", function()
  it("writes no field of a call, since an operation's state is in call.state", function()
    for _, path in ipairs(lines_of("ls lua/twilio/numbers/api/*.lua")) do
      local text = read(path):gsub("%-%-[^\n]*", "")
      for assigned in ("\n" .. text):gmatch("\n%s*([%w_%.%[%], ]+) = ") do
        local name = (assigned .. ","):match("%f[%w_]call%.([%w_]+),")
        assert.is_nil(name, path .. ": " .. tostring(name))
      end
    end
  end)
end)

describe("a host's adapter", function()
  it("reads no field of the scheduler, but calls its functions", function()
    for _, path in ipairs(lines_of("ls lua/twilio/numbers/hosts/*.lua")) do
      for name, after in read(path):gmatch("scheduler%.([%w_]+)(.)") do
        assert.is_true(after == "(" or after == "," or name == "events", path .. ": " .. name)
      end
    end
  end)
end)

describe("a spec", function()
  it("has a unique name", function()
    local seen = {}
    for _, path in ipairs(lines_of("find spec -name '*_spec.lua'")) do
      local name = path:match("[^/]+$")
      assert.is_nil(seen[name], path .. " and " .. tostring(seen[name]))
      seen[name] = path
    end
  end)
end)
