-- For tools/check: prints the spec files that `make check` runs under this Lua, and appends to the file named
-- by its argument why each other one is left out.

-- Slow specs, by prefix of their path.
local LONG = {
  "spec/api/purchase_many_",
  "spec/async/close_",
  "spec/async/situations_",
  "spec/command/buy_",
  "spec/command/journal_",
  "spec/command/manage_",
  "spec/command/people_",
  "spec/command/terminal_",
  "spec/command/usage_",
  "spec/config/hostile_values_",
  "spec/crash/",
  "spec/failures/",
  "spec/hosts/cqueues_",
  "spec/hosts/frame_",
  "spec/hosts/luanti_",
  "spec/hosts/luv_",
  "spec/hosts/openresty_",
  "spec/hosts/resty_spec",
  "spec/io/exit_",
  "spec/io/fork_",
  "spec/io/io_thread_",
  "spec/io/states_",
  "spec/journal/bad_",
  "spec/journal/interleaving_",
  "spec/journal/keyed_faults_",
  "spec/journal/kill_",
  "spec/journal/late_post_",
  "spec/journal/limit_processes_",
  "spec/journal/postgresql_",
  "spec/journal/power_loss_",
  "spec/journal/sqlite_",
  "spec/journal/two_machines_",
  "spec/packaging/",
  "spec/safety/books_",
  "spec/safety/kept_",
  "spec/safety/matrix_",
  "spec/safety/proof_",
  "spec/safety/raw_answers_",
  "spec/secrets/memory_",
  "spec/secrets/words_",
  "spec/simulator/command_",
  "spec/soak_",
  "spec/tools/",
}

-- Specs that need a network or npm, even if this machine has them.
local FOREIGN = {
  { "Prism", "spec.support.prism" },
  { "the official client", "spec.support.official_client" },
  { "the benchmarks' contenders", "bench/" },
  { "npm packages", "without_npm" },
}

-- Modules that specs need.
local specs = dofile("tools/specs.lua")

local BUILD = os.getenv("BUILD") or "build"
local WORKERS_LUA = BUILD .. "/luajit/twilio/numbers/core.so"
local KAMAILIOS_LUA = BUILD .. "/5.1/twilio/numbers/core.so"

-- Programs that specs start: a pattern in the text of a spec or its helpers, and a command that succeeds if
-- the program is available.
local PROGRAMS = {
  { "nginx", 'spec%.support%.nginx"', "command -v nginx && test -f " .. WORKERS_LUA },
  {
    "PostgreSQL, PgBouncer",
    'spec%.support%.postgresql"',
    "test -x /usr/sbin/pgbouncer && ls /usr/lib/postgresql/*/bin/postgres",
  },
  { "Kamailio", 'spec%.support%.kamailio"', "command -v kamailio && test -f " .. KAMAILIOS_LUA },
  { "haproxy", 'spec%.support%.haproxy"', "command -v haproxy" },
  { "tmux", 'spec%.support%.terminal"', "command -v tmux" },
  {
    "the simulator (lua-http, lua-socket, lua-argparse)",
    'spec%.support%.simulator"',
    "bin/twilio-simulator --help",
  },
  { "lua-argparse", 'spec%.support%.command"', ("%s -e 'require(\"argparse\")'"):format(arg[-1]) },
  { "openssl", "openssl %l", "command -v openssl" },
  { "localedef", "localedef", "command -v localedef" },
  { "luac5.1", "luac5%.1", "command -v luac5.1" },
  { "curl", '[("]curl %-', "command -v curl" },
  { "luarocks", "luarocks %l", "command -v luarocks" },
}

local function long(path)
  for _, start in ipairs(LONG) do
    if path:sub(1, #start) == start then
      return "takes long"
    end
  end
end

local function foreign(text)
  for _, row in ipairs(FOREIGN) do
    if text:find(row[2], 1, true) then
      return row[1]
    end
  end
end

local succeeded = {}
local function succeeds(command)
  if succeeded[command] == nil then
    local pipe = assert(io.popen(("{ %s; } >/dev/null 2>&1 && echo yes"):format(command)))
    succeeded[command] = pipe:read("*l") == "yes"
    pipe:close()
  end
  return succeeded[command]
end

local function missing_program(text)
  for _, program in ipairs(PROGRAMS) do
    if text:find(program[2]) and not succeeds(program[3]) then
      return program[1]
    end
  end
end

local left_out = assert(io.open(arg[1], "a"))
local paths = assert(io.popen("find spec -name '*_spec.lua' | LC_ALL=C sort"))
for path in paths:lines() do
  local reason = long(path)
  if not reason then
    -- left_out.lua only mentions missing programs.
    local text = specs.text_of(path, { ["spec/support/left_out.lua"] = true })
    reason = foreign(text) or specs.missing_module(text) or missing_program(text)
  end
  if reason then
    left_out:write(("%s: %s\n"):format(reason, path))
  else
    print(path)
  end
end
paths:close()
left_out:close()
