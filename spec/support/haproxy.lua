--- A stand-in for the tasks of HAProxy's `core`, in this process.
local clock = require("twilio.numbers.core")

local now, pause = clock.now, clock.sleep -- specs replace the latter

local haproxy = { core = {} }

local PATIENCE = 120 -- seconds

--- Coroutines, and when to resume each.
local tasks = {}

function haproxy.core.register_task(f)
  tasks[#tasks + 1] = { thread = coroutine.create(f), due = 0 }
end

function haproxy.core.register_service() end

function haproxy.core.msleep(milliseconds)
  coroutine.yield(milliseconds / 1000)
end

--- Resumes each task that is due.
local function turn()
  local due = {}
  for i = #tasks, 1, -1 do
    if tasks[i].due <= now() then
      table.insert(due, 1, table.remove(tasks, i))
    end
  end
  for _, task in ipairs(due) do
    local resumed, seconds = coroutine.resume(task.thread)
    assert(resumed, seconds)
    if coroutine.status(task.thread) ~= "dead" then
      task.due = now() + seconds
      tasks[#tasks + 1] = task
    end
  end
end

--- Runs tasks until none is left. Those that do not end are dropped, so that only their own spec fails.
function haproxy.run()
  local ends = now() + PATIENCE
  while tasks[1] do
    if now() >= ends then
      tasks = {}
      error("a task does not end")
    end
    turn()
    local next_due = ends
    for _, task in ipairs(tasks) do
      next_due = math.min(next_due, task.due)
    end
    if tasks[1] then
      pause(next_due - now())
    end
  end
end

return haproxy
