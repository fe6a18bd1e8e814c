-- What `make bench` measures: tables of data. bench/aims.lua says what the figures should be.
local plan = { contenders = require("bench.contenders") }

-- The Luas that the module is measured under: all in the first two parts; those with aims, for which
-- instructions and garbage are counted; and one where a figure for PUC Lua is enough.
plan.OUR_LUAS = plan.contenders.luas.numbers
plan.AIM_LUAS = { "5.1", "5.4", "luajit" }
local ALL, AIMS, SOME = plan.OUR_LUAS, plan.AIM_LUAS, { "5.4", "luajit" }
local LUA_CURLS = plan.contenders.luas.lua_curl

-- A row of a part: { contender, count, warm_up, http =, every =, in_flight =, luas =, times = }. `count`
-- purchases are measured after `warm_up` others; `every` third round, say, for the slow ones; `in_flight`
-- where it is not the part's; `luas`: a row for each of them; `times`: repetitions even in a quick run. A
-- name with " again" runs it twice, as a control: its ratio says what the machine's noise is.

-- Part after part. `rounds`: each row once in each round, one after the other, in a rotating order; no round
-- starts that would end after `seconds`, so that a busy machine makes a run less certain, not longer. Ratios
-- are to `base` in the same round.
plan.parts = {}

