-- The state of the simulated Twilio: accounts, their credentials, their numbers, counters and the log of
-- requests. Pure; all other parts work on a store.

local bundles = require("twilio.simulator.bundles")
local collection = require("twilio.simulator.collection")
local fixtures = require("twilio.simulator.fixtures")
local inventory = require("twilio.simulator.inventory")
local profiles = require("twilio.simulator.profiles")
local random = require("twilio.simulator.random")
local services = require("twilio.simulator.services")

local store = {}
store.__index = store

local LOG_SIZE = 1000

-- The results of a search, whatever PageSize says; there is no second page.
local SEARCH_LIMIT = 30

-- The number of lookups that still show an emergency address after its removal.
local UNREGISTER_AFTER = 1

---@class twilio.simulator.Account
---@field sid string
---@field auth_token string
---@field parent string? the parent account's SID
---@field status "active"|"suspended"|"closed"
---@field trial boolean
---@field balance string|false|nil false: the account is not prepaid
---@field test boolean its credentials are test credentials
---@field numbers table[] the IncomingPhoneNumber resources it owns, oldest first
---@field in_progress integer requests being answered

---@class twilio.simulator.Given
---@field seed integer? of credentials, SIDs and random faults; without one they are new each time
---@field account_sid string?
---@field auth_token string?
---@field profile string? of profiles.named; default "twilio"

-- name, prefix, length of the rest
local CREDENTIALS = {
  { "account_sid", "AC", 32 },
  { "auth_token", "", 32 },
  { "api_key", "SK", 32 },
  { "api_secret", "", 32 },
  { "access_token", "", 64 },
  { "subaccount_sid", "AC", 32 },
  { "subaccount_auth_token", "", 32 },
  { "test_account_sid", "AC", 32 },
  { "test_auth_token", "", 32 },
}

local function new_credentials(source, given, profile)
  local credentials = {}
  for _, row in ipairs(CREDENTIALS) do
    local name, kind, digits = row[1], row[2], source:hex(row[3])
    credentials[name] = given[name]
      or (kind ~= "" and profiles.identifier(profile, kind, digits) or digits)
  end
  return credentials
end

---@param options twilio.simulator.Given? the seed, and credentials instead of random ones
function store.new(options)
  options = options or {}
  local source = options.seed and random.new(options.seed) or random.system
  local profile = profiles.named[options.profile or "twilio"]
  local self = setmetatable({ serial_prefix = source:hex(24), profile = profile }, store)
  self.credentials = new_credentials(source, options, profile)
  self:reset()
  return self
end

---A new SID: unique, and cheap to make.
---@param prefix string
---@return string
function store:new_sid(prefix)
  self.serial = (self.serial or 0) + 1
  local digits = ("%s%08x"):format(self.serial_prefix, self.serial)
  return profiles.identifier(self.profile, prefix, digits)
end

function store:add_account(sid, auth_token, fields)
  local account = {
    sid = sid,
    auth_token = auth_token,
    status = "active",
    numbers = {},
    in_progress = 0,
  }
  for key, value in pairs(fields or {}) do
    account[key] = value
  end
  self.accounts[sid] = account
  return account
end

---Resets all state except the credentials, so that existing clients still work.
function store:reset()
  local credentials = self.credentials
  self.accounts = {}
  self:add_account(credentials.account_sid, credentials.auth_token)
  self:add_account(credentials.subaccount_sid, credentials.subaccount_auth_token, {
    parent = credentials.account_sid,
  })
  self:add_account(credentials.test_account_sid, credentials.test_auth_token, { test = true })
  self.api_keys = {
    [credentials.api_key] = { secret = credentials.api_secret, account = credentials.account_sid },
  }
  self.tokens = { [credentials.access_token] = credentials.account_sid }
  self.owned = {} -- phone number -> resource
  self.by_sid = {} -- SID -> resource
  self.unregistering = {} -- SID -> how many more lookups show its emergency address as pending
  self.refused = {} -- a set of phone numbers that cannot be bought, even by their owner
  self.bought = {} -- phone number -> how often it was bought
  self.unlisted = {} -- SID -> how many more lists do not show it; true: none does
  self.inventory = inventory.new(self.owned)
  self.services = services.new()
  self.addresses = collection.new()
  self.bundles = bundles.new()
  fixtures.fill(self)
  self.counts = {
    purchases = 0,
    updates = 0,
    releases = 0,
    requests = 0,
    posts = 0,
    connections = 0,
    most_at_once = 0,
  }
  self.log, self.log_next = {}, 1
  self:set_limits {}
