--- Purchases with an idempotency key from a simulator, in this process and in others, which see or change
--- something at each step of theirs.
local cjson = require("cjson")
local clients = require("spec.support.clients")
local core = require("twilio.numbers.core")
local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
local journals = require("spec.support.journals")
local process = require("spec_process")
local records = require("twilio.numbers.journal.records")

local keyed = {}

local SIGKILL = 9

keyed.FILTER = { country = "US", area_code = "415" }
keyed.KEY = "order-1"

--- Creates an empty journal in a folder.
---@return string path
function keyed.new_journal(folder)
  local path = folder .. "/purchases.db"
  local journal = assert(journals.open(path, { create = true }))
  assert(journal:read(journals.call(), { "none" })) -- the first call makes the file
  journal:close(5)
  return path
end

--- An on_event that calls f(n, event) after the nth step of a client: a request, or a read or write of the
--- journal. What f raises is raised by check().
function keyed.at_steps(f)
  local steps = { count = 0, failure = nil }
  function steps.on_event(event)
    steps.count = steps.count + 1
    local called, why = pcall(f, steps.count, event)
    steps.failure = steps.failure or (not called and tostring(why)) or nil
  end
  function steps.check()
    assert(not steps.failure, steps.failure)
  end
  return steps
end

--- A blocking client of a simulator.
function keyed.client(twilio, options)
  local all = { loop = false }
  for name, value in pairs(options) do
    all[name] = value
  end
  return clients.of(twilio, all)
end

--- Buys with the key.
---@param options? table of the call
function keyed.buy(client, options)
  local all = { idempotency_key = keyed.KEY }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return client:purchase_available(keyed.FILTER, {}, all)
end

--- A call's results in a few words: "bought", "replayed", "bought, not noted", or "kind purchased".
function keyed.outcome(number, _, third)
  if not number then
    return third.kind .. " " .. third.purchased
  end
  local info = third or {}
  return (info.replayed and "replayed" or "bought") .. (info.journal and ", not noted" or "")
end

--- A call's complete results, in a line of JSON.
function keyed.line(number, message, third)
  third = third or {}
  return cjson.encode {
    outcome = keyed.outcome(number, message, third),
    phone_number = number and number.phone_number or third.phone_number,
    sid = number and number.sid,
    message = message,
    kind = not number and third.kind or nil,
    purchased = not number and third.purchased or nil,
    journal = third.journal and third.journal.message,
  } .. "\n"
end

--- Parses a line of keyed.line(); raises for anything else.
function keyed.read_line(line)
  local decoded, result = pcall(cjson.decode, line)
  return decoded and result or error(line, 2)
end

-- ---- files that signal to another process ----

function keyed.exists(path)
  local file = io.open(path)
  return file ~= nil and file:close() ~= nil
end

function keyed.touch(path)
  assert(io.open(path, "w")):close()
end

--- Signals to another process that this one has reached a step, and waits until it may continue or is killed.
function keyed.halt(path)
  keyed.touch(path)
  while keyed.exists(path) do
    core.sleep(0.001)
  end
end

--- Waits until another process halts.
function keyed.until_halted(path)
  flights.until_(function()
    return keyed.exists(path)
  end, "halted")
end

-- ---- other processes ----

local PRELUDE = [[
  local core, process = require("twilio.numbers.core"), require("spec_process")
  local cjson, numbers = require("cjson"), require("twilio.numbers")
  local clients, keyed = require("spec.support.clients"), require("spec.support.keyed")
  local twilio = {
    account_sid = %q, auth_token = %q, base_url = %q, http_url = %q, ca_file = %q,
  }
  local journal, folder = %q, %q
  local function client_of(options)
    options = options or {}
    options.journal = options.journal or journal
    return keyed.client(twilio, options)
  end
  local function print_line(...)
    io.write(keyed.line(...))
    io.flush()
  end
]]

local Child = {}
Child.__index = Child

--- Starts a program in a process of its own. It has the names `core`, `process`, `cjson`, `numbers`,
--- `clients`, `keyed`, `twilio`, `journal`, `folder`, client_of(options) and print_line(number, ...).
---@param given { twilio: table, journal: string, folder: string, variables: table?, library: string?,
---before: string? } `library` is preloaded; `before`: a command that runs the interpreter
---@param program string
function keyed.start(given, program)
  local twilio = given.twilio
  local prelude = PRELUDE:format(
    twilio.account_sid,
    twilio.auth_token,
    twilio.base_url,
    twilio.http_url,
    twilio.ca_file,
    given.journal,
    given.folder
  )
  local words = {}
  for name, value in pairs(given.variables or {}) do
    words[#words + 1] = ("export %s='%s'; "):format(name, value)
  end
  local command = interpreter.run(prelude .. program, { library = given.library })
  command = command:gsub(" exec ", " exec " .. (given.before or "") .. " ", 1)
  local shell = ("unset LD_PRELOAD; echo $$; %s%s 2>&1"):format(table.concat(words), command)
  local pipe = assert(io.popen(shell))
  return setmetatable({ pipe = pipe, pid = tonumber(pipe:read("*l")) }, Child)
end

--- Waits for its end.
---@return string output
function Child:output()
  local output = self.pipe:read("*a")
  self.pipe:close()
  return output
end

--- Kills it, and waits for its end.
function Child:kill()
  process.kill(self.pid, SIGKILL)
  return self:output()
end

--- Its output of print_line(), decoded.
function Child:result()
  return keyed.read_line(self:output())
end

--- Runs a program to its end.
---@return table result what it printed with print_line()
function keyed.result(given, program)
  return keyed.start(given, program):result()
end

--- Leaves an order whose purchase was sent without a known response: by a process that is killed while the
--- simulator holds its POST.
---@param given table as for start()
---@return string phone_number
function keyed.leave_post(given)
  given.twilio:limits { hold = 1 }
  local child = keyed.start(given, [[ print_line(keyed.buy(client_of())) ]])
  flights.until_(function()
    return given.twilio:state().unfinished == 1
  end, "held")
  child:kill()
  return (assert(keyed.order(given.journal).number))
end

--- The record of the key's order in the journal, or nil.
---@param spec string that names a journal
function keyed.order(spec)
  local journal = assert(journals.open(spec))
  local list = assert(journal:scan(journals.call(), "order/", nil, 100))
  journal:close(5)
  for _, entry in ipairs(list) do
    if records.parse(entry.key).key == keyed.KEY then
      return assert(records.decode(entry.value))
    end
  end
end

return keyed
