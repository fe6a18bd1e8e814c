--- The books of many calls of purchase_available under random faults: what was reported bought, and what
--- the account owns in the end. For spec/safety/available_spec.lua and bench/proof.
local core = require("twilio.numbers.core")
local faults = require("spec.support.faults")
local flights = require("spec.support.flights")

local books = {}

--- What happens to any request, and mostly to purchases and to look-ups: a search that fails says little.
local ANYWHERE = faults.anywhere_and {
  "bare_page",
  "goaway",
  { fault = "goaway", commit = true },
  { fault = "close_in_headers", status_line = false },
  { fault = "hang", seconds = 0.02 },
  { fault = "drip", seconds = 0.001 },
  { fault = "close_after_commit", scope = "stream", h2_error = 7 }, -- REFUSED_STREAM, a lie
  { fault = "close_after_commit", scope = "stream" },
  { fault = "close_after_read", scope = "stream" },
  { fault = "close_in_body", scope = "stream" },
  { fault = "status", status = 500 },
  { fault = "status", status = 502, commit = true },
}
--- "Not available", of numbers that are, and of some that an attempt before has bought.
local FAULTS = {}
for i = 1, 20 do
  FAULTS[i] = { fault = "status", status = 400, code = 21422, method = "POST" }
end
for _, fault in ipairs(ANYWHERE) do
  local fields = type(fault) == "table" and fault or { fault = fault }
  FAULTS[#FAULTS + 1] = fault
  for _, more in ipairs {
    { method = "POST" },
    { method = "POST" },
    { method = "POST" },
    { method = "GET", path = "IncomingPhoneNumbers" },
    { method = "GET", path = "IncomingPhoneNumbers" },
  } do
    for name, value in pairs(fields) do
      more[name] = value
    end
    FAULTS[#FAULTS + 1] = more
  end
end

local PROBABILITY = 0.7 -- of those that a fault of the list is for, a good half

local BATCH = 50 -- calls in flight together
local CERTAIN_WITHIN = 100 -- rounds of questions about one number
local AREAS = { "415", "510", "206" }

--- Whether the account owns a number: true, false, or nil when the answer did not come.
local function owns(client, phone_number)
  local list = assert(client:list { phone_number = phone_number })
  while true do
    local number, _, err = list:next()
    if err then
      return nil
    elseif not number then
      return false
    elseif number.phone_number == phone_number then
      return number
    end
  end
end

--- Asks until it is certain: a purchase by phone number may be repeated as often as it takes. One that is
--- refused says nothing of those before it, so the account is then looked at.
---@return table|false number
---@return integer rounds
local function make_certain(client, phone_number)
  for round = 1, CERTAIN_WITHIN do
    local number, _, err = client:purchase { phone_number = phone_number }
    if not number and err.purchased == "no" then
      number = owns(client, phone_number)
    end
    if number ~= nil then
      return number, round
    end
  end
  error("it stays unknown whether this was bought: " .. phone_number, 0)
end

local function note(figures, number)
  assert(not figures.numbers[number.phone_number], "reported twice: " .. number.phone_number)
  figures.numbers[number.phone_number] = number.sid
end

--- One batch: all in flight together, the connections closed by the server in between.
local function buy_batch(client, twilio, figures, first, last)
  local doubtful, over = {}, 0
  for i = first, last do
    local filter = { country = "US", area_code = AREAS[i % #AREAS + 1] }
    local params = { friendly_name = "Order " .. i }
    assert(client:purchase_available_async(filter, params, function(number, _, err)
      over = over + 1
      if number then
        figures.bought = figures.bought + 1
        note(figures, number)
        return
      end
      figures[err.purchased] = figures[err.purchased] + 1
      if err.purchased ~= "no" then
        doubtful[#doubtful + 1] = assert(err.phone_number, "no phone_number in the error")
      end
    end))
  end
  for _, part in ipairs { 0.3, 0.6 } do
    flights.until_(function()
      client:poll()
      return over >= (last - first + 1) * part
    end, "a part is over")
    twilio:retire()
    figures.restarts = figures.restarts + 1
  end
  flights.finish(client)
  for _, phone_number in ipairs(doubtful) do
    local number, rounds = make_certain(client, phone_number)
    figures.rounds = figures.rounds + rounds
    if number then
      figures.settled = figures.settled + 1
      note(figures, number)
    end
  end
end

--- Buys so many times under faults, and settles what is unknown.
---@param client table
---@param twilio table a simulator
---@param count integer
---@param seed integer
---@return table figures of the calls: bought, no, unknown, yes; settled: of the latter, how many turned out
---  to be bought, after so many `rounds`; restarts; numbers: phone number -> SID, of all that were reported
function books.run(client, twilio, count, seed)
  local figures = { bought = 0, no = 0, unknown = 0, yes = 0 }
  figures.settled, figures.rounds, figures.restarts, figures.numbers = 0, 0, 0, {}
  local jitter = core.jitter
  core.jitter = function()
    return 0
  end
  twilio:chaos { seed = seed, probability = PROBABILITY, faults = FAULTS }
  local ran, why = pcall(function()
    for first = 1, count, BATCH do
      buy_batch(client, twilio, figures, first, math.min(first + BATCH - 1, count))
    end
  end)
  core.jitter = jitter
  twilio:clear()
  if not ran then
    error(("seed %d: %s"):format(seed, tostring(why)), 0)
  end
  return figures
end

--- In one line.
function books.describe(figures, seed, owned)
  local template = "seed %d: %d calls: %d bought, %d not, %d unknown, %d lost their answer; %d of the"
    .. " latter turned out to be bought, after %d rounds; %d restarts; %d reported, %d owned"
  local reported = figures.bought + figures.settled
  return template:format(
    seed,
    figures.bought + figures.no + figures.unknown + figures.yes,
    figures.bought,
    figures.no,
    figures.unknown,
    figures.yes,
    figures.settled,
    figures.rounds,
    figures.restarts,
    reported,
    owned
  )
end

return books
