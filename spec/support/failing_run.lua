--- One run of a scenario in which a call of the C side fails: its clients, what was reported to it, and
--- whether that agrees with what the account owns. See failing_runs.lua.
local core = require("twilio.numbers.core")
local failing = require("spec_failing")
local process = require("spec_process")

local TIMEOUT, PATIENCE = 10, 20 -- seconds

local Run = {}
Run.__index = Run

---@param twilio table a simulator
---@param wire string which of its addresses: "base_url" or "http_url"
---@param name string the friendly name of what is bought
---@param timeout? number of its clients
function Run.new(twilio, wire, name, timeout)
  return setmetatable({
    twilio = twilio,
    wire = wire,
    name = name,
    timeout = timeout or TIMEOUT,
    posts = 1, -- purchases that may be sent
    clients = {},
    outcomes = {}, -- of purchases: "number", or the error's purchased
    numbers = {},
    flights = {},
    problems = {},
  }, Run)
end

function Run:problem(text, ...)
  self.problems[#self.problems + 1] = text:format(...)
end

--- Checks that an error has the form of the library's errors.
---@return boolean is_error
function Run:check_error(message, err)
  if type(message) == "string" and type(err) == "table" and tostring(err) == message then
    return true
  end
  self:problem("no error but %s, %s", tostring(message), tostring(err))
  return false
end

--- Creates a client; nil if that failed with a proper error.
---@param options? table
function Run:client(options)
  local all = {
    account_sid = self.twilio.account_sid,
    auth_token = self.twilio.auth_token,
    base_url = self.twilio[self.wire],
    ca_file = self.wire == "base_url" and self.twilio.ca_file or nil,
    timeout = self.timeout,
    connect_timeout = self.timeout,
    deadline = self.timeout,
    loop = { sleep = function() end },
  }
  for name, value in pairs(options or {}) do
    all[name] = value or nil
  end
  local made, client, message, err = pcall(require("twilio.numbers").client, all)
  if not made then
    self:problem("numbers.client raised %s", tostring(client))
  elseif not client then
    self:check_error(message, err)
  else
    self.clients[#self.clients + 1] = client
    return client
  end
end

-- ---- buying ----

--- The parameters of a purchase in this run.
function Run:params(more)
  local params = { friendly_name = self.name, area_code = "415" }
  for name, value in pairs(more or {}) do
    params[name] = value or nil
  end
  return params
end

--- Records the outcome of a purchase.
function Run:note(number, message, err)
  if type(number) == "table" then
    self.outcomes[#self.outcomes + 1] = "number"
    self.numbers[#self.numbers + 1] = number
  elseif self:check_error(message, err) then
    self.outcomes[#self.outcomes + 1] = err.purchased
    self.message = message
  end
end

--- Calls a method that buys, which must not raise.
function Run:buy(client, method, ...)
  local function note(called, number, message, err)
    if called then
      self:note(number, message, err)
    else
      self:problem("%s raised %s", method, tostring(number))
    end
  end
  note(pcall(client[method], client, ...))
end

--- Calls a method that buys nothing, which must not raise either; returns what it returned.
function Run:ask(object, method, ...)
  local called, value, message, err = pcall(object[method], object, ...)
  if not called then
    self:problem("%s raised %s", method, tostring(value))
    return nil
  elseif not value and message and self:check_error(message, err) and err.purchased ~= "no" then
    self:problem("%s says purchased = %s", method, err.purchased)
  end
  return value
end

-- ---- in flight ----

--- Starts a purchase in flight; nil if that failed.
function Run:begin(client, params, options)
  local flight = { calls = 0 }
  local function count()
    flight.calls = flight.calls + 1
  end
  local called, pending, message, err = pcall(client.purchase_async, client, params, options, count)
  if not called then
    self:problem("purchase_async raised %s", tostring(pending))
  elseif not pending then
    self:note(nil, message, err)
  else
    flight.pending = pending
    self.flights[#self.flights + 1] = flight
    return pending
  end
end

--- Waits until the given number of purchases was sent, as long as something is in flight.
function Run:until_sent(client, count)
  local ends = core.now() + TIMEOUT
  while self.twilio:state().posts < count and core.now() < ends do
    client:poll()
    local over = true
    for _, flight in ipairs(self.flights) do
      over = over and flight.pending:done()
    end
    if over then
      return
    end
  end
end

--- Ways to wait until a client has nothing in flight.
local ways = {}

--- Like a game.
function ways.poll(client)
  local ends = core.now() + PATIENCE
  while client:poll() > 0 and core.now() < ends do
    failing.readable(-1, 0)
  end
end

--- Like an event loop, which polls when the descriptor is readable.
function ways.descriptor(client)
  local ends = core.now() + PATIENCE
  while client:poll() > 0 and core.now() < ends do
    failing.readable(client:pollfd() or -1, math.min(client:timeout() or PATIENCE, PATIENCE))
  end
end

--- Like a script.
function ways.wait(client, flights)
  for _, flight in ipairs(flights) do
    flight.pending:wait(PATIENCE)
  end
  client:poll()
end

--- Waits for everything that was started; each call must be done and called back once.
---@param way "poll"|"descriptor"|"wait"
function Run:finish(client, way)
  local called, why = pcall(ways[way], client, self.flights) -- which hand over the news
  if not called then
    self:problem("waiting raised %s", tostring(why))
  end
  self:land()
end

function Run:land()
  for _, flight in ipairs(self.flights) do
    if not flight.pending:done() then
      self:problem("still in flight")
    elseif flight.calls ~= 1 then
      self:problem("called back %d times", flight.calls)
    else
      self:note(flight.pending:result())
    end
  end
  self.flights = {}
end

-- ---- a child of fork() ----

--- Calls a function in a child, where the run continues, and copies its outcome.
function Run:in_child(f)
  local path = os.tmpname()
  local pid = process.fork()
  if pid == 0 then
    local called, why = pcall(f)
    if not called then
      self:problem("in a child: %s", tostring(why))
    end
    local failed, name = failing.disarm()
    self.failed, self.failed_name = self.failed or failed, self.failed_name or name
    self:write(path)
    process.leave(0)
  end
  local status = process.wait(pid)
  self:read(path)
  os.remove(path)
  if status ~= 0 then
    self:problem("a child ended with status %d", status)
  end
end

function Run:write(path)
  local file = assert(io.open(path, "w"))
  file:write(("failed %d\nname %s\n"):format(self.failed, self.failed_name or "none"))
  for name, list in pairs { problem = self.problems, outcome = self.outcomes } do
    for _, text in ipairs(list) do
      file:write(("%s %s\n"):format(name, text))
    end
  end
  for _, number in ipairs(self.numbers) do
    file:write(("number %s\n"):format(number.sid))
  end
  file:close()
end

function Run:read(path)
  self.problems, self.outcomes, self.numbers = {}, {}, {}
  for line in io.lines(path) do
    local what, value = line:match("^(%l+) (.*)$")
    if what == "failed" then
      self.failed = tonumber(value)
    elseif what == "name" then
      self.failed_name = value
    elseif what == "number" then
      self.numbers[#self.numbers + 1] = { sid = value }
    elseif what then
      local list = what == "problem" and self.problems or self.outcomes
      list[#list + 1] = value
    end
  end
end

-- ---- the books ----

--- Checks that returned numbers are owned, and that no other purchase was hidden.
---@param state table of the simulator
function Run:check_books(state)
  local owned, unreported, count = {}, 0, { number = 0, no = 0, unknown = 0, yes = 0 }
  for _, number in ipairs(state.owned) do
    if number.friendly_name == self.name then
      owned[number.sid], unreported = true, unreported + 1
    end
  end
  for _, number in ipairs(self.numbers) do
    unreported = unreported - (owned[number.sid] and 1 or 0)
    if not owned[number.sid] then
      self:problem("a number that the account does not own")
    end
  end
  for _, outcome in ipairs(self.outcomes) do
    count[outcome] = count[outcome] + 1
  end
  if unreported > count.unknown + count.yes or unreported < count.yes then
    local said = table.concat(self.outcomes, ", ")
    self:problem("%d numbers are owned that were not returned (%s)", unreported, said)
  end
end

--- Checks that no more purchases were sent than allowed.
function Run:check_posts()
  local posts, name = 0, "FriendlyName=" .. self.name:gsub(" ", "+") .. "&"
  for _, request in ipairs(self.twilio:requests()) do
    if
      request.path:match("IncomingPhoneNumbers%.json$")
      and (request.body .. "&"):find(name, 1, true)
    then
      posts = posts + 1
    end
  end
  if posts > self.posts then
    self:problem("%d purchases were sent", posts)
  end
end

return Run
