--- A process that buys with a journal (examples/buy_with_journal.lua) and is killed, and what it leaves:
--- in the journal, in the account, and what the procedure for it (examples/after_a_crash.lua) finds.
local core = require("twilio.numbers.core")
local faults = require("spec.support.faults")
local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
local process = require("spec_process")

local crashes = {}

local SIGKILL = 9

crashes.FAULTS = faults.anywhere_and {
  "goaway",
  { fault = "goaway", commit = true },
  { fault = "drip", seconds = 0.001 },
  { fault = "hang", seconds = 0.01 },
  { fault = "close_after_commit", scope = "stream" },
  { fault = "status", status = 500 },
  { fault = "status", status = 502, commit = true },
  { fault = "status", status = 400, code = 21422 },
}

-- An example with its own arguments, which does not wait between attempts.
local PROGRAM = [[
  require("twilio.numbers.core").jitter = function() return 0 end
  arg = { %s }
  dofile("examples/%s.lua")
]]

local function program_of(name, arguments)
  local quoted = {}
  for i, argument in ipairs(arguments) do
    quoted[i] = ("%q"):format(argument)
  end
  return PROGRAM:format(table.concat(quoted, ", "), name)
end

--- Starts an example in a process of its own.
---@param twilio table a simulator
---@param url string
---@param name string
---@param arguments string[]
---@return table pid, pipe
function crashes.start(twilio, url, name, arguments)
  local settings = ("echo $$; export TWILIO_ACCOUNT_SID=%s TWILIO_AUTH_TOKEN=%s TWILIO_BASE_URL=%s"):format(
    twilio.account_sid,
    twilio.auth_token,
    url
  ) .. (" TWILIO_CA_FILE=%s PATIENCE=%s; "):format(twilio.ca_file, arguments.patience or 0)
  local program = interpreter.run(program_of(name, arguments))
  local pipe = assert(io.popen(settings .. program .. " 2>&1"))
  return { pipe = pipe, pid = tonumber(pipe:read("*l")) }
end

--- Waits for its end; returns its output.
function crashes.output(child)
  local output = child.pipe:read("*a")
  child.pipe:close()
  return output
end

--- Runs an example to its end; returns its output.
function crashes.run(...)
  return crashes.output(crashes.start(...))
end

--- The same for one that needs no account; also returns its exit status.
---@param name string
---@param arguments string[]
---@return string output
---@return integer status
function crashes.result(name, arguments)
  return interpreter.result(program_of(name, arguments))
end

--- What to buy: area codes and phone numbers.
---@param count integer
---@param next_phone function a phone number that was not requested yet
function crashes.targets(count, next_phone)
  local targets = {}
  for i = 1, count do
    targets[i] = i % 3 == 0 and next_phone() or "415"
  end
  return targets
end

--- Kills a buying process shortly after the simulator has read the given number of its purchases.
---@param child table
---@param twilio table
---@param posts integer
---@param seconds number
function crashes.kill(child, twilio, posts, seconds)
  local wanted = twilio:state().posts + posts
  flights.until_(function()
    return twilio:state().posts >= wanted
  end, "so many purchases")
  core.sleep(seconds)
  process.kill(child.pid, SIGKILL)
  return crashes.output(child)
end

--- Waits until the simulator has finished a dead process's requests.
function crashes.until_quiet(twilio)
  flights.until_(function()
    local state = twilio:state()
    return state.open == 0 and state.unfinished == 0
  end, "quiet")
end

--- The SIDs in a text, each by itself as a key.
function crashes.sids(text)
  local sids = {}
  for sid in text:gmatch("PN%x+") do
    sids[sid] = true
  end
  return sids
end

--- The SIDs of all numbers that the account owns.
function crashes.owned(twilio)
  local sids = {}
  for _, number in ipairs(twilio:state().owned) do
    sids[number.sid] = true
  end
  return sids
end

--- The SIDs that the account owns and the journal lacks.
function crashes.unreported(twilio, path)
  local file = assert(io.open(path))
  local reported = crashes.sids(file:read("*a"))
  file:close()
  local sids, count = {}, 0
  for sid in pairs(crashes.owned(twilio)) do
    if not reported[sid] then
      sids[sid] = true
      count = count + 1
    end
  end
  return sids, count
end

return crashes
