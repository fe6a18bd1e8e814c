--- Runs bin/twilio-numbers with the interpreter that runs the specs.
local interpreter = require("spec.support.interpreter")

local command = {}

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function read_and_remove(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  os.remove(path)
  return text
end

--- The command gets only these variables, besides PATH and the like.
local VARIABLES = {
  "TWILIO_ACCOUNT_SID",
  "TWILIO_AUTH_TOKEN",
  "TWILIO_API_KEY",
  "TWILIO_API_SECRET",
  "TWILIO_BASE_URL",
  "TWILIO_CA_FILE",
  "TWILIO_REGION",
  "TWILIO_EDGE",
  "CURL_CA_BUNDLE",
  "TWILIO_NUMBERS_JOURNAL",
}

--- The environment for buying from a simulator.
---@param twilio table see spec/support/simulator.lua
---@return table settings
function command.settings(twilio)
  return {
    TWILIO_ACCOUNT_SID = twilio.account_sid,
    TWILIO_AUTH_TOKEN = twilio.auth_token,
    CURL_CA_BUNDLE = twilio.ca_file,
    base_url = twilio.base_url,
  }
end

--- A shell command that runs it.
---@param settings table variables; base_url is an option
---@param words string[]
function command.line(settings, words)
  local list = { "env" }
  for _, name in ipairs(VARIABLES) do
    list[#list + 1] = name .. "=" .. quote(settings[name] or "")
  end
  list[#list + 1] = "LD_PRELOAD=" .. quote(os.getenv("TEST_PRELOAD") or "")
  for _, name in ipairs { "NO_COLOR", "TERM", "COLUMNS" } do
    if settings[name] then
      list[#list + 1] = name .. "=" .. quote(settings[name])
    end
  end
  if settings.LUA_PATH then
    list[#list + 1] = "LUA_PATH=" .. quote(settings.LUA_PATH)
  end
  list[#list + 1] = interpreter.command .. " bin/twilio-numbers"
  if settings.base_url then
    list[#list + 1] = "--base-url " .. settings.base_url
  end
  for _, word in ipairs(words) do
    list[#list + 1] = quote(word)
  end
  return table.concat(list, " ")
end

--- Runs it. Its stdin is no terminal.
---@param settings table
---@param ... string its arguments
---@return string stdout
---@return integer code
---@return string stderr
function command.run(settings, ...)
  local out, err = os.tmpname(), os.tmpname()
  local line = "timeout 60 %s </dev/null >%s 2>%s; echo $?"
  local pipe = assert(io.popen(line:format(command.line(settings, { ... }), out, err)))
  local code = tonumber(pipe:read("*a"))
  pipe:close()
  return read_and_remove(out), code, read_and_remove(err)
end

return command
