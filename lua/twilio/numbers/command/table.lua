--- Tables: aligned for people, or as CSV (RFC 4180) for programs.
---
--- A column is a table: `name`, as --columns and CSV have it; `heading`, default the name; and optionally
---   of(record)   the cell; default: the field of that name
---   is_extra     shown only if --columns names it
---   is_sid       shortened where the terminal is narrow
---   wraps        broken into lines there, between words
---   cuts         cut off there
---   drops        omitted there, those of 1 first
---   is_outcome   coloured
---   is_once      left empty where it is as in the row above
local colour = require("twilio.numbers.command.colour")
local screen = require("twilio.numbers.command.screen")
local streams = require("twilio.numbers.command.streams")
local width = require("twilio.numbers.command.width")

local tables = {}

local GAP = "  "
local LEAST = { { "wraps", 30 }, { "cuts", 13 } } -- columns that are left to a cell that is made narrower
local SID = { first = 6, last = 4 } -- characters that are left of one

--- The columns to print.
---@param all table[]
---@param names string[]|nil of --columns
local function select_columns(all, names)
  local list, by_name = {}, {}
  for _, column in ipairs(all) do
    by_name[column.name] = column
    list[#list + 1] = not column.is_extra and column or nil
  end
  if not names then
    return list
  end
  list = {}
  for _, name in ipairs(names) do
    list[#list + 1] = by_name[name]
  end
  return list
end

local function cell_of(column, record)
  local value = record[column.name]
  if column.of then
    value = column.of(record)
  end
  return (value == nil or type(value) == "table") and "" or streams.clean(value)
end

-- ---- CSV ----

local function quote(cell)
  return cell:find('[",]') and '"' .. cell:gsub('"', '""') .. '"' or cell
end

local function print_csv(columns, records)
  local names = {}
  for i, column in ipairs(columns) do
    names[i] = column.name
  end
  streams.print(table.concat(names, ","))
  for _, record in ipairs(records) do
    local cells = {}
    for i, column in ipairs(columns) do
      cells[i] = quote(cell_of(column, record))
    end
    streams.print(table.concat(cells, ","))
  end
end

-- ---- for people ----

--- The columns with their cells and widths.
local function lay_out(columns, records)
  local list = {}
  for i, column in ipairs(columns) do
    local heading = column.heading or column.name:gsub("_", " "):upper()
    local one = { column = column, heading = heading, width = width.of(heading), cells = {} }
    for place, record in ipairs(records) do
      local cell = cell_of(column, record)
      local is_again = column.is_once and place > 1 and cell == cell_of(column, records[place - 1])
      one.cells[place] = is_again and "" or cell == "" and "-" or cell
      one.width = math.max(one.width, width.of(one.cells[place]))
    end
    list[i], one.natural = one, one.width
  end
  return list
end

local function total(list)
  local sum = #GAP * (#list - 1)
  for _, one in ipairs(list) do
    sum = sum + one.width
  end
  return sum
end

local function shorten_sids(list)
  for _, one in ipairs(list) do
    if one.column.is_sid then
      one.width = width.of(one.heading)
      for place, cell in ipairs(one.cells) do
        if #cell > SID.first + 2 + SID.last then
          one.cells[place] = cell:sub(1, SID.first) .. ".." .. cell:sub(-SID.last)
        end
        one.width = math.max(one.width, width.of(one.cells[place]))
      end
      one.natural = one.width
    end
  end
end

--- Narrows the cells that can be narrowed. Returns whether that is enough.
local function squeeze(list, columns)
  for _, one in ipairs(list) do
    one.width = one.natural
  end
  for _, way in ipairs(LEAST) do
    for _, one in ipairs(list) do
      local wanted = one.width - math.max(total(list) - columns, 0)
      if one.column[way[1]] then
        one.width = math.min(one.width, math.max(wanted, way[2], width.of(one.heading)))
      end
    end
  end
  return total(list) <= columns
end

--- The index of the column to omit first.
local function next_to_drop(list)
  local first
  for i, one in ipairs(list) do
    local rank = one.column.drops
    if rank and (not first or rank < list[first].column.drops) then
      first = i
    end
  end
  return first
end

--- Makes the table as narrow as the terminal, if possible.
local function fit(list, columns)
  if total(list) <= columns then
    return
  end
  shorten_sids(list)
  while not squeeze(list, columns) do
    local place = next_to_drop(list)
    if not place then
      return
    end
    table.remove(list, place)
  end
end

--- The lines of a cell.
local function lines_of(one, cell)
  if width.of(cell) <= one.width then
    return { cell }
  end
  return one.column.wraps and width.wrap(cell, one.width) or { width.cut(cell, one.width) }
end

local function print_line(list, lines, number)
  local parts, last = {}, 0
  for i, one in ipairs(list) do
    local text = lines[i][number] or ""
    local padded = width.pad(text, one.width)
    parts[i] = one.column.is_outcome and colour.paint(1, text, padded) or padded
    last = text ~= "" and i or last
  end
  streams.print((table.concat(parts, GAP, 1, last):gsub(" +$", "")))
end

--- Prints rows below headings, or a remark if there are no rows.
---@param args table of the command: csv, columns
---@param all table[] the columns, see above
---@param records table[]
---@param none string what to say where there are none
function tables.print(args, all, records, none)
  local columns = select_columns(all, args.columns)
  if args.csv then
    return print_csv(columns, records)
  elseif #records == 0 then
    return streams.say(none)
  end
  local list, terminal = lay_out(columns, records), screen.width(1)
  if terminal and not args.columns then
    fit(list, terminal)
  end
  local headings = {}
  for i, one in ipairs(list) do
    headings[i] = { one.heading }
  end
  print_line(list, headings, 1)
  for place in ipairs(records) do
    local lines, most = {}, 1
    for i, one in ipairs(list) do
      lines[i] = lines_of(one, one.cells[place])
      most = math.max(most, #lines[i])
    end
    for number = 1, most do
      print_line(list, lines, number)
    end
  end
end

return tables
