-- docs/benchmarks.md, from results.
local Figures = require("bench.report.figures")
local aims = require("bench.aims")
local costs = require("bench.report.costs")
local layout = require("bench.report.layout")
local own = require("bench.report.own")
local plan = require("bench.plan")

local page = {}

local number = layout.number

---Every aim next to what was measured; then why some are missed.
local function aims_text(figures)
  local rows, reasons = {}, {}
  for i, aim in ipairs(aims) do
    local value = aim.figure(figures)
    local is_met = value
      and (not aim.most or value <= aim.most)
      and (not aim.least or value >= aim.least)
    rows[i] = {
      aim.what,
      (aim.most and "at most " or "at least ") .. number(aim.most or aim.least) .. " " .. aim.unit,
      value and number(value) .. " " .. aim.unit or "-",
      value == nil and "not measured" or is_met and "met" or "**missed**",
    }
    local reason = value and not is_met and aim.reason and aim.reason(figures)
    reasons[#reasons + 1] = reason and ("Missed: %s. %s"):format(aim.what, reason) or nil
  end
  table.insert(reasons, 1, layout.table({ "aim", "is", "measured", "" }, rows))
  return table.concat(reasons, "\n\n")
end

local NOISE = 0.05 -- how far a control may be from 1

---What two equal programs differ by in this run.
local function controls_text(figures)
  local words, machine = {}, figures.results.machine
  local is_quiet = (machine.load or 0) <= machine.cores
  for _, part in ipairs { "one_at_a_time", "in_flight_100" } do
    for _, row in ipairs(figures:rows(part)) do
      local ratio = row.is_control and figures:ratio(part, row.key, (row.key:gsub(" again$", "")))
      if ratio then
        words[#words + 1] = ("%s (%s)"):format(layout.spread(ratio, layout.times), row.name)
        is_quiet = is_quiet and math.abs(ratio.median - 1) <= NOISE
      end
    end
  end
  return ("The controls of this run: %s.%s"):format(
    table.concat(words, ", "),
    is_quiet and ""
      or " **The machine was too noisy: times of this run are not worth a judgement.**"
  )
end

local function settings_table()
  local rows = {}
  for _, contender in ipairs(plan.contenders) do
    rows[#rows + 1] = contender.settings
      and {
        contender.name:gsub(", LuaJIT$", ""),
        "`" .. contender.program .. "`",
        contender.settings,
      }
  end
  return layout.table({ "", "program", "how it is used" }, rows)
end

local function not_measured_list(figures)
  local lines = {}
  for _, row in ipairs(plan.not_measured) do
    lines[#lines + 1] = ("- %s%s: %s"):format(row[1]:sub(1, 1):upper(), row[1]:sub(2), row[2])
  end
  for _, part in ipairs(plan.parts) do
    for _, row in ipairs(figures:rows(part.id)) do
      if (figures:part(part.id).failed or {})[row.key] then
        lines[#lines + 1] = ("- %s, in “%s”: it failed in this run."):format(
          row.name,
          part.title
        )
      end
    end
  end
  return table.concat(lines, "\n")
end

local function machine_text(results)
  local machine, versions = results.machine, {}
  for name, version in pairs(results.machine.versions) do
    versions[#versions + 1] = name .. " " .. version
  end
  table.sort(versions, function(a, b)
    return a:lower() < b:lower()
  end)
  local format = "Measured on %s: %s, %d cores, %s GB, %s, %s; load average %s before.\n\n%s."
  return format:format(
    machine.date,
    machine.cpu,
    machine.cores,
    number(machine.memory_gb),
    machine.kernel,
    machine.system,
    number(machine.load or 0),
    table.concat(versions, ", ")
  )
end

local function rounds_text(figures)
  local list = {}
  for _, of in ipairs(plan.parts) do
    local part = figures:part(of.id)
    list[#list + 1] = part.rounds and ("%s: %d"):format(of.title, part.rounds) or nil
  end
  return table.concat(list, "; ")
end

local SECTIONS = {
  machine = function(figures)
    return machine_text(figures.results)
  end,
  aims = aims_text,
  controls = controls_text,
  one_at_a_time = function(figures)
    return costs.of(figures, "one_at_a_time")
  end,
  in_flight = function(figures)
    return costs.of(figures, "in_flight_100")
  end,
  throughput = costs.throughput,
  memory = costs.memory,
  start = costs.start,
  connections = costs.connections,
  instructions = own.instructions,
  decoding = own.decoding,
  growth = costs.growth,
  frame = own.frame,
  neighbour = own.neighbour,
  settings = settings_table,
  not_measured = not_measured_list,
  rounds = rounds_text,
}

---What a section needs of the results to be shown at all.
local NEEDS = {
  controls = "one_at_a_time",
  one_at_a_time = "one_at_a_time",
  in_flight = "in_flight_100",
  start = "start",
  connections = "new_connections",
  instructions = "instructions",
  decoding = "instructions",
  growth = "growth",
  frame = "frame",
  neighbour = "neighbour",
}

---@param results table
---@param template string text with {{section}} in it
function page.write(results, template)
  local figures = Figures.of(results)
  return (
    template:gsub("{{([%l_]+)}}", function(name)
      local needed = NEEDS[name]
      if needed and not results.parts[needed] then
        return "Not measured in this run."
      end
      return SECTIONS[name](figures)
    end)
  )
end

return page
