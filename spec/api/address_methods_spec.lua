-- client:addresses, client:fetch_address and client:delete_address. Creating one is in
-- create_address_spec.lua, and what messages must not show in secrets/addresses_secrets_spec.lua.
local cjson = require("cjson")
local filters = require("spec.support.filters")
local scripted = require("spec.support.scripted")

local block = { describe = describe, it = it, assert = assert, before_each = before_each }

local SID = "AD0123456789abcdef0123456789abcdef"
local NOT_FOUND = { status = 404, body = scripted.refusal(20404, "was not found") }

local function answer(fields)
  return { status = 200, body = cjson.encode(fields) }
end

local ADDRESS = { sid = SID, account_sid = scripted.ACCOUNT, city = "Berlin" }

describe("client:addresses", function()
  filters.behave(block, "addresses", function(client, filter)
    return client:addresses(filter)
  end, '{"addresses":[]}')

  it("asks the account for its addresses, page by page", function()
    local uri = ("/2010-04-01/Accounts/%s/Addresses.json"):format(scripted.ACCOUNT)
    local client, log = scripted.client {
      GET = {
        answer { addresses = { ADDRESS }, next_page_uri = uri .. "?Page=1" },
        answer { addresses = { { sid = "AD2" } } },
      },
    }
    local list = assert(client:addresses { iso_country = "DE" })
    assert.same({ ADDRESS, { sid = "AD2" } }, (list:all()))
    assert.equal("https://api.example" .. uri .. "?IsoCountry=DE", log.gets[1].url)
    assert.equal("https://api.example" .. uri .. "?Page=1", log.gets[2].url)
    assert.equal("twilio.numbers list of addresses (2 read)", tostring(list))
  end)

  it("does not follow a page to another host", function()
    local elsewhere = "https://elsewhere.example/2010-04-01/Accounts/x/Addresses.json"
    local client, log = scripted.client {
      GET = { answer { addresses = {}, next_page_uri = elsewhere } },
    }
    assert.equal("response", select(3, client:addresses():all()).kind)
    assert.equal(1, #log.requests)
  end)

  it("reads all addresses in flight", function()
    local client = scripted.client { GET = { answer { addresses = { ADDRESS } } } }
    assert.same({ ADDRESS }, (client:addresses_async({ limit = 1 }):wait()))
  end)
end)

-- The calls about one address -> the method of the request, and Twilio's response.
local ONE = {
  fetch_address = { "GET", answer(ADDRESS), ADDRESS },
  delete_address = { "DELETE", { status = 204 }, true },
}

for name, row in pairs(ONE) do
  local method, response, value = row[1], row[2], row[3]

  describe("client:" .. name, function()
    it("requests that address", function()
      local client, log = scripted.client { [method] = { response } }
      assert.same(value, (client[name](client, SID)))
      local url = "https://api.example/2010-04-01/Accounts/%s/Addresses/%s.json"
      assert.same({ 1, url:format(scripted.ACCOUNT, SID) }, { #log.requests, log.requests[1].url })
    end)

    it("refuses a value that is not an address SID, without quoting it", function()
      local client, log = scripted.client {}
      for _, wrong in ipairs { "Ada Lovelace", "PN" .. SID:sub(3), SID:sub(1, -2), 1, {}, false } do
        local found, message, err = client[name](client, wrong)
        assert.is_nil(found)
        assert.same({ "invalid", "sid" }, { err.kind, err.problems[1].name })
        assert.equal("nothing was sent: sid must be AD and 32 hex digits.", message)
      end
      assert.equal(0, #log.requests)
    end)

    it("explains what a 404 may mean", function()
      local client = scripted.client { [method] = { NOT_FOUND } }
      local found, message, err = client[name](client, SID)
      assert.is_nil(found)
      assert.matches("^account AC%x+ has no address with this SID", message)
      assert.same({ "api", 404, 20404, "no" }, { err.kind, err.status, err.code, err.purchased })
    end)

    it("retries after a 503, in flight too", function()
      local client, log = scripted.client { [method] = { { status = 503, body = "" }, response } }
      local pending = assert(client[name .. "_async"](client, SID))
      assert.same(value, (pending:wait()))
      assert.equal(2, #log.requests)
    end)
  end)
end

describe("client:fetch_address", function()
  it("accepts an account SID in either case", function()
    local fields =
      { sid = SID, account_sid = scripted.ACCOUNT:sub(1, 2) .. scripted.ACCOUNT:sub(3):lower() }
    assert.not_equal(scripted.ACCOUNT, fields.account_sid)
    local client = scripted.client { GET = { answer(fields) } }
    assert.same(fields, (client:fetch_address(SID)))
  end)

  for words, fields in pairs {
    ["another address"] = { sid = "AD" .. ("f"):rep(32) },
    ["another account's address"] = { sid = SID, account_sid = "AC" .. ("f"):rep(32) },
    ["no address"] = { sid = "PN" .. SID:sub(3) },
  } do
    it("rejects a response that describes " .. words, function()
      local client = scripted.client { GET = { answer(fields) } }
      local found, _, err = client:fetch_address(SID)
      assert.is_nil(found)
      assert.equal("response", err.kind)
    end)
  end
end)

describe("client:delete_address", function()
  it("treats a 404 after an unanswered attempt as deleted", function()
    local client = scripted.client { DELETE = { { broken = "network" }, NOT_FOUND } }
    assert.is_true(client:delete_address(SID))
  end)

  it("does not treat a success with a body as deleted", function()
    local client = scripted.client { DELETE = { { status = 200, body = "<html>" } } }
    local deleted, _, err = client:delete_address(SID)
    assert.is_nil(deleted)
    assert.same({ "response", true }, { err.kind, err.unheard })
  end)
end)
