-- What `make bench` measures: tables of data. bench/aims.lua says what the figures should be.
local plan = { contenders = require("bench.contenders") }

-- Under which Luas the module itself is measured: in the two main parts, in the others, where growth is
-- looked at, in a frame loop, and where instructions are counted.
plan.OUR_LUAS = { "5.1", "5.2", "5.3", "5.4", "luajit" }
plan.SOME_LUAS = { "5.4", "luajit" }
plan.GROWTH_LUAS = { "5.1", "5.4", "luajit" }
plan.FRAME_LUAS = { "5.1", "5.4", "luajit" }
plan.COUNTED_LUAS = { "5.1", "5.4", "luajit" }

-- A row of a part: { contender, count, warm_up, http =, every =, in_flight = }. `count` purchases are
-- measured after `warm_up` others; `every` third round, say, for the slow ones; `in_flight` where it is not
-- the part's. A name with " again" runs it twice, as a control: its ratio says what the machine's noise is.
local function ours(prefix, luas, count, warm_up, http)
  local rows = {}
  for i, lua in ipairs(luas) do
    rows[i] = { prefix .. lua, count, warm_up, http = http }
  end
  return rows
end

local function join(...)
  local all = {}
  for _, rows in ipairs { ... } do
    for _, row in ipairs(rows) do
      all[#all + 1] = row
    end
  end
  return all
end

local SOME = plan.SOME_LUAS

-- Part after part. `rounds`: each row once in each round, one after the other, in an order that turns;
-- no round is begun that would end after so many `seconds`, so that a machine that is not quiet
-- makes a run less certain, not longer. Ratios are to `base` in its round.
plan.parts = {
  {
    id = "one_at_a_time",
    title = "One purchase after the other",
    server = "at once",
    in_flight = 1,
    rounds = 15,
    seconds = 85,
    base = "curl_easy",
    rows = join({ { "curl_easy", 2000, 50 } }, ours("numbers-", plan.OUR_LUAS, 2000, 50), {
      { "lua_curl", 2000, 50 },
      { "lua_http", 1000, 50 },
      { "luasec_context", 100, 5, every = 3 },
      { "luasec", 15, 1, every = 3 },
      { "node", 1000, 2000, every = 3 },
      { "python", 300, 50, every = 2 },
      { "curl_easy again", 2000, 50 },
    }),
  },
  {
    id = "in_flight_100",
    title = "100 in flight, answered at once",
    server = "at once",
    in_flight = 100,
    rounds = 12,
    seconds = 90,
    base = "curl_multi",
    rows = join(
      { { "curl_multi", 5000, 5000 } },
      ours("flight-", plan.OUR_LUAS, 5000, 5000),
      { { "curl_multi", 5000, 5000, http = 2 } },
      ours("flight-", SOME, 5000, 5000, 2),
      {
        { "lua_http", 2000, 500, every = 2 },
        { "node", 2000, 3000, every = 3 },
        { "python", 300, 200, every = 4 },
        { "curl_multi again", 5000, 5000 },
      }
    ),
  },
  {
    id = "in_flight_10",
    title = "10 in flight, answered at once",
    server = "at once",
    in_flight = 10,
    rounds = 5,
    seconds = 20,
    base = "curl_multi",
    rows = join({ { "curl_multi", 3000, 500 } }, ours("flight-", SOME, 3000, 500), {
      { "lua_http", 1000, 100, every = 2 },
      { "node", 1000, 2000, every = 2 },
      { "python", 300, 100, every = 2 },
    }),
  },
  {
    id = "in_flight_1",
    title = "1 in flight, answered at once",
    server = "at once",
    in_flight = 1,
    rounds = 5,
    seconds = 8,
    base = "curl_multi",
    rows = join({ { "curl_multi", 2000, 50 } }, ours("flight-", SOME, 2000, 50)),
  },
  {
    id = "in_flight_1000",
    title = "1,000 in flight, answered at once",
    server = "at once",
    in_flight = 1000,
    rounds = 5,
    seconds = 35,
    base = "curl_multi",
    rows = join(
      { { "curl_multi", 5000, 5000 } },
      ours("flight-", SOME, 5000, 5000),
      ours("flight-", SOME, 5000, 5000, 2),
      {
        { "flight-5.4", 5000, 5000, in_flight = 100 },
        { "flight-luajit", 5000, 5000, in_flight = 100 },
        { "lua_http", 3000, 2000, every = 3 },
        { "node", 2000, 3000, every = 3 },
      }
    ),
  },
  {
    id = "waiting_1",
    title = "1 in flight, answered after 100 ms",
    server = "after 100 ms",
    in_flight = 1,
    rounds = 1,
    seconds = 10,
    base = "curl_multi",
    rows = join(
      { { "curl_multi", 3, 1 } },
      ours("flight-", SOME, 3, 1),
      ours("flight-", SOME, 3, 1, 2),
      {
        { "lua_http", 3, 1 },
        { "node", 3, 1 },
        { "python", 3, 1 },
      }
    ),
  },
  {
    id = "waiting_100",
    title = "100 in flight, answered after 100 ms",
    server = "after 100 ms",
    in_flight = 100,
    rounds = 3,
    seconds = 20,
    base = "curl_multi",
    rows = join(
      { { "curl_multi", 500, 200 } },
      ours("flight-", SOME, 500, 200),
      ours("flight-", SOME, 500, 200, 2),
      {
        { "lua_http", 500, 200 },
        { "node", 500, 500 },
        { "python", 300, 200, every = 3 },
      }
    ),
  },
  {
    id = "waiting_1000",
    title = "1,000 in flight, answered after 100 ms",
    server = "after 100 ms",
    in_flight = 1000,
    rounds = 3,
    seconds = 30,
    base = "curl_multi",
    rows = join(
      { { "curl_multi", 5000, 2000 } },
      ours("flight-", SOME, 5000, 2000),
      ours("flight-", SOME, 5000, 2000, 2),
      {
        { "lua_http", 3000, 2000, every = 3 },
        { "node", 3000, 2000, every = 3 },
      }
    ),
  },
  {
    id = "start",
    title = "A program that buys one number",
    server = "at once",
    in_flight = 1,
    rounds = 10,
    seconds = 20,
    base = "curl_easy",
    rows = join({ { "curl_easy", 1, 0 } }, ours("numbers-", plan.OUR_LUAS, 1, 0), {
      { "lua_curl", 1, 0 },
      { "lua_http", 1, 0 },
      { "luasec", 1, 0 },
      { "node", 1, 0 },
      { "python", 1, 0 },
    }),
  },
  {
    id = "new_connections",
    title = "100 purchases, a new TLS connection each",
    server = "closing",
    in_flight = 1,
    rounds = 5,
    seconds = 20,
    base = "curl_easy",
    rows = join({ { "curl_easy", 100, 0 } }, ours("numbers-", SOME, 100, 0), {
      { "lua_curl", 100, 0, every = 5 },
      { "luasec_context", 100, 0, every = 5 },
      { "luasec", 100, 0, every = 5 },
      { "node", 100, 0, every = 5 },
      { "python", 100, 0, every = 5 },
    }),
  },
  {
    id = "growth",
    title = "A program that buys 100, 1,000 and 10,000 numbers",
    server = "at once",
    in_flight = 1,
    rounds = 3,
    seconds = 35,
    base = "curl_easy x100",
    rows = {},
  },
}

for _, count in ipairs { 100, 1000, 10000 } do
  local rows = plan.parts[#plan.parts].rows
  rows[#rows + 1] = { "curl_easy", count, 0, times = true }
  for _, lua in ipairs(plan.GROWTH_LUAS) do
    rows[#rows + 1] = { "numbers-" .. lua, count, 0, times = true }
  end
  for _, id in ipairs { "node", "python" } do
    rows[#rows + 1] = { id, count, 0, times = true, every = 3 }
  end
end

---A row's name in the results: the contender, the version of HTTP if it is not 1.1, and how many it buys
---or has in flight where the part varies that.
function plan.key(row)
  local key = row[1] .. (row.http and " h" .. row.http or "")
  if row.in_flight then
    return key .. " at " .. row.in_flight
  end
  return key .. (row.times and " x" .. row[2] or "")
end

---What cannot be measured, and why.
plan.not_measured = {
  { "in flight with lua-curl", "Debian's 0.3.0 has no curl_multi." },
  { "in flight with LuaSec", "LuaSocket's http blocks; Debian's copas comes without copas.http." },
  {
    "lua-http over HTTP/2",
    "Its kept connection fails with error 84 after some hundred requests. Over HTTP/1.1 it does not.",
  },
  {
    "1,000 in flight with Twilio's client for Python",
    "It needs 1,000 threads, and its HTTP library reads all certificates again for each connection: "
      .. "half a minute before the first purchase.",
  },
  { "the official clients in a frame loop or in nginx", "They run in neither." },
  { "a real network and Twilio itself", "A benchmark must not buy." },
  {
    "other versions of TLS, other certificates",
    "TLS 1.3 with an RSA-2048 certificate throughout.",
  },
}

function plan.contender(id)
  id = id:gsub(" again$", "")
  for _, contender in ipairs(plan.contenders) do
    if contender.id == id then
      return contender
    end
  end
  error("no contender " .. id)
end

return plan
