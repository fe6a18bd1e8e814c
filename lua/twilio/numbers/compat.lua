--- Differences between Lua versions, for the Lua layer.
local globals = require("twilio.numbers.globals")

local compat = {}

local jit = globals.jit
compat.lua_name = jit and (jit.version:gsub(" ", "/")) or (_VERSION:gsub(" ", "/"))

--- PUC Lua 5.1 cannot yield across pcall, but protected functions of the caller may yield to their host.
--- There the function runs in a coroutine of its own, whose yields are passed on.
local function resume_until_done(thread, ok, ...)
  if not ok or coroutine.status(thread) == "dead" then
    return ok, ...
  end
  return resume_until_done(thread, coroutine.resume(thread, coroutine.yield(...)))
end

local function pcall_in_coroutine(f, ...)
  if not coroutine.running() then -- there is no coroutine to yield from
    return pcall(f, ...)
  end
  local thread = coroutine.create(function(...) -- 5.1 cannot make one from a C function
    return f(...)
  end)
  return resume_until_done(thread, coroutine.resume(thread, ...))
end

compat.yields_across_pcall = jit ~= nil or _VERSION ~= "Lua 5.1"

--- pcall, across which a coroutine can yield.
compat.pcall = compat.yields_across_pcall and pcall or pcall_in_coroutine

--- Yielded by the library's coroutine, with a function that the resuming code must call.
local OUTSIDE = {}

local function drive(thread, ok, first, ...)
  if not ok or coroutine.status(thread) == "dead" then
    return ok, first, ...
  elseif first == OUTSIDE then
    local f = ...
    return drive(thread, coroutine.resume(thread, f(select(2, ...))))
  end
  return drive(thread, coroutine.resume(thread, coroutine.yield(first, ...)))
end

local function new_coroutine(f)
  return coroutine.create(function(...)
    return f(...)
  end)
end

local function drive_coroutine(f, ...)
  if not coroutine.running() then
    return pcall(f, ...)
  end
  local made, thread = pcall(new_coroutine, f)
  if not made then
    return false, thread
  end
  return drive(thread, coroutine.resume(thread, ...))
end

--- The same for the library's own code. It must call functions of a host that may yield through outside(),
--- and on PUC Lua 5.1 their errors are not caught.
compat.protect = compat.yields_across_pcall and pcall or drive_coroutine

function compat.outside(f, ...)
  return coroutine.yield(OUTSIDE, f, ...)
end

--- Whether an error says that memory or the stack is exhausted.
function compat.is_shortage(why)
  return type(why) == "string"
    and (why:find("not enough memory", 1, true) or why:find("stack overflow", 1, true)) ~= nil
end

--- Whether an error says that the code cannot yield.
function compat.is_no_yield(why)
  return compat.tostring(why):find("attempt to yield", 1, true) ~= nil
end

--- The functions for coroutines that any caller of poll() may resume. nginx replaces Lua's own: its
--- coroutines belong to the request that created them, and resuming one from another request crashes the
--- worker. nginx keeps the originals under names that begin with "_".
compat.coroutine = {}
for _, name in ipairs { "create", "resume", "yield", "status" } do
  compat.coroutine[name] = coroutine["_" .. name] or coroutine[name]
end

--- OpenResty's LuaJIT attaches to a coroutine the request that created it, which may be over when the
--- coroutine resumes. Detached, functions that need a request raise an error, and all others work.
local has_requests, request_of_thread = false, nil
if type(globals.ngx) == "table" then
  has_requests, request_of_thread = pcall(require, "thread.exdata")
end
if has_requests then
  local create, none = compat.coroutine.create, require("ffi").new("void *")
  function compat.coroutine.create(f)
    return create(function(...)
      request_of_thread(none)
      return f(...)
    end)
  end
end

--- Whether the running coroutine can yield: not in a callback of string.gsub or table.sort, nor in a module
--- that is being required. nil if this Lua cannot tell.
compat.is_yieldable = coroutine.isyieldable -- luacheck: ignore 143
  or (rawget(_G, "jit") and require("twilio.numbers.core").isyieldable())
  or nil

local running = coroutine.running

--- Whether the current code runs in a coroutine.
function compat.is_in_coroutine()
  local thread, is_main = running()
  return thread ~= nil and not is_main
end

--- Raises an error if a time to wait is invalid, which is a programming mistake.
function compat.check_seconds(seconds)
  if seconds ~= nil and (type(seconds) ~= "number" or seconds ~= seconds) then
    local got = seconds ~= seconds and "NaN" or "a " .. type(seconds)
    error("seconds must be a number, got " .. got, 3)
  end
end

--- tostring for values from the caller's functions, whose __tostring may raise or return anything.
function compat.tostring(value)
  local called, text = pcall(tostring, value)
  return called and type(text) == "string" and text or "a " .. type(value)
end

--- Why a module could not be loaded, on one line: without the places in which it was not found, but with what
--- the system's loader says of a file that it cannot load.
---@param problem any what require() raised
---@return string
function compat.load_problem(problem)
  local text = compat.tostring(problem)
  return text:match("module '[^']*' not found") or (text:gsub("%s*\n%s*", " "))
end

return compat
