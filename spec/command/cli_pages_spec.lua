-- The manual page and docs/cli.md say what the parser takes.
local argparse = require("argparse")
local core = require("twilio.numbers.core")
local files = require("spec.support.files")
local left_out = require("spec.support.left_out")
local parser = require("twilio.numbers.command.parser")

local MAN = "man/twilio-numbers.1"

local read = files.read

local function run(line)
  return files.output(line .. " 2>&1")
end

local function has(name)
  return run("command -v " .. name) ~= ""
end

local function sorted(set)
  local list = {}
  for name in pairs(set) do
    list[#list + 1] = name
  end
  table.sort(list)
  return list
end

--- Calls it for each command that has none below it: name, command.
local function each_command(visit)
  local function walk(one, name)
    for _, below in ipairs(one._commands) do
      walk(below, (name .. " " .. below._name):gsub("^ ", ""))
    end
    if #one._commands == 0 and not one._hidden then
      visit(name, one)
    end
  end
  walk(parser.new(argparse, function() end), "")
end

--- "--limit N": how the page names an option.
local function label(option)
  local name = option._aliases[#option._aliases]
  return option._maxargs > 0 and name .. " " .. option:_get_argname(1):gsub("[<>]", "") or name
end

describe("The manual page of twilio-numbers", function()
  it("is the one that `make man` writes", function()
    assert.equal(dofile("tools/man_page.lua")(), read(MAN))
  end)

  it("renders without warnings", function()
    local has_groff = has("groff")
    if left_out.without(has_groff or has("mandoc"), "rendering " .. MAN, "groff") then
      return
    end
    local check = has_groff and "groff -man -ww -z " or "mandoc -Tlint -W warning "
    assert.equal("", run(check .. MAN))
  end)
end)

describe("docs/cli.md", function()
  --- The rows of the tables with that heading: the cells of each.
  local function rows(heading)
    local list, inside = {}, false
    for line in read("docs/cli.md"):gsub("\\|", "\1"):gmatch("[^\n]*\n") do
      local is_row = line:find("^|")
      if is_row and inside and not line:find("^| %-%-%-") then
        local cells = {}
        for cell in line:gmatch("|([^|\n]+)") do
          cells[#cells + 1] = cell:gsub("\1", "|"):match("^%s*(.-)%s*$")
        end
        list[#list + 1] = cells
      end
      inside = is_row and (inside or line == heading .. "\n")
    end
    return list
  end

  it("has a row for each command", function()
    local documented, known = {}, {}
    for _, cells in ipairs(rows("| command | what it does |")) do
      documented[cells[1]:match("^`([%l ]+%l)")] = true
    end
    each_command(function(name)
      known[name] = true
    end)
    assert.same(sorted(known), sorted(documented))
  end)

  it("has a row for each option of all commands", function()
    local documented, known = {}, {}
    for _, cells in ipairs(rows("| option | what it does |")) do
      documented[cells[1]:match("^`(.*)`$")] = true
    end
    for _, option in ipairs(parser.new(argparse, function() end)._options) do
      known[label(option)] = true
    end
    assert.same(sorted(known), sorted(documented))
  end)

  it("has a row for each option of single commands, which names these", function()
    local documented, known, is_elsewhere = {}, {}, { ["--help"] = true, ["--yes"] = true }
    for _, row in ipairs(core.parameters("search")) do
      is_elsewhere["--" .. row.name:gsub("_", "-")] = true
    end
    for _, cells in ipairs(rows("| option | of | what it does |")) do
      local option = cells[1]:match("^`(.*)`$")
      for name in cells[2]:gmatch("[^,]+") do
        documented[name:match("^%s*(.-)$") .. " " .. option] = true
      end
    end
    each_command(function(name, one)
      for _, option in ipairs(one._options) do
        if not option._hidden and not is_elsewhere[option._aliases[#option._aliases]] then
          known[name .. " " .. label(option)] = true
        end
      end
    end)
    assert.same(sorted(known), sorted(documented))
  end)
end)
