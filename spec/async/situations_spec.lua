-- The outcome of a purchase does not depend on how it is waited for: each situation is met by
-- purchase() and by purchase_async(), on the same kind of connection.
local clients = require("spec.support.clients")
local core = require("twilio.numbers.core")
local simulator = require("spec.support.simulator")

local PHONE = "+14155550142"

local FAULTS = {
  {},
  { fault = "close_before_read" },
  { fault = "reset_before_read" },
  { fault = "close_after_read" },
  { fault = "reset_after_read" },
  { fault = "close_after_commit" },
  { fault = "reset_after_commit" },
  { fault = "close_after_commit", method = "POST", times = 9 },
  { fault = "reset_after_read", times = 9 },
  { fault = "close_in_headers" },
  { fault = "close_in_headers", status_line = false },
  { fault = "close_in_body" },
  { fault = "hang", seconds = 2 },
  { fault = "hang", seconds = 2, times = 2 },
  { fault = "drip", seconds = 0 },
  { fault = "goaway" },
  { fault = "goaway", commit = true },
  { fault = "status", status = 500 },
  { fault = "status", status = 500, times = 9 },
  { fault = "status", status = 503, commit = true },
  { fault = "status", status = 408 },
  { fault = "status", status = 409 },
  { fault = "status", status = 400 },
  { fault = "status", status = 401 },
  { fault = "status", status = 401, times = 9 },
  { fault = "status", status = 403 },
  { fault = "status", status = 404 },
  { fault = "status", status = 204, commit = true },
  { fault = "rate_limit" },
  { fault = "rate_limit", times = 9 },
  { fault = "rate_limit", retry_after = 60 },
  { fault = "redirect" },
  { fault = "html" },
  { fault = "html", commit = false },
  { fault = "invalid_json" },
  { fault = "nested_json" },
  { fault = "huge_json" },
  { fault = "gzip_bomb" },
  { fault = "many_headers" },
  { fault = "empty" },
}

local function describe_fault(fault)
  local words = { fault.fault or "no fault" }
  for _, name in ipairs { "status", "commit", "status_line", "times", "retry_after" } do
    if fault[name] ~= nil then
      words[#words + 1] = name .. "=" .. tostring(fault[name])
    end
  end
  return table.concat(words, " ")
end

local WAYS = {}

function WAYS.blocking(client, params, options)
  return client:purchase(params, options)
end

function WAYS.in_flight(client, params, options)
  return client:purchase_async(params, options):wait()
end

describe("a situation", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local jitter = core.jitter

  before_each(function()
    core.jitter = function() -- back-off without waiting
      return 0
    end
  end)

  after_each(function()
    core.jitter = jitter
  end)

  --- The outcome of a purchase in one way, as one table.
  local function meet(way, fault, params, url, retries)
    local events = {}
    twilio:clear()
    twilio:reset()
    if fault.fault then
      twilio:fault(fault)
    end
    local client = clients.of(twilio, {
      base_url = url,
      timeout = fault.fault == "hang" and 0.3 or 10,
      deadline = 20,
      on_event = function(event)
        events[#events + 1] = ("%s %s %s %d"):format(
          event.method,
          tostring(event.status),
          tostring(event.error),
          event.attempt
        )
      end,
    })
    local number, message, err = WAYS[way](client, params, { retries = retries })
    client:close()
    local state = twilio:state()
    return {
      kind = number and "number" or err.kind,
      phone_number = number and number.phone_number,
      purchased = err and err.purchased,
      status = err and err.status,
      code = err and err.code,
      attempts = err and err.attempts,
      is_said = number ~= nil or message == err.message,
      posts = state.posts,
      requests = state.requests,
      owned = #state.owned,
      events = events,
    }
  end

  for _, fault in ipairs(FAULTS) do
    for _, by in ipairs { "phone_number", "area_code" } do
      local params = { [by] = by == "area_code" and "415" or PHONE }
      it(("is the same in flight: %s, by %s"):format(describe_fault(fault), by), function()
        for _, retries in ipairs { 0, 3 } do
          local url = twilio.http_url
          local blocking = meet("blocking", fault, params, url, retries)
          assert.same(blocking, meet("in_flight", fault, params, url, retries))

          -- over HTTP/2 other things break, but the books balance
          local shared = meet("in_flight", fault, params, twilio.base_url, retries)
          local sure = (shared.kind == "number" or shared.purchased == "yes") and 1 or 0
          local most = shared.purchased == "unknown" and 1 or sure
          assert.is_true(sure <= shared.owned and shared.owned <= most, shared.kind)
          assert.equal(#shared.events, shared.attempts or #shared.events)
        end
      end)
    end
  end
end)
