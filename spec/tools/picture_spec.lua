-- docs/images/session.svg is what tools/picture draws now.
local interpreter = require("spec.support.interpreter")

local read = require("spec.support.files").read

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- Whether the tags of an XML document close each other.
local function is_well_formed(xml)
  local open = {}
  for slash, name, attributes in xml:gmatch("<(/?)(%w+)([^>]*)>") do
    if slash == "/" then
      if table.remove(open) ~= name then
        return false
      end
    elseif not attributes:find("/$") then
      open[#open + 1] = name
    end
  end
  local text = xml:gsub("<[^>]*>", "")
  return #open == 0 and not text:find("[<>]") and not text:gsub("&%a+;", ""):find("&")
end

describe("The picture of a terminal session", function()
  local path = "docs/images/session.svg"

  it("is well formed, for light and dark", function()
    local picture = read(path)
    assert.is_true(is_well_formed(picture))
    assert.is_truthy(picture:find("prefers-color-scheme: dark", 1, true))
    assert.is_false(is_well_formed(picture .. "</svg>"))
  end)

  it("shows what the commands print now (make picture)", function()
    local new = os.tmpname()
    local command = "INTERPRETER=%s LUA_PATH=%s LUA_CPATH=%s timeout 60 tools/picture %s 2>&1"
    local pipe = assert(
      io.popen(command:format(interpreter.command, quote(package.path), quote(package.cpath), new))
    )
    local output = pipe:read("*a")
    pipe:close()
    local picture = read(new)
    os.remove(new)
    assert.equal("", output)
    assert.equal(read(path), picture)
  end)
end)
