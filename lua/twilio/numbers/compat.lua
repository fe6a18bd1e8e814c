--- What differs between the Luas, for the Lua layer.
local globals = require("twilio.numbers.globals")

local compat = {}

local jit = globals.jit
compat.lua_name = jit and (jit.version:gsub(" ", "/")) or (_VERSION:gsub(" ", "/"))

--- PUC Lua 5.1 cannot yield across pcall, and what we protect is the user's code, which may well
--- yield to its host: there the code runs in a coroutine of its own, whose yields are passed on.
local function resume_until_done(thread, ok, ...)
  if not ok or coroutine.status(thread) == "dead" then
    return ok, ...
  end
  return resume_until_done(thread, coroutine.resume(thread, coroutine.yield(...)))
end

local function pcall_in_coroutine(f, ...)
  if not coroutine.running() then -- nobody to yield to
    return pcall(f, ...)
  end
  local thread = coroutine.create(function(...) -- 5.1 makes none of a C function
    return f(...)
  end)
  return resume_until_done(thread, coroutine.resume(thread, ...))
end

compat.yields_across_pcall = jit ~= nil or _VERSION ~= "Lua 5.1"

--- pcall, across which a coroutine can yield.
compat.pcall = compat.yields_across_pcall and pcall or pcall_in_coroutine

--- What a coroutine of ours yields, with a function, to have that called where the coroutine is resumed.
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

--- The same for our own code, which may call functions of a host that yield as it likes: those must be
--- called by outside(), and what they raise is not caught on PUC Lua 5.1.
compat.protect = compat.yields_across_pcall and pcall or drive_coroutine

function compat.outside(f, ...)
  return coroutine.yield(OUTSIDE, f, ...)
end

--- Whether an error says that memory or a stack is used up.
function compat.is_shortage(why)
  return type(why) == "string"
    and (why:find("not enough memory", 1, true) or why:find("stack overflow", 1, true)) ~= nil
end

--- The coroutines of ours that poll() resumes, whoever calls it. Those of nginx's own library belong
--- to the request that made them, and another that resumes them brings the worker down; nginx keeps
--- Lua's own under names that begin with "_".
compat.coroutine = {}
for _, name in ipairs { "create", "resume", "yield", "status" } do
  compat.coroutine[name] = coroutine["_" .. name] or coroutine[name]
end

--- OpenResty's LuaJIT hands a coroutine the request in which it is made, which may be over when the
--- coroutine goes on. Without it, what needs a request raises an error, and all else works.
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

--- Whether the coroutine that runs can yield here: not in a callback of string.gsub or table.sort, nor in
--- a module that is being required. nil where the Lua cannot tell.
compat.is_yieldable = coroutine.isyieldable -- luacheck: ignore 143
  or (rawget(_G, "jit") and require("twilio.numbers.core").isyieldable())
  or nil

--- Whether there is somebody to yield to.
function compat.is_in_coroutine()
  local thread, is_main = coroutine.running()
  return thread ~= nil and not is_main
end

--- Raises an error for what is no time to wait: a wrong use of the library.
function compat.check_seconds(seconds)
  if seconds ~= nil and (type(seconds) ~= "number" or seconds ~= seconds) then
    error(("seconds must be a number, got %s"):format(tostring(seconds)), 3)
  end
end

--- tostring for what the user's code raised or returned, whose __tostring may do anything.
function compat.tostring(value)
  local called, text = pcall(tostring, value)
  return called and type(text) == "string" and text or "a " .. type(value)
end

return compat
