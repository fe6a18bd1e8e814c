-- Requests about owned numbers, checked by Prism against Twilio's own OpenAPI document: updates, searches,
-- lists, fetches, releases; and whether the module's tables of parameters agree with it.

if require("spec.support.left_out").without_npm("spec/wire/prism_life_spec.lua") then
  return
end

local cjson = require("cjson")
local core = require("twilio.numbers.core")
local described = require("spec.support.described")
local filters = require("spec.support.filters")
local prism = require("spec.support.prism")
local purchases = require("spec.support.purchases")
local values = require("spec.support.values")

local HEX = ("0123456789abcdefABCDEF"):rep(2):sub(1, 32)
local ACCOUNT_SID, SID = "AC" .. HEX, "PN" .. HEX
local ROOT = "/2010-04-01/Accounts/" .. ACCOUNT_SID .. "/"
local COUNT = 144

local TYPES = {
  ["local"] = "Local",
  toll_free = "TollFree",
  mobile = "Mobile",
  national = "National",
  voip = "Voip",
  shared_cost = "SharedCost",
  machine_to_machine = "MachineToMachine",
}
local OWNED_TYPES = { ["local"] = "Local", toll_free = "TollFree", mobile = "Mobile" }

describe("Twilio's OpenAPI document", function()
  local server, client

  local block = { setup = setup, teardown = teardown, before_each = before_each }
  prism.shared(block, ACCOUNT_SID, function(started, its_client)
    server, client = started, its_client
  end)

  --- What Prism received, without queries.
  local function received()
    local list = server:requests()
    for i, request in ipairs(list) do
      list[i] = request:gsub("%?.*$", "")
    end
    return list
  end

  describe("and the module's table of updates", function()
    local schemas

    setup(function()
      schemas = described.form(server, "IncomingPhoneNumbers/{Sid}.json")
    end)

    it("have the same 23 names", function()
      described.check_names(core.parameters("update"), schemas)
      assert.equal(23, #core.parameters("update"))
    end)

    it("have the same kinds, prefixes and choices", function()
      described.check_kinds(core.parameters("update"), schemas)
    end)
  end)

  for _, path in pairs(TYPES) do
    it("and the module's table of searches have the same names and kinds: " .. path, function()
      local schemas =
        described.query(server, "AvailablePhoneNumbers/{CountryCode}/" .. path .. ".json")
      described.check_names(core.parameters("search"), schemas)
      described.check_kinds(core.parameters("search"), schemas)
    end)
  end

  for _, resource in ipairs { "", "/Local", "/Mobile", "/TollFree" } do
    it("and the module's table of lists have the same names and kinds: " .. resource, function()
      local schemas = described.query(server, "IncomingPhoneNumbers" .. resource .. ".json")
      described.check_names(core.parameters("list"), schemas)
      described.check_kinds(core.parameters("list"), schemas, { origin = true })
    end)
  end

  --- Filters with each valid value of each row, and one with all rows.
  local function all_filters(name)
    local list, all = {}, {}
    for _, row in ipairs(core.parameters(name)) do
      for value in pairs(values.right(row)) do
        list[#list + 1] = filters.with(row, value)
        all[row.name] = value
      end
    end
    list[#list + 1] = all
    return list
  end

  describe("allows", function()
    it("every update, and receives each once", function()
      local seed = purchases.seed()
      local expected = {}
      for i, params in ipairs(purchases.generate(seed, COUNT)) do
        params.phone_number, params.area_code = nil, nil
        params.account_sid = (i % 2 == 0 or next(params) == nil) and "AC" .. HEX or nil
        local number, message = client:update(SID, params)
        assert(number, ("%s: %s"):format(purchases.describe(seed, i), tostring(message)))
        expected[i] = "post " .. ROOT .. "IncomingPhoneNumbers/" .. SID .. ".json"
      end
      assert.same(expected, received())
    end)

    it("a name to be cleared", function()
      assert(client:update(SID, { friendly_name = "" }))
    end)

    it("every filter of a search, and every type", function()
      local count = 0
      for _, filter in ipairs(all_filters("search")) do
        assert(client:search("US", "local", filter):all())
        count = count + 1
      end
      assert.equal(count, #received())
      for name, path in pairs(TYPES) do
        assert(client:search("GB", name):all())
        assert.same(
          { "get " .. ROOT .. "AvailablePhoneNumbers/GB/" .. path .. ".json" },
          received()
        )
      end
    end)

    it("every filter of a list, and every type", function()
      local count = 0
      for _, filter in ipairs(all_filters("list")) do
        assert(client:list(filter):next())
        count = count + 1
      end
      assert.equal(count, #received())
      for name, path in pairs(OWNED_TYPES) do
        assert(client:list({ type = name }):next())
        assert.same({ "get " .. ROOT .. "IncomingPhoneNumbers/" .. path .. ".json" }, received())
      end
    end)

    it("a purchase by type", function()
      for name, path in pairs(OWNED_TYPES) do
        assert(client:purchase({ phone_number = "+15005550006" }, { type = name }))
        assert.same({ "post " .. ROOT .. "IncomingPhoneNumbers/" .. path .. ".json" }, {
          received()[1],
        })
      end
    end)

    it("a fetch and a release", function()
      assert(client:fetch(SID))
      assert.is_true(client:release(SID))
      local path = ROOT .. "IncomingPhoneNumbers/" .. SID .. ".json"
      assert.same({ "get " .. path, "delete " .. path }, received())
    end)
  end)

  describe("refuses what the module does not send:", function()
    local function encode(text)
      return (
        tostring(text):gsub("[^%w]", function(c)
          return ("%%%02X"):format(c:byte())
        end)
      )
    end

    --- What Prism rejects by that name.
    local function check_prism(place, wire_name, method, resource, body)
      local status, answer = server:send(method, resource, body)
      assert.equal(422, status)
      local blamed = false
      for _, violation in ipairs(answer.validation) do
        local location = violation.location
        blamed = blamed or (location[1] == place and location[2]:lower() == wire_name:lower())
      end
      assert.is_true(blamed, cjson.encode(answer))
    end

    local function check_ours(name, value, message, err)
      assert.is_nil(value, name)
      assert.same({ "invalid", 0, name }, { err.kind, err.attempts, err.problems[1].name })
      assert.is_string(message)
      assert.same({}, received())
    end

    local FILTERS = {
      { "page_size", "PageSize", { "0", "1001", "-1", "1.5", "x" } },
      { "beta", "Beta", { "yes", "TRUE", "0x1" } },
    }
    local SEARCHES = {
      { "area_code", "AreaCode", { "41a", "x", "4 5" } },
      { "distance", "Distance", { "x", "1.5", "5 miles" } },
      { "sms_enabled", "SmsEnabled", { "yes", "on" } },
      { "exclude_all_address_required", "ExcludeAllAddressRequired", { "no" } },
    }
    for _, rows in ipairs { FILTERS, SEARCHES } do
      for _, row in ipairs(rows) do
        for _, value in ipairs(row[3]) do
          it(("a filter with %s = %q"):format(row[1], value), function()
            check_ours(row[1], client:search("US", "local", { [row[1]] = value }))
            local query = "?" .. row[2] .. "=" .. encode(value)
            check_prism("query", row[2], "GET", "AvailablePhoneNumbers/US/Local.json" .. query)
            if rows == FILTERS then
              received()
              check_ours(row[1], client:list { [row[1]] = value })
              check_prism("query", row[2], "GET", "IncomingPhoneNumbers.json" .. query)
            end
          end)
        end
      end
    end

    local UPDATES = {
      { "account_sid", "AccountSid", { "", "SK" .. HEX, "ac" .. HEX, "AC" .. HEX .. "0" } },
      { "voice_method", "VoiceMethod", { "PUT", "get", "" } },
      { "voice_url", "VoiceUrl", { "example.com", "https://a b/" } },
      { "voice_caller_id_lookup", "VoiceCallerIdLookup", { "yes" } },
      { "trunk_sid", "TrunkSid", { "AP" .. HEX } },
      { "emergency_status", "EmergencyStatus", { "active", "" } },
    }
    for _, row in ipairs(UPDATES) do
      for _, value in ipairs(row[3]) do
        it(("an update with %s = %q"):format(row[1], value), function()
          check_ours(row[1], client:update(SID, { [row[1]] = value }))
          local body = row[2] .. "=" .. encode(value)
          check_prism("body", row[2], "POST", "IncomingPhoneNumbers/" .. SID .. ".json", body)
        end)
      end
    end

    for _, sid in ipairs { "PN", "pn" .. HEX, "AC" .. HEX, SID .. "0", SID:sub(1, -2) .. "g" } do
      it("a number called " .. sid, function()
        local path = "IncomingPhoneNumbers/" .. sid .. ".json"
        check_ours("sid", client:fetch(sid))
        check_prism("path", "Sid", "GET", path)
        received()
        check_ours("sid", client:release(sid))
        check_prism("path", "Sid", "DELETE", path)
        received()
        check_ours("sid", client:update(sid, { friendly_name = "x" }))
        check_prism("path", "Sid", "POST", path, "FriendlyName=x")
      end)
    end
  end)
end)
