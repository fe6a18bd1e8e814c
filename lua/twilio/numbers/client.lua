--- A client: an account, its credentials, and a connection that is kept; meta/client.lua documents it. Its
--- other methods are in methods.lua, owned/methods.lua, products/ and journal/methods.lua, see init.lua.
local block = require("twilio.numbers.hosts.block")
local compat = require("twilio.numbers.compat")
local core = require("twilio.numbers.core")
local credentials = require("twilio.numbers.config.credentials")
local errors = require("twilio.numbers.errors")
local globals = require("twilio.numbers.globals")
local hosts = require("twilio.numbers.hosts")
local journals = require("twilio.numbers.journal")
local options = require("twilio.numbers.config.options")
local origins = require("twilio.numbers.config.origins")
local policy = require("twilio.numbers.api.policy")
local realm = require("twilio.numbers.config.realm")
local transport = require("twilio.numbers.transport")

local Scheduler = require("twilio.numbers.async.scheduler")
local start = require("twilio.numbers.async.start")

local Client = { __name = "twilio.numbers.Client" }
Client.__index = Client
start.expect(Client)

--- Returns how a blocking call sleeps: a host with its own sleep function may depend on it. An error that it
--- raises must not hide a purchased number: the call then ends with what is known.
local function sleep_of(loop)
  local sleep = type(loop) == "table" and loop.sleep
  if not sleep then
    return block.sleep
  end
  return function(seconds)
    return (compat.pcall(sleep, seconds))
  end
end

--- Checks of options that depend on each other.
local function add_conflicts(values, given, list)
  if not values.account_sid then
    local message = "account_sid is missing: give it or set TWILIO_ACCOUNT_SID"
    list[#list + 1] = { name = "account_sid", message = message }
  end
  local plain = type(values.base_url) == "string" and values.base_url:match("^[hH][tT][tT][pP]:")
  if plain and values.proxy and values.proxy ~= "" then
    local message = "proxy cannot be used with an http base_url: it would see the credentials"
    list[#list + 1] = { name = "proxy", message = message }
  end
  if values.base_url and (rawget(given, "region") or rawget(given, "edge")) then
    local message = rawget(given, "base_url") and "give either base_url or region and edge"
      or "TWILIO_BASE_URL says where to send: unset it, or leave region and edge out"
    list[#list + 1] = { name = "base_url", message = message }
  end
  return plain ~= nil and plain ~= false
end

local function user_agent(values, version)
  local name = ("twilio-numbers/%s (%s) %s"):format(version, core.platform(), compat.lua_name)
  return values.user_agent and name .. " " .. values.user_agent or name
end

local function fail(name, message)
  return errors.invalid { { name = name, message = message } }
end

local NO_COUNT = "limit needs the option journal, which counts what all clients of the account buy"

--- Creates a client; see twilio.numbers.client.
---@param given? twilio.numbers.ClientOptions
---@param version string of the library
function Client.new(given, version)
  local opaque_sids = type(given) == "table" and rawget(given, "opaque_sids") == true
  local values, list, is_plain_table = options.read(options.CLIENT, given, opaque_sids)
  if not is_plain_table then
    return errors.invalid(list)
  end
  local plain = add_conflicts(values, given or {}, list)
  local message, source = credentials.problem(values)
  if not message and #list == 0 then
    source, message = credentials.new(values)
  end
  if message then
    list[#list + 1] = { name = "credentials", message = message }
  end
  if values.limit and not values.journal then
    list[#list + 1] = { name = "limit", message = NO_COUNT }
  end
  local missing = hosts.problem(values.loop)
  if missing then
    list[#list + 1] = { name = "loop", message = missing }
  end
  if #list > 0 then
    return errors.invalid(list)
  end
  -- with its modules, a quarter of the library, which clients without a journal do not load
  local operations = values.journal and globals.load("twilio.numbers.journal.operations") or nil
  local journal, trouble, trouble_err = journals.of(values)
  if trouble then
    return nil, trouble, trouble_err
  end
  local wire, why = transport.new(values.transport, {
    ca_file = values.ca_file,
    proxy = values.proxy,
    plain = plain,
    user_agent = user_agent(values, version),
    max_in_flight = values.max_in_flight,
  })
  if not wire then
    return fail("transport", why)
  end
  local by_product = origins.of(values)
  values.base_url = by_product.api
  return setmetatable({
    config = {
      account_sid = values.account_sid,
      base_url = values.base_url,
      opaque_sids = opaque_sids,
      origins = by_product,
      realm = realm.of(values),
      limit = values.limit,
      allow = values.allow,
      has_rules = values.has_rules,
      settle = values.settle,
      timeout = values.timeout,
      connect_timeout = values.connect_timeout,
      retries = values.retries,
      deadline = values.deadline,
      on_event = values.on_event or false,
      max_in_flight = values.max_in_flight,
      loop = values.loop,
      sleep = sleep_of(values.loop),
    },
    credentials = source,
    transport = wire,
    scheduler = Scheduler.new(wire.make_io_thread),
    operations = operations, -- else the class has them, see init.lua
    journal = journal,
    owns_journal = journal and journal ~= values.journal,
    deferred = false, -- an error that the next purchase raises, see async/guard.lua
    last = false, -- the last call that blocked, for the next one
    spare = false, -- the first of a chain of ended calls, see Call:recycle()
    spares = 0,
    closing = false,
    closed = false,
    purchase_url = false, -- the URL of purchases without options of their own
    begin_within = start.within, -- for calls that have parts
    new_policy = policy.new, -- for calls with rules
  }, Client)
end

function Client:poll()
  local scheduler = self and self.scheduler -- called in each frame: only the necessary checks
  if not scheduler then
    start.check(self, "poll")
  end
  return scheduler:poll()
end

--- How long after a call ends its requests may still take effect, in milliseconds: the transport's value, or
--- the option `settle` if that is larger.
function Client:settle_time()
  return math.max(math.ceil((self.config.settle or 0) * 1000), self.transport.settle)
end

function Client:stats()
  start.check(self, "stats")
  local in_flight, queued, limit = self.scheduler:load()
  local stats = {
    in_flight = in_flight or 0,
    queued = queued or 0,
    max_in_flight = limit or self.config.max_in_flight,
  }
  if self.journal then
    local waiting, seconds = self.journal:lag()
    stats.journal = { waiting = waiting, oldest = seconds }
  end
  return stats
end

function Client:pollfd()
  start.check(self, "pollfd")
  return self.scheduler:pollfd()
end

function Client:events()
  start.check(self, "events")
  return self.scheduler.events()
end

function Client:timeout()
  start.check(self, "timeout")
  return self.scheduler:timeout()
end

function Client:close(seconds)
  start.check(self, "close")
  compat.check_seconds(seconds)
  self.closing = true
  if seconds and seconds > 0 and not self.closed then
    local loop, message = hosts.find(self.config.loop)
    if not message then
      self.scheduler:wind_down(loop, seconds)
    end
  end
  self.closed = true
  self.last, self.spare = false, false
  self.scheduler:close()
  if self.owns_journal then
    self.journal:close(seconds or 0)
  end
  self.transport.close()
  self.credentials.forget()
  self.scheduler:raise()
end

function Client:__close()
  self:close()
end

function Client:__tostring()
  return ("twilio.numbers client (%s)"):format(self.config.account_sid)
end

return Client
