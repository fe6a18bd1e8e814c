-- Everybody who is measured buys the same, for the same credentials, and no more than asked for. Under one
-- Lua alone: the contenders bring their own interpreters.
local contenders = require("bench.measure.contenders")
local json = require("bench.json")

if _VERSION == "Lua 5.4" then
  describe("the contenders of the benchmarks", function()
    local rows, failed

    setup(function()
      local pipe = assert(io.popen("unset LD_PRELOAD; bench/run contenders 2>&1; echo $?"))
      local output = pipe:read("*a")
      pipe:close()
      assert(output:match("\n0\n$"), output)
      local results = json.read("build/bench/results.json").parts.contenders
      rows, failed = results.rows, results.failed
    end)

    it("all buy", function()
      assert.same({}, failed)
    end)

    for _, contender in ipairs(contenders.list()) do
      it(
        ("buy twice by %s, when asked for two, what the order says"):format(contender.id),
        function()
          local order = json.read("bench/contenders/order.json")
          local orders = rows[contender.id].orders
          assert.equal(2, #orders)
          for _, sent in ipairs(orders) do
            assert.same(order.params, sent.params)
            assert.equal("HTTP/1.1", sent.protocol)
            assert.equal(orders[1].authorization, sent.authorization)
            assert.equal(rows.curl_easy.orders[1].authorization, sent.authorization)
          end
        end
      )

      it(("report by %s what that cost"):format(contender.id), function()
        local figures = rows[contender.id].figures
        for _, field in ipairs { "cpu_us", "wall_us", "process_cpu_s", "peak_mb", "start_s" } do
          assert.is_true(figures[field] > 0, field)
        end
        assert.is_true(figures.cpu_us * 2 / 1e6 <= figures.process_cpu_s)
      end)
    end
  end)
end
