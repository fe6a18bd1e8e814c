-- Several Lua states of one process, each in a thread of its own, buy on one journal, with the same keys and
-- others.
local flights = require("spec.support.flights")
local journal_books = require("spec.support.journal_books")
local journals = require("spec.support.journals")
local process = require("spec_process")
local simulator = require("spec.support.simulator")

local STATES, KEYS = 6, 5

-- Buys with keys that all states have, in another order each, and with one of its own.
local BUY = [[
  local me = ...
  local client = clients.of(twilio, { journal = %q, realm = "simulator", loop = false, base_url =
    me %% 2 == 0 and twilio.base_url or twilio.http_url })
  local filter, sids = { country = "US", area_code = "415" }, {}
  local keys = { "own " .. me }
  for i = 1, %d do
    keys[#keys + 1] = "key " .. (i + me) %% %d
  end
  for _, key in ipairs(keys) do
    local number, message = client:purchase_available(filter, nil, { idempotency_key = key })
    if not number then
      return key .. ": " .. message
    end
    sids[#sids + 1] = key .. "=" .. number.sid
  end
  client:close()
  return table.concat(sids, " ")
]]

-- Leaves a purchase in flight to the end of its state.
local LEAVE = [[
  client = clients.of(twilio, { journal = %q, realm = "simulator" })
  local filter, options = { country = "US", area_code = "415" }, { idempotency_key = "left " .. ... }
  client:purchase_available_async(filter, nil, options)
  core.sleep(... * 0.003)
  client:poll()
  return "left"
]]

describe("several Lua states of one process with one journal", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local folder, path

  before_each(function()
    folder = journals.new_folder()
    path = folder .. "/journal.db"
    local journal = assert(journals.open(path, { create = true }))
    assert(journal:read(journals.call(), { "key" }))
    journal:close(5)
  end)

  after_each(function()
    journals.remove(folder)
  end)

  --- What each key returned in all states, which must be the same.
  local function buy(keys)
    local sids = {}
    local program = flights.program(twilio, BUY:format(path, KEYS, KEYS))
    for _, result in ipairs(process.states(STATES, program)) do
      local count = 0
      for key, sid in result:gmatch("(%a+ %d+)=(PN%x+)") do
        assert.equal(sid, sids[key] or sid)
        sids[key], count = sid, count + 1
      end
      assert.equal(KEYS + 1, count, result)
    end
    for key in pairs(sids) do
      keys[#keys + 1] = key
    end
  end

  it("buy one number for each key", function()
    local keys = {}
    buy(keys)
    assert.equal(KEYS + STATES, #keys)
    journal_books.check(path, twilio:state(), keys)
  end)

  it("finish purchases that closed ones left", function()
    local program = flights.program(twilio, LEAVE:format(path))
    for _, result in ipairs(process.states(STATES, program)) do
      assert.equal("left", result)
    end
    local finish = [[
      local client = clients.of(twilio, { journal = %q, realm = "simulator", loop = false })
      local filter, options = { country = "US", area_code = "415" }, { idempotency_key = "left " .. ... }
      local number, message = client:purchase_available(filter, nil, options)
      client:close()
      return number and "bought" or message
    ]]
    local keys = {}
    local results = process.states(STATES, flights.program(twilio, finish:format(path)))
    for i, result in ipairs(results) do
      assert.equal("bought", result)
      keys[i] = "left " .. i
    end
    journal_books.check(path, twilio:state(), keys)
  end)
end)
