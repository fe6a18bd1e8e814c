--- A real PostgreSQL in a temporary folder, for journals and their faults.
---
---   local server = require("spec.support.postgresql").start()
---   server:sql("SELECT 1")            as the superuser; raises on an error
---   local store = server:open("user=buyer")
---   store:read({ "key" })             as take() returns it, without the tag
---   server:standby()                  another server that follows this one
---   server:pooler()                   PgBouncer in transaction mode: a port
---   server:stop()
local core = require("twilio.numbers.core")
local flights = require("spec.support.flights")
local left_out = require("spec.support.left_out")
local process = require("spec_process")
local socket = require("socket")

local postgresql = {}

local SIGINT, SIGTERM = 2, 15
local SECONDS = 10 -- an answer's, where it will come

-- Fast settings and what the specs need; not fsync = off, which a journal refuses.
local SETTINGS = {
  "listen_addresses=127.0.0.1",
  "shared_buffers=8MB",
  "max_connections=50",
  "max_prepared_transactions=5",
  "max_wal_size=64MB",
  "min_wal_size=32MB",
  "autovacuum=off",
}

local ACCESS = [[
local all all trust
local replication all trust
host all guarded 127.0.0.1/32 scram-sha-256
host all,replication all 127.0.0.1/32 trust
host all all 10.99.0.0/16 trust
]]

-- Buyers have the grants in docs/postgresql.md and no more.
local ROLES = [[
CREATE ROLE owner LOGIN; GRANT CREATE ON SCHEMA public TO owner;
CREATE ROLE buyer LOGIN; CREATE ROLE stranger LOGIN; CREATE ROLE guarded LOGIN PASSWORD 'hunter2';
]]

local GRANTS = "GRANT SELECT, INSERT, UPDATE, DELETE ON twilio_numbers_journal TO buyer, guarded"

