-- The libraries that specs preload into processes of theirs do what they say, on programs that do little.
local clock = require("spec.support.clock")
local interpreter = require("spec.support.interpreter")

--- What a program prints in a process that preloads a library.
local function output_of(program, library, variables)
  local words = {}
  for name, value in pairs(variables) do
    words[#words + 1] = ("export %s='%s'; "):format(name, value)
  end
  local command = table.concat(words) .. interpreter.run(program, nil, library)
  local pipe = assert(io.popen(command .. " 2>&1"))
  local output = pipe:read("*a")
  pipe:close()
  return output
end

describe("spec_clock", function()
  local shifted

  before_each(function()
    shifted = clock.new()
  end)

  after_each(function()
    shifted:close()
  end)

  it("shifts CLOCK_BOOTTIME and the wall clock while a process runs, and no other", function()
    local program = [[
      local core, clock = require("twilio.numbers.core"), require("spec.support.clock")
      local shifted = clock.of_this_process()
      local now, boot, wall = core.now(), core.boot_now(), os.time()
      local function differs(a, b, by)
        return a - b - by >= -1 and a - b - by < 20
      end
      for _, by in ipairs { { 0, 0 }, { 1000, -2000.5 }, { -1000, 86400 } } do
        shifted:set(by[1], by[2])
        print(
          differs(core.boot_now(), boot, by[1]),
          differs(os.time(), wall, by[2]),
          differs(core.now(), now, 0)
        )
      end
    ]]
    local right = "true\ttrue\ttrue\n"
    assert.equal(right:rep(3), output_of(program, "spec_clock", shifted.variables))
    assert.not_equal(right:rep(3), output_of(program, "spec_forgetful", shifted.variables))
  end)

  it("opens another boot id", function()
    local program = [[io.write(io.open("/proc/sys/kernel/random/boot_id"):read("*a"))]]
    local real = output_of(program, "spec_clock", shifted.variables)
    assert.matches("^%x+%-%x+%-%x+%-%x+%-%x+\n$", real)
    shifted:boot("another")
    assert.equal("another\n", output_of(program, "spec_clock", shifted.variables))
  end)
end)
