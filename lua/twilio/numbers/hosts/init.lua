--- The host's loop: how a call waits without blocking whoever else runs in the process.
---
--- A loop is a table of functions:
---   wait(scheduler, future): returns when future.done, and lets the host go on until then
---   sleep(seconds): the host's own, for transports without an io_thread; nil if it has none
---   spawn(scheduler, f): runs f as the host runs things; nil and a message if it cannot
---   call_back(callback, ...): calls a callback for what spawn runs; nil: as any function
---   here(): the loop, if one can wait where this is called; nil: one may block; nil and a message. It may
---     let others go on, to find out
---   yields: whether wait() yields, as a coroutine that the host resumes
---   spawns_here(): whether spawn works where this is called, though one cannot wait; nil: no
---
--- What a loop sees of the scheduler are functions, and of a future its field `done`:
---   poll(), has_news(), has_work(), timeout()
---   pollfd(); or watch() and unwatch(), for a loop that says when it watches the descriptor no more
---   get_io_thread(), current_io_thread(): whose descriptor() and unix socket may be watched
---   on_done(future, f); alarm(seconds) -> future; disarm(future)
---   move_on_patiently(), doze(seconds): for those that block
local compat = require("twilio.numbers.compat")
local custom = require("twilio.numbers.hosts.custom")
local globals = require("twilio.numbers.globals")

local hosts = {}

local ngx = globals.ngx

--- The hosts that run code in coroutines, the surest first, and how each shows that it runs. One that
--- was not loaded does not.
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

--- How many callbacks of poll() run now, one within the other. They are in a coroutine of ours, which
--- no host resumes: what they call must block.
hosts.callbacks = 0

--- Luanti has a `core` too. While HAProxy reads its configuration no coroutine runs, and blocking harms none.
local function is_haproxy()
  local core = globals.core
  return type(core) == "table" and core.msleep ~= nil and core.register_service ~= nil
end

local function find()
  if type(ngx) == "table" and ngx.get_phase then
    return "openresty"
  end
  if compat.is_in_coroutine() then
    if is_haproxy() then
      return "haproxy"
    end
    for i = 1, #HOSTS do
      local host = HOSTS[i]
      local module = globals.loaded[host.name]
      if module and host.is_running(module) then
        return host.name
      end
    end
  end
  return "block"
end

--- What each loop cannot do without.
local NEEDS = {
  openresty = "OpenResty with lua-resty-core",
  haproxy = "HAProxy",
  cqueues = "the rock cqueues",
  copas = "the rock copas",
  luv = "the rock luv",
}

--- The loop of that name, or why it cannot be loaded.
---@return table? loop
---@return string? message
local function load_loop(name)
  local loaded, loop = pcall(globals.load, "twilio.numbers.hosts." .. name)
  if loaded then
    return loop
  end
  local why = compat.tostring(loop)
  why = why:match("module '[^']*' not found") or why:match("^[^\n]*")
  return nil, ('the loop "%s" needs %s: %s'):format(name, NEEDS[name], why)
end

--- Loads the loops of the hosts that run already: a sandbox may take `require` away after this.
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

--- What keeps a loop from being used in this process, if anything does.
---@param choice string|table the option `loop`
---@return string? message
function hosts.problem(choice)
  if NEEDS[choice] then
    local _, message = load_loop(choice)
    return message
  end
end

--- The loop for a call that waits where it is made.
---@param choice string|table the option `loop`
---@return table? loop nil: the call blocks
---@return string? message why this is no place to call from
function hosts.find(choice)
  if hosts.callbacks > 0 then
    return nil
  elseif type(choice) == "table" then
    return choice.wait and custom.of(choice)
  end
  local name = choice == "auto" and find() or choice
  if name == "block" then
    return nil
  end
  local loop, message = load_loop(name)
  if not loop then
    return nil, message
  end
  return loop.here()
end

--- The loop for a call that is begun here and goes on in the host: that needs less of a place. Where a
--- program uses luv, its loop will run; of copas nobody knows that, unless the option names it.
---@param choice string|table the option `loop`
---@return table? loop nil: poll() moves the call on
---@return string? message why this is no place to call from
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
