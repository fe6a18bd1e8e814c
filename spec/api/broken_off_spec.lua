-- Many purchases whose caller is interrupted, dropped, or lets others run in between.
local cqueues = require("cqueues")

local clients = require("spec.support.clients")
local flights = require("spec.support.flights")
local simulator = require("spec.support.simulator")

local FILTER = { country = "US", area_code = "415", count = 12 }

describe("purchase_many", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local client

  before_each(function()
    client = clients.of(twilio, { max_in_flight = 2 })
  end)

  after_each(function()
    client:close(60)
  end)

  local function owned()
    return #twilio:state().owned
  end

  it("starts no more purchases once the host has dropped its caller", function()
    local controller = cqueues.new()
    twilio:limits { latency = 0.02 }
    local hosted = clients.of(twilio, { max_in_flight = 2, loop = "auto" })
    controller:wrap(function()
      hosted:purchase_many(FILTER)
    end)
    while twilio:state().posts < 4 do
      assert(controller:step(0.01))
    end
    controller = nil -- luacheck: ignore
    hosted:purchase_async({ area_code = "510" }, nil):wait()
    hosted:purchase_async({ area_code = "510" }, nil):wait()
    local posts = twilio:state().posts
    for _ = 1, 5 do
      hosted:purchase_async({ area_code = "510" }, nil):wait()
    end
    assert.equal(posts + 5, twilio:state().posts)
    hosted:close()
  end)

  it("starts no more purchases and reports after an error in a wait, such as Ctrl-C", function()
    local doze, seen = client.scheduler.doze, 0
    twilio:limits { latency = 0.02 }
    function client.scheduler.doze(...)
      if seen == 2 then
        error("interrupted!", 0)
      end
      return doze(...)
    end
    local report, message = client:purchase_many(FILTER, nil, {
      on_progress = function(progress)
        seen = progress.bought
      end,
    })
    assert.matches("interrupted!", message)
    assert.equal(FILTER.count, report.bought + report.unknown + report.stopped)
    assert.is_true(report.bought >= 2, report.bought)
    client.scheduler.doze = nil
    flights.finish(client)
    local before = owned()
    assert.is_true(before <= 4, before .. " owned")
    assert(client:purchase_async({ area_code = "510" }, nil):wait())
    flights.finish(client)
    assert.equal(before + 1, owned())
  end)

  -- On PUC Lua 5.1 the call raises the host's error.
  if _VERSION ~= "Lua 5.1" or rawget(_G, "jit") then
    it("counts purchases in flight as unknown when the host aborts its wait", function()
      local broken = clients.of(twilio, {
        loop = {
          wait = function(_, seconds)
            if seconds > 0 then -- 0: before the call
              error("shutdown", 0)
            end
          end,
          sleep = function() end,
        },
      })
      local list, report = { "+14155550200", "+14155550201", "+14155550202" }, nil
      coroutine.wrap(function()
        report = broken:purchase_many(list)
      end)()
      assert.equal(3, report.unknown)
      broken:close()
      assert.is_true(owned() <= 3)
    end)
  end

  it("can be resumed by a consumer that gets its progress from a coroutine", function()
    local progress = coroutine.wrap(function()
      local report = client:purchase_many({ country = "US", area_code = "415", count = 3 }, nil, {
        on_progress = function(got)
          coroutine.yield(got.bought)
        end,
      })
      return report.bought + 100
    end)
    local got = {}
    repeat
      got[#got + 1] = progress()
    until got[#got] > 100
    assert.same({ 1, 2, 3, 103 }, got)
    assert.equal(3, owned())
  end)

  it("releases the numbers it bought even while its client is being closed", function()
    twilio:limits { latency = 0.02 }
    twilio:add("+14155550300")
    local list = { "+14155550300", "+15005550000" } -- the second is refused
    local pending = client:purchase_many_async(list, nil, { all_or_nothing = true })
    client:close(60)
    local report = assert(pending:result())
    assert.same({ 0, 1, 1 }, { report.bought, report.refused, report.released })
    assert.equal(0, owned())
  end)

  it("finishes all releases if the command stops it after the first has begun", function()
    twilio:limits { latency = 0.02 }
    twilio:add("+14155550300")
    twilio:add("+14155550301")
    local one = clients.of(twilio, { max_in_flight = 1 })
    local list = { "+14155550300", "+14155550301", "+15005550000" } -- the third is refused
    local pending = one:purchase_many_async(list, nil, { all_or_nothing = true })
    local state = pending.task.call.state
    flights.until_(function()
      one:poll()
      return state.is_giving_back
    end, "a release")
    assert.equal(1, pending.task:stop())
    flights.finish(one)
    one:close()
    local report = assert(pending:result())
    assert.same({ 0, 1, 2 }, { report.bought, report.refused, report.released })
    assert.equal(0, owned())
  end)

  it("refuses accept for a list of numbers", function()
    local report, _, err = client:purchase_many({ "+14155550300" }, nil, {
      accept = function()
        return false
      end,
    })
    assert.is_nil(report)
    assert.same({ "invalid", "accept" }, { err.kind, err.problems[1].name })
    assert.equal(0, twilio:state().requests)
  end)
end)

describe("purchase_available", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  it("skips a number that the client is already buying by phone number", function()
    local client = clients.of(twilio)
    local first = assert(client:search("US", "local", { area_code = "415" })):next().phone_number
    local named = client:purchase_async { phone_number = first, friendly_name = "Reception" }
    local filter = { country = "US", area_code = "415" }
    local other = client:purchase_available_async(filter, { friendly_name = "Pool" })
    assert.equal("Reception", assert(named:wait()).friendly_name)
    assert.is_true(assert(other:wait()).phone_number ~= first)
    assert.equal(2, twilio:state().purchases)
    assert.equal(0, twilio:state().updates)
    client:close()
  end)
end)

describe("A number whose purchase was aborted before it was sent", function()
  local scripted = require("spec.support.scripted")

  for name, params in pairs {
    purchase = { phone_number = "+14155550100" },
    purchase_available = { country = "US" },
  } do
    it("can be bought by the client's next call: " .. name, function()
      local page = scripted.found { "+14155550100" }
      local client = clients.of({}, {
        account_sid = "AC" .. ("a"):rep(32),
        auth_token = ("b"):rep(32),
        base_url = "http://127.0.0.1:1",
        ca_file = false,
        transport = function(request)
          local is_search = request.method == "GET"
          return {
            status = is_search and 200 or 201,
            body = is_search and page or scripted.body("+14155550100"),
          }
        end,
      })
      local authorize, searches = client.credentials.authorize, params.country and 1 or 0
      function client.credentials.authorize()
        searches = searches - 1
        if searches < 0 then
          client.credentials.authorize = authorize
          error("interrupted!", 0)
        end
        return authorize()
      end
      assert.error_matches(function()
        client[name](client, params)
      end, "interrupted!")
      assert.is_table(client:purchase_available { country = "US" })
    end)
  end
end)
