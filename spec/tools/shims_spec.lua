-- The libraries that specs preload into their processes work, tested with small programs.
local clock = require("spec.support.clock")
local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
local killing = require("spec.support.killing")

--- A process that preloads a library.
---@return file* pipe what it prints
local function start(program, library, variables)
  local words = {}
  for name, value in pairs(variables) do
    words[#words + 1] = ("export %s='%s'; "):format(name, value)
  end
  return assert(
    io.popen(table.concat(words) .. interpreter.run(program, { library = library }) .. " 2>&1")
  )
end

--- The output of a program in a process that preloads a library.
local function output_of(...)
  local pipe = start(...)
  local output = pipe:read("*a")
  pipe:close()
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

  it("shifts CLOCK_BOOTTIME and the wall clock of a running process, and no other clock", function()
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

  it("provides another boot ID", function()
    local program = [[io.write(io.open("/proc/sys/kernel/random/boot_id"):read("*a"))]]
    local real = output_of(program, "spec_clock", shifted.variables)
    assert.matches("^%x+%-%x+%-%x+%-%x+%-%x+\n$", real)
    shifted:boot("another")
    assert.equal("another\n", output_of(program, "spec_clock", shifted.variables))
  end)
end)

describe("spec_killing", function()
  local path, count_path

  -- Nine calls that count, and two that do not.
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
  local STEPS = {
    "write",
    "pwrite",
    "fsync",
    "fdatasync",
    "ftruncate",
    "send",
    "recv",
    "close",
    "unlink",
  }
  -- The file's contents before each call, and after the last.
  local LEFT = {
    "",
    "written",
    "writtenmore",
    "writtenmore",
    "writtenmore",
    "writt",
    "writt",
    "writt",
    "writt",
    nil,
  }

  before_each(function()
    path, count_path = os.tmpname(), os.tmpname()
  end)

  after_each(function()
    os.remove(path)
    os.remove(count_path)
  end)

  local function count(program)
    assert.equal(0, (killing.run(program, { KILLING_COUNT = count_path })))
    return read(count_path)
  end

  it("counts the calls without killing", function()
    local text = count(PROGRAM:format(path))
    assert.equal(9, tonumber(text:match("^%d+\n")))
    for _, name in ipairs(STEPS) do
      assert.matches(("\n%s 1\n"):format(name), text)
    end
  end)

  it("kills before and after each call", function()
    local program, killed = PROGRAM:format(path), {}
    local times = killing.each(program, { KILLING_COUNT = count_path }, function(n, moment, output)
      killed[#killed + 1] = moment .. " " .. STEPS[n]
      assert.equal(table.concat(STEPS, " ", 1, n - 1), (output:gsub(" $", "")))
      assert.equal(LEFT[moment == "before" and n or n + 1], read(path))
      assert.equal("", read(count_path)) -- it did not exit
      os.remove(path)
    end)
    assert.same({ 9, 18 }, { times, #killed })
    assert.same({ "before write", "after write", "before pwrite" }, {
      killed[1],
      killed[2],
      killed[3],
    })
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
    assert.matches("\nfsync 400\n", count(program))
    assert.equal(137, (killing.run(program, { KILLING_AT = 250 })))
  end)

  it("counts libcurl's calls", function()
    assert.matches(
      "\nconnect %d+\n",
      count([[
        local core, session = require("twilio.numbers.core"), require("twilio.numbers.curl").session {}
        session:authorize("Basic one")
        session:send(core.new_response(), "GET", "https://127.0.0.1:1/", nil, 5, 5)
      ]])
    )
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
    it("makes " .. name .. "() take the given milliseconds", function()
      local output = output_of(PROGRAM:format(name), "spec_slow_sync", { SLOW_SYNC_MS = 50 })
      assert.is_true(tonumber(output) >= 0.05)
    end)

    it("lets " .. name .. "() hang until a file exists", function()
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