end

local function number_or(value, default)
  return type(value) == "number" and value or default
end

---Sets limits and delays. Absent fields are reset.
---@param fields table max_concurrent, latency, work, hold, search, unregister_after, lag, redate
function store:set_limits(fields)
  self.max_concurrent = number_or(fields.max_concurrent)
  self.latency = number_or(fields.latency)
  self.work = number_or(fields.work)
  self.hold = fields.hold == true or number_or(fields.hold, false)
  self.lag = fields.lag == true or number_or(fields.lag, false)
  self.unlisted = self.lag and self.unlisted or {}
  self.redate = fields.redate == true
  self.search_limit = number_or(fields.search, SEARCH_LIMIT)
  self.unregister_after = number_or(fields.unregister_after, UNREGISTER_AFTER)
end

-- All accounts can buy Twilio's magic number, so each may own it.
local function owned_key(phone_number, account_sid)
  return phone_number == "+15005550006" and phone_number .. account_sid or phone_number
end

---The resource of a number, if the account owns it.
---@param phone_number string
---@param account twilio.simulator.Account
---@return table?
function store:find_owned(phone_number, account)
  local number = self.owned[owned_key(phone_number, account.sid)]
  return number and number.account_sid == account.sid and number or nil
end

---Whether a POST that was read is held until the hold is turned off.
---@return boolean
function store:must_hold()
  if self.hold and self.hold ~= true then
    self.hold = self.hold - 1
    return self.hold >= 0
  end
  return self.hold
end

---Counts a purchase. Lists may show its number later.
---@param number table the resource
function store:note_purchase(number)
  local phone_number = number.phone_number
  self.counts.purchases = self.counts.purchases + 1
  self.bought[phone_number] = (self.bought[phone_number] or 0) + 1
  self:lag_behind(number)
end

---Hides a new resource from the next lists, if lists lag behind.
---@param resource table a number or an address
function store:lag_behind(resource)
  self.unlisted[resource.sid] = self.lag or nil
end

---Whether lists still hide a number or an address.
---@param resource table
---@return boolean
function store:is_unlisted(resource)
  local left = self.unlisted[resource.sid]
  if left and left ~= true then
    self.unlisted[resource.sid] = left > 1 and left - 1 or nil
  end
  return left ~= nil and left ~= 0
end

---Gives a number to an account.
---@param number table the resource
function store:own(number)
  self.owned[owned_key(number.phone_number, number.account_sid)] = number
  self.by_sid[number.sid] = number
  table.insert(self.accounts[number.account_sid].numbers, number)
end

---Removes a number from its account and its Messaging Service.
---@param number table the resource
function store:disown(number)
  self.owned[owned_key(number.phone_number, number.account_sid)] = nil
  self.by_sid[number.sid] = nil
  self.services:take_out(number.sid)
  local numbers = self.accounts[number.account_sid].numbers
  for index = #numbers, 1, -1 do
    if numbers[index] == number then
      table.remove(numbers, index)
      return
    end
  end
end

---All owned numbers, oldest first within each account.
---@return table[]
function store:all_owned()
  local sids, numbers = {}, {}
  for sid in pairs(self.accounts) do
    sids[#sids + 1] = sid
  end
  table.sort(sids)
  for _, sid in ipairs(sids) do
    for _, number in ipairs(self.accounts[sid].numbers) do
      numbers[#numbers + 1] = number
    end
  end
  return numbers
end

local function copy(fields)
  local copied = {}
  for name, value in pairs(fields) do
    copied[name] = value
  end
  return copied
end

---The numbers of each account, by its SID, as copies.
---@return table<string, table[]>
function store:snapshot()
  local lists = {}
  for sid, account in pairs(self.accounts) do
    lists[sid] = {}
    for index, number in ipairs(account.numbers) do
      lists[sid][index] = copy(number)
    end
  end
  return lists
end

---Logs a request that was read; keeps the latest ones.
---@param entry table
function store:record(entry)
  self.counts.requests = self.counts.requests + 1
  self.log[self.log_next] = entry
  self.log_next = self.log_next % LOG_SIZE + 1
end

---The logged requests, newest last.
---@return table[]
function store:requests()
  local entries = {}
  for offset = 0, LOG_SIZE - 1 do
    entries[#entries + 1] = self.log[(self.log_next - 1 + offset) % LOG_SIZE + 1]
  end
  return entries
end

return store
