--- The drivers of spec/journal/two_machines_spec.lua: each runs on the third machine, see machines.lua.
local core = require("twilio.numbers.core")
local flights = require("spec.support.flights")
local journals = require("spec.support.journals")
local keyed = require("spec.support.keyed")
local keyed_specs = require("spec.support.keyed_specs")
local machines = require("spec.support.machines")
local postgresql = require("spec.support.postgresql")
local process = require("spec_process")
local simulator = require("spec.support.simulator")

local two_machines = {}

local SIGCONT, SIGSTOP = 18, 19
local DEADLINE = 3 -- seconds, of a call whose link is cut
local NOTED = 8 -- steps: read, search, read, look, read, begin, send, note

--- The steps after which the short form cuts a link: those that matter.
local STEPS = { store = { 5, 6 }, twilio = { 6, 7 } }

local function expect(wanted, got, where)
  assert(wanted == got, ("%s: %s, not %s"):format(where, tostring(got), tostring(wanted)))
end

--- Halts after a step, or before the first one; buys with a short deadline, and halts; and buys again.
local FIRST = [[
  local function halt() keyed.halt(folder .. "/step") end
  local steps = keyed.at_steps(function(n)
    if n == %d then halt() end
  end)
  local client = client_of { on_event = steps.on_event }
  if %d == 0 then halt() end
  print_line(keyed.buy(client, { deadline = %g }))
  keyed.halt(folder .. "/over")
  print_line(keyed.buy(client))
]]

local SECOND = [[ print_line(keyed.buy(client_of(), { deadline = %g })) ]]

local function go_on(here, name)
  os.remove(here.given.folder .. "/" .. name)
end

local function wait_for(here, name)
  keyed.until_halted(here.given.folder .. "/" .. name)
end

local function buy_on(here, machine, deadline)
  return here.net:start(machine, here.given, SECOND:format(deadline)):result()
end

local function two_results(child)
  local output = child:output()
  local first, second = output:match("^([^\n]*)\n([^\n]*)\n$")
  assert(first, output)
  return keyed.read_line(first), keyed.read_line(second)
end

--- The possible results of the first call whose link is cut after a step.
local function outcome_of(link, n)
  if link == "store" then
    if n == 0 or n == 5 then
      return "journal unknown"
    end
    return n < 5 and "journal no" or n < NOTED and "bought, not noted" or "bought"
  end
  -- the journal may need more than the little time left after the purchase
  return n < 4 and "timeout no" or n < 7 and "timeout unknown|journal unknown" or "bought"
end

--- Cuts a link of "a" after a step; "b" buys with the same key meanwhile, and "a" again once the link is
--- back.
local function cut_one(here, link, n)
  local where = ("%s cut after step %d"):format(link, n)
  here.twilio:reset()
  here.server:sql("DELETE FROM twilio_numbers_journal")
  local first = here.net:start("a", here.given, FIRST:format(n, n, DEADLINE))
  wait_for(here, "step")
  here.net:cut("a", link)
  go_on(here, "step")
  wait_for(here, "over")
  local other = buy_on(here, "b", 1)
  here.net:restore("a", link)
  go_on(here, "over")
  local cut, again = two_results(first)
  local last = buy_on(here, "b", 20)
  local state = here.twilio:state()
  local is_expected = ("|%s|"):format(outcome_of(link, n)):find("|" .. cut.outcome .. "|", 1, true)
  assert(is_expected, ("%s: %s, %s"):format(where, cut.outcome, tostring(cut.message)))
  expect(1, state.purchases, where)
  for _, result in ipairs { again, last } do
    expect(state.owned[1].sid, result.sid, where .. ": " .. tostring(result.message))
  end
  for _, result in ipairs { cut, other } do
    assert(not result.sid or result.sid == last.sid, where)
  end
  assert(other.sid or other.outcome == "in_progress unknown", where .. ": " .. other.outcome)
end

