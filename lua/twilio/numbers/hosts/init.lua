--- The host's event loop: how a call waits without blocking the rest of the process.
---
--- A loop is a table of functions:
---   wait(scheduler, future): runs the host's loop until future.done
---   sleep(seconds): the host's own, for transports without an io_thread; nil if it has none
---   spawn(scheduler, f): runs f in a new thread, task or timer of the host; nil and a message if it cannot
---   call_back(callback, ...): calls the callback of a spawned call; nil: it is called like any function
---   here(): the loop, if a call can wait here; nil if it may block; nil and a message if it can do neither.
---     It may yield to find out
---   yields: whether wait() yields to the host
---   try(scheduler): yields to the host once if wait() would; nil: wait() for a timer does
---   spawns_anywhere: whether spawn() works wherever it is called
---   spawns_here(): whether spawn() works here, even if a call cannot wait here; nil: no
---
--- A loop uses these functions of the scheduler, and the field `done` of a future:
---   poll(), has_news(), has_work(), has_unfinished(), timeout()
---   pollfd(); or watch() and unwatch(), for a loop that says when it stops watching the descriptor
---   get_io_thread(), current_io_thread(): its descriptor() and its unix socket can be watched
---   on_done(future, f); alarm(seconds) -> future; disarm(future)
---   move_on_patiently(), doze(seconds): for loops that block
local compat = require("twilio.numbers.compat")
local custom = require("twilio.numbers.hosts.custom")
local globals = require("twilio.numbers.globals")

local hosts = {}

local ngx = globals.ngx

--- The hosts that run code in coroutines, and how to tell that one is running; the most reliable test comes
--- first. A module that is not loaded is not running.
local HOSTS = {
  {
    name = "cqueues",
    is_running = function(cqueues)
      return cqueues.running() ~= nil
    end,
  },
  {
    name = "copas",
    is_running = function(copas)
      return copas.running ~= false
    end,
  },
  {
    name = "luv",
    is_running = function()
      return true
    end,
  },
}

--- The nesting depth of callbacks of poll(). They run in a coroutine of the library, which no host resumes,
--- so calls in them block.
hosts.callbacks = 0

--- Luanti has a global `core` too. HAProxy reads its configuration outside any coroutine, and may block
--- there.
local function is_haproxy()
  local core = globals.core
  return type(core) == "table" and core.msleep ~= nil and core.register_service ~= nil
end

local is_openresty = type(ngx) == "table" and ngx.get_phase ~= nil

local function find()
  if is_openresty then
    return "openresty"
  end
  if not compat.is_in_coroutine() then
    return "block"
  elseif is_haproxy() then
    return "haproxy"
  end
  for i = 1, #HOSTS do
    local host = HOSTS[i]
    local module = globals.loaded[host.name]
    if module and host.is_running(module) then
      return host.name
    end
  end
  return "block"
end

--- The dependencies of each loop.
local NEEDS = {
  openresty = "OpenResty with lua-resty-core",
  haproxy = "HAProxy",
  cqueues = "the rock cqueues",
  copas = "the rock copas",
  luv = "the rock luv",
}

--- Loads the loop of that name.
---@return table? loop
---@return string? message
local function load_loop(name)
  local loaded, loop = pcall(globals.load, "twilio.numbers.hosts." .. name)
  if loaded then
    return loop
  end
  local why = compat.load_problem(loop)
  return nil, ('the loop "%s" needs %s: %s'):format(name, NEEDS[name], why)
end

--- Loads the loops of hosts that are already loaded: a sandbox may remove `require` later.
for _, host in ipairs(HOSTS) do
  if globals.loaded[host.name] then
    load_loop(host.name)
  end
end
if type(ngx) == "table" then
  load_loop("openresty")
elseif is_haproxy() then
  load_loop("haproxy")
end

--- Why a loop cannot be used in this process.
---@param choice string|table the option `loop`
---@return string? message
function hosts.problem(choice)
  if NEEDS[choice] then
    local _, message = load_loop(choice)
    return message
  end
end

--- The loop for a call that waits here.
---@param choice string|table the option `loop`
---@return table? loop nil: the call blocks
---@return string? message why a call cannot be made here
function hosts.find(choice)
  if hosts.callbacks > 0 then
    return nil
  end
  local name = choice == "auto" and find() or choice
  if name == "block" then
    return nil
  elseif type(name) == "table" then
    return choice.wait and custom.of(choice)
  end
  local loop, message = load_loop(name)
  if not loop then
    return nil, message
  end
  return loop.here()
end

--- The loop for an _async call, which only starts here. If luv is loaded, its loop is expected to run. If
--- copas is loaded, it may not run, so the option must name it.
---@param choice string|table the option `loop`
---@return table? loop nil: poll() advances the call
---@return string? message why a call cannot be made here
function hosts.find_for_async(choice)
  local name = choice
  if choice == "auto" then
    name = find()
    name = name == "block" and globals.loaded.luv and "luv" or name
  end
  if name == "block" then
    return nil
  end
  local loop = NEEDS[name] and load_loop(name)
  if loop and (loop.spawns_anywhere or (loop.spawns_here and loop.spawns_here())) then
    return loop
  end
  return hosts.find(choice)
end

return hosts
