-- The address that client:create_address looks up, after a request that broke off.
local form = require("spec.support.form")
local new_address = require("spec.support.new_address")
local scripted = require("spec.support.scripted")

local SID, WANTED = new_address.SID, new_address.WANTED
local wanted, body, page, fresh =
  new_address.wanted, new_address.body, new_address.page, new_address.fresh
local OLD_SID = "ADffffffffffffffffffffffffffffffff"
-- before the time of the call
local FOUR_MINUTES_BEFORE, SIX_MINUTES_BEFORE =
  "Tue, 18 Aug 2026 16:56:00 +0000", "Tue, 18 Aug 2026 16:54:00 +0000"
local BROKEN = { broken = "network" }

--- What leaves it unknown whether an address was created.
local DOUBTS = {
  ["breaks"] = BROKEN,
  ["takes too long"] = { broken = "timeout" },
  ["ends in a 503"] = { status = 503, body = "" },
  ["ends in a gateway's 403"] = { status = 403, body = "<html>" },
  ["ends in a 409"] = { status = 409, body = scripted.refusal(20409, "a conflict") },
  ["ends in a 200 without an address"] = { status = 200, body = "{}" },
  ["ends in a 201 that cannot be read"] = { status = 201, body = "<html>" },
  ["ends in another account's address"] = {
    status = 201,
    body = body { account_sid = "AC" .. ("f"):rep(32) },
  },
}

describe("An address whose creation", function()
  for words, response in pairs(DOUBTS) do
    it(words .. " is looked up and found", function()
      for _, retries in ipairs { 0, 3 } do
        local client, log = scripted.client(
          { POST = { response }, GET = { page { fresh() } } },
          { retries = retries }
        )
        local found = assert(client:create_address(WANTED))
        assert.equal(SID, found.sid)
        assert.same({ 1, 1 }, { #log.posts, #log.gets })
      end
    end)
  end

  it("broke off is looked up by customer name, friendly name and country", function()
    local client, log = scripted.client { POST = { BROKEN }, GET = { page { fresh() } } }
    assert(client:create_address(WANTED))
    local query = form.decode(log.gets[1].url:match("%?(.*)$"))
    assert.same({ CustomerName = "Ada Lovelace", IsoCountry = "DE", PageSize = "1000" }, query)
    client, log = scripted.client {
      POST = { BROKEN },
      GET = { page { fresh { friendly_name = "Desk" } } },
    }
    assert(client:create_address(wanted { friendly_name = "Desk" }))
    query = form.decode(log.gets[1].url:match("%?(.*)$"))
    assert.same("Desk", query.FriendlyName)
  end)

  it("broke off is looked up on every page", function()
    local uri = ("/2010-04-01/Accounts/%s/Addresses.json?Page=1"):format(scripted.ACCOUNT)
    local other = fresh { sid = OLD_SID, customer_name = "Ada L" }
    local client, log = scripted.client {
      POST = { BROKEN },
      GET = { page({ other }, uri), page { fresh() } },
    }
    assert.equal(SID, assert(client:create_address(WANTED)).sid)
    assert.same({ 1, 2 }, { #log.posts, #log.gets })
  end)

  it("broke off is found if Twilio changed spaces, case and punctuation", function()
    local found = fresh { street = "UNTER DEN LINDEN, 77 " }
    local client = scripted.client { POST = { BROKEN }, GET = { page { found } } }
    assert.equal(SID, assert(client:create_address(WANTED)).sid)
  end)

  it("broke off may be four minutes older than the call, since two clocks differ", function()
    local found = fresh { date_created = FOUR_MINUTES_BEFORE }
    local client = scripted.client { POST = { BROKEN }, GET = { page { found } } }
    assert.equal(SID, assert(client:create_address(WANTED)).sid)
  end)

  it("broke off is found if its date cannot be parsed", function()
    local found = fresh { date_created = "yesterday" }
    local client = scripted.client { POST = { BROKEN }, GET = { page { found } } }
    assert.equal(SID, assert(client:create_address(WANTED)).sid)
  end)

  --- Addresses that are not the requested one.
  for words, fields in pairs {
    ["six minutes old"] = { date_created = SIX_MINUTES_BEFORE },
    ["of another customer"] = { customer_name = "Charles Babbage" },
    ["in another country"] = { iso_country = "AT" },
    ["in another street"] = { street = "Unter den Linden 78" },
    ["in another town"] = { city = "Bonn" },
    ["with another friendly name"] = { friendly_name = "Other" },
  } do
    it("broke off is not confused with one that is " .. words, function()
      local params = wanted { friendly_name = "Desk" }
      fields.friendly_name = fields.friendly_name or "Desk"
      local client, log = scripted.client(
        { POST = { BROKEN }, GET = { page { fresh(fields) } } },
        { retries = 0 }
      )
      local found, _, err = client:create_address(params)
      assert.is_nil(found)
      assert.same({ "network", true, 1, 1 }, { err.kind, err.unheard, #log.posts, #log.gets })
    end)
  end

  it(
    "broke off is not confused with an older one that lacks the required emergency calls",
    function()
      for _, asked in ipairs { true, false } do
        local found, other =
          fresh { emergency_enabled = asked },
          fresh { sid = OLD_SID, emergency_enabled = not asked }
        local client = scripted.client { POST = { BROKEN }, GET = { page { other, found } } }
        local params = wanted { emergency_enabled = asked }
        assert.equal(SID, assert(client:create_address(params)).sid)
      end
    end
  )

  it("broke off is not created again if it is found without a SID", function()
    local client, log = scripted.client { POST = { BROKEN }, GET = { page { fresh { sid = "" } } } }
    local found, message, err = client:create_address(WANTED)
    assert.is_nil(found)
    assert.matches("the address has no SID", message, 1, true)
    assert.same({ true, 1 }, { err.unheard, #log.posts })
  end)

  it("broke off may have been corrected if Twilio was asked to, and it is the only one", function()
    local params = wanted { auto_correct_address = true }
    local corrected, other = fresh { street = "Linden 77" }, fresh { sid = OLD_SID, street = "x" }
    local client = scripted.client { POST = { BROKEN }, GET = { page { corrected } } }
    assert.equal(SID, assert(client:create_address(params)).sid)
    local log
    client, log = scripted.client { POST = { BROKEN }, GET = { page { corrected, other } } }
    local found, message, err = client:create_address(params)
    assert.is_nil(found)
    assert.matches("several addresses match", message, 1, true)
    assert.same({ true, 1 }, { err.unheard, #log.posts })
  end)
end)
