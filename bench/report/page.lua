-- docs/evidence/benchmarks.md, from results; and the README's sentence.
local Figures = require("bench.report.figures")
local aims = require("bench.aims")
local costs = require("bench.report.costs")
local layout = require("bench.report.layout")
local plan = require("bench.plan")

local page = {}

local number, times = layout.number, layout.times

---One figure under each Lua with aims: "1.56 / 1.48 / 1.41".
local function under_each(figure)
  local list = {}
  for i, lua in ipairs(plan.AIM_LUAS) do
    list[i] = times(figure(lua))
  end
  return table.concat(list, " / ")
end

local HEADLINE = "Times the CPU, under Lua 5.1 / 5.4 / LuaJIT. One purchase after the other: "
  .. "**%s** of a bare libcurl loop in C, **%s** of the cheapest such loop, "
  .. "**%s** of C with libcurl and a JSON library. "
  .. "With 100 in flight: **%s** of a bare loop, **%s** of the cheapest."

---The page's first line of figures.
local function headline(figures)
  local function of(part, kind, base)
    return under_each(function(lua)
      return figures:times(kind .. lua, part, base)
    end)
  end
  return HEADLINE:format(
    of("one_at_a_time", "numbers-", "curl_easy"),
    of("one_at_a_time", "numbers-", "curl_easy_cheapest"),
    of("one_at_a_time", "numbers-", "curl_json"),
    of("in_flight_100", "flight-", "curl_multi"),
    of("in_flight_100", "flight-", "curl_multi_cheapest")
  )
end

local SENTENCE = "With checks and decoding, a purchase takes %s times the CPU time of a bare libcurl loop in "
  .. "C under LuaJIT and %s times under Lua 5.4; Twilio's Node.js client takes %s times: "
  .. "[docs/evidence/benchmarks.md](docs/evidence/benchmarks.md)."

---@return string markdown the README's sentence about cost
function page.sentence(results)
  local figures, list = Figures.of(results), {}
  for i, key in ipairs { "numbers-luajit", "numbers-5.4", "node" } do
    list[i] = times(figures:times(key, "one_at_a_time", "curl_easy"))
  end
  return SENTENCE:format(list[1], list[2], list[3])
end

---Every aim next to its measured figure, then each reason for missed ones.
local function aims_text(figures)
  local rows, reasons, given = {}, {}, {}
  for i, aim in ipairs(aims) do
    rows[i] = { aim.what .. ", " .. aim.unit }
    for j, lua in ipairs(plan.AIM_LUAS) do
      local value, most = aim.figure(figures, lua), aim.most[lua]
      local verdict = not value and "not measured" or value <= most and "met" or "**missed**"
      rows[i][j + 1] = ("%s of %s, %s"):format(number(value), number(most), verdict)
      if value and value > most and not given[aim.reason] then
        reasons[#reasons + 1] = "- " .. aim.reason
        given[aim.reason] = true
      end
    end
  end
  local text = layout.table({ "at most", "Lua 5.1", "Lua 5.4", "LuaJIT" }, rows)
  return text
    .. (#reasons > 0 and "\n\nWhy some are missed:\n\n" or "")
    .. table.concat(reasons, "\n")
end

local NOISE = 0.05 -- how far a control may be from 1

---The difference between two equal programs in this run.
local function controls_text(figures)
  local words, machine = {}, figures.results.machine
  local is_quiet = (machine.load or 0) <= machine.cores
  for _, part in ipairs { "one_at_a_time", "in_flight_100" } do
    local key = plan.parts[part].base
    local ratio = figures:ratio(key .. " again", part, key)
    if ratio then
      words[#words + 1] = ("%s (%s)"):format(layout.spread(ratio, times), plan.contender(key).name)
      is_quiet = is_quiet and math.abs(ratio.median - 1) <= NOISE
    end
  end
  return ("The controls of this run: %s.%s"):format(
    table.concat(words, ", "),
    is_quiet and ""
      or " **The machine was too noisy: times of this run are not worth a judgement.**"
  )
end

---Rows of the plan without figures: they failed, or were added to it after these results.
local function missing_list(figures)
  local lines = {}
  for _, part in ipairs(plan.parts) do
    local measured = figures:part(part.id)
    for _, row in ipairs(plan.rows(part.id)) do
      if not measured.rows[row.key] then
        local why = measured.failed[row.key] and "it failed in this run" or "not in this run"
        lines[#lines + 1] = ("- %s, in “%s”: %s."):format(row.name, part.title, why)
      end
    end
  end
  return table.concat(lines, "\n")
end

local function machine_text(figures)
  local machine, versions = figures.results.machine, {}
  for name, version in pairs(machine.versions) do
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
  headline = headline,
  machine = machine_text,
  aims = aims_text,
  controls = controls_text,
  missing = missing_list,
  rounds = rounds_text,
}

---@param results table
---@param template string text with {{section}} in it
function page.write(results, template)
  local figures = Figures.of(results)
  return (
    template:gsub("{{([%l_]+)}}", function(name)
      local section = SECTIONS[name] or costs.write
      return section(figures, name) or "Not measured in this run."
    end)
  )
end

return page
