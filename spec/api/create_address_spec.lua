-- client:create_address: creates an address, and never two.
local cjson = require("cjson")
local core = require("twilio.numbers.core")
local find_address = require("twilio.numbers.api.find_address")
local form = require("spec.support.form")
local scripted = require("spec.support.scripted")
local values = require("spec.support.values")

local SID = "AD0123456789abcdef0123456789abcdef"
local OLD_SID = "ADffffffffffffffffffffffffffffffff"

local WANTED = {
  customer_name = "Ada Lovelace",
  street = "Unter den Linden 77",
  city = "Berlin",
  region = "Berlin",
  postal_code = "10117",
  iso_country = "DE",
}

local function wanted(more)
  local params = {}
  for _, part in ipairs { WANTED, more or {} } do
    for name, value in pairs(part) do
      params[name] = value
    end
  end
  return params
end

--- The body of an address.
local function body(fields)
  local address = wanted(fields)
  address.sid = address.sid or SID
  return cjson.encode(address)
end

local DATE = "Tue, 18 Aug 2026 17:00:00 GMT"
local NOW, FOUR_MINUTES_BEFORE, SIX_MINUTES_BEFORE =
  "Tue, 18 Aug 2026 17:00:00 +0000",
  "Tue, 18 Aug 2026 16:56:00 +0000",
  "Tue, 18 Aug 2026 16:54:00 +0000"

local CREATED = { status = 201, body = body() }

--- A page of addresses.
local function page(list, next_page_uri)
  return {
    status = 200,
    headers = { Date = DATE },
    body = cjson.encode {
      addresses = setmetatable(list, cjson.empty_array_mt),
      next_page_uri = next_page_uri,
    },
  }
end

local function address(fields)
  return cjson.decode(body(fields))
end

--- An address that was created just now.
local function fresh(fields)
  local found = address(fields)
  found.date_created = found.date_created or NOW
  return found
end

local EMPTY = { status = 200, headers = { Date = DATE }, body = '{"addresses":[]}' }
local BROKEN = { broken = "network" }

