-- Requests about owned numbers: the module's, compared with those of Twilio's official client for the same
-- parameters.

if require("spec.support.left_out").without_npm("spec/wire/official_client_life_spec.lua") then
  return
end

local core = require("twilio.numbers.core")
local filters = require("spec.support.filters")
local numbers = require("twilio.numbers")
local official_client = require("spec.support.official_client")
local purchases = require("spec.support.purchases")
local values = require("spec.support.values")

local ACCOUNT, SID = "AC" .. ("a"):rep(32), "PN" .. ("a"):rep(32)
local UPDATES = 300

local CALLS = {
  search = function(client, params)
    return client:search("US", "local", params):all()
  end,
  list = function(client, params)
    return client:list(params):all()
  end,
  update = function(client, params)
    return client:update(SID, params)
  end,
  fetch = function(client)
    return client:fetch(SID)
  end,
  release = function(client)
    return client:release(SID)
  end,
}

local PAGE = { status = 200, body = '{"available_phone_numbers":[],"incoming_phone_numbers":[]}' }
local NUMBER = { status = 200, body = ('{"sid":"%s"}'):format(SID) }
local ANSWERS = {
  search = PAGE,
  list = PAGE,
  update = NUMBER,
  fetch = NUMBER,
  release = { status = 204, body = "" },
}

--- Each valid value of each parameter alone, all of them together, and many updates.
local function cases(seed)
  local list = { { call = "fetch", params = {} }, { call = "release", params = {} } }
  for _, name in ipairs { "search", "list" } do
    local all = {}
    for _, row in ipairs(core.parameters(name)) do
      for value in pairs(values.right(row)) do
        list[#list + 1] = { call = name, params = filters.with(row, value) }
        all[row.name] = value
      end
    end
    list[#list + 1] = { call = name, params = all }
  end
  for i, params in ipairs(purchases.generate(seed, UPDATES)) do
    params.phone_number, params.area_code = nil, nil
    params.account_sid = (i % 3 == 0 or next(params) == nil) and ACCOUNT or nil
    list[#list + 1] = { call = "update", params = params }
  end
  for _, row in ipairs(core.parameters("update")) do
    if row.clears then
      list[#list + 1] = { call = "update", params = { [row.name] = "" } }
    end
  end
  return list
end

describe("A request about owned numbers", function()
  local seed = purchases.seed()
  local list, theirs = cases(seed), nil

  setup(function()
    theirs = official_client.requests(list)
  end)

  for call, run in pairs(CALLS) do
    it("is what the official client sends: " .. call, function()
      local request, count = nil, 0
      local client = assert(numbers.client {
        account_sid = ACCOUNT,
        auth_token = "secret",
        transport = function(sent)
          request = sent
          return ANSWERS[call]
        end,
      })
      for i, case in ipairs(list) do
        if case.call == call then
          local told = ("%s, %s"):format(call, purchases.describe(seed, i))
          assert(run(client, case.params), told)
          official_client.compare(theirs[i], request, told)
          count = count + 1
        end
      end
      local expected = { fetch = 1, release = 1, search = 20, list = 6, update = UPDATES }
      assert.is_true(count >= expected[call], count)
    end)
  end
end)
