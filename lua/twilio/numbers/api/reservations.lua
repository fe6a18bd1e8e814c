--- Which numbers the calls of this Lua state are buying, by realm and account. A number that a call buys
--- is left alone by the calls that may take any number: to buy what the account owns is an update.
---
--- A claim belongs to a call and ends with it; one whose call was dropped ends at the call's deadline.
--- Other Lua states and other processes know nothing of it.
local core = require("twilio.numbers.core")

local reservations = {}

--- How long after the deadline of a call its request may still reach Twilio and be carried out.
local SETTLE = 180 -- seconds

local WEAK_KEYS, WEAK_VALUES = { __mode = "k" }, { __mode = "v" }

local scopes, by_config, process

--- All of Twilio's hosts sell the same numbers.
local function realm(base_url)
  local host = base_url:lower():match("^%a+://([^/:]+)") or ""
  return ("." .. host):find("%.twilio%.com$") and "twilio" or base_url
end

--- The claims for an account: `calls` by number, weak; by call, the numbers that another asked for by name;
--- and `doubts`, the time until which a number is not offered.
local function find_scope(config, account_sid)
  local key = realm(config.base_url) .. " " .. account_sid:lower()
  scopes[key] = scopes[key] or {
    calls = setmetatable({}, WEAK_VALUES),
    contested = setmetatable({}, WEAK_KEYS),
    doubts = {},
  }
  return scopes[key]
end

--- Those for the account that a call buys for. A child of fork() has no part in its parent's.
local function scope_of(call)
  if process ~= core.process() then
    scopes, by_config, process = {}, setmetatable({}, WEAK_KEYS), core.process()
  end
  local config, account_sid = call.client.config, call.options.account_sid
  local by_account = by_config[config]
  if not by_account then
    by_account = {}
    by_config[config] = by_account
  end
  local scope = by_account[account_sid]
  if not scope then
    scope = find_scope(config, account_sid)
    by_account[account_sid] = scope
  end
  return scope
end

--- The live call, other than this one and the one it is a part of, that has a claim.
local function holder_of(scope, call, phone_number)
  local holder = scope.calls[phone_number]
  local is_other = holder and holder ~= call and holder ~= call.parent
  if is_other and not holder.is_over and core.now() < holder.ends then
    return holder
  end
end

--- Claims a number for a call, or finds that it has it.
---@param is_named? boolean the call buys it whoever has it: then no other may take it for its own alone
---@return boolean claimed
function reservations.take(call, phone_number, is_named)
  local scope = scope_of(call)
  local holder = holder_of(scope, call, phone_number)
  if holder then
    if is_named then
      local contested = scope.contested
      contested[holder] = contested[holder] or {}
      contested[holder][phone_number] = true
    end
    return false
  elseif not is_named and (scope.doubts[phone_number] or 0) > core.now() then
    return false
  end
  local own, contested = scope.calls[phone_number], scope.contested[call]
  if contested and own ~= call then
    contested[phone_number] = nil -- that was an earlier claim
  end
  if not call.parent or own ~= call.parent then
    scope.calls[phone_number] = call
  end
  return true
end

--- Whether another call buys a number, or is in doubt of it.
function reservations.is_anothers(call, phone_number)
  local scope = scope_of(call)
  return holder_of(scope, call, phone_number) ~= nil or scope.doubts[phone_number] ~= nil
end

--- Whether the call's claim of a number stayed its own: no other call has asked for it by its name.
function reservations.is_undisputed(call, phone_number)
  local scope = scope_of(call)
  local is_ours, contested = scope.calls[phone_number] == call, scope.contested[call]
  return is_ours and not (contested and contested[phone_number])
end

--- Whether a number is being bought by another call, whose end can be waited for here: one that blocks
--- goes on only when this one has returned, and so does one of a client that nothing polls meanwhile.
function reservations.is_in_progress(call, phone_number)
  local holder = holder_of(scope_of(call), call, phone_number)
  return holder ~= nil
    and (holder.task ~= false or holder.loop ~= false)
    and (call.loop ~= false or holder.client == call.client)
end

local function forget_old(doubts)
  local now = core.now()
  for phone_number, ends in pairs(doubts) do
    doubts[phone_number] = ends > now and ends or nil
  end
end

--- Ends a claim.
---@param purchased "no"|"unknown"|"yes" a number in doubt is not offered for a while
function reservations.settle(call, phone_number, purchased)
  local scope = scope_of(call)
  if scope.calls[phone_number] == call then
    scope.calls[phone_number] = nil
  end
  if purchased ~= "no" then
    forget_old(scope.doubts)
    scope.doubts[phone_number] = call.ends + SETTLE
  end
end

return reservations
