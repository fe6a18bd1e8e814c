-- Many purchases of all kinds under random faults and restarts of the connection: the account owns exactly
-- what was reported as bought. More purchases: make proof CALLS=10000 [SEED=...]
local books = require("spec.support.books")
local clients = require("spec.support.clients")
local core = require("twilio.numbers.core")
local simulator = require("spec.support.simulator")

local CALLS = tonumber(os.getenv("CALLS")) or 200
local KINDS = 6 -- three ways to say what is bought, blocking and in flight

describe("under random faults", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  for index, url in ipairs { "base_url", "http_url" } do
    it("the account owns exactly the reported numbers: " .. url, function()
      local seed = tonumber(os.getenv("SEED")) or os.time() * 10 + index
      local client = clients.of(twilio, { base_url = twilio[url] })
      local figures = books.run(client, twilio, CALLS, seed)
      client:close()
      local state, kinds = twilio:state(), 0
      local told = books.describe(figures, seed, #state.owned)
      assert.is_nil(books.trouble(figures, state, CALLS), told)
      assert.is_true(figures.bought > CALLS / 10 and figures.unknown + figures.yes > 0, told)
      for _ in pairs(figures.ways) do
        kinds = kinds + 1
      end
      assert.equal(KINDS, kinds, told)
    end)
  end

  it("a seed reproduces a run without concurrency", function()
    local function run()
      twilio:reset()
      local client = clients.of(twilio, { base_url = twilio.http_url })
      local figures = books.run(client, twilio, 60, 7, true)
      client:close()
      for phone_number in pairs(figures.numbers) do
        figures.numbers[phone_number] = true -- SIDs are new each time
      end
      return figures
    end
    --- So many seconds later, when no number of a run before is left alone because it is in doubt.
    local function run_later(seconds)
      local now = core.now
      function core.now()
        return now() + seconds
      end
      local ran, figures = pcall(run)
      core.now = now
      assert.is_true(ran, figures)
      return figures
    end
    assert.same(run_later(1000), run_later(2000))
  end)
end)
