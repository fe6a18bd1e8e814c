-- client:create_address: its parameters, and Twilio's refusals. What happens after a request that broke off
-- is in create_address_lookup_spec.lua and create_address_again_spec.lua.
local cjson = require("cjson")
local core = require("twilio.numbers.core")
local form = require("spec.support.form")
local new_address = require("spec.support.new_address")
local scripted = require("spec.support.scripted")
local values = require("spec.support.values")

local SID, WANTED, CREATED = new_address.SID, new_address.WANTED, new_address.CREATED
local wanted, body = new_address.wanted, new_address.body

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
