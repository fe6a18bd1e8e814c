-- The products around a purchase, on the wire: their accounts, their pages and their faults.
local cjson = require("cjson")
local curl = require("spec.support.curl")
local simulator = require("spec.support.simulator")

local SERVICE = "MG" .. ("0"):rep(31) .. "1"
local FULL = "MG" .. ("0"):rep(31) .. "2"
local unpack = table.unpack or unpack -- luacheck: ignore

describe("the simulator's products", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  ---@param ... string more of curl's arguments
  ---@return table answer status, and json
  local function request(url, ...)
    local arguments = { "--cacert", twilio.ca_file, "--globoff" }
    arguments[#arguments + 1] = "--user"
    arguments[#arguments + 1] = twilio.account_sid .. ":" .. twilio.auth_token
    for _, argument in ipairs { ... } do
      arguments[#arguments + 1] = argument
    end
    arguments[#arguments + 1] = url
    local answer = curl(unpack(arguments))[1]
    answer.json = answer.body ~= "" and cjson.decode(answer.body) or nil
    return answer
  end

  local function buy()
    local path = ("/2010-04-01/Accounts/%s/IncomingPhoneNumbers.json"):format(twilio.account_sid)
    return request(twilio.http_url .. path, "--data", "AreaCode=415").json.sid
  end

  local function numbers(service)
    return ("%s/v1/Services/%s/PhoneNumbers"):format(twilio.http_url, service or SERVICE)
  end

  local function attach(sid, service)
    return request(numbers(service), "--data", "PhoneNumberSid=" .. sid)
  end

  it("link to further pages on the host of the first one", function()
    for _, version in ipairs { "--http1.1", "--http2" } do
      for _, origin in ipairs { twilio.base_url, twilio.http_url } do
        local path = "/v1/PhoneNumbers/Countries?PageSize=3"
        local seen, url = 0, origin .. path
        while url ~= cjson.null do
          assert.equal(origin, url:match("^%w+://[^/]+"))
          local answer = request(url, version)
          assert.equal(200, answer.status)
          seen, url = seen + #answer.json.countries, answer.json.meta.next_page_url
        end
        local all = request(origin .. "/v1/PhoneNumbers/Countries").json.countries
        assert.equal(#all, seen)
        assert.is_true(seen > 3)
      end
    end
  end)

  it("count as requests of the credentials' account, which may be rate-limited", function()
    twilio:limits { max_concurrent = 0 }
    local answer = request(twilio.http_url .. "/v1/Services")
    assert.same({ 429, 20429 }, { answer.status, answer.json.code })
  end)

  it("are carried out even if the response is lost", function()
    local sid = buy()
    twilio:fault { fault = "close_after_commit", method = "POST", path = "/PhoneNumbers" }
    assert.equal(0, attach(sid).status)
    local answer = attach(sid)
    assert.same({ 409, 21710 }, { answer.status, answer.json.code })
  end)

  it("fail on demand before they are carried out", function()
    local sid = buy()
    twilio:fault { fault = "status", status = 409, path = "/v1/Services" }
    local answer = attach(sid)
    assert.same({ 409, 20409 }, { answer.status, answer.json.code })
    assert.equal(201, attach(sid).status)
  end)

  it("create an address whose response is lost", function()
    local url = ("%s/2010-04-01/Accounts/%s/Addresses.json"):format(
      twilio.http_url,
      twilio.account_sid
    )
    local form = "CustomerName=Ada%20Example&Street=1%20Main%20St&City=Oakland&Region=CA"
      .. "&PostalCode=94607&IsoCountry=US"
    twilio:fault { fault = "close_after_commit", method = "POST", path = "/Addresses" }
    assert.equal(0, request(url, "--data", form).status)
    twilio:fault { fault = "close_after_read", method = "POST", path = "/Addresses" }
    assert.equal(0, request(url, "--data", form).status)
    assert.equal(1, #request(url .. "?CustomerName=Ada%20Example").json.addresses)
  end)

  it("do not count as purchases", function()
    attach(buy())
    local state = twilio:state()
    assert.same({ 1, 1 }, { state.posts, state.purchases })
  end)

  describe("are set up by a test:", function()
    it("a service that becomes full or has room again", function()
      twilio:control("POST", "services", { sid = SERVICE, limit = 0 })
      twilio:control("POST", "services", { sid = FULL, limit = 1, created = 200 })
      local sid = buy()
      assert.equal(412, attach(sid).status)
      assert.equal(200, attach(sid, FULL).status)
    end)

    it("another service", function()
      local made = twilio:control("POST", "services", {
        friendly_name = "Another",
        us_app_to_person_registered = false,
      })
      local service = request(twilio.http_url .. "/v1/Services/" .. made.sid).json
      assert.same(
        { "Another", false },
        { service.friendly_name, service.us_app_to_person_registered }
      )
    end)

    it("a bundle's status, expiry date and items", function()
      local root = twilio.http_url .. "/v2/RegulatoryCompliance/Bundles"
      local bundle = "BU" .. ("0"):rep(31) .. "5"
      local end_of_it = "2030-01-31T00:00:00Z"
      twilio:control("POST", "bundles", {
        sid = bundle,
        status = "twilio-approved",
        valid_until = end_of_it,
        items = { "AD" .. ("0"):rep(31) .. "2" },
      })
      local json = request(root .. "/" .. bundle).json
      assert.same({ "twilio-approved", end_of_it }, { json.status, json.valid_until })
      local items = request(root .. "/" .. bundle .. "/ItemAssignments").json.results
      assert.same({ 1, "AD" .. ("0"):rep(31) .. "2" }, { #items, items[1].object_sid })
      twilio:control("POST", "bundles", { sid = bundle, valid_until = cjson.null })
      assert.equal(cjson.null, request(root .. "/" .. bundle).json.valid_until)
    end)

    it("another bundle", function()
      local made = twilio:control("POST", "bundles", {
        regulation_sid = "RN" .. ("0"):rep(31) .. "8",
        status = "in-review",
        friendly_name = "Another",
      })
      local root = twilio.http_url .. "/v2/RegulatoryCompliance/Bundles"
      local json = request(root .. "/" .. made.sid).json
      assert.same({ "Another", "in-review", twilio.account_sid }, {
        json.friendly_name,
        json.status,
        json.account_sid,
      })
    end)

    it("but no bundle with invalid fields", function()
      for _, fields in ipairs {
        { sid = "BU1" },
        { status = "approved" },
        { regulation_sid = "RN1" },
        { valid_until = "soon" },
        { friendly_name = 1 },
        { items = "AD1" },
        { items = { 1 } },
        { items = { "draft" } },
      } do
        assert.has_error(function()
          twilio:control("POST", "bundles", fields)
        end)
      end
    end)

    it("an account's balance, or its absence", function()
      local url = ("%s/2010-04-01/Accounts/%s/Balance.json"):format(
        twilio.http_url,
        twilio.account_sid
      )
      twilio:control("POST", "accounts", { balance = "0.05" })
      assert.equal("0.05", request(url).json.balance)
      twilio:control("POST", "accounts", { balance = false })
      assert.equal(404, request(url).status)
    end)

    it("but nothing unknown and nothing of the wrong type", function()
      for _, fields in ipairs { { sid = "MG1" }, { sid = SERVICE, limit = "many" } } do
        assert.has_error(function()
          twilio:control("POST", "services", fields)
        end)
      end
      assert.equal(3, #request(twilio.http_url .. "/v1/Services").json.services)
    end)
  end)
end)
