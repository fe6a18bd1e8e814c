--- A world for specs of the journal: a Twilio in the process, as far as purchases need one, and stores in
--- tables. What happens at a request, or at a step of the journal, is a hook of the spec.
---
---   local world = World.new { "+14155550101", "+14155550102" }
---   local client = world:client { }            -- with the world's journal
---   world.on_post = function(number) return "unheard" end
local cjson = require("cjson")
local core = require("twilio.numbers.core")
local form = require("spec.support.form")
local numbers = require("twilio.numbers")
local records = require("twilio.numbers.journal.records")
local table_store = require("spec.support.table_store")

local World = {}
World.__index = World

local ACCOUNT = "AC0123456789abcdef0123456789abcdef"

-- ---- clocks and processes ----

local real = {
  jitter = core.jitter,
  now = core.now,
  boot_now = core.boot_now,
  wall_clock = core.wall_clock,
  process = core.process,
}
local offset, asleep = 0, 0 -- seconds that passed; and those that passed while the machine slept
local process, last_process = false, -1000 -- that runs, if it is another

--- From now on a simulated process runs, whose clocks advance when a client of a world sleeps, until
--- stop_clocks().
---@param random? fun(): number what the library draws, for the same run each time
function World.start_clocks(random)
  offset, asleep, last_process = 0, 0, last_process - 1
  process = last_process -- one without reservations of earlier specs
  core.jitter = random or real.jitter
  function core.now()
    return real.now() + offset
  end
  function core.boot_now()
    return real.boot_now() + offset + asleep
  end
  function core.wall_clock()
    return real.wall_clock() + offset + asleep
  end
  function core.process()
    return process or real.process()
  end
end

function World.stop_clocks()
  core.now, core.boot_now, core.wall_clock = real.now, real.boot_now, real.wall_clock
  core.process, process, core.jitter = real.process, false, real.jitter
end

--- Lets time pass, by this machine's clocks (after start_clocks()) and the store's.
---@param seconds number
function World:pass(seconds)
  self.store.now = self.store.now + math.ceil(seconds * 1000)
  self.slept = (self.slept or 0) + seconds
  offset = offset + seconds
end

--- Suspends the machine; the store is on another one.
function World:suspend(seconds)
  self.store.now = self.store.now + math.ceil(seconds * 1000)
  asleep = asleep + seconds
end

--- From now on another process runs, as after fork().
function World.become(name)
  process = name
end

--- Calls a function as another process; after start_clocks().
function World.elsewhere(name, f, ...)
  local function back(before, ...)
    process = before
    return ...
  end
  local before = process
  process = name
  return back(before, f(...))
end

---@param for_sale string[]
function World.new(for_sale)
  local self = setmetatable({
    account_sid = ACCOUNT,
    for_sale = {}, -- numbers, in the order of their sale
    owned = {}, -- by number: { sid =, phone_number =, settings =, date_created = }
    purchases = 0, -- numbers that were bought
    posts = {}, -- numbers that were posted
    requests = {}, -- "METHOD path"
    last_sid = 0,
    store = table_store.new(),
    on_post = false, -- function(number): nil or "lost", "unheard", "refused", or a response
    on_look = false, -- function(number): whether the look-up shows nothing
    on_request = false, -- function(request, path): a response, or nil, a message and a kind
    late = {}, -- purchases that have yet to arrive
    price = "1.15", -- of a local number in US, in USD; or function(): a response
    price_reads = 0,
    messaging = false, -- its Messaging Services, see messaging.lua
  }, World)
  for i, number in ipairs(for_sale or {}) do
    self.for_sale[i] = number
  end
  return self
end

local function answer(status, body)
  return {
    status = status,
    body = body and cjson.encode(body) or "",
    headers = { date = "Sun, 29 Nov 2026 10:00:00 GMT" },
  }
end

local function refusal(status, code, message)
  return answer(
    status,
    { code = code, message = message, status = status, more_info = "https://x" }
  )
end

function World:remove(number)
  for i, one in ipairs(self.for_sale) do
    if one == number then
      table.remove(self.for_sale, i)
      return true
    end
  end
  return false
end

--- Makes the account own a number.
function World:give(number, fields)
  self.last_sid = self.last_sid + 1
  local owned = {
    sid = ("PN%032x"):format(self.last_sid),
    phone_number = number,
    account_sid = ACCOUNT,
    date_created = "Sun, 29 Nov 2026 10:00:00 +0000",
  }
  for name, value in pairs(fields or {}) do
    owned[name] = value
  end
  self:remove(number)
  self.owned[number] = owned
  return owned
end

