-- Counts a purchase's instructions with valgrind's callgrind, which are reproducible, unlike times, and its
-- garbage. Each figure is the difference between two concurrent runs, which excludes the start.
local contender = require("bench.measure.contender")
local plan = require("bench.plan")
local shell = require("bench.measure.shell")

local instructions = {}

local FEW = 100 -- purchases of the shorter run, or as many numbers in pages
local FEW_IN_FLIGHT = 500 -- the number done per iteration of a loop varies
local LONGER = 4 -- times that in the longer one
local IN_FLIGHT = 100
local GARBAGE = { count = 1000, warm_up = 200 }

---The instructions in callgrind's output file.
---@param lines fun(): string?
---@return { all: number, tls: number } tls: of that in OpenSSL's libraries
function instructions.read(lines)
  local names, costs, current = {}, { all = 0, tls = 0 }, nil
  for line in lines do
    local kind, id, name = line:match("^(c?)ob=(%(%d+%)) ?(.*)$")
    if kind then -- the file names a function at its first occurrence, which may be in a call
      names[id] = name ~= "" and name or names[id]
      current = kind == "" and id or current
    elseif line:find("^calls=") then
      lines() -- skips the cost of the call, which the called function includes
    elseif line:find("^[%d+*-]") then
      local cost = tonumber(line:match(" (%d+)$"))
      costs.all = costs.all + cost
      local is_tls = (names[current] or ""):find("/libcrypto%.so")
        or (names[current] or ""):find("/libssl%.so")
      costs.tls = costs.tls + (is_tls and cost or 0)
    end
  end
  return costs
end

---The events in callgrind's output file, by callgrind's names.
---@param lines fun(): string?
---@return table<string, number>
function instructions.events(lines)
  local names, events = {}, {}
  for line in lines do
    local kind, words = line:match("^(%l+): (.*)$")
    for word in (kind == "events" and words or ""):gmatch("%S+") do
      names[#names + 1] = word
    end
    local i = 0
    for word in (kind == "totals" and words or ""):gmatch("%d+") do
      i = i + 1
      events[names[i]] = tonumber(word)
    end
  end
  return events
end

local VALGRIND = "valgrind --tool=callgrind --smc-check=all-non-file %s --callgrind-out-file=%s"

---The cost of one, for a command that takes a count, and the program to run it under.
---@param read? function instructions.read, or another one that returns numbers by name
---@param flags? string more options of callgrind
---@return table<string, number>
local function of_one(servers, few, command_for, read, flags)
  local many, command, costs = few * LONGER, "", {}
  for _, times in ipairs { few, many } do
    local path = ("%s/callgrind.%d"):format(servers.folder, times)
    local under = VALGRIND:format(flags or "", path)
    command = ("%s rm -f %s; %s &"):format(command, path, command_for(times, under))
  end
  local said = shell.output(("{ %s wait; } 2>&1"):format(command))
  assert(select(2, said:gsub("Collected : ", "")) == 2, said)
  for i, times in ipairs { few, many } do
    local lines = io.lines(("%s/callgrind.%d"):format(servers.folder, times))
    costs[i] = (read or instructions.read)(lines)
  end
  for name, cost in pairs(costs[2]) do
    costs[2][name] = (cost - costs[1][name]) / (many - few)
  end
  return costs[2]
end

local function of_purchase(servers, id, in_flight, read, flags)
  return of_one(servers, in_flight and FEW_IN_FLIGHT or FEW, function(count, valgrind)
    return contender.command(servers, { id = id, count = count, in_flight = in_flight }, valgrind)
  end, read, flags)
end

local function of_step(servers, lua, step, size)
  return of_one(servers, math.ceil(FEW / (size or 1)), function(times, valgrind)
    local command = contender.lua_command(lua, valgrind)
    return ("%s bench/share.lua %s %d %d"):format(command, step, size or 1, times)
  end).all
end

---@return table results rows: contender -> { all =, and of ours form =, decode =, page_50 =, page_1000 =,
--- cjson =, cjson_50 =, cjson_1000 = }. In flight `all` has, in place of what the TLS libraries took, what
--- they take for a purchase without a handshake: how many handshakes fall into a run differs.
function instructions.run(servers, options)
  local rows = {}
  for _, id in ipairs(plan.counted.numbers) do
    options.progress(id)
    rows[id] = of_purchase(servers, id)
  end
  for _, id in ipairs(plan.counted.flight) do
    options.progress(id)
    local costs = of_purchase(servers, id, IN_FLIGHT)
    rows[id] = { all = costs.all - costs.tls + rows.curl_easy.tls }
  end
  for _, lua in ipairs(plan.AIM_LUAS) do
    local row = rows["numbers-" .. lua]
    options.progress("parts, " .. lua)
    row.form = of_step(servers, lua, "form")
    for reader, prefix in pairs { decode = "page", cjson = "cjson" } do
      row[reader] = of_step(servers, lua, reader)
      for _, size in ipairs { 50, 1000 } do
        row[prefix .. "_" .. size] = of_step(servers, lua, reader, size)
      end
    end
  end
  return { rows = rows }
end

---What callgrind's model of a processor says of a purchase, one at a time.
---@return table results rows: contender -> { reads =, branches = } that missed the first cache, or were
---guessed wrong
function instructions.caches(servers, options)
  local rows = {}
  for _, id in ipairs(plan.counted.numbers) do
    options.progress(id)
    local flags = "--cache-sim=yes --branch-sim=yes"
    local events = of_purchase(servers, id, nil, instructions.events, flags)
    rows[id] = { reads = events.D1mr, branches = events.Bcm + events.Bim }
  end
  return { rows = rows }
end

---A purchase's garbage in Lua, counted while the collector is stopped.
---@return table results rows: contender -> { bytes = }
function instructions.garbage(servers, options)
  local rows = {}
  for _, lua in ipairs(plan.AIM_LUAS) do
    for kind, in_flight in pairs { numbers = 1, flight = IN_FLIGHT } do
      local id = kind .. "-" .. lua
      options.progress(id)
      local figures = assert(contender.run(servers, {
        id = id,
        in_flight = in_flight,
        count = GARBAGE.count,
        warm_up = GARBAGE.warm_up,
        variables = "COUNT_GARBAGE=1",
      }))
      rows[id] = { bytes = figures.garbage_bytes }
    end
  end
  return { rows = rows }
end

return instructions
