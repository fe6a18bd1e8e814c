-- The end of a process, or of a Lua state, with purchases in flight: no hang and no crash.
local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
local simulator = require("spec.support.simulator")

local ENDS = {
  { name = "falling off the end", code = "", status = 0 },
  { name = "os.exit(0)", code = "os.exit(0)", status = 0 },
  { name = "os.exit(3)", code = "os.exit(3)", status = 3 },
  { name = "os.exit(0, true)", code = "os.exit(0, true)", status = 0 },
  { name = "an error", code = "error('on purpose')", status = 1 },
  { name = "close and os.exit(0)", code = "client:close() os.exit(0)", status = 0 },
  { name = "an exit in a callback", code = "again = true flights.finish(client)", status = 5 },
}

-- How long after they began, in seconds: before, within, and after the TLS handshakes.
local MOMENTS = { 0, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.05 }

local UNHEARD = "twilio%-numbers: a purchase was sent and its outcome is lost: a number may have been"
  .. " bought%. Check the account's numbers %(client:list%) before you buy again%.\n"

local PROGRAM = [[
  client = clients.of(twilio, { base_url = %q, max_in_flight = 20 })
  flights.begin(client, 3)
  pendings = {}
  for i = 1, 30 do
    pendings[i] = client:purchase_async({ area_code = "415" }, function()
      if again then os.exit(5, true) end
    end)
  end
  core.sleep(%s)
  client:poll()
  %s
]]

describe("with purchases in flight", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  for _, ending in ipairs(ENDS) do
    it(ending.name .. " ends the process at once", function()
      for _, url in ipairs { twilio.base_url, twilio.http_url } do
        for _, moment in ipairs(MOMENTS) do
          twilio:limits { latency = moment == 0.05 and 5 or 0.02 }
          if ending.status == 5 then
            twilio:limits {}
          end
          local code = PROGRAM:format(url, moment, ending.code)
          local output, status = interpreter.result(flights.program(twilio, code), 10)
          assert.equal(ending.status, status, output)
          local rest = output:gsub("^" .. UNHEARD, "")
          assert.is_true(rest == "" or ending.status == 1, output)
        end
      end
    end)
  end

  -- The output of a program that starts a call, waits for a condition, and then ends.
  local function last_words(begin, is_so, ending)
    local program = [[
      local server, events = require("spec.support.simulator").of(twilio), 0
      client = clients.of(twilio, {
        loop = false,
        retries = 1,
        on_event = function()
          events = events + 1
        end,
      })
      local pending = %s
      flights.until_(function()
        return %s
      end, "the moment to end at")
      %s
    ]]
    return interpreter.result(flights.program(twilio, program:format(begin, is_so, ending)), 20)
  end

  local BY_AREA = 'client:purchase_async { area_code = "415" }'
  local BY_NUMBER = 'client:purchase_async { phone_number = "+14155550142" }'
  local BY_KEY = [[(function()
    client = clients.of(twilio, {
      loop = false,
      journal = require("spec.support.table_store").new(),
      on_event = function(event)
        has_failed = has_failed or event.status == 503
      end,
    })
    return client:purchase_async({ phone_number = "+14155550142" }, { idempotency_key = "k" })
  end)()]]
  local IS_READ = "server:state().posts == 1"

  for _, ending in ipairs {
    "",
    "os.exit(0)",
    "os.exit(0, true)",
    "client, pending = nil collectgarbage()",
  } do
    it("a program warns about a purchase that was sent: " .. ending, function()
      twilio:fault { fault = "hang", method = "POST" }
      local output = last_words(BY_AREA, IS_READ, ending)
      assert.matches("^" .. UNHEARD .. "$", output)
    end)

    it("a program warns about a purchase whose response was not taken: " .. ending, function()
      local output = last_words(BY_AREA, "client.scheduler:has_news()", ending)
      assert.matches("^" .. UNHEARD .. "$", output)
      assert.equal(1, twilio:state().purchases)
    end)

    it("a program warns about a purchase that waits for its next attempt: " .. ending, function()
      twilio:fault { fault = "status", status = 503, method = "POST", retry_after = 60 }
      local output = last_words(BY_NUMBER, "client:poll() == 1 and events == 2", ending)
      assert.matches("^" .. UNHEARD .. "$", output)
    end)

    it("a program warns about a purchase with a key that waits likewise: " .. ending, function()
      twilio:fault { fault = "status", status = 503, method = "POST", retry_after = 60 }
      local output = last_words(BY_KEY, "client:poll() == 1 and has_failed", ending)
      assert.matches("^" .. UNHEARD .. "$", output)
    end)

    it("a program warns about a number that is not completed yet: " .. ending, function()
      twilio:fault { fault = "ignore", parameter = "FriendlyName" }
      twilio:fault { fault = "hang", method = "POST" }
      local begin = 'client:purchase_async { area_code = "415", friendly_name = "Desk" }'
      local output =
        last_words(begin, "client:poll() == 1 and server:state().requests == 2", ending)
      assert.matches("^" .. UNHEARD .. "$", output)
    end)

    it(
      "a program prints no warning if its client was closed or all outcomes were reported: "
        .. ending,
      function()
        twilio:fault { fault = "hang", method = "POST" }
        assert.equal("", last_words(BY_AREA, IS_READ, "client:close() " .. ending))
        assert.equal("", last_words(BY_AREA, "client:poll() == 0", ending))
        twilio:fault { fault = "status", status = 503, method = "POST", times = 2 }
        assert.equal("", last_words(BY_NUMBER, "client:poll() == 0", ending))
        twilio:fault { fault = "status", status = 503, method = "POST", retry_after = 60 }
        local is_waiting = "client:pollfd() and client:poll() == 1 and events == 2"
        assert.equal("", last_words(BY_NUMBER, is_waiting, "client:close() " .. ending))
      end
    )

    it("a program prints no warning about calls that bought nothing: " .. ending, function()
      twilio:fault { fault = "hang", method = "GET" }
      assert.equal("", last_words("client:list_async()", "server:state().requests == 1", ending))
      twilio:fault { fault = "status", status = 400, code = 21452, method = "POST" }
      assert.equal("", last_words(BY_AREA, "client:poll() == 0", ending))
    end)
  end

  it("a module that is loaded again works alongside the old one", function()
    local output, status = interpreter.result(flights.program(
      twilio,
      [[
      local old = clients.of(twilio)
      local pendings = flights.begin(old, 5)
      for name in pairs(package.loaded) do
        if name:match("^twilio%.") or name:match("^spec%.") then
          package.loaded[name] = nil
        end
      end
      local new = require("spec.support.clients").of(twilio)
      local more = require("spec.support.flights").begin(new, 5)
      flights.finish(new)
      flights.finish(old)
      assert(flights.count(pendings).number == 5 and flights.count(more).number == 5)
      old:close()
      assert(new:purchase { area_code = "415" })
      print("good")
    ]]
    ))
    assert.equal(0, status, output)
    assert.matches("good", output, 1, true)
  end)
end)
