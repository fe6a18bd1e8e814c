-- Recording what a process writes, and what a power cut may leave of it: spec/support/power.c, power.lua.
local interpreter = require("spec.support.interpreter")
local power = require("spec.support.power")

-- A folder of one file, "old", and a process that works on it.
local PROGRAM = [[
  local calls, power = require("spec_calls"), require("spec.support.power")
  local folder = os.getenv("POWER_FOLDER") .. "/"
  %s
]]

describe("a power cut", function()
  local folder, log, state

  before_each(function()
    folder, log, state = os.tmpname(), os.tmpname(), 12345
    os.remove(folder)
    assert(os.execute(("mkdir '%s'"):format(folder)))
    power.write(folder, { old = ("a"):rep(1500) })
  end)

  after_each(function()
    power.write(folder, {})
    os.remove(folder)
    os.remove(log)
  end)

  local function random()
    state = state * 16807 % 2147483647
    return state / 2147483647
  end

  -- The disk after a program has worked on the folder.
  local function disk_after(program)
    local before = power.files(folder)
    local settings = ("export POWER_FOLDER='%s' POWER_LOG='%s'; "):format(folder, log)
    local command = interpreter.run(PROGRAM:format(program), { library = "spec_power" })
    local pipe = assert(io.popen(settings .. command .. " 2>&1"))
    assert.equal("", pipe:read("*a"))
    pipe:close()
    local disk = power.disk(before)
    for _, record in ipairs(power.records(log)) do
      disk:apply(record)
    end
    assert.same(power.files(folder), disk:image("all"))
    return disk
  end

  -- Counts each image, as text, among many random ones.
  local function images(disk)
    local seen, count = {}, 0
    for _ = 1, 300 do
      local names, parts = disk:image(random), {}
      for name, bytes in pairs(names) do
        parts[#parts + 1] = name .. "=" .. bytes
      end
      table.sort(parts)
      local text = table.concat(parts, " ")
      count = count + (seen[text] and 0 or 1)
      seen[text] = (seen[text] or 0) + 1
    end
    return seen, count
  end

  it("keeps what was there before and what was synced", function()
    local disk = disk_after([[
      local fd = calls.open(folder .. "old")
      calls.pwrite(fd, ("b"):rep(700), 1000)
      calls.fsync(fd)
    ]])
    local expected = "old=" .. ("a"):rep(1000) .. ("b"):rep(700)
    assert.same({ [expected] = 300 }, (images(disk)))
    assert.same({ old = ("a"):rep(1000) .. ("b"):rep(700) }, disk:image("nothing"))
  end)

  it("keeps some sectors of an unsynced write", function()
    local disk = disk_after([[
      local fd = calls.open(folder .. "old")
      calls.pwrite(fd, ("b"):rep(700), 500)
    ]])
    assert.same({ old = ("a"):rep(1500) }, disk:image("nothing"))
    local a, b = "a", "b" -- 500 to 511, 512 to 1023, 1024 to 1199
    local seen, count = images(disk)
    assert.equal(8, count)
    for choice = 0, 7 do
      local first = choice % 2 == 1 and b or a
      local second = math.floor(choice / 2) % 2 == 1 and b or a
      local third = math.floor(choice / 4) == 1 and b or a
      local text = a:rep(500) .. first:rep(12) .. second:rep(512) .. third:rep(176) .. a:rep(300)
      assert.is_truthy(seen["old=" .. text], choice)
    end
  end)

  it("leaves a hole if only a later sector of a longer file was written", function()
    local disk = disk_after([[
      local fd = calls.open(folder .. "old")
      calls.ftruncate(fd, 0)
      calls.fdatasync(fd)
      calls.write(fd, ("b"):rep(1024))
    ]])
    local seen, count = images(disk)
    assert.equal(4, count)
    assert.is_truthy(seen["old=" .. ("\0"):rep(512) .. ("b"):rep(512)])
    assert.is_truthy(seen["old=" .. ("b"):rep(512)])
    assert.is_truthy(seen["old="])
  end)

  it("reverts an unsynced truncation, or not", function()
    local disk = disk_after([[calls.ftruncate(calls.open(folder .. "old"), 600)]])
    local seen, count = images(disk)
    assert.equal(2, count)
    assert.is_truthy(seen["old=" .. ("a"):rep(1500)] and seen["old=" .. ("a"):rep(600)])
  end)

  it("reverts created and removed names until the folder is synced", function()
    local CHANGES = [[
      local fd = calls.open(folder .. "new", "create")
      calls.write(fd, "new")
      calls.fsync(fd)
      calls.unlink(folder .. "old")
      calls.rename(folder .. "new", folder .. "newer")
    ]]
    local old = "old=" .. ("a"):rep(1500)
    local seen, count = images(disk_after(CHANGES))
    assert.equal(4, count)
    assert.is_truthy(
      seen[old] and seen["new=new " .. old] and seen["new=new"] and seen["newer=new"]
    )
    power.write(folder, { old = ("a"):rep(1500) })
    os.remove(log)
    local disk = disk_after(CHANGES .. [[calls.fsync(calls.open(folder, "folder"))]])
    assert.same({ ["newer=new"] = 300 }, (images(disk)))
  end)

  it("never mixes a file with its successor of the same name", function()
    local disk = disk_after([[
      calls.unlink(folder .. "old")
      local fd = calls.open(folder .. "old", "create")
      calls.write(fd, "b")
    ]])
    local seen, count = images(disk)
    assert.equal(4, count)
    assert.is_truthy(
      seen["old=" .. ("a"):rep(1500)] and seen[""] and seen["old="] and seen["old=b"]
    )
  end)

  it("can follow every record, and knows what was acknowledged until then", function()
    disk_after([[
      local fd = calls.open(folder .. "old")
      calls.pwrite(fd, "b", 0)
      power.mark("written")
      calls.fsync(fd)
      power.mark("synced")
    ]])
    local told = {}
    local records = power.records(log)
    local before = { old = ("a"):rep(1500) }
    local count = power.cuts(records, before, 3, random, function(image, marks, record)
      local line = record.what .. " " .. table.concat(marks, ",") .. " " .. image.old:sub(1, 1)
      told[#told + 1] = told[#told] ~= line and line or nil
    end)
    assert.equal(5 * #records, count)
    local text = table.concat(told, "\n")
    assert.matches("^open  a\nwrite  a\nwrite  b\n", text)
    assert.matches("\nmark written a\nmark written b\n", text)
    assert.matches("\nsync written b\nmark written,synced b$", text)
  end)

  it("finds the records of several processes in their order", function()
    local disk = disk_after([[
      local process = require("spec_process")
      local children = {}
      for i = 1, 4 do
        children[i] = process.fork()
        if children[i] == 0 then
          local fd = calls.open(folder .. "old")
          for turn = 1, 50 do
            calls.pwrite(fd, ("%d"):format(i):rep(10 * i), 100 * turn % 700)
          end
          process.leave(0)
        end
      end
      for i = 1, 4 do
        process.wait(children[i])
      end
    ]])
    assert.equal(1500, #disk:image("all").old)
    assert.equal(4 * 51, #power.records(log))
  end)
end)
