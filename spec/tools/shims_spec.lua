-- The libraries that specs preload into processes of theirs do what they say, on programs that do little.
local clock = require("spec.support.clock")
local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")

--- A process that preloads a library.
---@return file* pipe what it prints
local function start(program, library, variables)
  local words = { "exec 2>&1; " } -- the shell tells of a process that was killed, too
  for name, value in pairs(variables) do
    words[#words + 1] = ("export %s='%s'; "):format(name, value)
  end
  local command = "(" .. interpreter.run(program, nil, library) .. "); echo $?"
  return assert(io.popen(table.concat(words) .. command))
end

--- What a program prints in a process that preloads a library, and its exit status.
local function result_of(program, library, variables)
  local pipe = start(program, library, variables)
  local output, status = pipe:read("*a"):match("^(.-)(%d+)\n$")
  pipe:close()
  return output, tonumber(status)
end

--- The same of one that must succeed.
local function output_of(...)
  local output, status = result_of(...)
  assert.equal(0, status)
  return output
end

local function read(path)
  local file = io.open(path)
  local text = file and file:read("*a")
  if file then
    file:close()
  end
  return text
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

describe("spec_killing", function()
  local path, count_path

  -- Nine calls that count, and one that does not.
  local PROGRAM = [[
    local calls, path = require("spec_calls"), %q
    local fd, one, other = calls.open(path, "create"), calls.pair()
    local function step(name, ...)
      calls[name](...)
      io.write(name, " ")
      io.flush()
    end
    step("write", fd, "written")
    step("pwrite", fd, "more", 7)
    step("fsync", fd)
    step("fdatasync", fd)
    step("ftruncate", fd, 5)
    step("send", one, "text")
    step("recv", other, 4)
    step("close", fd)
    step("unlink", path)
  ]]
  local STEPS = { "write", "pwrite", "fsync", "fdatasync", "ftruncate", "send", "recv" }
  STEPS[8], STEPS[9] = "close", "unlink"
  local LEFT = { "", "written", "writtenmore", "writtenmore", "writtenmore", "writt", "writt" }
  LEFT[8], LEFT[9] = "writt", "writt" -- in the file, before each of them

  before_each(function()
    path, count_path = os.tmpname(), os.tmpname()
  end)

  after_each(function()
    os.remove(path)
    os.remove(count_path)
  end)

  it("counts the calls, and kills nothing then", function()
    local output = output_of(PROGRAM:format(path), "spec_killing", { KILLING_COUNT = count_path })
    assert.equal(table.concat(STEPS, " ") .. " ", output)
    local text = read(count_path)
    assert.equal(9, tonumber(text:match("^%d+")))
    for _, name in ipairs(STEPS) do
      assert.matches(("\n%s 1\n"):format(name), text)
    end
  end)

  for n, name in ipairs(STEPS) do
    for _, moment in ipairs { "before", "after" } do
      it(("kills %s call %d, %s()"):format(moment, n, name), function()
        local variables = { KILLING_AT = n, KILLING_WHEN = moment, KILLING_COUNT = count_path }
        local output, status = result_of(PROGRAM:format(path), "spec_killing", variables)
        assert.equal(137, status)
        local printed = table.concat(STEPS, " ", 1, n - 1) .. (n > 1 and " " or "")
        assert.equal(printed, (output:gsub("Killed\n", "")))
        assert.equal(LEFT[moment == "before" and n or n + 1], read(path))
        assert.equal("", read(count_path))
      end)
    end
  end

  it("kills nothing at a call that never comes", function()
    output_of(PROGRAM:format(path), "spec_killing", { KILLING_AT = 10 })
  end)

  it("counts the calls of all threads together", function()
    local program = [[
      require("spec_process").states(4, [=[
        local fsync = require("spec_calls").fsync
        for _ = 1, 100 do
          pcall(fsync, -1)
        end
      ]=])
    ]]
    output_of(program, "spec_killing", { KILLING_COUNT = count_path })
    assert.matches("\nfsync 400\n", read(count_path))
    local variables = { KILLING_AT = 250, KILLING_COUNT = count_path }
    assert.equal(137, select(2, result_of(program, "spec_killing", variables)))
  end)

  it("hears of libcurl's calls", function()
    local program = [[
      local core, session = require("twilio.numbers.core"), require("twilio.numbers.curl").session {}
      session:authorize("Basic one")
      session:send(core.new_response(), "GET", "https://127.0.0.1:1/", nil, 5, 5)
    ]]
    output_of(program, "spec_killing", { KILLING_COUNT = count_path })
    assert.matches("\nconnect %d+\n", read(count_path))
  end)

  it("is not preloaded by programs that the process starts", function()
    local program = [[io.write(io.popen("echo =$LD_PRELOAD="):read("*a"))]]
    assert.equal("==\n", output_of(program, "spec_killing", {}))
  end)
end)

describe("spec_slow_sync", function()
  local PROGRAM = [[
    local calls, core = require("spec_calls"), require("twilio.numbers.core")
    local path, awaited = os.tmpname(), os.getenv("SLOW_SYNC_UNTIL")
    local fd, began = calls.open(path), core.now()
    os.remove(path)
    calls.%s(fd)
    print(awaited and io.open(awaited) and "it is there" or core.now() - began)
  ]]

  for _, name in ipairs { "fsync", "fdatasync" } do
    it("makes " .. name .. "() take so many milliseconds", function()
      local output = output_of(PROGRAM:format(name), "spec_slow_sync", { SLOW_SYNC_MS = 50 })
      assert.is_true(tonumber(output) >= 0.05)
    end)

    it("lets " .. name .. "() hang until a file is there", function()
      local begun, until_there = os.tmpname(), os.tmpname()
      os.remove(begun)
      os.remove(until_there)
      local pipe = start(PROGRAM:format(name), "spec_slow_sync", {
        SLOW_SYNC_BEGUN = begun,
        SLOW_SYNC_UNTIL = until_there,
      })
      flights.until_(function()
        return read(begun)
      end, "begun")
      assert(io.open(until_there, "w")):close()
      assert.equal("it is there", pipe:read("*l"))
      pipe:close()
      os.remove(begun)
      os.remove(until_there)
    end)
  end
end)
