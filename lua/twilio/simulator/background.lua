-- A simulator in the background: starts one that outlives this process, and stops one. Used by command.lua.

local http_request = require("http.request")
local http_tls = require("http.tls")
local x509_store = require("openssl.x509.store")
local control = require("twilio.simulator.control")

local background = {}

local IDLE_SECONDS = 3600
local STOP_SECONDS = 10

---Quotes a word for a shell.
---@param text string
---@return string
function background.quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

-- The command line of this process up to its script: interpreter, options, bin/twilio-simulator. Nil in a
-- program that has no script, or another Lua in it.
local function own_command(arg)
  local first = 0
  while arg[first - 1] do
    first = first - 1
  end
  if first == 0 or not arg[0] then
    return nil
  end
  local words = {}
  for index = first, 0 do
    words[#words + 1] = background.quote(arg[index])
  end
  return table.concat(words, " ")
end

local function arguments_for(options)
  local words = { "--quiet", "--detached" }
  words[#words + 1] = ("--idle-timeout %g"):format(options.idle_timeout or IDLE_SECONDS)
  words[#words + 1] = ("--port %d --http-port %d"):format(options.port, options.http_port)
  words[#words + 1] = "--profile " .. options.profile
  words[#words + 1] = options.ca_file and "--ca-file " .. background.quote(options.ca_file)
  return table.concat(words, " ")
end

local function read_and_remove(path)
  local file = io.open(path)
  local text = file and file:read("*a") or ""
  if file then
    file:close()
  end
  os.remove(path)
  return text
end

---Starts a simulator, in its own session if setsid exists so that Ctrl-C does not reach it, and waits until
---it is
---ready.
---@param options table the command's
---@return { [1]: string, [2]: string }[]? fields its ready lines
---@return string? problem its stderr
function background.start(options)
  local self = own_command(rawget(_G, "arg") or {})
  if not self then
    return nil, "--background needs bin/twilio-simulator: this script cannot be restarted"
  end
  local stderr = os.tmpname()
  local line = "session=; command -v setsid >/dev/null && session=setsid;"
    .. " $session %s %s </dev/null 2>%s &"
  local pipe = io.popen(line:format(self, arguments_for(options), background.quote(stderr)))
  local fields, is_ready = {}, false
  for text in pipe:lines() do
    is_ready = text == "ready"
    if is_ready then
      break
    end
    fields[#fields + 1] = { text:match("^([%w_]+): (.*)$") }
  end
  pipe:close() -- only waits for the shell
  local problem = read_and_remove(stderr)
  return is_ready and fields or nil, problem
end

-- Creates a context that only trusts the simulator's CA. Raises an error if the file cannot be read.
local function new_context(ca_file)
  local context, trusted = http_tls.new_client_context(), x509_store.new()
  if ca_file then
    trusted:add(ca_file)
  end
  context:setStore(trusted)
  return context
end

local function post(url, ca_file)
  local request = http_request.new_from_uri(url)
  request.headers:upsert(":method", "POST")
  request.proxies = false
  request.ctx = request.tls and new_context(ca_file) or nil
  return request:go(STOP_SECONDS)
end

---Stops the simulator at a loopback address.
---@param base_url string?
---@param ca_file string?
---@return boolean? ok
---@return string? problem
function background.stop(base_url, ca_file)
  local authority = (base_url or ""):match("^https?://([^/]+)[%w/]*$")
  if not authority or not control.is_loopback(authority) then
    return nil,
      "--stop ends the simulator at TWILIO_BASE_URL, which must be an address of this machine: "
        .. ((base_url or "") ~= "" and base_url or "it is not set")
  end
  local url = base_url:gsub("/+$", "") .. "/simulator/stop"
  local ran, headers, problem = pcall(post, url, ca_file)
  if not ran or not headers then
    problem = tostring(ran and problem or headers):gsub("^%S+:%d+: ", "")
    return nil, ("no simulator answers at %s: %s"):format(base_url, problem)
  elseif headers:get(":status") ~= "200" then
    return nil, "the server at " .. base_url .. " is not a simulator"
  end
  return true
end

return background
