-- Faults in the content of responses, not on the wire: pages without paging fields, ignored parameters.
local cjson = require("cjson")
local clients = require("spec.support.clients")
local http = require("socket.http")
local ltn12 = require("ltn12")
local simulator = require("spec.support.simulator")

local ADDRESS = "AD" .. ("ab"):rep(16)

describe("the simulator", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  local function request(method, body, path)
    local chunks = {}
    local _, status = http.request {
      method = method,
      url = ("%s/2010-04-01/Accounts/%s/IncomingPhoneNumbers%s.json"):format(
        twilio.http_url,
        twilio.account_sid,
        path or ""
      ),
      user = twilio.account_sid,
      password = twilio.auth_token,
      headers = { ["content-length"] = tostring(#body) },
      source = ltn12.source.string(body),
      sink = ltn12.sink.table(chunks),
    }
    return status, chunks[1] and cjson.decode(table.concat(chunks))
  end

  it("can omit the paging fields of a page", function()
    request("POST", "AreaCode=415")
    twilio:fault { fault = "bare_page", method = "GET" }
    local _, page = request("GET", "")
    local names = {}
    for name in pairs(page) do
      names[#names + 1] = name
    end
    table.sort(names)
    assert.same({ "incoming_phone_numbers", "uri" }, names)
    assert.equal(1, #page.incoming_phone_numbers)
    assert.is_string(page.incoming_phone_numbers[1].sid)
    assert.is_number(select(2, request("GET", "")).page)
  end)

  it("can have an empty list in a page without paging fields", function()
    twilio:fault { fault = "bare_page", method = "GET" }
    local client = clients.of(twilio)
    assert.same({}, assert(client:list():all()))
    client:close()
  end)

  it("can ignore one parameter of a purchase", function()
    local form = "AreaCode=415&EmergencyAddressSid=" .. ADDRESS .. "&FriendlyName=Desk"
    twilio:fault { fault = "ignore", parameter = "EmergencyAddressSid", method = "POST" }
    local status, number = request("POST", form)
    assert.same(
      { 201, cjson.null, "Desk" },
      { status, number.emergency_address_sid, number.friendly_name }
    )
    status, number = request("POST", form)
    assert.same({ 201, ADDRESS }, { status, number.emergency_address_sid })
  end)

  it("can return stale lists, without recent purchases, changes and releases", function()
    local _, changed = request("POST", "AreaCode=415&FriendlyName=before")
    local _, released = request("POST", "AreaCode=415&FriendlyName=released")
    twilio:fault { fault = "stale", times = 2 }
    local _, bought = request("POST", "AreaCode=415&FriendlyName=bought")
    request("POST", "FriendlyName=after", "/" .. changed.sid)
    request("DELETE", "", "/" .. released.sid)
    local function names(path)
      local list = {}
      local _, page = request("GET", "", path)
      for index, number in ipairs(page.incoming_phone_numbers) do
        list[index] = number.friendly_name
      end
      return list
    end
    assert.equal("bought", select(2, request("GET", "", "/" .. bought.sid)).friendly_name)
    assert.same({ "before", "released" }, names())
    assert.same({ "before", "released" }, names("/Local"))
    assert.same({ "after", "bought" }, names())
  end)

  it("can refuse a purchase with any code", function()
    twilio:fault { fault = "status", status = 400, code = 21613, method = "POST" }
    local status, answer = request("POST", "AreaCode=415")
    assert.same({ 400, 21613 }, { status, answer.code })
    assert.equal(0, twilio:state().purchases)
  end)
end)