---Adds a part to the list and under its name.
local function part(id, title, base, of, rows)
  of.id, of.title, of.base, of.rows = id, title, base, {}
  for _, row in ipairs(rows) do
    for _, lua in ipairs(row.luas or { "" }) do
      local name = row[1] .. (row.luas and "-" .. lua or "")
      of.rows[#of.rows + 1] = setmetatable({ name }, { __index = row })
    end
  end
  plan.parts[#plan.parts + 1], plan.parts[id] = of, of
end

---Adds a part with purchases in flight.
local function flights(id, options, rows)
  local title = "%s in flight, answered " .. (options.server or "at once")
  local in_flight = tostring(options.in_flight or 1):gsub("000$", ",000")
  part(id, title:format(in_flight), "curl_multi", options, rows)
end

part("one_at_a_time", "One purchase after the other", "curl_easy", { rounds = 15, seconds = 95 }, {
  { "curl_easy", 2000, 50 },
  { "curl_easy_cheapest", 2000, 50 },
  { "curl_json", 2000, 50 },
  { "numbers", 2000, 50, luas = ALL },
  { "gnutls", 2000, 50, luas = LUA_CURLS },
  { "lua_curl", 2000, 50, luas = LUA_CURLS },
  { "lua_http", 1000, 50 },
  { "luasec_context", 100, 5, every = 3 },
  { "luasec", 15, 1, every = 3 },
  { "node", 1000, 2000, every = 3 },
  { "python", 300, 50, every = 2 },
  { "curl_easy again", 2000, 50 },
})

flights("in_flight_100", { in_flight = 100, rounds = 12, seconds = 105 }, {
  { "curl_multi", 5000, 5000 },
  { "curl_multi_cheapest", 5000, 5000 },
  { "flight", 5000, 5000, luas = ALL },
  { "curl_multi", 5000, 5000, http = 2 },
  { "flight", 5000, 5000, http = 2, luas = AIMS },
  { "lua_http", 2000, 500, every = 2 },
  { "node", 2000, 3000, every = 3 },
  { "python", 300, 200, every = 4 },
  { "curl_multi again", 5000, 5000 },
})

flights("in_flight_10", { in_flight = 10, rounds = 5, seconds = 20 }, {
  { "curl_multi", 3000, 500 },
  { "flight", 3000, 500, luas = SOME },
  { "lua_http", 1000, 100, every = 2 },
  { "node", 1000, 2000, every = 2 },
  { "python", 300, 100, every = 2 },
})

flights("in_flight_1", { rounds = 5, seconds = 8 }, {
  { "curl_multi", 2000, 50 },
  { "flight", 2000, 50, luas = SOME },
})

flights("in_flight_1000", { in_flight = 1000, rounds = 9, seconds = 100 }, {
  { "curl_multi", 5000, 5000 },
  { "flight", 5000, 5000, luas = AIMS },
  { "flight", 5000, 5000, http = 2, luas = SOME },
  { "curl_multi", 5000, 5000, in_flight = 100 },
  { "flight", 5000, 5000, in_flight = 100, luas = AIMS },
  { "lua_http", 3000, 2000, every = 3 },
  { "node", 2000, 3000, every = 3 },
})

flights("waiting_1", { server = "after 100 ms", rounds = 1, seconds = 10 }, {
  { "curl_multi", 3, 1 },
  { "flight", 3, 1, luas = SOME },
  { "flight", 3, 1, http = 2, luas = SOME },
  { "lua_http", 3, 1 },
  { "node", 3, 1 },
  { "python", 3, 1 },
})

flights("waiting_100", { server = "after 100 ms", in_flight = 100, rounds = 3, seconds = 20 }, {
  { "curl_multi", 500, 200 },
  { "flight", 500, 200, luas = SOME },
  { "flight", 500, 200, http = 2, luas = SOME },
  { "lua_http", 500, 200 },
  { "node", 500, 500 },
  { "python", 300, 200, every = 3 },
})

flights("waiting_1000", { server = "after 100 ms", in_flight = 1000, rounds = 3, seconds = 30 }, {
  { "curl_multi", 5000, 2000 },
  { "flight", 5000, 2000, luas = SOME },
  { "flight", 5000, 2000, http = 2, luas = SOME },
  { "lua_http", 3000, 2000, every = 3 },
  { "node", 3000, 2000, every = 3 },
})

part("start", "A program that buys one number", "curl_easy", { rounds = 10, seconds = 20 }, {
  { "curl_easy", 1, 0 },
  { "curl_json", 1, 0 },
  { "numbers", 1, 0, luas = ALL },
  { "gnutls", 1, 0, luas = LUA_CURLS },
  { "lua_curl", 1, 0, luas = LUA_CURLS },
  { "lua_http", 1, 0 },
  { "luasec", 1, 0 },
  { "node", 1, 0 },
  { "python", 1, 0 },
})

part(
  "new_connections",
  "100 purchases, a new TLS connection each",
  "curl_easy",
  { server = "closing", rounds = 5, seconds = 20 },
  {
    { "curl_easy", 100, 0 },
    { "numbers", 100, 0, luas = SOME },
    { "lua_curl", 100, 0, every = 5, luas = { "luajit" } },
    { "luasec_context", 100, 0, every = 5 },
    { "luasec", 100, 0, every = 5 },
    { "node", 100, 0, every = 5 },
    { "python", 100, 0, every = 5 },
  }
)

local growth = {}
for _, count in ipairs { 100, 1000, 10000 } do
  table.insert(growth, { "curl_easy", count, 0, times = true })
  table.insert(growth, { "numbers", count, 0, times = true, luas = AIMS })
  table.insert(growth, { "node", count, 0, times = true, every = 3 })
  table.insert(growth, { "python", count, 0, times = true, every = 3 })
end
part(
  "growth",
  "A program that buys 100, 1,000 and 10,000 numbers",
  "curl_easy x100",
  { rounds = 3, seconds = 35 },
  growth
)

-- The contenders whose instructions are counted: one purchase after the other, and in flight.
plan.counted = {
  numbers = { "curl_easy", "curl_easy_cheapest", "curl_json", "lua_curl-5.1", "lua_curl-luajit" },
  flight = { "curl_multi", "curl_multi_cheapest" },
}
for kind, list in pairs(plan.counted) do
  for _, lua in ipairs(AIMS) do
    list[#list + 1] = kind .. "-" .. lua
  end
end

-- Frame loops: driver, Lua, HTTP. The number of runs, and of warm bursts in each: 60 in all, since a step of
-- Lua's collector occurs in few of them; without the collector fewer are enough.
plan.frames = {
  runs = 3,
  bursts = 20,
  bursts_without_collector = 3,
  { driver = "numbers", lua = "5.1", http = 2 },
  { driver = "numbers", lua = "5.4", http = 2 },
  { driver = "numbers", lua = "luajit", http = 2 },
  { driver = "numbers", lua = "luajit", http = 1.1 },
  { driver = "lua_http", lua = "luajit", http = 1.1 },
}
for _, frame in ipairs(plan.frames) do
  local id = frame.driver == "numbers" and "numbers-" .. frame.lua or frame.driver
  frame.key = ("%s-%s h%s"):format(frame.driver, frame.lua, frame.http)
  frame.name = ("%s, HTTP/%s"):format(plan.contenders[id].name, frame.http)
end

-- Neighbours in nginx: how many purchases are in flight, where, and how many requests look at it.
plan.neighbours = {
  { in_flight = 0, at = "/buy", requests = 1500, name = "nothing in flight" },
  { in_flight = 20, at = "/buy", requests = 1500, name = "20 in flight" },
  { in_flight = 100, at = "/buy", requests = 1500, name = "100 in flight" },
  { in_flight = 1, at = "/block", requests = 10, name = "one, with a client that blocks" },
}
for _, row in ipairs(plan.neighbours) do
  row.key = ("%d at %s"):format(row.in_flight, row.at)
end

---A row's name in the results: the contender, the version of HTTP if it is not 1.1, and how many it buys
---or has in flight where the part varies that.
function plan.key(row)
  return row[1]
    .. (row.http and " h" .. row.http or "")
    .. (row.in_flight and " at " .. row.in_flight or row.times and " x" .. row[2] or "")
end

function plan.contender(id)
  id = id:gsub(" again$", "")
  return plan.contenders[id] or error("no contender " .. id)
end

---The rows of a part, with their names on the page.
function plan.rows(id)
  local list = {}
  for i, row in ipairs(plan.parts[id].rows) do
    local contender = plan.contender(row[1])
    list[i] = {
      key = plan.key(row),
      contender = contender,
      is_control = row.in_flight ~= nil or row[1]:find(" again$") ~= nil,
      http = row.http,
      name = contender.name
        .. (row.http and ", HTTP/" .. row.http or "")
        .. (row.in_flight and ", with " .. row.in_flight or "")
        .. (row[1]:find(" again$") and ", again" or ""),
    }
  end
  return list
end

return plan