function two_machines.cuts(here, link)
  local steps = STEPS[link]
  if keyed_specs.IS_LONG then
    steps = {}
    for n = 0, NOTED do
      steps[#steps + 1] = n
    end
  end
  for _, n in ipairs(steps) do
    cut_one(here, link, n)
  end
end

--- Whether a process is stopped by a signal.
local function is_stopped(pid)
  local file = assert(io.open(("/proc/%d/stat"):format(pid)))
  local text = file:read("*a")
  file:close()
  return text:match("^%d+ %b() (%a)") == "T"
end

--- A sender that stops between its T1 and its purchase, for longer than its deadline, sends nothing when it
--- continues (rule R7), whether or not another one has bought the number meanwhile.
function two_machines.stopped(here)
  local begin = 6
  local sender = here.net:start("a", here.given, FIRST:format(begin, begin, DEADLINE))
  local began = core.now()
  wait_for(here, "step")
  process.kill(sender.pid, SIGSTOP)
  flights.until_(function()
    return is_stopped(sender.pid)
  end, "stopped")
  go_on(here, "step")
  local meanwhile = buy_on(here, "b", 1)
  expect("in_progress unknown", meanwhile.outcome, "while it is stopped")
  core.sleep(math.max(0, began + DEADLINE + 0.5 - core.now())) -- its deadline passes
  process.kill(sender.pid, SIGCONT)
  wait_for(here, "over")
  expect(0, here.twilio:state().posts, "after it continued")
  go_on(here, "over")
  local late, again = two_results(sender)
  expect("timeout no", late.outcome, "the sender")
  expect("bought", again.outcome, "its next call")
  expect("replayed", buy_on(here, "b", 20).outcome, "another's")
  expect(1, here.twilio:state().purchases, "in all")
end

--- Counts a machine's connections to Twilio in a state.
local function connections(here, machine, state)
  local list = ("nsenter --target %s --net ss --tcp --no-header --numeric state %s dport = %s"):format(
    here.net.pids[machine],
    state,
    here.twilio.base_url:match("%d+$")
  )
  local pipe = assert(io.popen(list))
  local _, lines = pipe:read("*a"):gsub("\n", "")
  pipe:close()
  return lines
end

--- The same for one whose purchase waits for a connection when it stops, which is open when it continues.
function two_machines.stopped_connecting(here)
  local begin = 6
  local sender = here.net:start("a", here.given, FIRST:format(begin, begin, DEADLINE))
  local began = core.now()
  wait_for(here, "step")
  here.twilio:retire()
  flights.until_(function()
    return connections(here, "a", "established") == 0
  end, "no connection")
  here.net:cut("a", "twilio")
  go_on(here, "step")
  flights.until_(function()
    return connections(here, "a", "syn-sent") == 1
  end, "connecting")
  process.kill(sender.pid, SIGSTOP)
  here.net:restore("a", "twilio")
  flights.until_(function()
    return connections(here, "a", "established") == 1
  end, "connected")
  core.sleep(math.max(0, began + DEADLINE + 0.5 - core.now())) -- its deadline passes
  process.kill(sender.pid, SIGCONT)
  wait_for(here, "over")
  expect(0, here.twilio:state().posts, "after it continued")
  go_on(here, "over")
  local late, again = two_results(sender)
  expect("timeout no", late.outcome, "the sender")
  expect("bought", again.outcome, "its next call")
  expect(1, here.twilio:state().purchases, "in all")
end

--- A purchase that a dead machine's system keeps sending: the other one buys the same number.
function two_machines.orphan(here)
  local begin = 6
  local sender = here.net:start("a", here.given, FIRST:format(begin, begin, 100))
  wait_for(here, "step")
  here.net:cut("a", "twilio")
  go_on(here, "step")
  core.sleep(1) -- the system keeps retransmitting the purchase
  sender:kill()
  local number = keyed.order(here.given.journal).number
  local second = here.net:start("b", here.given, SECOND:format(100))
  core.sleep(20)
  here.net:restore("a", "twilio")
  local result = second:result()
  assert(result.sid, result.message)
  expect(number, result.phone_number, "the other one's number")
  flights.until_(function()
    local state = here.twilio:state()
    return state.unfinished == 0
  end, "quiet")
  expect(1, here.twilio:state().purchases, "in all")
  print("posts: " .. here.twilio:state().posts)
end

---@param name string of a driver, and its argument
function two_machines.main(name)
  local driver, argument = name:match("^(%S+) ?(%S*)$")
  local here = { twilio = simulator.start(), server = postgresql.start() }
  here.given = {
    twilio = here.twilio,
    journal = "postgresql:" .. here.server:conninfo(),
    folder = journals.new_folder(),
  }
  here.net = machines.new {
    store = here.server.port,
    twilio = tonumber(here.twilio.base_url:match("%d+$")),
  }
  local called, why = pcall(two_machines[driver], here, argument)
  here.net:stop()
  here.server:stop()
  here.twilio:stop()
  journals.remove(here.given.folder)
  print(called and "ok" or why)
end

return two_machines
