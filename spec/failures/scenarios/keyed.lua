--- A purchase with an idempotency key and a journal in SQLite, which blocks. Afterwards the key must buy,
--- with a new client, the one number that it stands for.
local journals = require("spec.support.journals")
local process = require("spec_process")

local keyed = {}

local FILTER = { country = "US", area_code = "415" }
local POSTS = 8 -- of one number, at most: each attempt of each call

--- Creates a journal in a child, so that what a process does only once happens in the run.
function keyed.prepare(run)
  local folder = journals.new_folder()
  run.folder = folder
  local child = process.fork()
  if child == 0 then
    local made = pcall(function()
      local journal = assert(journals.open(folder .. "/journal.db", { create = true }))
      assert(journal:read(journals.call(), { "key" }))
      journal:close(5)
    end)
    process.leave(made and 0 or 1)
  end
  assert(process.wait(child) == 0, "no journal was made")
  return folder .. "/journal.db"
end

--- Of the run's clients.
keyed.options = { loop = false }

function keyed.client(run, path)
  local options = { journal = path }
  for name, value in pairs(keyed.options) do
    options[name] = value
  end
  return run:client(options)
end

function keyed.go(run, path)
  run.posts = POSTS
  local client = keyed.client(run, path)
  if client then
    local params = run:params { area_code = false }
    run:buy(client, "purchase_available", FILTER, params, { idempotency_key = run.name })
  end
end

local function owned_of(run)
  local sids = {}
  for _, number in ipairs(run.twilio:state().owned) do
    if number.friendly_name == run.name then
      sids[#sids + 1] = number.sid
    end
  end
  return sids
end

--- The key buys the number that it has bought before.
function keyed.recover(run)
  local outcome, returned = run.outcomes[1], run.numbers[1]
  if outcome == "no" and #owned_of(run) > 0 then
    run:problem("it said that nothing was bought")
  end
  local after = run.new(run.twilio, run.wire, run.name .. " again")
  local client = keyed.client(after, run.folder .. "/journal.db")
  local params, options = run:params { area_code = false }, { idempotency_key = run.name }
  local number, message = client:purchase_available(FILTER, params, options)
  local owned = owned_of(run)
  if not number then
    run:problem("the key does not buy: %s", message)
  elseif #owned ~= 1 or owned[1] ~= number.sid then
    run:problem("the key has bought %d numbers", #owned)
  elseif returned and returned.sid ~= number.sid then
    run:problem("the key returned two numbers")
  end
  run.outcomes, run.numbers = { "number" }, { number } -- of the key
  journals.remove(run.folder)
  return after
end

return keyed
