-- The hardening of the modules that the Makefile builds, as shown by readelf.
local interpreter = require("spec.support.interpreter")

local function output(command)
  local pipe = assert(io.popen(command .. " 2>&1"))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

for _, name in ipairs { "core", "curl" } do
  describe("the module twilio.numbers." .. name, function()
    local path = interpreter.path_of("twilio/numbers/" .. name)
    local dynamic = output("readelf -dW " .. path)
    local segments = output("readelf -lW " .. path)

    --- The exported or the imported symbols.
    local function symbols(is_offered)
      local names = {}
      for line in output("readelf --dyn-syms -W " .. path):gmatch("[^\n]+") do
        local section, symbol = line:match(" DEFAULT +(%w+) ([%w_]+)")
        if symbol and (section ~= "UND") == is_offered then
          names[#names + 1] = symbol
        end
      end
      return names
    end

    it("has read-only relocation tables once it is loaded", function()
      assert.matches("GNU_RELRO", segments)
      assert.matches("FLAGS_1[^\n]*NOW", dynamic)
    end)

    it("needs no executable stack and no writable code", function()
      assert.matches("GNU_STACK[^\n]* RW ", segments)
      assert.not_matches("TEXTREL", dynamic)
      assert.not_matches("LOAD[^\n]* RWE ", segments)
    end)

    it("has stack protection", function()
      assert.matches(" __stack_chk_fail ", " " .. table.concat(symbols(false), " ") .. " ")
    end)

    it("stays loaded when a Lua state is closed", function()
      assert.matches("FLAGS_1[^\n]*NODELETE", dynamic)
    end)

    -- as the debug information would
    it("does not name the folder that it was built in #as_built", function()
      local here = output("pwd"):match("[^\n]+")
      assert.equal("0\n", output(("grep -cF %s %s"):format(here, path)))
    end)

    -- except in a coverage build, which exports its counters
    it("exports its one function, and nothing else #as_built", function()
      assert.same({ "luaopen_twilio_numbers_" .. name }, symbols(true))
    end)
  end)
end
