--- Reservations: the numbers that the calls of this Lua state are buying, by realm and account. A call for
--- any matching number skips reserved ones, since buying a number that the account owns is an update.
---
--- A reservation belongs to a call and ends with it, or at the call's deadline if the call was dropped. It
--- is not visible to other Lua states or processes.
local core = require("twilio.numbers.core")
local realm = require("twilio.numbers.config.realm")

local reservations = {}

--- How long after a call's deadline its request may still reach Twilio and be processed.
local SETTLE = 180 -- seconds

local WEAK_KEYS, WEAK_VALUES = { __mode = "k" }, { __mode = "v" }

local scopes, by_config, process

--- The scope of an account: `calls` by number (weak); `contested`, by call, the numbers that another call has
--- tried to buy by name; `doubts`, the time until which a number is not offered; and when to forget old ones.
local function find_scope(config, account_sid)
  local key = realm.of(config) .. " " .. account_sid:lower()
  scopes[key] = scopes[key]
    or {
      calls = setmetatable({}, WEAK_VALUES),
      contested = setmetatable({}, WEAK_KEYS),
      doubts = {},
      forgets_at = 0,
    }
  return scopes[key]
end

--- The scope of the account that a call buys for. A child of fork() starts without its parent's reservations.
local function scope_of(call)
  if process ~= core.process() then
    scopes, by_config = {}, setmetatable({}, WEAK_KEYS)
    process = core.process() -- last: Ctrl-C may interrupt this
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

--- The live call that has reserved a number, other than this call and its parent.
local function holder_of(scope, call, phone_number)
  local holder = scope.calls[phone_number]
  local is_other = holder and holder ~= call and holder ~= call.parent
  return is_other and not holder.is_over and core.now() < holder.ends and holder or nil
end

--- Reserves a number for a call.
---@param is_named? boolean the call buys the number anyway: a reservation of another call becomes disputed
---@return table|false scope for settle(), of a number that is reserved for this call or its parent
function reservations.take(call, phone_number, is_named)
  local scope = scope_of(call)
  local own = scope.calls[phone_number]
  local holder = own and holder_of(scope, call, phone_number)
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
  local contested = scope.contested[call]
  if contested and own ~= call then
    contested[phone_number] = nil -- that was an earlier claim
  end
  if not own or own ~= call.parent then
    scope.calls[phone_number] = call
  end
  return scope
end

--- Whether another call is buying a number, or may have bought it.
function reservations.is_anothers(call, phone_number)
  local scope = scope_of(call)
  return holder_of(scope, call, phone_number) ~= nil or scope.doubts[phone_number] ~= nil
end

--- Whether a call has reserved a number, and no other call has tried to buy it by name since.
function reservations.is_undisputed(call, phone_number)
  local scope = scope_of(call)
  local is_ours, contested = scope.calls[phone_number] == call, scope.contested[call]
  return is_ours and not (contested and contested[phone_number])
end

--- Whether another call is buying a number, and this call can wait for it. A blocking call proceeds only
--- after this one has returned, and so does a call of a client that is not polled in the meantime.
function reservations.is_in_progress(call, phone_number)
  local holder = holder_of(scope_of(call), call, phone_number)
  return holder ~= nil
    and (holder.task ~= false or holder.loop ~= false)
    and (call.loop ~= false or holder.client == call.client)
end

--- Forgets doubts that are over, now and then: there may be many.
local function forget_old(scope)
  local doubts, now = scope.doubts, core.now()
  if now < scope.forgets_at then
    return
  end
  scope.forgets_at = now + SETTLE
  for phone_number, ends in pairs(doubts) do
    doubts[phone_number] = ends > now and ends or nil
  end
end

--- Ends a reservation.
---@param purchased "no"|"unknown"|"yes" unless "no", the number is not offered for a while
---@param scope? table what take() returned
function reservations.settle(call, phone_number, purchased, scope)
  scope = scope or scope_of(call)
  if scope.calls[phone_number] == call then
    scope.calls[phone_number] = nil
  end
  if purchased ~= "no" then
    local own = scope_of(call) -- of this process: the scope may be the parent's
    forget_old(own)
    own.doubts[phone_number] = call.ends + SETTLE
  end
end

return reservations
