local cjson = require("cjson")
local simulator = require("spec.support.simulator")

local http = require("socket.http")
local ltn12 = require("ltn12")
local mime = require("mime")

describe("The simulator's prices", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  ---@return integer status
  ---@return table body
  local function get(path, user, password, method)
    local chunks = {}
    local _, status = http.request {
      method = method,
      url = twilio.http_url .. path,
      headers = {
        authorization = "Basic "
          .. mime.b64((user or twilio.account_sid) .. ":" .. (password or twilio.auth_token)),
      },
      sink = ltn12.sink.table(chunks),
    }
    return status, cjson.decode(table.concat(chunks))
  end

  it("are strings, and spell toll free with a space, like Twilio's", function()
    local status, body = get("/v1/PhoneNumbers/Countries/US")
    assert.equal(200, status)
    assert.same({
      country = "United States",
      iso_country = "US",
      price_unit = "USD",
      phone_number_prices = {
        { number_type = "local", base_price = "1.15", current_price = "1.15" },
        { number_type = "toll free", base_price = "2.15", current_price = "2.15" },
      },
      url = "https://pricing.twilio.com/v1/PhoneNumbers/Countries/US",
    }, body)
  end)

  it("are an empty list if nothing for sale has a price", function()
    local status, body = get("/v1/PhoneNumbers/Countries/NO")
    assert.same({ 200, {} }, { status, body.phone_number_prices })
  end)

  it("are a 404 for a country that is not sold, and for another spelling", function()
    for _, code in ipairs { "ZZ", "us", "US.json" } do
      local status, body = get("/v1/PhoneNumbers/Countries/" .. code)
      assert.same({ 404, 20404 }, { status, body.code })
    end
  end)

  it("exist for each country of the list", function()
    local status, body = get("/v1/PhoneNumbers/Countries")
    assert.same({ 200, "countries" }, { status, body.meta.key })
    assert.equal(cjson.null, body.meta.next_page_url)
    assert.is_true(#body.countries >= 7)
    for _, country in ipairs(body.countries) do
      assert.equal(200, (get("/v1/PhoneNumbers/Countries/" .. country.iso_country)))
    end
  end)

  it("are available with credentials of an account or a key", function()
    local path = "/v1/PhoneNumbers/Countries/US"
    assert.equal(200, (get(path, twilio.subaccount_sid, twilio.subaccount_auth_token)))
    assert.equal(200, (get(path, twilio.api_key, twilio.api_secret)))
    assert.equal(401, (get(path, nil, "wrong")))
    assert.equal(403, (get(path, twilio.test_account_sid, twilio.test_auth_token)))
  end)

  it("cannot be changed", function()
    local status, body = get("/v1/PhoneNumbers/Countries/US", nil, nil, "POST")
    assert.same({ 405, 20004 }, { status, body.code })
  end)

  it("are subject to faults, like everything else", function()
    twilio:fault { fault = "rate_limit", path = "/v1/PhoneNumbers" }
    assert.equal(429, (get("/v1/PhoneNumbers/Countries/US")))
    assert.equal(200, (get("/v1/PhoneNumbers/Countries/US")))
  end)
end)
