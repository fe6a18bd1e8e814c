--- Kills processes while they buy with an idempotency key, and finishes their orders in other ones. For a
--- program of its own (spec/support/keyed_specs.lua starts it), which never buys itself: all who buy are its
--- children by fork(), before which nothing was opened.
---
--- What must hold after each kill: the same key buys in a new process; the account owns one number for each
--- key, which is the one that was returned; a repeated call replays it. And of a journal in the end: what
--- spec/support/journal_books.lua says.
local core = require("twilio.numbers.core")
local flights = require("spec.support.flights")
local journal_books = require("spec.support.journal_books")
local numbers = require("twilio.numbers")
local process = require("spec_process")
local simulator = require("spec.support.simulator")

local keyed_kills = {}

local SIGKILL = 9
local KILLED = 128 + SIGKILL
local KEYS_AT_ONCE = 200 -- then everything is deleted, since the books take longer with each key
local DEADLINE = 30 -- seconds

keyed_kills.FILTER = { country = "US", area_code = "415" }
local FILTER = keyed_kills.FILTER

--- Messaging Services of the simulator.
local SERVICE, ANOTHER = "MG" .. ("0"):rep(31) .. "1", "MG" .. ("0"):rep(31) .. "3"

--- How a process buys.
keyed_kills.WAYS = {
  blocking = {
    url = "http_url", -- HTTP/1.1
    buy = function(client, params, options)
      return client:purchase_available(FILTER, params, options)
    end,
  },
  in_flight = {
    url = "base_url", -- HTTP/2 over TLS
    buy = function(client, params, options)
      return client:purchase_available_async(FILTER, params, options):wait()
    end,
  },
  messaging = {
    url = "http_url",
    buy = function(client, params, options)
      options.messaging_service_sid = SERVICE
      return client:purchase_available(FILTER, params, options)
    end,
    check = function(client, number) -- a number in the service is accepted by no other one
      local _, _, err = client:attach(number.sid, ANOTHER)
      assert(err and err.code == 21712, "it is not in its Messaging Service")
    end,
  },
}

--- Sets a local variable of a function, or of those that it uses.
local function set_upvalue(f, name, value, seen)
  seen = seen or {}
  seen[f] = true
  for i = 1, 60 do
    local upvalue, old = debug.getupvalue(f, i)
    if upvalue == name then
      debug.setupvalue(f, i, value)
      return true
    elseif type(old) == "function" and not seen[old] and set_upvalue(old, name, value, seen) then
      return true
    end
  end
  return false
end

--- Makes this process finish an order at once, whether or not its sender is known to be dead. (If that
--- cannot be known, as with PostgreSQL, it would wait for 35 seconds.)
function keyed_kills.be_impatient()
  local protocol = require("twilio.numbers.journal.protocol")
  assert(set_upvalue(protocol.run, "PATIENCE", 0), "no such variable")
end

--- A client in this process, which does not wait between attempts.
---@param job table
---@param options? table
function keyed_kills.client(job, options)
  core.jitter = function()
    return 0
  end
  local all = {
    account_sid = job.twilio.account_sid,
    auth_token = job.twilio.auth_token,
    base_url = job.twilio[keyed_kills.WAYS[job.way].url],
    ca_file = job.twilio.ca_file,
    journal = job.journal,
    realm = "simulator", -- the same at both addresses
    deadline = DEADLINE,
    limit = { numbers = 1000000, per = "day" },
  }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return assert(numbers.client(all))
end

--- Starts a function in a child.
---@return table child for wait()
function keyed_kills.start(f)
  local child = { path = os.tmpname() }
  child.pid = process.fork()
  if child.pid == 0 then
    local good, why = pcall(f)
    if not good then
      local file = io.open(child.path, "w")
      file:write(tostring(why))
      file:close()
    end
    process.leave(good and 0 or 1)
  end
  return child
end

--- Waits for the end of a child.
---@return integer status
---@return string? problem what it raised
function keyed_kills.wait(child)
  local status = process.wait(child.pid)
  local file = assert(io.open(child.path))
  local text = file:read("*a")
  file:close()
  os.remove(child.path)
  return status, text ~= "" and text or nil
end

--- Runs a function in a child, and waits for its end.
function keyed_kills.in_child(f)
  return keyed_kills.wait(keyed_kills.start(f))
end

local function buy(job, client, key)
  local params = { friendly_name = key, voice_url = "https://example.com/voice" }
  return keyed_kills.WAYS[job.way].buy(client, params, { idempotency_key = key })
end

--- The work of the process that is killed.
local function victim(job, key)
  return function()
    local client = keyed_kills.client(job)
    buy(job, client, key)
    client:close()
  end
end

