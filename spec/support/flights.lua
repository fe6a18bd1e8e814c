--- Purchases in flight, for specs.
local core = require("twilio.numbers.core")

local flights = {}

local PATIENCE = 240 -- seconds: valgrind on a busy machine is slow

--- Checks a condition a thousand times a second until it is true.
---@param is_so function
---@param what string for the error when it never is
function flights.until_(is_so, what)
  local ends = core.now() + PATIENCE
  while not is_so() do
    if core.now() > ends then
      error(what .. ": still not so", 2)
    end
    core.sleep(0.001)
  end
end

--- Polls until none of a client's purchases is in flight.
function flights.finish(client)
  flights.until_(function()
    return client:poll() == 0
  end, "nothing in flight")
end

--- Waits, without polling, until the responses to all of a client's requests have arrived.
function flights.until_answered(client)
  flights.until_(function()
    local load = client:stats()
    return load.in_flight == 0 and load.queued == 0
  end, "all responses")
end

--- Begins purchases; returns them, and how often each one's callback was called so far.
---@param client table
---@param count integer
---@param params_of? function the parameters of the nth; default: a number in 415
---@param options? table
---@return table[] pendings
---@return integer[] calls
function flights.begin(client, count, params_of, options)
  local pendings, calls = {}, {}
  for i = 1, count do
    calls[i] = 0
    local params = params_of and params_of(i) or { area_code = "415" }
    pendings[i] = assert(client:purchase_async(params, options, function()
      calls[i] = calls[i] + 1
    end))
  end
  return pendings, calls
end

--- The outcome of a purchase in short: "number", or the error's kind and purchased.
function flights.outcome(pending)
  local number, message, err = pending:result()
  return number and "number" or err and err.kind .. " " .. err.purchased or message
end

--- Counts purchases by outcome.
---@return table<string, integer>
function flights.count(pendings)
  local counts = {}
  for _, pending in ipairs(pendings) do
    local outcome = flights.outcome(pending)
    counts[outcome] = (counts[outcome] or 0) + 1
  end
  return counts
end

--- The start of a program for a process of its own, with what it needs to buy.
---@param twilio table a simulator
---@param program string
function flights.program(twilio, program)
  return ([[
    local process, core = require("spec_process"), require("twilio.numbers.core")
    local clients, flights = require("spec.support.clients"), require("spec.support.flights")
    local twilio = {
      account_sid = %q, auth_token = %q, base_url = %q, http_url = %q, ca_file = %q,
    }
  ]]):format(
    twilio.account_sid,
    twilio.auth_token,
    twilio.base_url,
    twilio.http_url,
    twilio.ca_file
  ) .. program
end

return flights
