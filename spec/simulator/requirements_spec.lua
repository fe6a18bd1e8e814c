-- What the simulator requires of a purchase by law, and what it accepts.
local account = require("spec.support.account")
local inventory = require("twilio.simulator.inventory")
local regulations = require("twilio.simulator.regulations")

local function sid(prefix, number)
  return ("%s%032d"):format(prefix, number)
end

local GERMAN, BRITISH, AUSTRALIAN = "+493023250001", "+442079460001", "+61491570001"
local GERMAN_MOBILE, ESTONIAN = "+4915566600001", "+37255500001"
local BERLIN, LONDON, VERIFIED = sid("AD", 2), sid("AD", 3), sid("AD", 4)

describe("a purchase with legal requirements", function()
  local twilio, send

  before_each(function()
    twilio, send = account.new()
  end)

  local function buy(phone_number, bundle, address_sid, options)
    return send("POST", "IncomingPhoneNumbers.json", {
      PhoneNumber = phone_number,
      BundleSid = bundle and sid("BU", bundle),
      AddressSid = address_sid,
    }, options)
  end

  local function refused(expected_code, status, body)
    assert.same({ 400, expected_code }, { status, body.code })
    assert.equal(0, twilio.counts.purchases)
  end

  it("succeeds with a suitable bundle and an address in it", function()
    for _, case in ipairs {
      { GERMAN, 1, VERIFIED },
      { BRITISH, 2, LONDON },
      { AUSTRALIAN, 3 },
      { GERMAN_MOBILE, 4, BERLIN },
      { ESTONIAN, 11 },
    } do
      local status, number = buy(case[1], case[2], case[3])
      assert.same({ 201, sid("BU", case[2]) }, { status, number.bundle_sid })
    end
  end)

  it("gets one missing requirement at a time, the address first", function()
    refused(21615, buy(GERMAN))
    refused(21615, buy(GERMAN, 1, LONDON))
    refused(21649, buy(GERMAN, nil, BERLIN))
    refused(21649, buy(GERMAN, 5, BERLIN))
    refused(21651, buy(GERMAN, 1, BERLIN))
    refused(21631, buy(BRITISH))
    refused(21631, buy(BRITISH, 2))
    refused(21649, buy(AUSTRALIAN))
  end)

  it("accepts an approved or provisionally approved bundle and no other", function()
    for number, code in pairs { [5] = 21649, [6] = 21649, [7] = 21649, [8] = 21649 } do
      refused(code, buy(GERMAN, number, VERIFIED))
    end
    assert.equal(201, (buy(GERMAN, 9, VERIFIED)))
  end)

  it("rejects an expired bundle", function()
    refused(21649, buy(GERMAN, 10, VERIFIED))
    local bundle = twilio.bundles.all.by_sid[sid("BU", 10)]
    twilio.bundles.set(twilio, bundle, { valid_until = "2099-07-31T01:00:00Z" })
    assert.equal(201, (buy(GERMAN, 10, VERIFIED)))
  end)

  it("rejects a bundle for another country or another type of number", function()
    refused(21649, buy(GERMAN, 2, BERLIN))
    refused(21649, buy(GERMAN, 4, BERLIN))
    refused(21649, buy(AUSTRALIAN, 11))
  end)

  it("rejects a bundle of another account, even the parent's", function()
    refused(21649, buy(AUSTRALIAN, 999))
    local subaccount = { sid = twilio.credentials.subaccount_sid }
    refused(21649, buy(AUSTRALIAN, 3, nil, subaccount))
    refused(21649, buy("+14155550100", 3, nil, subaccount))
  end)

  it("accepts the account's bundle if none is required", function()
    assert.equal(201, (buy("+14155550100", 3, sid("AD", 1))))
  end)

  it("requires a bundle for every number with such a regulation", function()
    for _, regulation in ipairs(regulations.list) do
      local asks = regulation.requirements.end_user[1] ~= nil
      for _, row in ipairs(inventory.new({}).rows) do
        if row.country == regulation.iso_country and row.type == regulation.number_type then
          local requires = table.concat(row.requires or {}, " ")
          assert.equal(asks, requires:find("bundle") ~= nil, regulation.friendly_name)
        end
      end
    end
  end)

  it("requires no bundle for a number without a regulation", function()
    for _, row in ipairs(inventory.new({}).rows) do
      local requires = table.concat(row.requires or {}, " ")
      local is_regulated = regulations.sid_of(row.country, row.type, "business") ~= nil
      assert.is_true(is_regulated or not requires:find("bundle"), row.prefix)
    end
  end)
end)
