-- Two purchases by each program, and what the server read of them, which spec/bench/contenders_spec.lua
-- checks. Our own programs run under one Lua.
local contender = require("bench.measure.contender")
local plan = require("bench.plan")
local socket = require("socket")

local contenders = {}

local PURCHASES = 2

---The lines of the server's log, once there are enough; nginx writes a line after its response.
local function read_orders(path, wanted)
  local lines
  for _ = 1, 200 do
    lines = {}
    local file = assert(io.open(path))
    for line in file:lines() do
      lines[#lines + 1] = line
    end
    file:close()
    if #lines >= wanted then
      break
    end
    socket.sleep(0.01)
  end
  return lines
end

---The protocol, the credentials and the form of a line.
local function parse(line)
  local protocol, authorization, form = line:match("^(%S+) (%S+ %S+) (.*)$")
  local params = {}
  for name, value in (form or ""):gmatch("([^&=]+)=([^&]*)") do
    params[name] = value:gsub("+", " "):gsub("%%(%x%x)", function(hex)
      return string.char(tonumber(hex, 16))
    end)
  end
  return { protocol = protocol, authorization = authorization, params = params }
end

---One contender of each program and its variables.
function contenders.list()
  local list, seen = {}, {}
  for _, of in ipairs(plan.contenders) do
    local program = of.program .. (of.variables or "")
    if not seen[program] then
      seen[program], list[#list + 1] = true, of
    end
  end
  return list
end

---@return table results rows: contender -> { figures =, orders = }
function contenders.run(servers, options)
  local rows, failed, seen = {}, {}, 0
  for _, of in ipairs(contenders.list()) do
    options.progress(of.id)
    local figures, why =
      contender.run(servers, { id = of.id, server = "logging", count = PURCHASES })
    if figures then
      local lines, orders = read_orders(servers.orders, seen + PURCHASES), {}
      for i = seen + 1, #lines do
        orders[#orders + 1] = parse(lines[i])
      end
      seen = #lines
      rows[of.id] = { figures = figures, orders = orders }
    else
      failed[of.id] = why
    end
  end
  return { rows = rows, failed = failed }
end

return contenders
