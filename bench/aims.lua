-- Upper limits for the figures under each Lua: a table of data. The page shows each aim next to its measured
-- figure, "met" or "**missed**". `figure` computes it from results, see bench/report/figures.lua; `reason`:
-- why it is missed, as far as known, for the page to say once.

local function growth(figures, id)
  return figures:times(id, "in_flight_1000", id .. " at 100")
end

local function garbage(kind)
  return function(figures, lua)
    return figures:garbage(kind .. "-" .. lua, kind)
  end
end

local LARGEST = "CPU and instructions: most of what is added to the bare loop is decoding, which is mostly "
  .. "making Lua's table and strings, and under PUC Lua the interpreter's own work on a purchase. The time "
  .. "has more of it than the instructions: see what misses the cache, below."

return {
  {
    what = "One at a time, CPU, next to the bare loop",
    unit = "x",
    most = { ["5.1"] = 1.18, ["5.4"] = 1.18, luajit = 1.15 },
    figure = function(figures, lua)
      return figures:times("numbers-" .. lua, "one_at_a_time", "curl_easy")
    end,
    reason = LARGEST,
  },
  {
    what = "One at a time, instructions, next to the bare loop",
    unit = "x",
    most = { ["5.1"] = 1.45, ["5.4"] = 1.43, luajit = 1.25 },
    figure = function(figures, lua)
      return figures:instructions("numbers-" .. lua, "curl_easy")
    end,
    reason = LARGEST,
  },
  {
    what = "100 in flight, CPU, next to the bare loop",
    unit = "x",
    most = { ["5.1"] = 1.30, ["5.4"] = 1.33, luajit = 1.20 },
    figure = function(figures, lua)
      return figures:times("flight-" .. lua, "in_flight_100", "curl_multi")
    end,
    reason = LARGEST,
  },
  {
    what = "100 in flight, instructions, next to the bare loop",
    unit = "x",
    most = { ["5.1"] = 1.65, ["5.4"] = 1.65, luajit = 1.45 },
    figure = function(figures, lua)
      return figures:instructions("flight-" .. lua, "curl_multi")
    end,
    reason = LARGEST,
  },
  {
    what = "100 in flight over HTTP/2, CPU, next to the bare loop over HTTP/2",
    unit = "x",
    most = { ["5.1"] = 1.40, ["5.4"] = 1.40, luajit = 1.30 },
    figure = function(figures, lua)
      return figures:times("flight-" .. lua .. " h2", "in_flight_100", "curl_multi h2")
    end,
    reason = LARGEST,
  },
  {
    what = "1,000 in flight, CPU, next to the bare loop",
    unit = "x",
    most = { ["5.1"] = 1.40, ["5.4"] = 1.35, luajit = 1.25 },
    figure = function(figures, lua)
      return figures:times("flight-" .. lua, "in_flight_1000", "curl_multi")
    end,
    reason = LARGEST,
  },
  {
    what = "From 100 to 1,000 in flight, growth of CPU, next to the bare loop's growth",
    unit = "x",
    most = { ["5.1"] = 1, ["5.4"] = 1, luajit = 1 },
    figure = function(figures, lua)
      local ours, floors = growth(figures, "flight-" .. lua), growth(figures, "curl_multi")
      return ours and floors and ours / floors
    end,
    reason = "Growth: with 1,000 in flight the rounds of one run differ by a third here. An hour "
      .. "before, the same machine measured 0.74, 0.75 and 0.6.",
  },
  {
    what = "A frame loop that buys 100 numbers, the longest warm poll or begin",
    unit = "us",
    most = { ["5.1"] = 300, ["5.4"] = 400, luajit = 200 },
    figure = function(figures, lua)
      return figures:frame("numbers-" .. lua .. " h2", "warm", "call_us")
    end,
    reason = "A frame: a step of Lua's collector runs in any allocation, and the system may stop a thread at "
      .. "any moment. The table of the frame loop has the same without the collector.",
  },
  {
    what = "A poll that finds nothing",
    unit = "ns",
    most = { ["5.1"] = 200, ["5.4"] = 200, luajit = 200 },
    figure = function(figures, lua)
      local key = "numbers-" .. lua .. " h2"
      local before, in_flight =
        figures:frame(key, "idle", "ns"), figures:frame(key, "idle_in_flight", "ns")
      return before and in_flight and math.max(before, in_flight)
    end,
    reason = "An idle poll: under PUC Lua the calls of a few functions take that long on this machine.",
  },
  {
    what = "Garbage of a purchase, one at a time",
    unit = "bytes",
    most = { ["5.1"] = 3100, ["5.4"] = 2100, luajit = 2000 },
    figure = garbage("numbers"),
    reason = "Garbage: the number's table and its strings are most of it.",
  },
  {
    what = "Garbage of a purchase, 100 in flight",
    unit = "bytes",
    most = { ["5.1"] = 3500, ["5.4"] = 2500, luajit = 2300 },
    figure = garbage("flight"),
    reason = "Garbage in flight: beside the number's table and strings, a table for each purchase, with all "
      .. "its fields from the start, so that recording a failure takes no memory.",
  },
}
