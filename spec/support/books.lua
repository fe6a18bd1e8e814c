--- The books of many purchases under random faults: what was reported as bought, and what the account owns in
--- the end. By phone number, by area code, and whatever is available; blocking and in flight; with all
--- numbers of retries; and the connection closed by the server in between. For spec/safety/proof_spec.lua and
--- bench/proof.lua.
---
--- A seed makes the purchases and the faults: the nth request to arrive meets the same fault. In flight,
--- which request that is, is up to the operating system.
local core = require("twilio.numbers.core")
local faults = require("spec.support.faults")
local flights = require("spec.support.flights")

local books = {}

--- Faults of any request, but mostly of purchases and look-ups: a failed search shows little.
local ANYWHERE = faults.anywhere_and {
  "bare_page",
  "goaway",
  { fault = "goaway", commit = true },
  { fault = "close_in_headers", status_line = false },
  { fault = "hang", seconds = 0.02 },
  { fault = "drip", seconds = 0.001 },
  { fault = "close_after_commit", scope = "stream", h2_error = 7 }, -- REFUSED_STREAM, which is false here
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

local PROBABILITY = 0.7 -- of the requests that a fault in the list applies to

local BATCH = 50 -- calls; those that do not block are in flight together
local CERTAIN_WITHIN = 100 -- rounds of look-ups of one purchase

--- Each kind of purchase has its own area codes; otherwise one could buy what another has just found.
local AVAILABLE_IN = { "415", "510", "206" }
local AREA_CODES = { "416", "604" }
local PHONES_IN = { "212", "888", "800" }
local PHONES_EACH, FIRST_PHONE = 5000, 5550100

books.MOST = PHONES_EACH * #PHONES_IN

--- Park and Miller's generator: the same for a seed under every Lua. An integer from 0 to limit - 1.
local function generator(seed)
  local state = seed % 2147483646 + 1
  return function(limit)
    state = state * 16807 % 2147483647
    return state % limit
  end
end

local KINDS = { "available", "phone_number", "area_code" }

local function phone_number(i)
  local area = PHONES_IN[math.floor(i / PHONES_EACH) % #PHONES_IN + 1]
  return ("+1%s%d"):format(area, FIRST_PHONE + i % PHONES_EACH)
end

--- The nth call of a run.
local function plan(i, random, all_block)
  local order = {
    kind = KINDS[random(#KINDS) + 1],
    is_blocking = random(3) == 0 or all_block,
    options = { retries = random(4) },
    name = ("Order %d"):format(i),
  }
  order.params = { friendly_name = order.name }
  if order.kind == "available" then
    order.filter = { country = "US", area_code = AVAILABLE_IN[random(#AVAILABLE_IN) + 1] }
  elseif order.kind == "phone_number" then
    order.params.phone_number = phone_number(i)
  else
    order.params.area_code = AREA_CODES[random(#AREA_CODES) + 1]
  end
  return order
end

--- Whether the account owns a number that the filter finds and that is the one: the number, false, or
--- nil when the answer did not come.
local function look(client, filter, field, value)
  local list = assert(client:list(filter))
  while true do
    local number, _, err = list:next()
    if err then
      return nil
    elseif not number then
      return false
    elseif number[field] == value then
      return number
    end
  end
end

--- Looks up until the outcome is certain. A purchase by phone number may be repeated as often as needed; a
--- refusal tells nothing about earlier attempts, so the account is then looked up. One by area code is
--- found by its friendly name.
---@return table|false number
---@return integer rounds
local function make_certain(client, order, phone)
  for round = 1, CERTAIN_WITHIN do
    local number, err, _
    if phone then
      number, _, err = client:purchase { phone_number = phone }
      if not number and err.purchased == "no" then
        number = look(client, { phone_number = phone }, "phone_number", phone)
      end
    else
      number = look(client, { friendly_name = order.name }, "friendly_name", order.name)
    end
    if number ~= nil then
      return number, round
    end
  end
  error("it stays unknown whether this was bought: " .. order.name, 0)
end

local function note(figures, number)
  assert(not figures.numbers[number.phone_number], "reported twice: " .. number.phone_number)
  figures.numbers[number.phone_number] = number.sid
end

--- Starts a call, or makes it if it blocks. report(number, message, err) gets its result.
local function begin(client, order, report)
  if order.is_blocking and order.kind == "available" then
    report(client:purchase_available(order.filter, order.params, order.options))
  elseif order.is_blocking then
    report(client:purchase(order.params, order.options))
  elseif order.kind == "available" then
    assert(client:purchase_available_async(order.filter, order.params, order.options, report))
  else
    assert(client:purchase_async(order.params, order.options, report))
  end
end

--- Settles the orders with an unknown outcome.
local function settle(client, figures, doubtful)
  for _, doubt in ipairs(doubtful) do
    local number, rounds = make_certain(client, doubt.order, doubt.phone_number)
    figures.rounds = figures.rounds + rounds
    assert(
      number or doubt.purchased ~= "yes",
      "said to be bought, and is not: " .. doubt.order.name
    )
    if number then
      figures.settled = figures.settled + 1
      note(figures, number)
    end
  end
end

--- One batch, during which the server closes the connections.
local function buy_batch(client, twilio, figures, draw, first, last)
  local doubtful, over = {}, 0
  for i = first, last do
    local order = draw(i)
    local way = order.kind .. (order.is_blocking and ", blocking" or ", in flight")
    figures.ways[way] = (figures.ways[way] or 0) + 1
    begin(client, order, function(number, _, err)
      over = over + 1
      if number then
        figures.bought = figures.bought + 1
        note(figures, number)
        return
      end
      figures[err.purchased] = figures[err.purchased] + 1
      if err.purchased ~= "no" then
        local phone = order.params.phone_number
        if order.kind == "available" then
          phone = assert(err.phone_number, "no phone_number in the error")
        end
        doubtful[#doubtful + 1] = { order = order, phone_number = phone, purchased = err.purchased }
      end
    end)
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
  settle(client, figures, doubtful)
end

--- Makes the given number of purchases under faults, and settles the unknown ones.
---@param client table
---@param twilio table a simulator
---@param count integer
---@param seed integer
---@param all_block? boolean nothing in flight: then every request meets the same fault again
---@return table figures of the calls: bought, no, unknown, yes; settled: of the latter, how many turned out
---  to be bought, after so many `rounds`; restarts; numbers: phone number -> SID, of all that were reported;
---  ways: how many calls of each kind
function books.run(client, twilio, count, seed, all_block)
  assert(count <= books.MOST, "no more numbers than that are for sale")
  local figures = { bought = 0, no = 0, unknown = 0, yes = 0, numbers = {}, ways = {} }
  figures.settled, figures.rounds, figures.restarts = 0, 0, 0
  local jitter, random = core.jitter, generator(seed)
  core.jitter = function()
    return 0
  end
  twilio:chaos { seed = seed, probability = PROBABILITY, faults = FAULTS }
  local ran, why = pcall(function()
    for first = 1, count, BATCH do
      buy_batch(client, twilio, figures, function(i)
        return plan(i, random, all_block)
      end, first, math.min(first + BATCH - 1, count))
    end
  end)
  core.jitter = jitter
  twilio:clear()
  if not ran then
    error(("seed %d: %s"):format(seed, tostring(why)), 0)
  end
  return figures
end

--- The error in the books, or nil if they balance.
---@param figures table
---@param state table of the simulator
---@param count integer
function books.trouble(figures, state, count)
  local owned, calls = {}, figures.bought + figures.no + figures.unknown + figures.yes
  for _, number in ipairs(state.owned) do
    owned[number.phone_number] = number.sid
    if figures.numbers[number.phone_number] ~= number.sid then
      return "owned, and not reported: " .. number.phone_number
    end
  end
  for phone, sid in pairs(figures.numbers) do
    if owned[phone] ~= sid then
      return "reported, and not owned: " .. phone
    end
  end
  if #state.owned ~= figures.bought + figures.settled or #state.owned ~= state.purchases then
    return "more or fewer were bought than reported"
  end
  return calls ~= count and "not every call ended once" or nil
end

--- A summary in one line.
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
