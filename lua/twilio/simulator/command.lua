-- The command: options, ready lines, signals, and the exit with the process that started it.
-- Used by bin/twilio-simulator.

local argparse = require("argparse")
local cqueues = require("cqueues")
local signal = require("cqueues.signal")
local background = require("twilio.simulator.background")
local simulator = require("twilio.simulator.server")

local command = {}

local unpack = rawget(table, "unpack") or rawget(_G, "unpack")

local function to_port(text)
  local port = text:match("^%d+$") and tonumber(text)
  if not port or port > 65535 then
    return nil, ('a port must be a number from 0 to 65535, got "%s"'):format(text)
  end
  return port
end

local function to_seconds(text)
  local seconds = tonumber(text)
  if not (seconds and seconds > 0 and seconds < math.huge) then -- nor NaN, which LuaJIT reads
    return nil, ('--idle-timeout must be a number of seconds above 0, got "%s"'):format(text)
  end
  return seconds
end

local function new_parser()
  local parser = argparse("twilio-simulator", "A local Twilio to buy phone numbers from.")
  parser:option("--port", "Port for https; 0 for any free one.", "0"):convert(to_port)
  parser:option("--http-port", "Port for http; 0 for any free one.", "0"):convert(to_port)
  parser:option("--ca-file", "Where to write the CA's certificate. Default: a temporary file.")
  parser
    :option(
      "--idle-timeout",
      "Stop after this many seconds without a request; 3600 with --background."
    )
    :convert(to_seconds)
  parser
    :option("--profile", "The service to simulate: Twilio, or a compatible one.", "twilio")
    :choices { "twilio", "signalwire" }
  parser:flag("--background", "Start in the background, and return when it is ready.")
  parser:flag(
    "--export",
    "Print shell commands that set the client's environment; needs --background."
  )
  parser:flag("--stop", "Stop the simulator at TWILIO_BASE_URL.")
  parser:flag("--detached"):hidden(true) -- in the background: it does not exit with its reader
  parser:flag("--quiet", 'Print only the lines up to "ready".')
  parser:flag("--verbose", "Report errors on individual connections.")
  return parser
end

-- Usage errors exit with 2; argparse itself exits with 255.
local function parse(arguments)
  local parser = new_parser()
  local ok, options = parser:pparse(arguments)
  if ok and options.export and not options.background then
    ok, options = false, "--export needs --background"
  end
  if not ok then
    io.stderr:write(parser:get_usage(), "\n\nError: ", options, "\n")
    os.exit(2)
  end
  return options
end

local function fail(message)
  io.stderr:write("twilio-simulator: ", message, "\n")
  os.exit(1)
end

local function write_file(path, text)
  local file, problem = io.open(path, "w")
  if not file then
    fail(problem)
  end
  file:write(text)
  file:close()
end

--- Creates a temporary file for the certificate, readable by all: nginx's workers run as another user.
local function make_public_file()
  local path = os.tmpname()
  os.execute("chmod 644 " .. path)
  return path
end

local function own_pid()
  local file = io.open("/proc/self/stat")
  local pid = file and file:read("*n")
  if file then
    file:close()
  end
  return pid and ("%d"):format(pid)
end

---The ready lines, as names and values.
local function ready_fields(server, ca_file)
  local fields = {
    { "base_url", server.base_url },
    { "http_url", server.http_url },
    { "ca_file", ca_file },
    { "pid", own_pid() or "unknown" },
  }
  for _, name in ipairs {
    "account_sid",
    "auth_token",
    "api_key",
    "api_secret",
    "access_token",
    "subaccount_sid",
    "subaccount_auth_token",
    "test_account_sid",
    "test_auth_token",
  } do
    fields[#fields + 1] = { name, server.credentials[name] }
  end
  return fields
end

-- The variables of the library. An API key in the environment would take precedence over the token.
local VARIABLES = {
  base_url = "TWILIO_BASE_URL",
  ca_file = "TWILIO_CA_FILE",
  account_sid = "TWILIO_ACCOUNT_SID",
  auth_token = "TWILIO_AUTH_TOKEN",
}

local function print_exports(fields)
  io.stdout:write("unset TWILIO_API_KEY TWILIO_API_SECRET\n")
  for _, field in ipairs(fields) do
    local name, value = VARIABLES[field[1]], field[2]
    if name then
      io.stdout:write("export ", name, "=", background.quote(value), "\n")
    end
  end
end

local function print_ready(fields)
  for _, field in ipairs(fields) do
    io.stdout:write(field[1], ": ", field[2], "\n")
  end
  io.stdout:write("ready\n")
  io.stdout:flush()
end

local function stop_at_signals(server)
  local signals = { signal.SIGINT, signal.SIGTERM, signal.SIGHUP }
  signal.ignore(signal.SIGPIPE)
  signal.block(unpack(signals))
  server.cq:wrap(function()
    signal.listen(unpack(signals)):wait()
    server:stop()
  end)
end

-- If stdout is a pipe, stops when its reader exits: polling the pipe reports that.
local function stop_with_reader(server)
  local is_pipe = os.execute("test -p /dev/stdout")
  if is_pipe == true or is_pipe == 0 then
    server.cq:wrap(function()
      cqueues.poll { pollfd = 1, events = "r" }
      server:stop()
    end)
  end
end

-- Serves until something stops it.
local function serve(options)
  local on_error = options.verbose
    and function(message)
      io.stderr:write("twilio-simulator: ", message, "\n")
    end
  local server, problem = simulator.new {
    port = options.port,
    http_port = options.http_port,
    idle_timeout = options.idle_timeout,
    profile = options.profile,
    on_error = on_error,
  }
  if not server then
    fail(problem)
  end
  stop_at_signals(server)
  if not options.detached then
    stop_with_reader(server)
  end
  local ca_file = options.ca_file or make_public_file()
  write_file(ca_file, server.ca_pem)
  print_ready(ready_fields(server, ca_file))
  if not options.quiet then
    io.stderr:write("Ctrl-C stops it. Faults: POST ", server.http_url, "/simulator/faults\n")
  end
  server:loop()
  if not options.ca_file then
    os.remove(ca_file)
  end
end

local function start_in_background(options)
  local fields, problem = background.start(options)
  if not fields then
    if options.export then
      io.stdout:write("false\n") -- so that `eval "$(...)" && ...` stops before it reaches Twilio
    end
    fail((problem:gsub("^twilio%-simulator: ", ""):gsub("%s+$", "")))
  end
  local print_fields = options.export and print_exports or print_ready
  print_fields(fields)
end

local function stop()
  local base_url, ca_file = os.getenv("TWILIO_BASE_URL"), os.getenv("TWILIO_CA_FILE")
  local ok, problem = background.stop(base_url, ca_file)
  if not ok then
    fail(problem)
  end
end

---Runs the command.
---@param arguments string[]
function command.run(arguments)
  local options = parse(arguments)
  local run = options.stop and stop or options.background and start_in_background or serve
  run(options)
  os.exit(0)
end

return command
