-- A journal in PostgreSQL that fails during a purchase, after each of its steps. Before its
-- choice is durable nothing is sent; what was bought after that is returned; and when the server works
-- again, the same key ends with the one number.
local cut_link = require("spec.support.cut_link")
local keyed = require("spec.support.keyed")
local keyed_specs = require("spec.support.keyed_specs")
local postgresql = require("spec.support.postgresql")
local simulator = require("spec.support.simulator")

if postgresql.is_missing("spec/journal/bad_postgresql_spec.lua") then
  return
end

local SIGCONT, SIGINT, SIGQUIT, SIGSTOP = 18, 2, 3, 19

local BEFORE, BEGUN, NOTED = 5, 6, 8 -- steps: read, search, read, look, read, begin, send, note
local EACH, SOME = { 0, 1, 2, 3, 4, 5, 6, 7, 8 }, { 0, 1, BEFORE, BEGUN, NOTED }

local DEADLINE = 8 -- seconds; much more than a step takes on a busy machine

describe("a journal in PostgreSQL, during a purchase,", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local server

  setup(function()
    server = postgresql.start()
  end)

  teardown(function()
    server:stop()
  end)

  before_each(function()
    server:sql("DELETE FROM twilio_numbers_journal")
  end)

  --- Buys, with something that happens after the nth step, and buys again.
  ---@param happens function
  ---@param ends function undoes that
  ---@return table row first and second: outcomes; number, message: what the first returned; posts
  local function run(n, happens, ends, options)
    options = options or {}
    local steps = keyed.at_steps(function(count)
      if count == n then
        happens()
      end
    end)
    local client = keyed.client(twilio, {
      journal = "postgresql:" .. server:conninfo(options.words, options.port),
      on_event = steps.on_event,
      deadline = options.deadline,
    })
    if n == 0 then
      happens()
    end
    local called, number, message, err = pcall(keyed.buy, client)
    local posts = twilio:state().posts
    ends()
    assert(called, number)
    steps.check()
    local again, why, info = keyed.buy(client)
    client:close()
    assert.is_table(again, why)
    assert.equal(1, twilio:state().purchases, "after step " .. n)
    assert.equal(twilio:state().owned[1].sid, again.sid)
    if number then
      assert.equal(again.sid, number.sid)
    end
    return {
      first = keyed.outcome(number, message, err),
      second = keyed.outcome(again, why, info),
      message = message,
      posts = posts,
    }
  end

  --- The results of a call that permanently lost its journal after the nth step.
  local function check(row, n, unheard)
    local where = ("after step %d: %s"):format(n, tostring(row.message))
    if n >= NOTED then
      assert.same({ "bought", "replayed" }, { row.first, row.second }, where)
    elseif n >= BEGUN then
      assert.same({ "bought, not noted", "replayed" }, { row.first, row.second }, where)
    else
      local is_unknown = n == 0 or n == unheard
      assert.same(
        { is_unknown and "journal unknown" or "journal no", "bought", 0 },
        { row.first, row.second, row.posts },
        where
      )
    end
  end

  for name, signal in pairs { ["is shut down"] = SIGINT, crashes = SIGQUIT } do
    it(name .. ", after steps: the call buys once, and hides nothing", function()
      for n = signal == SIGINT and 0 or BEFORE, NOTED do
        twilio:reset()
        server:sql("DELETE FROM twilio_numbers_journal")
        local row = run(n, function()
          server:halt(signal)
        end, function()
          server:resume()
        end)
        check(row, n)
      end
    end)
  end

  it("hangs until the deadline, after a step: the call buys once, and hides nothing", function()
    for _, n in ipairs(keyed_specs.IS_LONG and EACH or SOME) do
      twilio:reset()
      server:sql("DELETE FROM twilio_numbers_journal")
      local row = run(n, function()
        postgresql.signal_all(server.pid, SIGSTOP)
      end, function()
        postgresql.signal_all(server.pid, SIGCONT)
      end, { deadline = DEADLINE })
      check(row, n, BEFORE) -- what was sent to the server may be written later
    end
  end)

  for _, mode in ipairs { "query", "part", "answer" } do
    it("loses its link (" .. mode .. "), after each step: the call buys once", function()
      for n = 0, NOTED do
        twilio:reset()
        server:sql("DELETE FROM twilio_numbers_journal")
        local link = cut_link.start(server.port)
        local called, row = pcall(run, n, function()
          link:set(mode)
        end, function()
          link:set("pass")
        end, { port = link.port })
        link:stop()
        assert(called, row)
        -- a failed connection is not retried
        local expected = n == 0 and { "journal unknown", "bought" } or { "bought", "replayed" }
        assert.same(expected, { row.first, row.second }, "after step " .. n)
      end
    end)
  end

  it("loses its link after any step of purchase_many, which buys its count once", function()
    local COUNT, EVERY = 3, keyed_specs.IS_LONG and 1 or 4 -- steps
    local n, most = 2, math.huge -- behind the first connection
    while n <= most do
      twilio:reset()
      server:sql("DELETE FROM twilio_numbers_journal")
      local link = cut_link.start(server.port)
      local steps = keyed.at_steps(function(count)
        if count == n then
          link:set("answer")
        end
      end)
      local client = keyed.client(twilio, {
        journal = "postgresql:" .. server:conninfo(nil, link.port),
        on_event = steps.on_event,
      })
      local filter = { country = "US", area_code = "415", count = COUNT }
      local first, message = client:purchase_many(filter, {}, { idempotency_key = keyed.KEY })
      most = math.min(most, steps.count)
      local second = client:purchase_many(filter, {}, { idempotency_key = keyed.KEY })
      client:close()
      link:stop()
      assert.is_table(first, message)
      for _, report in ipairs { first, second } do
        assert.equal(COUNT, #report.numbers, "after step " .. n)
      end
      assert.equal(COUNT, twilio:state().purchases, "after step " .. n)
      n = n + EVERY
    end
  end)

  it("goes silent around its commits: a number is returned only after a confirmed one", function()
    for n = BEFORE, BEGUN + 1 do
      twilio:reset()
      server:sql("DELETE FROM twilio_numbers_journal")
      local link = cut_link.start(server.port)
      local called, row = pcall(run, n, function()
        link:set("silence")
      end, function()
        link:set("pass")
      end, { port = link.port, deadline = DEADLINE })
      link:stop()
      assert(called, row)
      if n == BEFORE then -- T1 is there, and was not heard
        assert.same({ "journal unknown", 0, "bought" }, { row.first, row.posts, row.second })
      else
        assert.same({ "bought, not noted", 1, "replayed" }, { row.first, row.posts, row.second })
      end
    end
  end)

  it("without fsync is refused, and nothing is sent", function()
    local row = run(0, function()
      server:set("fsync", "off")
    end, function()
      server:set("fsync", "on")
    end)
    assert.same({ "journal unknown", 0, "bought" }, { row.first, row.posts, row.second })
    assert.matches("fsync", row.message, 1, true)
  end)

  it("on a standby is refused, and nothing is sent", function()
    local standby = server:standby()
    local client =
      keyed.client(twilio, { journal = "postgresql:" .. standby:conninfo("user=buyer") })
    local number, message, err = keyed.buy(client)
    client:close()
    standby:stop()
    assert.equal("journal unknown", keyed.outcome(number, message, err))
    assert.matches("read-only", message, 1, true)
    assert.equal(0, twilio:state().posts)
  end)
end)
