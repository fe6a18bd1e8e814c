--- Makes each call of the C side fail once, and checks the outcome. For the specs of spec/failures, in a
--- process of its own.
---
--- A scenario is run with the first call of a group failing (spec/support/failing.c says what the groups
--- are), then with the second, and so on, until none did. After each run all that was reported must agree
--- with what the account owns, the same client or a new one must be able to buy, and no descriptor and no
--- thread may be left.
local core = require("twilio.numbers.core")
local failing = require("spec_failing")
local interpreter = require("spec.support.interpreter")
local process = require("spec_process")
local simulator = require("spec.support.simulator")

local Run = require("spec.support.failing_run")

local failing_runs = {}

local HANGS_AFTER = 45 -- seconds
local AT_REST_WITHIN = 5 -- seconds

--- If all calls fail, calls in flight end by their deadline.
local FOREVER_TIMEOUT = 1 -- seconds

--- The number of consecutive runs without a failing call that ends the series: with two threads the number
--- of calls varies.
local SPARED = 2

local OURS = { "twilio/numbers/core", "twilio/numbers/curl", "twilio/numbers/stores" }
local OTHERS = {
  libcurl_memory = "libcurl.so.4",
  libcurl_system = "libcurl.so.4",
  http2_memory = "libnghttp2.so.14",
  tls_memory = "libcrypto.so.3",
  sqlite_memory = "libsqlite3.so.0",
}

--- Loads the modules without running anything in them, so that their calls can fail from the start.
---@return string[] paths
function failing_runs.load()
  local paths = {}
  for i, name in ipairs(OURS) do
    paths[i] = interpreter.path_of(name)
    failing.load(paths[i])
  end
  return paths
end

--- Starts counting the calls of a group.
function failing_runs.attach(group)
  local paths, count = failing_runs.load(), 0
  if OTHERS[group] then
    failing.load(OTHERS[group])
  end
  for _, path in ipairs(OTHERS[group] and { OTHERS[group] } or paths) do
    count = count + #failing.attach(path, group)
  end
  assert(count > 0, "no such call")
end

