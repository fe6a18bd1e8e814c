-- Runs a function with its own environment: os.getenv returns only these variables.

local environment = {}

---@param variables table<string, string>
---@param f function
---@return ... what f returns
function environment.with(variables, f)
  local real = os.getenv
  local function finish(ok, ...)
    os.getenv = real -- luacheck: ignore 122
    if not ok then
      error((...), 0)
    end
    return ...
  end
  os.getenv = function(name) -- luacheck: ignore 122
    return variables[name]
  end
  return finish(pcall(f))
end

return environment
