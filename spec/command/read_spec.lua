-- twilio-numbers search, list, show: the subcommands that only read.
local cjson = require("cjson")
local command = require("spec.support.command")
local simulator = require("spec.support.simulator")

local BLOCK = { setup = setup, teardown = teardown, before_each = before_each }

describe("twilio-numbers", function()
  local twilio = simulator.shared(BLOCK)

  local function run(...)
    return command.run(command.settings(twilio), ...)
  end

  local function own(phone_number, ...)
    local _, code, err = run("buy", phone_number, "--yes", ...)
    assert.equal(0, code, err)
  end

  it("search shows an aligned table", function()
    local out, code, err = run("search", "us", "local", "--area-code", "415", "--limit", "2")
    assert.equal(
      "NUMBER        PLACE          REGION  CAN            A MONTH   ADDRESS\n"
        .. "+14155550100  San Francisco  CA      voice sms mms  1.15 USD  -\n"
        .. "+14155550101  San Francisco  CA      voice sms mms  1.15 USD  -\n",
      out
    )
    assert.same({ 0, "" }, { code, err })
  end)

  it("search sends every filter that is given", function()
    local words, wanted = { "search" }, {}
    for _, row in ipairs(require("twilio.numbers.core").parameters("search")) do
      local option = "--" .. row.name:gsub("_", "-")
      local value = ({
        area_code = "415",
        phone = "+14155550100",
        lat_long = "37.84,-122.26",
        integer = "20",
        pattern = "94",
        text = "94",
      })[row.kind]
      if row.kind == "boolean" then
        words[#words + 1], wanted[row.wire_name] = option, "true"
      elseif row.name ~= "page_size" then -- which is the command's own business
        words[#words + 1], words[#words + 2] = option, value
        wanted[row.wire_name] = value
      end
    end
    local _, code, err = run((table.unpack or unpack)(words)) -- luacheck: ignore
    assert.same({ 0, "No number matches.\n" }, { code, err })
    local query = twilio:requests()
    query = query[#query].query
    for name, value in pairs(wanted) do
      local encoded = value:gsub("[+,]", { ["+"] = "%2B", [","] = "%2C" })
      assert.is_truthy(query:find(name .. "=" .. encoded, 1, true), name .. " in " .. query)
    end
  end)

  it("list takes a part of a number as people write it, and nothing else", function()
    own("+14155550171")
    own("+15105550171")
    for _, part in ipairs { "(415) 555-01", "415-555", "415.555.01*1", "+1415", "4155550171" } do
      local out, code = run("list", "--phone-number", part, "--csv", "--columns", "phone_number")
      assert.same({ "phone_number\n+14155550171\n", 0 }, { out, code })
      local query = twilio:requests()
      query = query[#query].query
      assert.is_truthy(query:find("PhoneNumber=%%?[%dB*]+"), query)
      assert.is_nil(query:find("%28", 1, true), query)
    end
    local requests = twilio:state().requests
    for _, part in ipairs { "desk", "", "+", "415 or 510" } do
      local out, code, err = run("list", "--phone-number", part)
      assert.same({ "", 2 }, { out, code })
      assert.matches(("must be digits, with * for any, got %q"):format(part), err, 1, true)
    end
    assert.equal(requests, twilio:state().requests)
  end)

  it("countries shows which types Twilio sells where", function()
    local out, code, err = run("countries")
    assert.same({ 0, "" }, { code, err })
    assert.matches("^CODE  COUNTRY         TYPES +BETA\n", out)
    assert.matches("\nUS    United States   local toll_free +%-\n", out)
    assert.equal(
      "CODE  COUNTRY    TYPES   BETA\n" .. "AU    Australia  mobile  -\n",
      (run("countries", "au"))
    )
  end)

  it("countries prints an array for programs, or one country as an object", function()
    local list = cjson.decode((run("countries", "--json")))
    local us = cjson.decode((run("countries", "US", "--json")))
    local wanted = { country_code = "US", country = "United States", beta = false }
    wanted.types = { "local", "toll_free" }
    assert.same(wanted, us)
    for _, one in ipairs(list) do
      if one.country_code == "US" then
        assert.same(wanted, one)
      end
      assert.is_false(one.beta)
    end
    assert.is_true(#list > 1)
  end)

  it("countries reports a country without numbers: 1, and an invalid country: 2", function()
    local out, code, err = run("countries", "XX")
    assert.same({ "", 1 }, { out, code })
    assert.matches("Twilio sells no numbers in XX", err, 1, true)
    out, code, err = run("countries", "UK")
    assert.same({ "", 2 }, { out, code })
    assert.matches('country must be "GB" (ISO 3166-1), got "UK"', err, 1, true)
  end)

  it("search refuses invalid options", function()
    local out = run("search", "--no-sms-enabled", "--json", "--limit", "3")
    local list = cjson.decode(out)
    assert.equal(3, #list)
    assert.is_false(list[1].capabilities.sms)
    assert.same({ monthly = "1.15", base = "1.15", currency = "USD" }, list[1].price)
  end)

  it("search shows numbers even if their price cannot be read", function()
    twilio:fault { fault = "status", status = 500, path = "/v1/PhoneNumbers", times = 9 }
    local out, code, err = run("search", "--area-code", "415", "--limit", "1")
    assert.matches("\n+14155550100", out, 1, true)
    assert.equal(0, code)
    assert.matches("The price could not be read: ", err, 1, true)
  end)

  it("search accepts other types", function()
    assert.matches("\n%+1800", (run("search", "US", "toll_free")))
    assert.matches("\n%+44", (run("search", "GB", "mobile")))
  end)

  it("list shows owned numbers, and nothing else", function()
    local out, code, err = run("list")
    assert.same({ "", 0, "No numbers.\n" }, { out, code, err })
    own("+14155550110", "--set", "friendly_name=Front desk")
    own("+14155550111")
    out, code = run("list")
    assert.equal(0, code)
    assert.matches("^NUMBER        SID +NAME            CAN\n%+1415555011%d  PN", out)
    out = run("list", "--friendly-name", "Front desk")
    assert.matches("%+14155550110  PN%x+  Front desk  voice sms mms\n$", out)
    assert.is_nil(out:find("+14155550111", 1, true))
  end)

  it("list prints an array for programs, even if it is empty", function()
    assert.equal("[]\n", (run("list", "--json")))
    own("+14155550112")
    local list = cjson.decode((run("--json", "list", "--limit", "5")))
    assert.equal("+14155550112", list[1].phone_number)
  end)

  it("show accepts a SID or a phone number", function()
    own("+14155550113", "--set", "voice_url=https://example.com/voice")
    local out, code = run("show", "+14155550113")
    assert.equal(0, code)
    assert.matches("\nvoice_url +https://example.com/voice\n", out)
    local sid = out:match("\nsid +(PN%x+)\n")
    assert.equal(sid, cjson.decode((run("show", sid, "--json"))).sid)
  end)

  it("show reports a number that the account does not own", function()
    for _, name in ipairs { "+14155550114", "PN" .. ("0"):rep(32) } do
      local out, code, err = run("show", name)
      assert.same({ "", 1 }, { out, code })
      local words =
        ": the account owns no such number (it may be another account's: --account-sid)\n"
      assert.equal("twilio-numbers: " .. name .. words, err)
    end
  end)

  it("show distinguishes a number from a part of one", function()
    own("+14155550115")
    local _, code = run("show", "+1415555011")
    assert.equal(1, code)
  end)

  it("prints failures, as JSON for programs", function()
    twilio:fault { fault = "status", status = 403, code = 20003, times = 10 }
    local out, code, err = run("list", "--json")
    assert.equal(1, code)
    assert.equal(20003, cjson.decode(out).error.code)
    assert.matches("error 20003", err)
  end)

  it("prints no control character from Twilio to a terminal", function()
    local nasty = "a\27[31mb\194\155c\226\128\174d\7e"
    twilio:fault {
      fault = "status",
      method = "GET",
      status = 200,
      content_type = "application/json",
      body = cjson.encode {
        incoming_phone_numbers = { { phone_number = "+1", friendly_name = nasty } },
      },
    }
    local out = run("list")
    assert.matches("a %[31mb c d e", out)
    assert.is_nil(out:find("[\27\7\155\174]"))
  end)

  it("lists a subaccount with its parent's credentials", function()
    own("+14155550116", "--account-sid", twilio.subaccount_sid)
    assert.equal("[]\n", (run("list", "--json")))
    local list = cjson.decode((run("list", "--json", "--account-sid", twilio.subaccount_sid)))
    assert.equal("+14155550116", list[1].phone_number)
  end)

  it("shows each request with --verbose", function()
    local out, _, err = run("list", "--json", "--verbose")
    assert.equal("[]\n", out)
    assert.matches("^GET https://127.0.0.1:%d+/2010%-04%-01/Accounts/AC%x+/Incoming", err)
    assert.matches("%-> 200 in %d+%.%d+ s %(RQ%x+%)\n$", err)
  end)
end)
