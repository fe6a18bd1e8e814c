-- Rule R7 of the journal: no byte of a request is sent after its limit, whatever delayed the sender. A relay
-- is between a process that buys and the simulator, and responds once the spec has caused the delay.
local Call = require("twilio.numbers.http.call")
local clients = require("spec.support.clients")
local clock = require("spec.support.clock")
local core = require("twilio.numbers.core")
local curl = require("twilio.numbers.curl")
local exchange = require("spec.support.exchange")
local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
local process = require("spec_process")
local simulator = require("spec.support.simulator")
local socket = require("socket")
local ways = require("spec.support.ways")

local SIGCONT, SIGSTOP = 18, 19
local PATIENCE = 30 -- seconds
local TOO_LATE = "the time limit for sending it has passed"

-- Prints the limit, sends once by C's own interface, and prints the result.
local PROGRAM = [[
  local curl = require("twilio.numbers.curl")
  local options = {
    ca_file = twilio.ca_file,
    http_version = %q,
    max_in_flight = 1,
  }
  local authorization = core.basic(twilio.account_sid, twilio.auth_token)
  local response, not_after = core.new_response(), core.boot_now() + %f
  io.stdout:write(("%%.9f\n"):format(not_after))
  io.stdout:flush()
  local function send(sender, ...)
    sender:authorize(authorization)
    sender:send(...)
  end
  local url = %q
  if %q == "blocking" then
    send(curl.session(options), response, "POST", url, "AreaCode=415", 30, 30, not_after)
  else
    local io_thread, responses = curl.io_thread(options), { response }
    send(io_thread, 1, response, "POST", url, "AreaCode=415", 30, 30, core.now() + 30, not_after)
    repeat
      io_thread:wait(30)
    until io_thread:take(responses)
    io_thread:close()
  end
  print(response:outcome(), response:is_sent(), response:reason())
]]

local SENDERS = {
  { name = "blocking over HTTP/1.1", way = "blocking", version = "1.1" },
  { name = "in flight over HTTP/2", way = "in flight", version = "2" },
  { name = "in flight over HTTP/1.1", way = "in flight", version = "1.1" },
}

-- Forwards the bytes of a connection; false once that is closed.
local function pass(from, to)
  local whole, why, part = from:receive(8192)
  to:send(whole or part)
  return why ~= "closed"
end