function World:release(number)
  self.owned[number] = nil
  self.for_sale[#self.for_sale + 1] = number
end

local function apply(owned, fields)
  for wire_name, value in pairs(fields) do
    local name = wire_name:gsub("(%l)(%u)", "%1_%2"):lower()
    if name ~= "phone_number" then
      owned[name] = value
    end
  end
end

local function buy(self, request)
  local fields = form.decode(request.body)
  local number = fields.PhoneNumber
  self.posts[#self.posts + 1] = number
  local what = self.on_post and self.on_post(number, #self.posts)
  if type(what) == "table" then
    return what
  elseif what == "lost" then
    return nil, "lost", "network"
  elseif what == "late" then
    self.late[#self.late + 1] = { fields = fields }
    return nil, "no answer", "timeout"
  elseif what == "unsent" then
    return nil, "not reached", "connect"
  elseif what == "refused" then
    return refusal(400, 21422, "not available")
  end
  local owned = self.owned[number]
  if not owned and not self:remove(number) then
    return refusal(400, 21422, "not available")
  elseif not owned then
    self.purchases = self.purchases + 1
    owned = self:give(number)
  end
  apply(owned, fields)
  if what == "unheard" then
    return nil, "unheard", "network"
  end
  return answer(201, owned)
end

--- Delivers the late purchases.
function World:deliver()
  local late = self.late
  self.late = {}
  for _, one in ipairs(late) do
    local number = one.fields.PhoneNumber
    if not self.owned[number] and self:remove(number) then
      self.purchases = self.purchases + 1
      self:give(number)
    end
    if self.owned[number] then
      apply(self.owned[number], one.fields)
    end
  end
end

local function owned_by_sid(self, sid)
  for _, owned in pairs(self.owned) do
    if owned.sid == sid then
      return owned
    end
  end
end

local function one(self, request, sid)
  local owned = owned_by_sid(self, sid)
  if not owned then
    return refusal(404, 20404, "not found")
  elseif request.method == "POST" then
    self.updates = (self.updates or 0) + 1
    apply(owned, form.decode(request.body))
  elseif request.method == "DELETE" then
    self:release(owned.phone_number)
    return answer(204)
  end
  return answer(200, owned)
end

local function list(self, request)
  local number = request.url:match("PhoneNumber=%%2B(%d+)")
  number = number and "+" .. number
  local hidden = self.on_look and self.on_look(number)
  local found = not hidden and self.owned[number]
  if type(hidden) == "table" then
    return hidden
  end
  local all = {}
  for _, owned in pairs(not number and self.owned or { found or nil }) do
    all[#all + 1] = owned
  end
  return answer(200, { incoming_phone_numbers = all })
end

local function search(self)
  local found = {}
  for i, number in ipairs(self.for_sale) do
    found[i] = { phone_number = number, capabilities = { voice = true } }
  end
  return answer(200, { available_phone_numbers = found })
end

local function prices(self)
  self.price_reads = self.price_reads + 1
  if type(self.price) == "function" then
    return self.price()
  end
  local row = { number_type = "local", base_price = "9.99", current_price = self.price }
  return answer(200, { iso_country = "US", price_unit = "USD", phone_number_prices = { row } })
end

function World:handle(request)
  if request.url:find("/v1/PhoneNumbers/Countries/US$") then
    return prices(self)
  end
  if self.messaging and request.url:find("/v1/Services", 1, true) then
    return self.messaging:handle(request)
  end
  local path = request.url:match("/Accounts/%w+/(.*)$")
  self.requests[#self.requests + 1] = request.method .. " " .. path
  if self.on_request then
    local response, message, kind = self.on_request(request, path)
    if response or kind then
      return response, message, kind
    end
  end
  local sid = path:match("^IncomingPhoneNumbers/(PN%x+)%.json")
  if sid then
    return one(self, request, sid)
  elseif path:find("^AvailablePhoneNumbers") then
    return search(self)
  elseif request.method == "POST" then
    return buy(self, request)
  end
  return list(self, request)
end

--- A client of this world. Its clock stops while it sleeps, except after start_clocks(); the store's does
--- not.
---@param options? table
function World:client(options)
  local all = {
    account_sid = ACCOUNT,
    auth_token = "s3cr3t",
    base_url = "https://api.example",
    journal = self.store,
    transport = function(request)
      return self:handle(request)
    end,
    loop = {
      sleep = function(seconds)
        self:pass(seconds)
        if self.on_sleep then
          self.on_sleep(seconds)
        end
      end,
    },
  }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return assert(numbers.client(all))
end

local SCOPE = records.scope("https://api.example", ACCOUNT)

--- A record in the store.
function World:record(kind, name)
  local row = self.store.rows[records[kind](SCOPE, name)]
  return row and assert(records.decode(row.value))
end

--- The record of an order.
function World:order(key)
  return self:record("order", key)
end

--- The key of the order that a number's claim names.
function World:claim(number)
  local claim = self:record("number", number)
  return claim and assert(records.parse(claim.order)).key
end

--- How many numbers the limit records count, of all days.
function World:counted()
  local count = 0
  for key, row in pairs(self.store.rows) do
    if key:sub(1, 6) == "limit/" then
      count = count + assert(records.decode(row.value)).numbers
    end
  end
  return count
end

--- Replaces a record in the store, or deletes it.
---@param record table|nil
function World:write(kind, name, record)
  local key = records[kind](SCOPE, name)
  local row = self.store.rows[key]
  self.store.rows[key] = record
      and { version = (row and row.version or 0) + 1, value = assert(records.encode(record)) }
    or nil
end

return World