local function output(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read("*a")
  local done, _, status = pipe:close() -- 5.1 and LuaJIT return no status
  return (text:gsub("%s+$", "")), done and (status or 0) == 0
end

local function run(command)
  local text = output(("{ %s\n} 2>&1 || echo failed"):format(command))
  assert(not text:find("failed$"), text)
  return text
end

local function read(path)
  local file = io.open(path)
  local text = file and file:read("*a") or ""
  if file then
    file:close()
  end
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- A port that is free at the moment.
local function free_port()
  local listener = assert(socket.bind("127.0.0.1", 0))
  local _, port = listener:getsockname()
  listener:close()
  return tonumber(port)
end

local PROGRAMS = output("ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1")

-- PostgreSQL refuses to run as root, so a shell command runs as the owner of the files.
local AS_USER = output("id -u") == "0"
    and "env -u LD_PRELOAD setpriv --reuid=postgres --regid=postgres --init-groups "
  or "env -u LD_PRELOAD "

--- Whether this machine lacks a server or a pooler; if so, records that.
---@param what string what is left out then, such as a spec file's name
function postgresql.is_missing(what)
  return left_out.without_program(what, "postgresql", PROGRAMS .. "/postgres")
    or left_out.without_program(what, "pgbouncer", "/usr/sbin/pgbouncer")
end

-- ---- stores ----

local Store = {}
Store.__index = Store

--- Submits a request, whose result take() returns.
function Store:submit(seconds, operation, ...)
  assert(self.store:submit(1, core.now() + seconds, operation, ...))
end

local function without_tag(self, tag, ...)
  if tag then
    return true, ...
  end
  self.store:wait(SECONDS)
  return false
end

--- Waits for the result of the oldest request.
function Store:take()
  local function judge(done, ...)
    if done then
      return ...
    end
    return judge(without_tag(self, self.store:take()))
  end
  return judge(false)
end

function Store:ask(seconds, operation, ...)
  self:submit(seconds, operation, ...)
  return self:take()
end

function Store:read(keys)
  return self:ask(SECONDS, "read", keys)
end

function Store:apply(writes)
  return self:ask(SECONDS, "apply", writes)
end

function Store:scan(...)
  return self:ask(SECONDS, "scan", ...)
end

--- The version and the value of a key; nil: none.
function Store:get(key)
  local record = assert(self:read { key })[key]
  return record and record.version, record and record.value
end

function Store:close()
  self.store:close(1)
end

--- Opens a store by a connection string.
function postgresql.open(conninfo, create)
  local stores = require("twilio.numbers.stores") -- not before a spec needs it
  local store = stores.open { kind = "postgresql", conninfo = conninfo, create = create }
  return setmetatable({ store = store }, Store)
end

-- ---- servers ----

local Server = {}
Server.__index = Server

local function launch(self)
  local command = ("echo $$; exec %s %s/postgres -D %s/data -p %d -k %s -c %s 2>>%s/log"):format(
    AS_USER,
    PROGRAMS,
    self.folder,
    self.port,
    self.folder,
    table.concat(SETTINGS, " -c "),
    self.folder
  )
  self.pipe = assert(io.popen(command))
  self.pid = tonumber(self.pipe:read("*l"))
  flights.until_(function()
    return read(self.folder .. "/data/postmaster.pid"):find("\nready")
  end, "PostgreSQL is ready")
  return self
end

local function new_server()
  local folder = os.tmpname()
  os.remove(folder)
  run(
    ("install -d -m 755 %s && %s"):format(
      folder,
      AS_USER == "env -u LD_PRELOAD " and "true" or "chown postgres " .. folder
    )
  )
  return setmetatable({ folder = folder, port = free_port() }, Server)
end

--- Starts a server with an empty journal that `owner` created and `buyer` may use.
function postgresql.start()
  local self = new_server()
  run(
    ("%s %s/initdb -D %s/data -U postgres -A trust -E UTF8 --locale=C --no-sync"):format(
      AS_USER,
      PROGRAMS,
      self.folder
    )
  )
  write(self.folder .. "/data/pg_hba.conf", ACCESS)
  launch(self)
  self:sql(ROLES)
  local owner = self:open("user=owner", true)
  assert(owner:read { "key" })
  owner:close()
  self:sql(GRANTS)
  return self
end

--- A connection string with additional parameters.
function Server:conninfo(words, port)
  return ("host=127.0.0.1 port=%d dbname=postgres %s"):format(
    port or self.port,
    words or "user=buyer"
  )
end

function Server:open(words, create)
  return postgresql.open(self:conninfo(words), create)
end

--- Runs statements, each in a transaction of its own, as the superuser, who waits for no standby; or as
--- `buyer` by another port.
---@return string text the rows, with | between the columns
function Server:sql(text, port)
  local options = port and "" or "PGOPTIONS='-c synchronous_commit=local -c lock_timeout=10s' "
  local command = "%s%s/psql -X -q -A -t -h %s -p %d -U %s -d postgres -v ON_ERROR_STOP=1 -f - "
    .. "<<'END'\n%s;\nEND"
  local host, user = port and "127.0.0.1" or self.folder, port and "buyer" or "postgres"
  return (run(command:format(options, PROGRAMS, host, port or self.port, user, text)))
end

--- Runs a function while a statement of the superuser is in effect.
function Server:with(statement, undo, f)
  self:sql(statement)
  local done, why = pcall(f)
  self:sql(undo)
  assert(done, why)
end

--- Waits until a query returns "t".
function Server:until_(condition)
  flights.until_(function()
    return self:sql("SELECT " .. condition) == "t"
  end, condition)
end

--- Changes a setting of the whole server, and waits until its processes know.
function Server:set(name, value)
  self:sql(("ALTER SYSTEM SET %s = '%s'; SELECT pg_reload_conf()"):format(name, value))
  self:until_(("current_setting('%s') = '%s'"):format(name, value))
end

--- Enables TLS until "ssl" is set to "off".
function Server:certify(certificate, key)
  for name, text in pairs { crt = certificate, key = key } do
    local path = self.folder .. "/data/server." .. name
    run(("%s touch %s && chmod 600 %s"):format(AS_USER, path, path))
    write(path, text)
  end
  self:set("ssl", "on")
end

function Server:signal(number)
  process.kill(self.pid, number)
end

--- Stops a server with all of its processes, or lets it continue. May be called in a child process.
---@param pid integer
---@param number integer SIGSTOP or SIGCONT
function postgresql.signal_all(pid, number)
  process.kill(pid, number) -- first, so that it starts no more
  for child in output("ps -o pid= --ppid " .. pid):gmatch("%d+") do
    pcall(process.kill, tonumber(child), number)
  end
end

--- Stops the server and keeps its data.
function Server:halt(signal)
  self:signal(signal or SIGINT)
  self.pipe:read("*a")
  self.pipe:close()
  self.pipe = nil
end

function Server:resume()
  return launch(self)
end

--- The server that follows this one, of the name "standby"; it is stopped with it.
function Server:standby()
  if self.follower then
    return self.follower
  end
  local standby = new_server()
  run(
    ("%s %s/pg_basebackup -h %s -p %d -U postgres -D %s/data -c fast -R --no-sync"):format(
      AS_USER,
      PROGRAMS,
      self.folder,
      self.port,
      standby.folder
    )
  )
  local settings = "primary_conninfo = 'host=%s port=%d user=postgres application_name=standby'\n"
  local path = standby.folder .. "/data/postgresql.auto.conf"
  write(path, read(path) .. settings:format(self.folder, self.port))
  self.follower = launch(standby)
  return standby
end

local POOLER = [[
[databases]
* = host=%s port=%d
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = trust
auth_file = %s/users
pool_mode = transaction
default_pool_size = 2
]]

--- Starts PgBouncer before it; it is stopped with it.
---@return integer port
function Server:pooler()
  local port, path = free_port(), self.folder .. "/pgbouncer.ini"
  write(self.folder .. "/users", '"buyer" ""\n')
  write(path, POOLER:format(self.folder, self.port, port, self.folder))
  self.bouncer = assert(
    io.popen(
      ("echo $$; exec %s /usr/sbin/pgbouncer -q %s 2>>%s/log"):format(AS_USER, path, self.folder)
    )
  )
  self.bouncer_pid = tonumber(self.bouncer:read("*l"))
  flights.until_(function()
    local connection = socket.connect("127.0.0.1", port)
    return connection and connection:close()
  end, "PgBouncer listens")
  return port
end

--- Stops it with all of its followers, and removes its data.
function Server:stop()
  if self.follower then
    self.follower:stop()
  end
  if self.bouncer then
    process.kill(self.bouncer_pid, SIGTERM)
    self.bouncer:read("*a")
    self.bouncer:close()
  end
  if self.pipe then
    self:halt()
  end
  run("rm -rf " .. quote(self.folder))
end

return postgresql
