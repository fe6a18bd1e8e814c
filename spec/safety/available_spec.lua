-- Many calls of purchase_available under random faults and restarts of the connection: the account owns
-- just what was reported bought. More of them: PURCHASES=1000 tools/test spec/safety/available_spec.lua,
-- or bench/proof.
local books = require("spec.support.books")
local clients = require("spec.support.clients")
local simulator = require("spec.support.simulator")

local COUNT = tonumber(os.getenv("PURCHASES")) or 200

describe("under random faults", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  for index, url in ipairs { "base_url", "http_url" } do
    it("the account owns what purchase_available reported, and nothing else: " .. url, function()
      local seed = tonumber(os.getenv("PURCHASES_SEED")) or os.time() * 10 + index
      local client = clients.of(twilio, { base_url = twilio[url], retries = 1 })
      local figures = books.run(client, twilio, COUNT, seed)
      client:close()
      local state, owned = twilio:state(), {}
      for _, number in ipairs(state.owned) do
        owned[number.phone_number] = number.sid
      end
      local told = books.describe(figures, seed, #state.owned)
      assert.equal(#state.owned, figures.bought + figures.settled, told)
      for phone_number, sid in pairs(figures.numbers) do
        assert.equal(owned[phone_number], sid, told)
      end
      assert.equal(#state.owned, state.purchases, told)
      assert.equal(COUNT, figures.bought + figures.no + figures.unknown + figures.yes, told)
      assert.is_true(figures.bought > COUNT / 10 and figures.unknown + figures.yes > 0, told)
    end)
  end
end)
