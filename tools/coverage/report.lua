-- Prints what tools/coverage/run counted: a table by file, the lines that never ran, totals.
--   lua5.4 tools/coverage/report.lua C_JSON LUA_LINES [--without-judgement]
-- C_JSON is gcovr's, LUA_LINES has lines of "file line". Ends with status 1 if a line that never ran
-- has no reason in tools/coverage/reasons.lua.
local cjson = require("cjson")
local active_lines = dofile("tools/coverage/active.lua")
local reason_of, unused_reasons =
  dofile("tools/coverage/judge.lua")(dofile("tools/coverage/reasons.lua"))

local function source_lines(path)
  local lines = {}
  for line in io.lines(path) do
    lines[#lines + 1] = line
  end
  return lines
end

--- A file's account: lines[n] is whether that line ran, nil for one that is not executable.
local function new_file(path)
  return { path = path, lines = {}, source = source_lines(path), branches = 0, taken = 0 }
end

--- From gcovr.
local function c_files(path)
  local files = {}
  for _, counted in ipairs(cjson.decode(assert(io.open(path)):read("*a")).files) do
    local file = new_file(counted.file)
    for _, line in ipairs(counted.lines) do
      if not line["gcovr/noncode"] then
        file.lines[line.line_number] = line.count > 0
        for _, branch in ipairs(line.branches) do
          file.branches = file.branches + 1
          file.taken = file.taken + (branch.count > 0 and 1 or 0)
        end
      end
    end
    files[#files + 1] = file
  end
  return files
end

--- From the lines that ran, among the executable ones. The files in meta/ are for editors, and never loaded.
local function lua_files(path)
  local files, ran = {}, {}
  for line in io.lines(path) do
    ran[line] = true
  end
  local listed = io.popen("find lua -name '*.lua' ! -path '*/meta/*' | LC_ALL=C sort")
  for name in listed:lines() do
    local file = new_file(name)
    for number in pairs(active_lines(name, file.source)) do
      file.lines[number] = ran[name .. " " .. number] or false
    end
    files[#files + 1] = file
  end
  listed:close()
  return files
end

--- Counts a file's lines, and finds the blocks that never ran: first and last line of each.
local function account(file)
  file.count, file.run, file.blocks = 0, 0, {}
  local block
  for number = 1, #file.source do
    local run = file.lines[number]
    if run ~= nil then
      file.count = file.count + 1
      file.run = file.run + (run and 1 or 0)
      if run then
        block = nil
      elseif block then
        block.last = number
      else
        block = { first = number, last = number }
        file.blocks[#file.blocks + 1] = block
      end
    end
  end
  return file
end

local function percent(part, whole)
  return whole == 0 and "      " or ("%5.1f%%"):format(100 * part / whole)
end

local ROW = "%-46s %6d %s %8s %s"

local function row(name, file)
  print(
    ROW:format(
      name,
      file.count,
      percent(file.run, file.count),
      file.branches == 0 and "" or file.branches,
      percent(file.taken, file.branches)
    )
  )
end

--- Prints a row for each file that has lines, and one for all.
local function table_of(title, files)
  local total = { count = 0, run = 0, branches = 0, taken = 0 }
  print(("%-46s  lines    run branches  taken"):format(title))
  for _, file in ipairs(files) do
    if account(file).count > 0 then
      row(file.path, file)
      for name, value in pairs(total) do
        total[name] = value + file[name]
      end
    end
  end
  return total
end

local NONE = "NO REASON"

--- Prints the lines that never ran with their reasons, and counts the lines of each reason.
local function never_ran(files, counts)
  for _, file in ipairs(files) do
    for _, block in ipairs(file.blocks) do
      local reason = reason_of(file, block) or NONE
      for number = block.first, block.last do
        if file.lines[number] == false then
          print(("%s:%d: %s"):format(file.path, number, file.source[number]:match("^%s*(.*)")))
          counts[reason] = (counts[reason] or 0) + 1
        end
      end
      print("    " .. reason)
    end
  end
end

local function show_counts(counts)
  local reasons = {}
  for reason in pairs(counts) do
    reasons[#reasons + 1] = reason
  end
  table.sort(reasons, function(a, b)
    return counts[a] > counts[b] or counts[a] == counts[b] and a < b
  end)
  for _, reason in ipairs(reasons) do
    print(("%4d lines: %s"):format(counts[reason], reason))
  end
end

local of_c, of_lua = c_files(arg[1]), lua_files(arg[2])
local total_of_c = table_of("C", of_c)
print()
local total_of_lua = table_of("Lua", of_lua)
print("\nLines that never ran:")
local counts = {}
never_ran(of_c, counts)
never_ran(of_lua, counts)
print()
show_counts(counts)
print()
row("all of C", total_of_c)
row("all of Lua", total_of_lua)
if arg[3] ~= "--without-judgement" then
  for _, text in ipairs(unused_reasons()) do
    print("an unused reason in tools/coverage/reasons.lua: " .. text)
  end
  os.exit(counts[NONE] and 1 or 0)
end
