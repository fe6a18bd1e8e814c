-- What the figures should be: a table of data. The page shows each next to what was measured, "met" or
-- "missed". `figure` draws it from results, see bench/report/figures.lua; `reason` says why one is missed,
-- as far as that was measured.
local layout = require("bench.report.layout")
local plan = require("bench.plan")

local PUC = { "5.1", "5.2", "5.3", "5.4" }

local function keys(prefix, luas)
  local list = {}
  for i, lua in ipairs(luas) do
    list[i] = prefix .. lua
  end
  return list
end

local function name_of(lua)
  return lua == "luajit" and "LuaJIT" or "Lua " .. lua
end

local function instructions_ratio(figures)
  local floor, worst = figures:row("instructions", "curl_easy"), nil
  for _, lua in ipairs(plan.COUNTED_LUAS) do
    local row = figures:row("instructions", "numbers-" .. lua)
    if not (row and floor) then
      return nil
    end
    worst = math.max(worst or 0, row.all / floor.all)
  end
  return worst
end

-- A sentence with a figure for each Lua whose instructions were counted.
local function for_each_lua(sentence, figure)
  return function(figures)
    local floor, words = figures:row("instructions", "curl_easy"), {}
    for _, lua in ipairs(plan.COUNTED_LUAS) do
      local row = figures:row("instructions", "numbers-" .. lua)
      if not (floor and row) then
        return nil
      end
      words[#words + 1] = figure(row, floor) .. " under " .. name_of(lua)
    end
    return sentence:format(table.concat(words, ", "))
  end
end

-- What no purchase can go without: the bytes, and the answer as a table.
local instructions_reason = for_each_lua(
  "The bare loop and decoding the answer, with nothing else, are %s.",
  function(row, floor)
    return layout.times((floor.all + row.decode) / floor.all) .. " x"
  end
)

-- Where most of what is added to the floor comes from.
local decoding_reason = for_each_lua(
  "Of the instructions beyond the floor's, one at a time, decoding has %s.",
  function(row, floor)
    return ("%.0f %%"):format(row.decode / (row.all - floor.all) * 100)
  end
)

local function decoding_of(luas)
  return function(figures)
    local worst
    for _, lua in ipairs(luas) do
      local row = figures:row("instructions", "numbers-" .. lua)
      worst = row and math.max(worst or 0, row.decode / 1000)
    end
    return worst
  end
end

-- How far the floor itself is from the official clients.
local function distance_reason(part, floor)
  return function(figures)
    local least = figures:extreme_ratio(math.min, part, { "node", "python" }, { floor })
    return least
      and ("The bare loop in C, which decodes nothing, is %s times cheaper than the cheaper one."):format(
        layout.times(least)
      )
  end
end

local function cpu_of_new_connections(figures)
  local each = figures:largest("new_connections", keys("numbers-", plan.SOME_LUAS), "cpu_us")
  return each and each * 100 / 1e6
end

local function worst_frame(pick)
  return function(figures)
    local worst
    for _, lua in ipairs(plan.FRAME_LUAS) do
      for _, path in ipairs(pick) do
        local value = figures:frame("numbers-" .. lua .. " h2", path)
        if not value then
          return nil
        end
        worst = math.max(worst or value, value)
      end
    end
    return worst
  end
end

local function growth_of(luas, measure)
  return function(figures)
    local worst
    for _, lua in ipairs(luas) do
      local value = measure(figures, lua)
      if not value then
        return nil
      end
      worst = math.max(worst or value, value)
    end
    return worst
  end
end

local function quotient(a, b)
  return a and b and a / b
end

-- The bare loop's own growth, between two parts of the run.
local function growth_reason(figures)
  local few = figures:median("in_flight_100", "curl_multi", "cpu_us")
  local many = figures:median("in_flight_1000", "curl_multi", "cpu_us")
  return few
    and many
    and ("The bare curl_multi loop itself grows by %s x."):format(layout.times(many / few))
end

local STOPPED =
  "A step of Lua's collector falls to whoever allocates: with it stopped, the longest warm one is %s us."

local function collector_reason(figures)
  local worst = worst_frame { { "warm_without_collector", "poll_us" } }(figures)
  return worst and STOPPED:format(layout.number(worst))
end

return {
  {
    what = "One at a time, CPU, next to the bare libcurl loop; the worst of five interpreters",
    unit = "x",
    most = 1.15,
    figure = function(figures)
      return figures:extreme_ratio(
        math.max,
        "one_at_a_time",
        keys("numbers-", plan.OUR_LUAS),
        { "curl_easy" }
      )
    end,
    reason = decoding_reason,
  },
  {
    what = "One at a time, instructions, next to the bare libcurl loop; the worst interpreter",
    unit = "x",
    most = 1.70,
    figure = instructions_ratio,
    reason = instructions_reason,
  },
  {
    what = "Decoding the response to a purchase, instructions; the worst of Lua 5.1 and 5.4",
    unit = "thousand",
    most = 42,
    figure = decoding_of { "5.1", "5.4" },
  },
  {
    what = "Decoding the response to a purchase, instructions; LuaJIT",
    unit = "thousand",
    most = 34,
    figure = decoding_of { "luajit" },
  },
  {
    what = "100 in flight, CPU, next to the bare curl_multi loop; the worst of Lua 5.1 to 5.4",
    unit = "x",
    most = 1.30,
    figure = function(figures)
      return figures:extreme_ratio(
        math.max,
        "in_flight_100",
        keys("flight-", PUC),
        { "curl_multi" }
      )
    end,
    reason = decoding_reason,
  },
  {
    what = "100 in flight, CPU, next to the bare curl_multi loop; LuaJIT",
    unit = "x",
    most = 1.22,
    figure = function(figures)
      return figures:extreme_ratio(math.max, "in_flight_100", { "flight-luajit" }, { "curl_multi" })
    end,
    reason = decoding_reason,
  },
  {
    what = "One at a time, how many times the CPU each official client takes; the least",
    unit = "x",
    least = 7,
    figure = function(figures)
      return figures:extreme_ratio(
        math.min,
        "one_at_a_time",
        { "node", "python" },
        keys("numbers-", plan.OUR_LUAS)
      )
    end,
    reason = distance_reason("one_at_a_time", "curl_easy"),
  },
  {
    what = "100 in flight, how many times the CPU each official client takes; the least",
    unit = "x",
    least = 12,
    figure = function(figures)
      return figures:extreme_ratio(
        math.min,
        "in_flight_100",
        { "node", "python" },
        keys("flight-", plan.OUR_LUAS)
      )
    end,
    reason = distance_reason("in_flight_100", "curl_multi"),
  },
  {
    what = "100 new TLS connections, CPU",
    unit = "s",
    most = 0.2,
    figure = cpu_of_new_connections,
  },
  {
    what = "100 new TLS connections, peak memory",
    unit = "MB",
    most = 25,
    figure = function(figures)
      return figures:largest("new_connections", keys("numbers-", plan.SOME_LUAS), "peak_mb")
    end,
  },
  {
    what = "The longest `client:poll()` of a frame loop that buys 100 numbers, cold or warm",
    unit = "us",
    most = 250,
    figure = worst_frame { { "cold", "poll_us" }, { "warm", "poll_us" } },
    reason = collector_reason,
  },
  {
    what = "A `client:poll()` that finds nothing",
    unit = "ns",
    most = 200,
    figure = worst_frame { { "idle", "ns" }, { "idle_in_flight", "ns" } },
  },
  {
    what = "From 1,000 to 10,000 purchases: CPU of one, next to one of the first 1,000",
    unit = "x",
    most = 1.1,
    figure = growth_of(plan.GROWTH_LUAS, function(figures, lua)
      local id = "numbers-" .. lua
      return quotient(figures:marginal_cpu(id, 1000, 10000), figures:marginal_cpu(id, 100, 1000))
    end),
  },
  {
    what = "From 1,000 to 10,000 purchases: peak memory",
    unit = "x",
    most = 1.05,
    figure = growth_of(plan.GROWTH_LUAS, function(figures, lua)
      local id = "numbers-" .. lua .. " x"
      return quotient(
        figures:median("growth", id .. "10000", "peak_mb"),
        figures:median("growth", id .. "1000", "peak_mb")
      )
    end),
  },
  {
    what = "From 100 to 1,000 in flight: CPU of one",
    unit = "x",
    most = 1.25,
    figure = growth_of(plan.SOME_LUAS, function(figures, lua)
      local id = "flight-" .. lua
      local ratio = figures:ratio("in_flight_1000", id, id .. " at 100")
      return ratio and ratio.median
    end),
    reason = growth_reason,
  },
}