local function relay(near, far)
  near:settimeout(0)
  far:settimeout(0)
  while true do
    local ready = assert(socket.select({ near, far }, nil, PATIENCE))
    for _, one in ipairs(ready) do
      if not pass(one, one == near and far or near) then
        return
      end
    end
    assert(#ready > 0, "nothing comes any more")
  end
end

describe("a request with a time limit", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local listener, shifted

  before_each(function()
    listener = assert(socket.bind("127.0.0.1", 0))
    listener:settimeout(PATIENCE)
    shifted = clock.new()
  end)

  after_each(function()
    listener:close()
    shifted:close()
  end)

  -- Makes a process send, holds it up during the handshake, and then lets it continue. Returns its output.
  local function send(sender, seconds, hold_up, older)
    local _, port = listener:getsockname()
    local url = ("https://127.0.0.1:%d/2010-04-01/Accounts/%s/IncomingPhoneNumbers.json"):format(
      port,
      twilio.account_sid
    )
    local program = PROGRAM:format(sender.version, seconds, url, sender.way)
    local command =
      interpreter.run(flights.program(twilio, program), { older = older, library = "spec_clock" })
    local settings = ("echo $$; export CLOCK_SHIFT=%s; "):format(shifted.shift)
    local pipe = assert(io.popen(settings .. command .. " 2>&1"))
    local pid, not_after = tonumber(pipe:read("*l")), tonumber(pipe:read("*l"))
    local near = assert(listener:accept())
    near:settimeout(PATIENCE)
    local first = assert(near:receive(1)) -- of its handshake
    hold_up(pid, not_after)
    local far = assert(socket.connect("127.0.0.1", tonumber(twilio.base_url:match("%d+$"))))
    far:send(first)
    relay(near, far)
    near:close()
    far:close()
    local output = pipe:read("*a")
    pipe:close()
    return output
  end

  -- Stops a process until its limit has passed.
  local function pause(pid, not_after)
    process.kill(pid, SIGSTOP)
    flights.until_(function()
      return core.boot_now() >= not_after
    end, "late")
    process.kill(pid, SIGCONT)
  end

  local function set_clocks(boot, wall)
    return function()
      shifted:set(boot, wall)
    end
  end

  for _, sender in ipairs(SENDERS) do
    for _, older in ipairs { "nothing", "prereq" } do
      local name = sender.name .. (older == "prereq" and ", with libcurl before 7.80" or "")

      it("is not sent if its process was stopped for too long, " .. name, function()
        local output = send(sender, 0.3, pause, older)
        assert.equal(("timeout\tfalse\t%s\n"):format(TOO_LATE), output)
        assert.equal(0, twilio:state().requests)
      end)

      it("is not sent if the machine slept for too long, " .. name, function()
        local output = send(sender, 60, set_clocks(61, 0), older)
        assert.equal(("timeout\tfalse\t%s\n"):format(TOO_LATE), output)
        assert.equal(0, twilio:state().requests)
      end)

      it("is not sent if only the wall clock advanced, as in a restored VM, " .. name, function()
        local output = send(sender, 60, set_clocks(0, 61), older)
        assert.equal(("timeout\tfalse\t%s\n"):format(TOO_LATE), output)
        assert.equal(0, twilio:state().requests)
      end)

      it("is sent in time even if the wall clock was set back, " .. name, function()
        local output = send(sender, 60, set_clocks(1, -3600), older)
        assert.equal("answered\ttrue\t\n", output)
        assert.same({ 1, 1 }, { twilio:state().requests, twilio:state().purchases })
      end)
    end
  end

  it("opens no connection if it is late from the start", function()
    local session, _, port = curl.session { plain = true }, listener:getsockname()
    session:authorize("Basic one")
    for _, not_after in ipairs { core.boot_now(), -1, 0 / 0 } do
      local answer = exchange(session, {
        method = "POST",
        url = ("http://127.0.0.1:%d/"):format(port),
        body = "AreaCode=415",
        timeout = 30,
        connect_timeout = 30,
        not_after = not_after,
      })
      assert.same({ "timeout", TOO_LATE }, { answer.outcome, answer.reason })
    end
    session:close()
    listener:settimeout(0)
    assert.is_nil((listener:accept()))
  end)

  it(
    "is not sent if it has no body and is late from the start, with libcurl before 7.80",
    function()
      local program = [[
      local session = require("twilio.numbers.curl").session { plain = true }
      session:authorize(core.basic(twilio.account_sid, twilio.auth_token))
      local url, response = twilio.http_url .. "/", core.new_response()
      for _, not_after in ipairs { -1, 0 } do
        session:send(response, "DELETE", url, nil, 30, 30, not_after)
        print(response:outcome(), response:is_sent())
      end
    ]]
      local output = interpreter.result(flights.program(twilio, program), 30, { older = "prereq" })
      assert.equal("timeout\tfalse\nanswered\ttrue\n", output)
      assert.equal(1, twilio:state().requests)
    end
  )
end)

describe("a call with a time limit", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local start = Call.start

  after_each(function()
    Call.start = start
  end)

  -- The seconds in which calls may send anything but look-ups.
  local function limit(seconds)
    Call.start = function(...)
      local call = start(...)
      call.not_after = core.boot_now() + seconds
      return call
    end
  end

  for way, buy in pairs(ways.PURCHASES) do
    it("sends nothing but look-ups once it is over, " .. way, function()
      local client = clients.of(twilio)
      limit(0)
      local number, message, err = buy(client, { area_code = "415" })
      assert.is_nil(number)
      assert.matches(TOO_LATE, message, 1, true)
      assert.same({ "timeout", "no" }, { err.kind, err.purchased })
      assert.equal(0, twilio:state().requests)
      for _, message_of_list in assert(client:list()) do
        error(message_of_list)
      end
      assert.equal(1, twilio:state().requests)
      limit(60)
      assert(buy(client, { area_code = "415" }))
      Call.start = start -- the next call has none
      assert(buy(client, { area_code = "415" }))
      client:close()
    end)
  end

  describe("with a transport in Lua", function()
    local asked

    local function buy(seconds)
      local client = clients.of(twilio, {
        timeout = 20,
        transport = function(request)
          asked = request
          return nil, "no", "connect"
        end,
      })
      asked = nil
      limit(seconds)
      local _, message, err = client:purchase({ area_code = "415" }, { retries = 0 })
      client:close()
      return message, err
    end

    it("limits it to the time left", function()
      buy(7)
      assert.is_true(asked.timeout > 6 and asked.timeout <= 7)
      assert.is_true(asked.connect_timeout <= asked.timeout)
      buy(70)
      assert.equal(20, asked.timeout)
    end)

    it("does not call it within the last second", function()
      local message, err = buy(0.9)
      assert.is_nil(asked)
      assert.matches(TOO_LATE, message, 1, true)
      assert.same({ "timeout", "no" }, { err.kind, err.purchased })
    end)
  end)
end)
