-- Responses as Twilio sends them at their largest and strangest, by libcurl and by a transport in Lua.
local cjson = require("cjson")
local flights = require("spec.support.flights")
local process = require("spec_process")
local raw_server = require("spec.support.raw_server")
local scripted = require("spec.support.scripted")

local numbers = require("twilio.numbers")

local URL = "https://hooks.example.com/incoming?" .. ("k=value&"):rep(40)

local function http(status, body)
  return ("HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s"):format(status, #body, body)
end

--- A page of so many numbers with two webhooks each: some 1,400 bytes a number.
local function page(count)
  local list = {}
  for i = 1, count do
    list[i] = {
      sid = ("PN%032x"):format(i),
      phone_number = ("+1415%07d"):format(i),
      friendly_name = "Desk " .. i,
      capabilities = { voice = true, sms = true, mms = true, fax = false },
      voice_url = URL,
      sms_url = URL,
      uri = "/2010-04-01/Accounts/AC/IncomingPhoneNumbers/PN" .. ("0"):rep(600) .. ".json",
    }
  end
  return cjson.encode { incoming_phone_numbers = list, next_page_uri = cjson.null }
end

--- Calls f with a client whose first request is answered so, once for each way.
local function each_way(status, body, f)
  for _, way in ipairs { "libcurl", "in flight", "a function" } do
    local base_url, child, transport
    if way == "a function" then
      function transport()
        return { status = tonumber(status:match("%d+")), body = body }
      end
    else
      base_url, child = raw_server.start(http(status, body))
    end
    local client = assert(numbers.client {
      account_sid = scripted.ACCOUNT,
      auth_token = scripted.TOKEN,
      base_url = base_url,
      transport = transport,
      retries = 0,
      timeout = 20,
    })
    f(client, way)
    client:close()
    if child then
      process.wait(child)
    end
  end
end

--- Calls an operation, blocking or in flight.
local function call(client, way, name, ...)
  if way ~= "in flight" then
    return client[name](client, ...)
  end
  local pending = assert(client[name .. "_async"](client, ...))
  flights.finish(client)
  return pending:result()
end

describe("a response", function()
  it("may be a page of 1,000 numbers", function()
    local body = page(1000)
    assert.is_true(#body > 1300000 and #body < 4 * 1024 * 1024)
    each_way("200 OK", body, function(client, way)
      local list
      if way == "in flight" then
        list = assert(call(client, way, "list", { limit = 1000 }))
      else
        list = assert(assert(client:list { limit = 1000 }):all())
      end
      assert.equal(1000, #list, way)
      assert.same({ "Desk 1000", URL }, { list[1000].friendly_name, list[1000].sms_url }, way)
    end)
  end)

  it("to a purchase may have 64 KiB and no more, and is a purchase all the same", function()
    local room = 64 * 1024 - #'{"sid":"","friendly_name":""}' - #scripted.NUMBER_SID
    for extra = 0, 1 do
      local text = '{"sid":"%s","friendly_name":"%s"}'
      local body = text:format(scripted.NUMBER_SID, ("x"):rep(room + extra))
      each_way("201 Created", body, function(client, way)
        local number, _, err = call(client, way, "purchase", { area_code = "415" })
        if extra == 0 then
          assert.equal(room, #number.friendly_name, way)
        else
          assert.same({ "response", "yes" }, { err.kind, err.purchased }, way)
        end
      end)
    end
  end)

  it("with half of a pair of surrogates is a number like any other", function()
    local body = ('{"sid":"%s","friendly_name":"caf\\ud83d"}'):format(scripted.NUMBER_SID)
    each_way("201 Created", body, function(client, way)
      local number = assert(call(client, way, "purchase", { area_code = "415" }))
      assert.equal("caf\239\191\189", number.friendly_name, way)
    end)
  end)

  it("that cannot be read says what is wrong with it, where, and which SID it names", function()
    local body = ('{"sid":"%s","friendly_name":"a\tb"}'):format(scripted.NUMBER_SID)
    each_way("201 Created", body, function(client, way)
      local _, message, err = call(client, way, "purchase", { area_code = "415" })
      local context = way .. ": " .. message
      assert.same({ "response", "yes" }, { err.kind, err.purchased }, context)
      assert.equal(scripted.NUMBER_SID, err.sid, context)
      local why = "malformed JSON at byte 63: control character in a string"
      assert.truthy(message:find(why, 1, true), context)
      assert.truthy(message:find("names " .. scripted.NUMBER_SID, 1, true), context)
    end)
  end)

  it("that is cut names its SID too", function()
    local body = ('{"sid":"%s","friendly_'):format(scripted.NUMBER_SID)
    each_way("201 Created", body, function(client, way)
      local _, _, err = call(client, way, "purchase", { area_code = "415" })
      assert.same({ "yes", scripted.NUMBER_SID }, { err.purchased, err.sid }, way)
    end)
  end)

  it("that is an error keeps its code and words whatever stands in them", function()
    local body =
      '{"code":21422,"message":"caf\\ude00 \\"x\\"","status":400,"details":{"a":[1,null,2.5]}}'
    each_way("400 Bad Request", body, function(client, way)
      local _, message, err = call(client, way, "purchase", { area_code = "415" })
      assert.same({ "api", 21422, 2.5 }, { err.kind, err.code, err.details.a[3] }, way)
      assert.truthy(message:find('caf\239\191\189 "x"', 1, true), message)
    end)
  end)
end)