describe("client:create_address", function()
  it("sends the address as given, and tells Twilio not to correct it", function()
    local client, log = scripted.client { POST = { CREATED } }
    assert.equal(SID, assert(client:create_address(WANTED)).sid)
    local url = "https://api.example/2010-04-01/Accounts/%s/Addresses.json"
    assert.equal(url:format(scripted.ACCOUNT), log.posts[1].url)
    assert.same({
      CustomerName = "Ada Lovelace",
      Street = "Unter den Linden 77",
      City = "Berlin",
      Region = "Berlin",
      PostalCode = "10117",
      IsoCountry = "DE",
      AutoCorrectAddress = "false",
    }, (form.decode(log.posts[1].body)))
    assert.is_nil(WANTED.auto_correct_address)
    assert.equal(1, #log.requests)
  end)

  it("lets Twilio correct the address if told to", function()
    local client, log = scripted.client { POST = { CREATED } }
    assert(client:create_address(wanted { auto_correct_address = true }))
    assert.equal("true", form.decode(log.posts[1].body).AutoCorrectAddress)
  end)

  it("creates an address in flight", function()
    local client = scripted.client { POST = { CREATED } }
    assert.equal(SID, assert(client:create_address_async(WANTED):wait()).sid)
  end)

  describe("checks its parameters:", function()
    --- Creates an address with these parameters, which must be refused with nothing sent.
    local function refused(params)
      local client, log = scripted.client {}
      local found, message, err = client:create_address(params)
      assert.is_nil(found)
      assert.same({ "invalid", "no", 0, 0 }, {
        err.kind,
        err.purchased,
        err.attempts,
        #log.requests,
      })
      local names = {}
      for i, problem in ipairs(err.problems) do
        names[i] = problem.name
      end
      return names, message
    end

    it("the names in Twilio's description, the first six required", function()
      local rows, names = core.parameters("address"), {}
      for i, row in ipairs(rows) do
        local wire = row.name:gsub("^%l", string.upper):gsub("_(%l)", string.upper)
        assert.equal(wire, row.wire_name)
        names[i] = row.name
      end
      assert.equal(10, #rows)
      local required = {}
      for name in pairs(WANTED) do
        required[#required + 1] = name
      end
      table.sort(required)
      assert.same(required, (refused {}))
      table.sort(names)
      assert.same({
        "auto_correct_address",
        "city",
        "customer_name",
        "emergency_enabled",
        "friendly_name",
        "iso_country",
        "postal_code",
        "region",
        "street",
        "street_secondary",
      }, names)
    end)

    for _, row in ipairs(core.parameters("address")) do
      it(row.name .. " is sent under Twilio's name, and refused if it is invalid", function()
        for value, sent in pairs(values.right(row)) do
          local client, log = scripted.client { POST = { { status = 201, body = body() } } }
          client:create_address(wanted { [row.name] = value })
          assert.equal(sent, form.decode(log.posts[1].body)[row.wire_name])
        end
        for _, value in ipairs(values.WRONG[row.kind]) do
          assert.same({ row.name }, (refused(wanted { [row.name] = value })))
        end
        for _, value in ipairs(values.wrong_types(row.kind)) do
          assert.same({ row.name }, (refused(wanted { [row.name] = value })))
        end
        for value in pairs(row.kind ~= "boolean" and values.WRONG_TEXT or {}) do
          assert.same({ row.name }, (refused(wanted { [row.name] = value })))
        end
      end)
    end

    it("reports all problems at once, without values", function()
      local names, message = refused {
        customer_name = "",
        street = 77,
        city = "Berlin",
        iso_country = "Germany",
        friendly_name = ("x"):rep(65),
        nmae = "Ada",
      }
      local expected = {
        "customer_name",
        "friendly_name",
        "iso_country",
        "nmae",
        "postal_code",
        "region",
        "street",
      }
      assert.same(expected, names)
      assert.matches("customer_name is empty, and Twilio requires it", message, 1, true)
      assert.matches("region is missing: Twilio requires it", message, 1, true)
      assert.is_nil(message:find("Germany", 1, true))
      assert.is_nil(message:find("77", 1, true))
    end)

    it("a friendly_name of 32 characters for emergency calls, else of 64", function()
      for length, is_emergency in pairs { [32] = true, [64] = false } do
        local client = scripted.client { POST = { CREATED } }
        local name = ("ü"):rep(length)
        assert(client:create_address(wanted {
          friendly_name = name,
          emergency_enabled = is_emergency,
        }))
        local names = refused(wanted {
          friendly_name = name .. "ü",
          emergency_enabled = is_emergency,
        })
        assert.same({ "friendly_name" }, names)
      end
    end)

    it("refuses anything but a plain table", function()
      for _, wrong in ipairs { "x", 1, true, setmetatable({}, { __index = WANTED }) } do
        assert.same({ "params" }, (refused(wrong)))
      end
      assert.same({ "params" }, (refused(nil)))
    end)
  end)

  describe("refused by Twilio,", function()
    it("returns its suggestion in err.details and mentions it", function()
      local client, log = scripted.client {
        POST = {
          {
            status = 400,
            body = cjson.encode {
              code = 21629,
              message = "Did you mean Unter den Linden 7?",
              status = 400,
              details = { street = "Unter den Linden 7" },
            },
          },
        },
      }
      local found, message, err = client:create_address(WANTED)
      assert.is_nil(found)
      assert.equal(
        "Twilio suggests a corrected address: see err.details (status 400, error 21629).",
        message
      )
      assert.same({ street = "Unter den Linden 7" }, err.details)
      assert.same({ "api", 21629, "no" }, { err.kind, err.code, err.purchased })
      assert.is_nil(err.unheard)
      assert.equal(1, #log.requests)
    end)

    it("returns a suggestion that is only in Twilio's message", function()
      local body_of = scripted.refusal(21629, "Did you mean Linden 7?")
      local client = scripted.client { POST = { { status = 400, body = body_of } } }
      local _, message, err = client:create_address(WANTED)
      assert.same({ message = "Did you mean Linden 7?" }, err.details)
      assert.is_nil(message:find("Linden", 1, true))
    end)

    it("retries after a 429", function()
      local client, log = scripted.client {
        POST = { { status = 429, body = scripted.refusal(20429, "slow down") }, CREATED },
      }
      assert(client:create_address(WANTED))
      assert.same({ 2, 0 }, { #log.posts, #log.gets })
    end)

    it("retries a request that certainly was not sent", function()
      local client, log = scripted.client { POST = { { broken = "connect" }, CREATED } }
      assert(client:create_address(WANTED))
      assert.same({ 2, 0 }, { #log.posts, #log.gets })
    end)
  end)
end)

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

describe("An address that is not found after its creation broke off", function()
  local real, offset

  before_each(function()
    real, offset = core.now, 0
    core.now = function()
      return real() + offset
    end
  end)
  after_each(function()
    core.now = real
  end)

  --- A client whose clock advances while it sleeps.
  local function client_of(script, options)
    local all = {
      deadline = 600,
      loop = {
        sleep = function(seconds)
          offset = offset + seconds
        end,
      },
    }
    for name, value in pairs(options or {}) do
      all[name] = value
    end
    return scripted.client(script, all)
  end

  it("is sent once more when the first attempt can no longer have an effect", function()
    local began, sent_again = core.now(), nil
    local client, log = client_of {
      POST = {
        BROKEN,
        function()
          sent_again = core.now() - began
          return CREATED
        end,
      },
      GET = { EMPTY },
    }
    assert.equal(SID, assert(client:create_address(WANTED)).sid)
    assert.equal(2, #log.posts)
    assert.is_true(sent_again >= 180, sent_again) -- the settling time of a transport in Lua
    assert.is_true(#log.gets >= 5) -- it looks meanwhile, and a last time at the end
    assert.equal("GET", log.requests[#log.requests - 1].method)
  end)

  it("waits five minutes from the start of the call, not from its first response", function()
    local client, log = client_of {
      POST = {
        function()
          offset = offset + 200 -- the first response comes so much later
          return nil, "it broke", "network"
        end,
      },
      GET = { page { fresh { date_created = "Tue, 18 Aug 2026 16:52:00 +0000" } } },
    }
    assert.equal(SID, assert(client:create_address(WANTED)).sid)
    assert.same({ 1, 1 }, { #log.posts, #log.gets })
  end)

  it("is found by a later look-up and not sent again", function()
    local client, log = client_of { POST = { BROKEN }, GET = { EMPTY, EMPTY, page { fresh() } } }
    assert.equal(SID, assert(client:create_address(WANTED)).sid)
    assert.same({ 1, 3 }, { #log.posts, #log.gets })
  end)

  it("is not sent a third time", function()
    local client, log = client_of { POST = { BROKEN }, GET = { EMPTY } }
    local found, message, err = client:create_address(WANTED)
    assert.is_nil(found)
    assert.same({ 2, true, "no" }, { #log.posts, err.unheard, err.purchased })
    assert.matches(
      "The address may have been created: check client:addresses() before you create it again.",
      message,
      1,
      true
    )
  end)

  it("stays in doubt if the second attempt is refused", function()
    local refused = { status = 400, body = scripted.refusal(21628, "no such street") }
    local client = client_of { POST = { BROKEN, refused }, GET = { EMPTY } }
    local _, message, err = client:create_address(WANTED)
    assert.same({ "api", 21628, true }, { err.kind, err.code, err.unheard })
    assert.matches("Twilio cannot validate the address", message, 1, true)
    assert.matches("may have been created", message, 1, true)
  end)

  for words, row in pairs {
    ["where the deadline comes before that time"] = { { deadline = 120 }, BROKEN, 4 },
    ["without retries"] = { { retries = 0 }, BROKEN, 1 },
    ["after a 201: it was created"] = { {}, { status = 201, body = "<html>" }, 4 },
  } do
    it("is not sent again " .. words, function()
      local client, log = client_of({ POST = { row[2] }, GET = { EMPTY } }, row[1])
      local found, message, err = client:create_address(WANTED)
      assert.is_nil(found)
      assert.same({ 1, row[3], true }, { #log.posts, #log.gets, err.unheard })
      assert.matches("check client:addresses()", message, 1, true)
    end)
  end

  it("is not sent again if the look-up fails", function()
    local refused = { status = 403, body = scripted.refusal(20403, "forbidden") }
    for _, response in ipairs { refused, { status = 200, body = "{}" } } do
      local client, log = client_of { POST = { BROKEN }, GET = { response } }
      local found, message, err = client:create_address(WANTED)
      assert.is_nil(found)
      assert.same({ 1, 1, true }, { #log.posts, #log.gets, err.unheard })
      assert.matches("the lookup failed", message, 1, true)
    end
  end)

  it("is not sent again after it was cancelled", function()
    local client, log, pending
    client, log = client_of({
      POST = { BROKEN },
      GET = {
        function()
          pending:cancel()
          return EMPTY
        end,
      },
    }, { loop = false, without = { "loop" } })
    pending = assert(client:create_address_async(WANTED))
    local found, _, err = pending:wait()
    assert.is_nil(found)
    assert.same({ "cancelled", 1, true }, { err.kind, #log.posts, err.unheard })
  end)

  describe("because the call ended early", function()
    local once, note_date = find_address.once, find_address.note_date

    after_each(function()
      find_address.once, find_address.note_date = once, note_date
    end)

    it("is reported", function()
      local client, log = client_of { POST = { BROKEN }, GET = { EMPTY } }
      function find_address.once()
        error("interrupted!", 0)
      end
      local found, message, err = client:create_address(WANTED)
      assert.is_nil(found)
      assert.same({ "cancelled", true, "no", 1 }, {
        err.kind,
        err.unheard,
        err.purchased,
        #log.posts,
      })
      assert.matches("interrupted!", message, 1, true)
      assert.matches("may have been created", message, 1, true)
    end)

    it("is reported even if the second attempt was never sent", function()
      local client, log = client_of { POST = { BROKEN, { broken = "connect" } }, GET = { EMPTY } }
      function find_address.note_date(call)
        if #log.posts == 2 then
          error("interrupted!", 0)
        end
        return note_date(call)
      end
      local found, _, err = client:create_address(WANTED)
      assert.is_nil(found)
      assert.same({ "cancelled", true, 2 }, { err.kind, err.unheard, #log.posts })
    end)

    it("is looked up again after a temporary shortage of memory", function()
      local client, log = client_of { POST = { BROKEN }, GET = { page { fresh() } } }
      function find_address.once()
        find_address.once = once
        error("not enough memory", 0)
      end
      assert.equal(SID, assert(client:create_address(WANTED)).sid)
      assert.same({ 1, 1 }, { #log.posts, #log.gets })
    end)
  end)

  it("is reported if an error aborts the call", function()
    local client, log = client_of({ POST = { BROKEN }, GET = { EMPTY } }, {
      loop = {
        sleep = function()
          error("a host's own", 0)
        end,
      },
    })
    local found, message, err = client:create_address(WANTED)
    assert.is_nil(found)
    assert.same({ 1, true }, { #log.posts, err.unheard })
    assert.matches("may have been created", message, 1, true)
  end)
end)
