-- The largest and strangest responses, by libcurl and by a transport in Lua.
local answered = require("spec.support.answered")
local cjson = require("cjson")
local scripted = require("spec.support.scripted")

local URL = "https://hooks.example.com/incoming?" .. ("k=value&"):rep(40)

--- A page of `count` numbers with two webhooks each: about 1,400 bytes per number.
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

describe("a response", function()
  it("may be a page of 1,000 numbers", function()
    local body = page(1000)
    assert.is_true(#body > 1300000 and #body < 4 * 1024 * 1024)
    answered.each_way({ { status = 200, body = body } }, function(ask, way)
      local list = assert(ask("list", { limit = 1000 }))
      if way ~= "in flight" then
        list = assert(list:all())
      end
      assert.equal(1000, #list, way)
      assert.same({ "Desk 1000", URL }, { list[1000].friendly_name, list[1000].sms_url }, way)
    end)
  end)

  it("to a purchase may have 64 KiB and no more, and a larger one is still a purchase", function()
    local room = 64 * 1024 - #'{"sid":"","friendly_name":""}' - #scripted.NUMBER_SID
    for extra = 0, 1 do
      local text = '{"sid":"%s","friendly_name":"%s"}'
      local body = text:format(scripted.NUMBER_SID, ("x"):rep(room + extra))
      answered.each_way({ { status = 201, body = body } }, function(ask, way)
        local number, _, err = ask("purchase", { area_code = "415" })
        if extra == 0 then
          assert.equal(room, #number.friendly_name, way)
        else
          assert.same({ "response", "yes" }, { err.kind, err.purchased }, way)
        end
      end)
    end
  end)

  it("with a lone surrogate is a number like any other", function()
    local body = ('{"sid":"%s","friendly_name":"caf\\ud83d"}'):format(scripted.NUMBER_SID)
    answered.each_way({ { status = 201, body = body } }, function(ask, way)
      local number = assert(ask("purchase", { area_code = "415" }))
      assert.equal("caf\239\191\189", number.friendly_name, way)
    end)
  end)

  it("that cannot be parsed gives the problem, its position and the SID in it", function()
    local body = ('{"sid":"%s","friendly_name":"a\tb"}'):format(scripted.NUMBER_SID)
    answered.each_way({ { status = 201, body = body } }, function(ask, way)
      local _, message, err = ask("purchase", { area_code = "415" })
      local context = way .. ": " .. message
      assert.same({ "response", "yes" }, { err.kind, err.purchased }, context)
      assert.equal(scripted.NUMBER_SID, err.sid, context)
      local why = "malformed JSON at byte 63: control character in a string"
      assert.truthy(message:find(why, 1, true), context)
      assert.truthy(message:find("names " .. scripted.NUMBER_SID, 1, true), context)
    end)
  end)

  it("that is truncated gives the SID in it", function()
    local body = ('{"sid":"%s","friendly_'):format(scripted.NUMBER_SID)
    answered.each_way({ { status = 201, body = body } }, function(ask, way)
      local _, _, err = ask("purchase", { area_code = "415" })
      assert.same({ "yes", scripted.NUMBER_SID }, { err.purchased, err.sid }, way)
    end)
  end)

  it("that is an error keeps its code and message whatever they contain", function()
    local body =
      '{"code":21422,"message":"caf\\ude00 \\"x\\"","status":400,"details":{"a":[1,null,2.5]}}'
    answered.each_way({ { status = 400, body = body } }, function(ask, way)
      local _, message, err = ask("purchase", { area_code = "415" })
      assert.same({ "api", 21422, 2.5 }, { err.kind, err.code, err.details.a[3] }, way)
      assert.truthy(message:find('caf\239\191\189 "x"', 1, true), message)
    end)
  end)
end)