--- Buys with a key twice; raises if an invariant is broken.
local function finish(job, key)
  if job.journal:match("^postgresql") then
    keyed_kills.be_impatient()
  end
  local client = keyed_kills.client(job)
  local number, message = buy(job, client, key)
  assert(number, "the key does not buy: " .. tostring(message))
  if keyed_kills.WAYS[job.way].check then
    assert(not message, message)
    keyed_kills.WAYS[job.way].check(client, number)
  end
  local again, why, info = buy(job, client, key)
  assert(again, "it does not replay: " .. tostring(why))
  assert(info and info.replayed, "it was not replayed")
  assert(again.sid == number.sid, "it replays another number")
  client:close()
  local state = job.twilio:state()
  for _, owned in ipairs(state.owned) do
    if owned.sid == number.sid then
      assert(owned.phone_number == number.phone_number, "another number has that SID")
      return
    end
  end
  error("the account does not own what was returned")
end

-- ---- how a process is killed ----

local HOWS = {}

--- At its nth call into the system, see spec/support/killing.c, which this program preloads.
HOWS.calls = {
  moments = { "before", "after" },
  kill = function(n, moment, f)
    process.setenv("KILLING_AT", tostring(n))
    process.setenv("KILLING_WHEN", moment)
    local status, problem = keyed_kills.in_child(f)
    process.setenv("KILLING_AT", nil)
    return status, problem
  end,
}

--- At its nth instruction. In Lua each coroutine has a hook of its own.
local function die_at(n)
  local function count()
    n = n - 1
    if n == 0 then
      process.kill(process.pid(), SIGKILL)
    end
  end
  local create = coroutine.create
  local compat = require("twilio.numbers.compat")
  local function create_with_hook(f)
    local thread = create(f)
    debug.sethook(thread, count, "", 1)
    return thread
  end
  coroutine.create = create_with_hook -- luacheck: ignore 122
  compat.coroutine.create = create_with_hook
  debug.sethook(count, "", 1)
end

HOWS.instructions = {
  moments = { "at" },
  kill = function(n, _, f)
    return keyed_kills.in_child(function()
      if rawget(_G, "jit") then
        require("jit").off()
      end
      die_at(n)
      f()
      debug.sethook()
    end)
  end,
}

-- ---- a run ----

local function begin_anew(job)
  job.twilio:reset()
  job.keys = {}
  local status, problem = keyed_kills.in_child(function()
    journal_books.clear(job.journal)
  end)
  assert(status == 0, problem)
end

--- Checks a journal and its account once nothing is in flight.
---@return table state of the simulator
function keyed_kills.check_books(job)
  local state
  flights.until_(function()
    state = job.twilio:state()
    return state.open == 0 and state.unfinished == 0
  end, "quiet")
  local status, problem = keyed_kills.in_child(function()
    journal_books.check(job.journal, state, job.keys)
  end)
  assert(status == 0, problem)
  return state
end

--- Kills a process, and finishes its order. Returns whether it was killed.
local function kill_once(job, n, moment)
  local key = ("order-%d-%s"):format(n, moment)
  job.keys[#job.keys + 1] = key
  local status, problem = HOWS[job.how].kill(n, moment, victim(job, key))
  local is_killed = status == KILLED
  assert(is_killed or status == 0, problem or "status " .. status)
  status, problem = keyed_kills.in_child(function()
    finish(job, key)
  end)
  assert(status == 0, problem or "status " .. status)
  local purchases = job.twilio:state().purchases
  assert(purchases == #job.keys, ("%d keys bought %d numbers"):format(#job.keys, purchases))
  return is_killed
end

--- Kills a process at every `stride`-th place, from `first` on, until one ends first.
---@param job { how: string, way: string, twilio: table, journal: string, first: integer, stride: integer }
---@return table figures
local function run(job)
  local figures = { kills = 0, keys = 0, places = 0 }
  local n, is_over = job.first, false
  begin_anew(job)
  while not is_over do
    for _, moment in ipairs(HOWS[job.how].moments) do
      local called, is_killed = pcall(kill_once, job, n, moment)
      if not called then
        error(("%s the %dth: %s"):format(moment, n, tostring(is_killed)), 0)
      end
      figures.keys = figures.keys + 1
      figures.kills = figures.kills + (is_killed and 1 or 0)
      is_over = is_over or not is_killed
    end
    figures.places = is_over and figures.places or n
    n = n + job.stride
    if is_over or #job.keys >= KEYS_AT_ONCE then
      keyed_kills.check_books(job)
      begin_anew(job)
    end
  end
  return figures
end

--- The program: prints a line, "ok" and the figures, or what is wrong.
function keyed_kills.main(job)
  simulator.of(job.twilio)
  local began = core.now()
  local good, figures = pcall(run, job)
  if not good then
    print("wrong: " .. tostring(figures))
    os.exit(1)
  end
  print(
    ("ok: %d killed at %d %s, %d keys, 0 bought twice, 0 lost; %.0f s"):format(
      figures.kills,
      figures.places,
      job.how,
      figures.keys,
      core.now() - began
    )
  )
end

return keyed_kills
