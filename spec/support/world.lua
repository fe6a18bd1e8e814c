--- A world for specs of the journal: a Twilio in the process, as far as purchases need one, and stores in
--- tables. What happens at a request, or at a step of the journal, is a hook of the spec.
---
---   local world = World.new { "+14155550101", "+14155550102" }
---   local client = world:client { }            -- with the world's journal
---   world.on_post = function(number) return "unheard" end
local cjson = require("cjson")
local form = require("spec.support.form")
local numbers = require("twilio.numbers")
local table_store = require("spec.support.table_store")

local World = {}
World.__index = World

local ACCOUNT = "AC0123456789abcdef0123456789abcdef"

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

--- The account owns a number from now on.
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

function World:handle(request)
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

--- A client of this world. Its clock stands still while it sleeps; the store's goes on instead.
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
        self.store.now = self.store.now + math.ceil(seconds * 1000)
        self.slept = (self.slept or 0) + seconds
      end,
    },
  }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return assert(numbers.client(all))
end

--- The record of an order, as the store has it.
function World:order(key)
  local records = require("twilio.numbers.journal.records")
  local scope = records.scope("https://api.example", ACCOUNT)
  local row = self.store.rows[records.order(scope, key)]
  return row and assert(records.decode(row.value))
end

return World