--- Buys once nothing fails any more, blocking and in flight. If all calls failed for a while, the server
--- may have closed the connection unseen by the client, or libcurl may have kept a broken one. A purchase
--- lost there must be reported properly, and the next one must succeed, with a new client if there was no
--- connection.
---@param forever boolean whether all calls failed
---@param keeps_broken boolean whether libcurl may have kept a broken connection
local function recover(run, forever, keeps_broken)
  local after = Run.new(run.twilio, run.wire, run.name .. " again")
  local client = run.clients[#run.clients]
  if not client or client.closed or forever then -- of such a short deadline
    client = after:client()
  end
  if client then
    after:buy(client, "purchase", after:params())
    after:begin(client, after:params())
    after:finish(client, "descriptor")
    if (forever or keeps_broken) and after.outcomes[2] ~= "number" then
      client = after.outcomes[2] == "no" and after:client() or client
      after:begin(client, after:params())
      after:finish(client, "descriptor")
    end
  end
  if after.outcomes[1] ~= "number" or after.outcomes[#after.outcomes] ~= "number" then
    run:problem("after that: %s, %s", table.concat(after.outcomes, " "), tostring(after.message))
  end
  return after
end

local function close(run)
  for _, client in ipairs(run.clients) do
    local closed, why = pcall(client.close, client)
    if not closed then
      run:problem("close raised %s", tostring(why))
    end
  end
end

local function what_is_open()
  collectgarbage()
  collectgarbage()
  return process.entries("/proc/self/fd"), process.entries("/proc/self/task")
end

--- Whether everything is as before.
local function check_rest(run, descriptors, threads)
  local ends = core.now() + AT_REST_WITHIN
  local now_descriptors, now_threads = what_is_open()
  while (now_descriptors > descriptors or now_threads > threads) and core.now() < ends do
    now_descriptors, now_threads = what_is_open()
  end
  if now_descriptors > descriptors or now_threads > threads then
    local text = "%d descriptors and %d threads are left"
    run:problem(text, now_descriptors - descriptors, now_threads - threads)
  end
end

--- Runs a scenario with the nth call of a group failing.
---@param job table see failing_runs.main
---@param run table its `failed` will be how many calls failed, and `failed_name` the last of them
---@param n integer
local function run_once(job, run, n)
  failing.limit(HANGS_AFTER)
  local descriptors, threads = what_is_open()
  job.twilio:reset()
  local prepared = job.scenario.prepare and job.scenario.prepare(run)
  failing.arm(job.group, n, job.forever)
  local went, why = pcall(job.scenario.go, run, prepared)
  local failed, name = failing.disarm()
  run.failed, run.failed_name = run.failed or failed, run.failed_name or name
  if not went then
    run:problem("it raised %s", tostring(why))
  end
  if job.scenario.prepare then
    job.twilio:clear()
  end
  local after = (job.scenario.recover or recover)(run, job.forever, job.keeps_broken)
  close(run)
  close(after)
  local state = job.twilio:state()
  run:check_books(state)
  after:check_books(state)
  run:check_posts()
  run.clients, after.clients, prepared = {}, {}, nil -- luacheck: ignore
  check_rest(run, descriptors, threads)
  for _, problem in ipairs(after.problems) do
    run:problem("after that: %s", problem)
  end
  failing.limit(0)
end

--- The same in a child of fork(), where nothing was loaded.
local function run_apart(job, run, n)
  run:in_child(function()
    run_once(job, run, n)
  end)
end

local function print_problems(job, n, run)
  local times = run.failed > 1 and (" and %d more"):format(run.failed - 1) or ""
  for _, problem in ipairs(run.problems) do
    print(("%s %d, %s%s: %s"):format(job.group, n, run.failed_name or "none", times, problem))
  end
end

--- Makes a scenario's calls fail, one by one.
---@param job { scenario: table, group: string, wire: string, forever: boolean?, first: integer?,
---  step: integer?, last: integer? } of `step` calls one
---@return table figures
function failing_runs.run(job)
  local figures = { runs = 0, number = 0, no = 0, unknown = 0, yes = 0, problems = 0 }
  local n, spared, began = job.first or 1, 0, core.now()
  if job.group == "tls_memory" then -- OpenSSL's random numbers never recover from a lack of memory
    recover(Run.new(job.twilio, job.wire, "first"))
  end
  failing_runs.attach(job.group)
  while spared < SPARED and n <= (job.last or math.huge) do
    local run = Run.new(job.twilio, job.wire, "run " .. n, job.forever and FOREVER_TIMEOUT)
    local run_it = job.scenario.apart and run_apart or run_once
    run_it(job, run, n)
    spared = run.failed > 0 and 0 or spared + 1
    figures.runs, figures.problems = figures.runs + 1, figures.problems + #run.problems
    for _, outcome in ipairs(run.outcomes) do
      figures[outcome] = figures[outcome] + 1
    end
    print_problems(job, n, run)
    if run.failed > 0 then
      figures.points = n
    end
    n = n + (job.step or 1)
  end
  figures.seconds = core.now() - began
  return figures
end

--- The program: prints problems, and finally the figures.
---@param job table as failing_runs.run() takes it, with the name of a scenario and the fields of a simulator
function failing_runs.main(job)
  -- luacheck: read globals jit
  if jit then
    jit.off() -- compiled code may keep a closed client, and so its descriptors
  end
  local jitter = core.jitter
  core.jitter = function() -- its calls may fail, and no code sleeps
    return jitter() * 0
  end
  job.twilio = simulator.of(job.twilio)
  job.scenario = require("spec.failures.scenarios." .. job.scenario)
  io.stdout:setvbuf("line")
  local figures = failing_runs.run(job)
  local line = "%d points, %d runs: %d number, %d no, %d unknown, %d yes; %d problems; %.1f s"
  local f = figures
  print(line:format(f.points or 0, f.runs, f.number, f.no, f.unknown, f.yes, f.problems, f.seconds))
end

return failing_runs
