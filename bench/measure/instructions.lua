-- Instructions for a purchase, as valgrind's callgrind counts them: unlike times, they repeat. Each is the
-- difference between two runs, so that starting and the handshake do not count.
local contender = require("bench.measure.contender")
local plan = require("bench.plan")

local instructions = {}

local VALGRIND = "valgrind --tool=callgrind --callgrind-out-file=/dev/null --smc-check=all-non-file"
local FEW, MANY = 100, 400

local function count(command)
  local pipe = assert(io.popen(command .. " 2>&1 >/dev/null"))
  local text = pipe:read("*a")
  pipe:close()
  return tonumber(text:match("Collected : (%d+)")) or error("valgrind: " .. text:sub(-300), 0)
end

---What one costs, of a command that is given how many.
local function of_one(command_for)
  return (count(command_for(MANY)) - count(command_for(FEW))) / (MANY - FEW)
end

local function of_purchase(servers, id)
  return of_one(function(purchases)
    return contender.command(
      servers,
      { id = id, server = "at once", in_flight = 1, count = purchases, warm_up = 0 },
      VALGRIND
    )
  end)
end

local function of_step(lua, step)
  return of_one(function(times)
    local command = contender.lua_command(lua):gsub("(%S+)$", VALGRIND .. " %1")
    return ("%s bench/share.lua %s %d"):format(command, step, times)
  end)
end

---@return table results rows: contender -> { all =, form =, decode =, page =, cjson =, cjson_page = }
function instructions.run(servers, options)
  options.progress("curl_easy")
  local rows = { curl_easy = { all = of_purchase(servers, "curl_easy") } }
  for _, lua in ipairs(plan.COUNTED_LUAS) do
    local id = "numbers-" .. lua
    options.progress(id)
    rows[id] = {
      all = of_purchase(servers, id),
      form = of_step(lua, "form"),
      decode = of_step(lua, "decode"),
      page = of_step(lua, "page"),
      cjson = of_step(lua, "cjson"),
      cjson_page = of_step(lua, "cjson_page"),
    }
  end
  return { rows = rows }
end

return instructions
