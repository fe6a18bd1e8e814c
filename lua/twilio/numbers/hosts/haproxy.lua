--- Waits in HAProxy, where Lua can sleep but not watch a descriptor: every waiting call polls. An _async
--- call is a HAProxy task.
local compat = require("twilio.numbers.compat")
local custom = require("twilio.numbers.hosts.custom")
local globals = require("twilio.numbers.globals")

local haproxy = globals.core

local LOOK_EVERY = 0.004 -- seconds

local function sleep(seconds)
  haproxy.msleep(math.max(1, math.ceil(seconds * 1000)))
end

local loop = custom.of {
  sleep = sleep,
  wait = function(_, seconds)
    sleep(math.min(seconds, LOOK_EVERY))
  end,
}

loop.yields, loop.spawns_anywhere = true, true

--- In a converter or a fetch HAProxy drops a coroutine that sleeps: this sleep makes that happen before
--- anything is sent.
function loop.here()
  if not compat.is_in_coroutine() then
    return nil, "it must be called in a task, an action or a service of HAProxy"
  end
  if not compat.yields_across_pcall then
    sleep(0) -- raises an error if it cannot yield
  elseif not pcall(sleep, 0) then
    return nil, "this code cannot yield: call it elsewhere, or use the _async function"
  end
  return loop
end

function loop.spawn(_, f)
  haproxy.register_task(f)
end

return loop
