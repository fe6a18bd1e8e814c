-- The page's tables of this module alone: instructions, garbage, a frame loop and a neighbour in nginx.
local layout = require("bench.report.layout")
local plan = require("bench.plan")

local own = {}

local number, thousands = layout.number, layout.thousands

---A table with a row for each contender of a list of which there are figures.
---@param cells fun(id: string): string[]? the cells behind its name
local function table_of(ids, heads, cells)
  local rows = {}
  for _, id in ipairs(ids) do
    local row = cells(id)
    if row then
      table.insert(row, 1, plan.contender(id).name)
      rows[#rows + 1] = row
    end
  end
  return #rows > 0 and layout.table(heads, rows) or nil
end

local function ids_of(kind, first)
  local ids = first or {}
  for _, lua in ipairs(plan.AIM_LUAS) do
    ids[#ids + 1] = kind .. "-" .. lua
  end
  return ids
end

---Of purchases, one after the other or in flight: all, and what of that is whose.
local function instructions(ids, base, with_parts)
  local heads = { "", "a purchase", "x the bare loop", "x the cheapest" }
  for _, head in ipairs(with_parts and { "x C with JSON", "checks and encoding", "decoding" } or {}) do
    heads[#heads + 1] = head
  end
  return function(figures)
    return table_of(ids, heads, function(id)
      local all = figures:instructions(id)
      local cells = all
        and {
          thousands(all),
          layout.times(figures:instructions(id, base)),
          layout.times(figures:instructions(id, base .. "_cheapest")),
        }
      if cells and with_parts then
        cells[4] = layout.times(figures:instructions(id, "curl_json"))
        cells[5] = thousands(figures:instructions(id, nil, "form"))
        cells[6] = thousands(figures:instructions(id, nil, "decode"))
      end
      return cells
    end)
  end
end

own.instructions = instructions(
  ids_of("numbers", { "curl_easy", "curl_easy_cheapest", "curl_json" }),
  "curl_easy",
  true
)
own.instructions_in_flight =
  instructions(ids_of("flight", { "curl_multi", "curl_multi_cheapest" }), "curl_multi")

--- The JSON reader next to lua-cjson: the response to a purchase, and pages of a list.
function own.decoding(figures)
  local heads = { "", "a number", "by lua-cjson", "a page of 50", "by lua-cjson" }
  heads[6], heads[7] = "a page of 1,000", "by lua-cjson"
  return table_of(ids_of("numbers"), heads, function(id)
    local cells = {}
    for i, field in ipairs { "decode", "cjson", "page_50", "cjson_50", "page_1000", "cjson_1000" } do
      cells[i] = thousands(figures:instructions(id, nil, field))
    end
    return figures:instructions(id) and cells
  end)
end

function own.garbage(figures)
  local heads = { "", "one at a time, bytes", "100 in flight, bytes" }
  return table_of(ids_of("numbers"), heads, function(id)
    local blocking = figures:row("garbage", id)
    local flight = figures:row("garbage", (id:gsub("numbers", "flight")))
    return blocking and { thousands(blocking.bytes), thousands(flight.bytes) }
  end)
end

local DRIVERS = { numbers = "twilio-numbers", lua_http = "lua-http, a step of cqueues" }
local FRAME = {
  { "the longest, of all bursts:" },
  { "poll, cold, us", "cold.poll_us" },
  { "poll, warm, us", "warm.poll_us" },
  { "begin, warm, us", "warm.begin_us" },
  { "the longer of both, us", "warm.call_us" },
  { "without the collector, us", "warm_without_collector.call_us" },
  { "frame, cold, ms", "cold.frame_ms" },
  { "frame, warm, ms", "warm.frame_ms" },
  { "idle poll, ns", "idle_in_flight.ns" },
}

function own.frame(figures)
  local rows, heads, keys = {}, {}, {}
  for key in pairs(figures:part("frame").rows) do
    keys[#keys + 1] = key
  end
  table.sort(keys, function(a, b)
    return a > b
  end)
  for i, key in ipairs(keys) do
    local driver, lua, http = key:match("^([%l_]+)%-(%S+) h(%S+)$")
    lua = lua == "luajit" and "LuaJIT" or "Lua " .. lua
    rows[i] = { ("%s, %s, HTTP/%s"):format(DRIVERS[driver], lua, http) }
    for j = 2, #FRAME do
      rows[i][j] = number(figures:frame(key, FRAME[j][2]))
    end
  end
  for j, column in ipairs(FRAME) do
    heads[j] = column[1]
  end
  return #rows > 0 and layout.table(heads, rows) or nil
end

local NEIGHBOURS = {
  { "0 at /buy", "nothing in flight" },
  { "20 at /buy", "20 in flight" },
  { "100 at /buy", "100 in flight" },
  { "1 at /block", "one, with a client that blocks" },
}

function own.neighbour(figures)
  local heads = { "", "median, us", "99th percentile, us", "longest, us", "purchases a second" }
  local rows = {}
  for _, row in ipairs(NEIGHBOURS) do
    local seen = figures:row("neighbour", row[1])
    if seen then
      rows[#rows + 1] = {
        row[2],
        number(seen.median_us),
        number(seen.p99_us),
        number(seen.longest_us),
        number(seen.purchases_a_second),
      }
    end
  end
  return #rows > 0 and layout.table(heads, rows) or nil
end

return own
