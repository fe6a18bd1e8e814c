-- The page's tables of figures, as data; bench/report/costs.lua writes them. A column: its head, a function
-- of bench/report/figures.lua, and that function's arguments after the row's key; `write`: the format of the
-- figure, `factor`: its multiplier, `best`: "most" if more is better. Rows are those of a `part` of the plan
-- (those with a `suffix`, without it), or `rows`. If it `compares`, two rows list the contenders ahead of
-- ours and behind.
local layout = require("bench.report.layout")
local plan = require("bench.plan")

local times, thousands = layout.times, layout.thousands

local function seconds(value)
  return layout.fixed(value, 2)
end

---What a purchase costs each contender of a part.
local function busy(part, base)
  return {
    part = part,
    compares = true,
    has_controls = true,
    { "CPU, us", "value", part, "cpu_us" },
    { "x the bare loop", "ratio", part, base, write = times },
    { "x the cheapest", "ratio", part, base .. "_cheapest", write = times },
    { "wall, us", "value", part, "wall_us" },
    { "a second", "a_second", part, write = thousands, best = "most" },
    { "peak MB", "median", part, "peak_mb" },
  }
end

local function a_second(head, part)
  return { head, "a_second", part, write = thousands, best = "most" }
end

local function instructions(head, field)
  return { head, "field", "instructions", field, write = thousands }
end

---Rows of the contenders whose instructions are counted.
local function counted_rows(kind)
  local rows = {}
  for i, id in ipairs(plan.counted[kind]) do
    rows[i] = { key = id, name = plan.contender(id).name, contender = plan.contender(id) }
  end
  return rows
end

local tables = {
  one_at_a_time = busy("one_at_a_time", "curl_easy"),
  in_flight = busy("in_flight_100", "curl_multi"),
  throughput = {
    part = "in_flight_100",
    compares = true,
    head = "purchases a second, in flight:",
    a_second("1", "in_flight_1"),
    a_second("10", "in_flight_10"),
    a_second("100", "in_flight_100"),
    a_second("1,000", "in_flight_1000"),
    a_second("100, after 100 ms", "waiting_100"),
    a_second("1,000, after 100 ms", "waiting_1000"),
  },
  memory = {
    part = "waiting_1",
    compares = true,
    head = "peak MB, in flight:",
    { "1", "median", "waiting_1", "peak_mb" },
    { "100", "median", "waiting_100", "peak_mb" },
    { "1,000", "median", "waiting_1000", "peak_mb" },
    { "KB each of 100", "memory_of_one", 100 },
    { "KB each of 1,000", "memory_of_one", 1000 },
  },
  start = {
    part = "start",
    compares = true,
    { "to the first answer, ms", "value", "start", "start_s", factor = 1e3 },
    { "CPU of it all, ms", "value", "start", "process_cpu_s", factor = 1e3 },
    { "peak MB", "median", "start", "peak_mb" },
    { "MB on disk", "field", "sizes", "mb" },
    { "packages", "field", "sizes", "packages" },
  },
  connections = {
    part = "new_connections",
    compares = true,
    { "CPU of 100, s", "median", "new_connections", "cpu_us", write = seconds, factor = 1e-4 },
    { "x the bare loop", "ratio", "new_connections", "curl_easy", write = times },
    { "peak MB", "median", "new_connections", "peak_mb" },
  },
  growth = {
    part = "growth",
    suffix = " x100",
    compares = true,
    head = "CPU s of a program that buys:",
    { "100", "program", 100, "process_cpu_s", write = seconds },
    { "1,000", "program", 1000, "process_cpu_s", write = seconds },
    { "10,000", "program", 10000, "process_cpu_s", write = seconds },
    { "us each, to 1,000", "marginal_cpu", 100, 1000 },
    { "us each, to 10,000", "marginal_cpu", 1000, 10000 },
    { "peak MB, 1,000", "program", 1000, "peak_mb" },
    { "10,000", "program", 10000, "peak_mb" },
  },
  instructions = {
    rows = counted_rows("numbers"),
    compares = true,
    instructions("a purchase", "all"),
    { "x the bare loop", "instructions", "curl_easy", write = times },
    { "x the cheapest", "instructions", "curl_easy_cheapest", write = times },
    { "x C with JSON", "instructions", "curl_json", write = times },
    instructions("checks and encoding", "form"),
    instructions("decoding", "decode"),
  },
  instructions_in_flight = {
    rows = counted_rows("flight"),
    instructions("a purchase", "all"),
    { "x the bare loop", "instructions", "curl_multi", write = times },
    { "x the cheapest", "instructions", "curl_multi_cheapest", write = times },
  },
  decoding = {
    rows = counted_rows("numbers"),
    instructions("a number", "decode"),
    instructions("by lua-cjson", "cjson"),
    instructions("a page of 50", "page_50"),
    instructions("by lua-cjson", "cjson_50"),
    instructions("a page of 1,000", "page_1000"),
    instructions("by lua-cjson", "cjson_1000"),
  },
  caches = {
    rows = counted_rows("numbers"),
    { "reads of data that missed the first cache", "field", "caches", "reads", write = thousands },
    { "branches guessed wrong", "field", "caches", "branches", write = thousands },
  },
  garbage = {
    rows = counted_rows("numbers"),
    { "one at a time, bytes", "garbage", "numbers", write = thousands },
    { "100 in flight, bytes", "garbage", "flight", write = thousands },
  },
  frame = {
    rows = plan.frames,
    head = "the longest, of all bursts:",
    { "poll, cold, us", "frame", "cold", "poll_us" },
    { "poll, warm, us", "frame", "warm", "poll_us" },
    { "begin, warm, us", "frame", "warm", "begin_us" },
    { "the longer of both, us", "frame", "warm", "call_us" },
    { "without the collector, us", "frame", "warm_without_collector", "call_us" },
    { "frame, cold, ms", "frame", "cold", "frame_ms" },
    { "frame, warm, ms", "frame", "warm", "frame_ms" },
    { "idle poll, ns", "frame", "idle_in_flight", "ns" },
  },
  neighbour = {
    rows = plan.neighbours,
    { "median, us", "field", "neighbour", "median_us" },
    { "99th percentile, us", "field", "neighbour", "p99_us" },
    { "longest, us", "field", "neighbour", "longest_us" },
    { "purchases a second", "field", "neighbour", "purchases_a_second" },
  },
}

table.insert(tables.one_at_a_time, 4, {
  "x C with JSON",
  "ratio",
  "one_at_a_time",
  "curl_json",
  write = times,
})

return tables
