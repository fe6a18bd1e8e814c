-- Two purchases by each program, and the lines in which the server logged them, which
-- spec/bench/contenders_spec.lua checks. Our own programs run under one Lua.
local contender = require("bench.measure.contender")
local files = require("spec.support.files")
local plan = require("bench.plan")
local socket = require("socket")

local contenders = {}

local PURCHASES = 2
local PATIENCE = 2 -- seconds; nginx writes a line after its response

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

---What was added to the server's log, once that is enough.
local function read_log(path, seen)
  local ends = socket.gettime() + PATIENCE
  local log, count
  repeat
    socket.sleep(0.01)
    log = files.read(path):sub(seen + 1)
    count = select(2, log:gsub("\n", ""))
  until count >= PURCHASES or socket.gettime() > ends
  return log
end

---@return table results rows: contender -> { figures =, orders = a line of the log for each }
function contenders.run(servers, options)
  local rows, failed, seen = {}, {}, 0
  for _, of in ipairs(contenders.list()) do
    options.progress(of.id)
    local run = { id = of.id, server = "logging", count = PURCHASES }
    local figures, why = contender.run(servers, run)
    local log = figures and read_log(servers.orders, seen) or ""
    seen = seen + #log
    rows[of.id] = figures and { figures = figures, orders = log }
    failed[of.id] = why
  end
  return { rows = rows, failed = failed }
end

return contenders
