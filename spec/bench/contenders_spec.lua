-- All contenders buy the same, with the same credentials, and no more than ordered. Runs under one Lua only,
-- since the contenders have their own interpreters.
local contenders = require("bench.measure.contenders")
local json = require("bench.json")
local left_out = require("spec.support.left_out")

-- Not every release of Debian has these.
local LACKS = {
  ["lua_curl-5.1"] = function(what)
    return left_out.without_module(what, "lua-curl", "lua5.1", "curl")
  end,
  node = left_out.without_npm,
  curl_json = function(what)
    local file = io.open("/usr/include/jsmn.h")
    return left_out.without(file ~= nil and file:close(), what, "libjsmn-dev")
  end,
}

--- The protocol, the credentials and the form of each line of the server's log.
local function read_orders(log)
  local orders = {}
  for protocol, authorization, form in log:gmatch("(%S+) (%S+ %S+) ([^\n]*)\n") do
    local params = {}
    for name, value in form:gmatch("([^&=]+)=([^&]*)") do
      params[name] = value:gsub("+", " "):gsub("%%(%x%x)", function(hex)
        return string.char(tonumber(hex, 16))
      end)
    end
    orders[#orders + 1] = { protocol = protocol, authorization = authorization, params = params }
  end
  return orders
end

--- The contenders that this machine can run, and the others.
local function contenders_here()
  local here, lacking = {}, {}
  for _, contender in ipairs(contenders.list()) do
    local lacks = LACKS[contender.id]
    if lacks and lacks(("the contender %s of the benchmarks"):format(contender.id)) then
      lacking[contender.id] = true
    else
      here[#here + 1] = contender
    end
  end
  return here, lacking
end

if _VERSION == "Lua 5.4" then
  describe("the contenders of the benchmarks", function()
    local here, lacking = contenders_here()
    local rows, failed

    setup(function()
      local pipe = assert(io.popen("unset LD_PRELOAD; bench/run contenders 2>&1; echo $?"))
      local output = pipe:read("*a")
      pipe:close()
      assert(output:match("\n0\n$"), output)
      local results = json.read("build/bench/results.json").parts.contenders
      rows, failed = results.rows, results.failed
    end)

    it("all buy a number", function()
      for id in pairs(failed) do
        assert.is_true(lacking[id], failed[id])
      end
    end)

    for _, contender in ipairs(here) do
      it(("buy two numbers by %s as ordered"):format(contender.id), function()
        local order = json.read("bench/contenders/order.json")
        local orders = read_orders(rows[contender.id].orders)
        assert.equal(2, #orders)
        for _, sent in ipairs(orders) do
          assert.same(order.params, sent.params)
          assert.equal("HTTP/1.1", sent.protocol)
          assert.equal(orders[1].authorization, sent.authorization)
          assert.equal(read_orders(rows.curl_easy.orders)[1].authorization, sent.authorization)
        end
      end)

      it(("report by %s what a purchase cost"):format(contender.id), function()
        local figures = rows[contender.id].figures
        for _, field in ipairs { "cpu_us", "wall_us", "process_cpu_s", "peak_mb", "start_s" } do
          assert.is_true(figures[field] > 0, field)
        end
        assert.is_true(figures.cpu_us * 2 / 1e6 <= figures.process_cpu_s)
      end)
    end
  end)
end
