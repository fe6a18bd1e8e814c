-- Everything that a journal in SQLite has acknowledged is on the disk, at whatever moment the power is cut,
-- and whichever unsynced parts are lost. spec/support/power.lua makes the images of the disk.
local interpreter = require("spec.support.interpreter")
local journals = require("spec.support.journals")
local left_out = require("spec.support.left_out")
local power = require("spec.support.power")

local SEED = tonumber(os.getenv("SEED")) or os.time()
local PARTS = os.getenv("JOURNAL") and 20 or 3 -- random images after each write, sync or truncation
local ROUNDS, AT_ONCE = 4, 5 -- transactions that a process asks for: AT_ONCE of them before it waits

local PYTHON = "/usr/bin/python3"

-- A process that writes, and marks acknowledged writes.
local WRITER = [[
  local core, power = require("twilio.numbers.core"), require("spec.support.power")
  local stores = require("twilio.numbers.stores")
  local store = stores.open { kind = "sqlite", path = os.getenv("POWER_FOLDER") .. "/journal.db" }
  local function take()
    local tag, done, message = store:take()
    while not tag do
      store:wait(10)
      tag, done, message = store:take()
    end
    assert(done == true, message)
    return tag
  end
  for round = 1, %d do
    local keys = {}
    for i = 1, %d do
      keys[i] = ("%s-%%d-%%d"):format(round, i)
      assert(store:submit(i, core.now() + 60, "apply", {
        { key = "number " .. keys[i], version = 0, value = ("n"):rep(100) },
        { key = "order " .. keys[i], version = 0, value = ("o"):rep(300) },
      }))
    end
    for _ = 1, #keys do
      power.mark(keys[take()])
    end
  end
  store:close(10)
]]

-- The control: the same with SQLite's default, which does not sync the folder after deleting its rollback
-- journal.
local CONTROL = [[
import os, sqlite3
folder = os.environ["POWER_FOLDER"]
db = sqlite3.connect(folder + "/journal.db", isolation_level=None)
db.execute("PRAGMA journal_mode = DELETE")
db.execute("PRAGMA synchronous = FULL")
for i in range(%d):
    key = "control-%%d" %% i
    db.execute("BEGIN IMMEDIATE")
    for kind, value in (("number ", "n" * 100), ("order ", "o" * 300)):
        db.execute("INSERT INTO journal VALUES (?, 1, ?)", (kind + key, value))
    db.execute("COMMIT")
    os.remove(folder + "/:" + key)
]]

describe("when the power is cut, a journal in SQLite", function()
  local folder, images, log, before, state

  before_each(function()
    folder, images, log, state = journals.new_folder(), journals.new_folder(), os.tmpname(), SEED
    local journal = assert(journals.open(folder .. "/journal.db", { create = true }))
    assert(journal:read(journals.call(), { "key" }))
    journal:close(5)
    before = power.files(folder)
  end)

  after_each(function()
    journals.remove(folder)
    journals.remove(images)
    os.remove(log)
  end)

  local function random()
    state = (state % 2147483646 + 1) * 16807 % 2147483647
    return state / 2147483647
  end

  -- Runs commands at once, with spec_power in each.
  local function record(commands)
    local settings = ("export POWER_FOLDER='%s' POWER_LOG='%s'; "):format(folder, log)
    local pipes = {}
    for i, command in ipairs(commands) do
      pipes[i] = assert(io.popen(settings .. command .. " 2>&1"))
    end
    for _, pipe in ipairs(pipes) do
      assert.equal("", pipe:read("*a"))
      pipe:close()
    end
    return power.records(log)
  end

  -- The contents of a journal after a cut, by key; nil and a message if it cannot be read.
  local function read_image(image)
    power.write(images, image)
    local journal = assert(journals.open(images .. "/journal.db"))
    local list, message = journal:scan(journals.call(), "", nil, 1000)
    journal:close(5)
    local found = {}
    for _, entry in ipairs(list or {}) do
      found[entry.key] = entry.value
    end
    return list and found, message
  end

  -- The first transaction in an image that was acknowledged and is missing, or that is incomplete.
  local function problem_of(image, marks)
    local found, message = read_image(image)
    if not found then
      return message
    end
    for _, key in ipairs(marks) do
      if found["order " .. key] ~= ("o"):rep(300) then
        return key .. " is lost"
      end
    end
    for name in pairs(found) do
      local key = name:match("^%a+ (.*)$")
      if not (found["order " .. key] and found["number " .. key]) then
        return key .. " is there in part"
      end
    end
  end

  local function text_of(image)
    local parts = {}
    for name, bytes in pairs(image) do
      parts[#parts + 1] = name .. "\0" .. bytes
    end
    table.sort(parts)
    return table.concat(parts, "\0")
  end

  -- The number of images, the number with a loss, and a description of the first loss.
  local function cut(records)
    local cuts, lost, first, last_text, last_count = 0, 0, nil, nil, nil
    local seen = {}
    power.cuts(records, before, PARTS, random, function(image, marks)
      local text = text_of(image)
      if #marks ~= last_count then
        seen, last_count = {}, #marks
      end
      cuts = cuts + 1
      if text ~= last_text and not seen[text] then
        seen[text], last_text = true, text
        local problem = problem_of(image, marks)
        lost, first = lost + (problem and 1 or 0), first or problem
      end
    end)
    return cuts, lost, first
  end

  it("keeps what it acknowledged to two processes that write groups of transactions", function()
    local commands = {}
    for i, name in ipairs { "a", "b" } do
      commands[i] =
        interpreter.run(WRITER:format(ROUNDS, AT_ONCE, name), { library = "spec_power" })
    end
    local records, marks = record(commands), 0
    for _, one in ipairs(records) do
      marks = marks + (one.what == "mark" and 1 or 0)
    end
    assert.equal(2 * ROUNDS * AT_ONCE, marks)
    local cuts, lost, first = cut(records)
    assert.is_nil(first, ("SEED=%d: %s"):format(SEED, tostring(first)))
    assert.equal(0, lost)
    if os.getenv("JOURNAL") then
      print(("%d power cuts, %d acknowledged transactions, 0 lost"):format(cuts, marks))
    end
  end)

  it("would lose commits with SQLite's default, which shows that this spec detects it", function()
    if left_out.without_program("the control of power cuts", "python3", PYTHON) then
      return
    end
    local preload = interpreter.path_of("spec_power")
    local command = ("exec env LD_PRELOAD='%s' %s -B -c '%s'"):format(
      preload,
      PYTHON,
      CONTROL:format(6)
    )
    local _, lost, first = cut(record { command })
    assert.is_true(lost > 0)
    assert.matches("^control%-%d is lost$", first)
  end)
end)
