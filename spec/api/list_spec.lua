-- client:list: what the account owns, by a filter that is checked before it is sent.
local clients = require("spec.support.clients")
local core = require("twilio.numbers.core")
local filters = require("spec.support.filters")
local scripted = require("spec.support.scripted")
local simulator = require("spec.support.simulator")

local block = { describe = describe, it = it, assert = assert, before_each = before_each }

describe("client:list", function()
  filters.behave(block, "list", function(client, filter)
    return client:list(filter)
  end, scripted.page {})

  for name, path in pairs { ["local"] = "Local", mobile = "Mobile", toll_free = "TollFree" } do
    it("requests only numbers of type " .. name, function()
      local client, log = scripted.client { GET = { { status = 200, body = scripted.page {} } } }
      assert(client:list({ type = name }):all())
      assert.matches("/IncomingPhoneNumbers/" .. path .. "%.json$", log.gets[1].url)
    end)
  end

  it("refuses a type that Twilio has no resource for", function()
    local client, log = scripted.client {}
    for _, value in ipairs { "Local", "national", "", 1, true } do
      local list, message, err = client:list { type = value }
      assert.is_nil(list)
      assert.equal("invalid", err.kind)
      assert.equal("type", err.problems[1].name)
      assert.matches('"local" or "mobile" or "toll_free"', message)
    end
    assert.equal(0, #log.requests)
  end)

  it("must be called with a colon", function()
    local client = scripted.client {}
    assert.has_error(function()
      client.list {}
    end, "call client:list(...) with a colon, on what numbers.client() returned")
  end)

  it("is no array, which would be an empty one", function()
    local client, log = scripted.client {}
    local list = assert(client:list { phone_number = "+14155550101" })
    local function refuses(read)
      assert.error_matches(read, "a list is no array: read it by for", 1, true)
    end
    refuses(function()
      return list[1]
    end)
    local knows_lengths = #setmetatable({}, {
      __len = function()
        return 1
      end,
    }) == 1
    if knows_lengths then -- not 5.1 and LuaJIT
      refuses(function()
        return #list
      end)
      refuses(function()
        local step, state, first = ipairs(list)
        return step(state, first)
      end)
    end
    assert.is_nil(list.nothing)
    assert.equal(0, #log.requests)
  end)

  it("has exactly the parameters in Twilio's description", function()
    local names = {}
    for _, row in ipairs(core.parameters("list")) do
      names[#names + 1] = row.name
    end
    table.sort(names)
    assert.same({ "beta", "friendly_name", "origin", "page_size", "phone_number" }, names)
  end)

  it("gives each number to one of the coroutines that read the list together", function()
    local NEXT = "/2010-04-01/Accounts/" .. scripted.ACCOUNT .. "/IncomingPhoneNumbers.json?Page=1"
    local function page(request)
      local is_last = request.url:find("Page=1", 1, true)
      coroutine.yield()
      local items = is_last and { "+14155550103" } or { "+14155550101", "+14155550102" }
      return { status = 200, body = scripted.page(items, not is_last and NEXT or nil) }
    end
    local client, log = scripted.client { GET = { page } }
    local list, readers, seen = assert(client:list()), {}, {}
    for i = 1, 3 do
      readers[i] = coroutine.create(function()
        local number = list:next()
        while number do
          seen[#seen + 1], number = number.phone_number, list:next()
        end
      end)
    end
    local is_running = true
    while is_running do
      is_running = false
      for _, reader in ipairs(readers) do
        if coroutine.status(reader) == "suspended" then
          assert(coroutine.resume(reader))
          is_running = true
        end
      end
    end
    table.sort(seen)
    assert.same({ "+14155550101", "+14155550102", "+14155550103" }, seen)
    assert.is_true(#log.gets > 3)
  end)

  describe("of a simulated account", function()
    local twilio =
      simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
    local client

    before_each(function()
      client = clients.of(twilio)
      for i = 0, 6 do
        local name = i < 3 and "Pool" or "Desk " .. i
        assert(client:purchase { phone_number = "+1415555010" .. i, friendly_name = name })
      end
      assert(client:purchase { phone_number = "+18005550100", friendly_name = "Pool" })
    end)

    after_each(function()
      client:close()
    end)

    local function found(filter)
      local list = {}
      for number, message in assert(client:list(filter)) do
        list[#list + 1] = assert(number, message).phone_number
      end
      return list
    end

    it("reads all pages, one request each", function()
      local before = twilio:state().requests
      assert.equal(8, #found { page_size = 3 })
      assert.equal(3, twilio:state().requests - before)
    end)

    it("lists the numbers that match the filter", function()
      assert.equal(4, #found { friendly_name = "Pool" })
      assert.equal(3, #found { friendly_name = "Pool", phone_number = "+1415*******" })
      assert.same({ "+14155550105" }, found { phone_number = "+14155550105" })
      assert.same({ "+18005550100" }, found { type = "toll_free" })
      assert.equal(8, #found { origin = "twilio" })
      assert.equal(0, #found { origin = "hosted" })
    end)

    it("lists every number despite a release between two pages", function()
      local list = assert(client:list { page_size = 2 })
      local first = assert(list:next())
      assert(list:next())
      assert(client:release(first.sid))
      assert.equal(6, #assert(list:all()))
    end)

    it("retries a page whose response got lost", function()
      twilio:fault { fault = "close_after_read", method = "GET", skip = 1 }
      twilio:fault { fault = "status", status = 503, method = "GET", skip = 2 }
      assert.equal(8, #found { page_size = 3 })
    end)

    it("returns a failure to each read that follows it", function()
      twilio:fault { fault = "status", status = 404, method = "GET", skip = 1 }
      local list = assert(client:list { page_size = 3 })
      local items, message, err = list:all()
      assert.is_nil(items)
      assert.same({ nil, message, err }, { list:all() })
      assert.same({ nil, message, err }, { list:next() })
      for _ = 1, 2 do
        local seen = {}
        for item, why in list do
          seen[#seen + 1] = { item, why }
        end
        assert.same({ { false, message } }, seen)
      end
    end)

    it("ends after a failure in any iterator that calls it", function()
      twilio:fault { fault = "status", status = 404, method = "GET" }
      local list, seen = assert(client:list()), {}
      local function step()
        return list()
      end
      for item in step do
        seen[#seen + 1] = item
        assert.is_true(#seen < 3)
      end
      assert.same({ false }, seen)
    end)

    it("works without paging fields", function()
      twilio:fault { fault = "bare_page", method = "GET" }
      assert.equal(8, #found {})
    end)
  end)
end)
