-- client:check_purchase: the bundle and the address that the law of a country requires.
local checked = require("spec.support.checked")
local cjson = require("cjson")
local law = require("spec.support.law")
local scripted = require("spec.support.scripted")

local PLACE, BOTH, BUNDLE = checked.PLACE, checked.BOTH, checked.BUNDLE
local candidate, refused, lacks, passes =
  checked.candidate, checked.refused, checked.lacks, checked.passes

describe("client:check_purchase", function()
  describe("for a bundle", function()
    it("reports that one is missing, and for which end users", function()
      lacks("bundle_sid", "local numbers in GB need a bundle (", {}, PLACE, {})
      lacks("bundle_sid", "(business: " .. law.REGULATION .. ")", {}, PLACE, {})
    end)

    it("needs none if there is no regulation, or one that requires nothing", function()
      passes({ regulations = law.page {} }, PLACE, {})
      local empty = law.regulation { requirements = { end_user = {}, supporting_document = {} } }
      empty.requirements = setmetatable({}, cjson.empty_array_mt)
      local response = law.page { empty }
      response.body = response.body:gsub('"requirements":%[%]', '"requirements":{}')
      passes({ regulations = response }, PLACE, {})
    end)

    it("warns if some end users need one", function()
      local response = law.page {
        law.regulation(),
        law.regulation {
          sid = "RN" .. ("8"):rep(32),
          end_user_type = "individual",
          requirements = "EMPTY",
        },
      }
      response.body = response.body:gsub('"EMPTY"', "{}")
      local info = passes({ regulations = response }, PLACE, {})
      assert.same({ 1, "bundle_sid" }, { #info.warnings, info.warnings[1].name })
      assert.matches("need a bundle for some end users", info.warnings[1].message, 1, true)
    end)

    it("says that it is not there", function()
      lacks("bundle_sid", "has no bundle BU", { bundle = law.NOT_FOUND }, PLACE, BUNDLE)
    end)

    for _, status in ipairs {
      "draft",
      "pending-review",
      "in-review",
      "twilio-rejected",
      "something-new",
    } do
      it("reports that it is not approved: " .. status, function()
        local bundle = law.bundle { status = status }
        lacks("bundle_sid", "its status is " .. status, { bundle = bundle }, PLACE, BUNDLE)
      end)
    end

    it("treats an unknown status as not approved", function()
      for _, status in ipairs { cjson.null, 1, "", "Twilio-Approved", "twilio-approved " } do
        local bundle = law.bundle { status = status }
        lacks("bundle_sid", "is not approved", { bundle = bundle }, PLACE, BUNDLE)
      end
    end)

    it("accepts a provisionally approved one with a warning", function()
      local bundle = law.bundle { status = "provisionally-approved" }
      local info = passes({ bundle = bundle }, PLACE, BUNDLE)
      assert.same({ 1, "bundle_sid" }, { #info.warnings, info.warnings[1].name })
      assert.matches("is provisionally%-approved", info.warnings[1].message)
    end)

    for text, has_expired in pairs {
      ["2026-08-18T17:00:00Z"] = true,
      ["2026-08-18T17:00:01Z"] = false,
      ["2026-08-18T17:00:00.999Z"] = true,
      ["2026-08-18T18:00:00+01:00"] = true,
      ["2026-08-18T17:00:00-01:00"] = false,
      ["2026-08-18"] = true,
      ["2026-08-19"] = false,
      ["2025-12-31T23:59:59Z"] = true,
    } do
      it(
        ("one that is valid until %s %s"):format(text, has_expired and "has expired" or "is"),
        function()
          local responses = { bundle = law.bundle { valid_until = text } }
          if has_expired then
            lacks(
              "bundle_sid",
              "has expired: it was valid until " .. text,
              responses,
              PLACE,
              BUNDLE
            )
          else
            assert.is_nil((passes(responses, PLACE, BUNDLE)))
          end
        end
      )
    end

    it("rejects one whose expiry date cannot be parsed", function()
      for _, text in ipairs { "tomorrow", "", 1, "2026-08-19T25", "18 Aug 2027 17:00:00 GMT" } do
        local responses = { bundle = law.bundle { valid_until = text } }
        lacks("bundle_sid", "cannot be read", responses, PLACE, BUNDLE)
      end
    end)

    it("reports that it is for another country or type", function()
      local responses = { bundle = law.bundle { regulation_sid = "RN" .. ("9"):rep(32) } }
      lacks("bundle_sid", "is for another regulation than those of local", responses, PLACE, BUNDLE)
      responses = { bundle = law.bundle { regulation_sid = cjson.null } }
      lacks("bundle_sid", "is for another regulation", responses, PLACE, BUNDLE)
    end)

    it("accepts the regulation of any end user", function()
      local other = "RN" .. ("9"):rep(32)
      passes({
        regulations = law.page {
          law.regulation(),
          law.regulation { sid = other, end_user_type = "individual" },
        },
        bundle = law.bundle { regulation_sid = other },
      }, PLACE, BUNDLE)
    end)
  end)

  describe("for an address", function()
    local NONE = { regulations = law.page {} }

    for _, required in ipairs { "any", "local", "foreign" } do
      it("reports that one is missing: " .. required, function()
        local number = candidate { address_requirements = required }
        lacks("address_sid", "requires an address (" .. required .. ")", NONE, number, {})
        local info = passes({}, number, BUNDLE) -- which may hold it
        assert.same({ 1, "address_sid" }, { #info.warnings, info.warnings[1].name })
      end)
    end

    it("needs none if the number requires none", function()
      passes(NONE, candidate(), {})
      passes(NONE, PLACE, {})
    end)

    it("says that it is not there", function()
      local responses = { address = law.NOT_FOUND }
      lacks("address_sid", "has no address AD", responses, PLACE, BOTH)
    end)

    for _, row in ipairs {
      { "local", "DE", "is not in GB" },
      { "local", "GB" },
      { "foreign", "GB", "requires one in another country" },
      { "foreign", "DE" },
      { "any", "DE" },
      { "none", "DE" },
      { "local", cjson.null, "is not in GB" },
    } do
      local required, country, words = row[1], row[2], row[3]
      it(("in %s, where %s is required"):format(tostring(country), required), function()
        local responses = {
          regulations = law.page {},
          address = law.address { iso_country = country },
        }
        local params = { address_sid = law.ADDRESS }
        local number = candidate { address_requirements = required }
        if words then
          lacks("address_sid", words, responses, number, params)
        else
          passes(responses, number, params)
        end
      end)
    end

    it("must be in the bundle", function()
      local text = ("address %s is not in bundle %s"):format(law.ADDRESS, law.BUNDLE)
      lacks("address_sid", text, { items = law.items {} })
      lacks("address_sid", text, { items = law.items { "IT" .. ("7"):rep(32) } })
      lacks("address_sid", text, { items = law.items { "AD" .. ("7"):rep(32) } })
    end)

    for words, attributes in pairs {
      ["a list"] = { address_sids = { "AD" .. ("7"):rep(32), law.ADDRESS } },
      ["one alone"] = { address_sids = law.ADDRESS },
      ["capital digits"] = { address_sids = { "AD" .. law.ADDRESS:sub(3):upper() } },
    } do
      it("may be referenced by a document of the bundle: " .. words, function()
        passes {
          items = law.items { law.DOCUMENT },
          document = law.answer { sid = law.DOCUMENT, attributes = attributes },
        }
      end)
    end

    it("reports a bundle whose documents reference other addresses", function()
      for _, attributes in ipairs {
        { address_sids = { "AD" .. ("7"):rep(32) } },
        { first_name = law.ADDRESS },
        cjson.null,
        "text",
      } do
        lacks("address_sid", "is not in bundle", {
          items = law.items { law.DOCUMENT },
          document = law.answer { sid = law.DOCUMENT, attributes = attributes },
        })
      end
    end)

    it("looks for the address on every page of the bundle's items", function()
      local pages = 0
      local client = law.client {
        items = function(request)
          pages = pages + 1
          if pages == 1 then
            local url = request.url:gsub("%?.*", "") .. "?Page=1&PageToken=PT"
            return law.page({ { object_sid = "IT" .. ("7"):rep(32) } }, url)
          end
          return law.items { law.ADDRESS }
        end,
      }
      assert.is_true(client:check_purchase(PLACE, BOTH))
      assert.equal(2, pages)
    end)

    it("reports no personal data", function()
      local problems, err = refused({
        address = law.address { iso_country = "DE" },
        items = law.items { law.DOCUMENT },
        document = { status = 403, body = scripted.refusal(20403, "Ada Lovelace may not") },
      }, candidate { address_requirements = "local" })
      assert.equal(2, #problems)
      for _, secret in ipairs { "Ada", "Lovelace", "James" } do
        assert.is_nil(err.message:find(secret, 1, true), err.message)
      end
      local responses = {
        address = { status = 500, body = scripted.refusal(20500, "Ada Lovelace of James Square") },
      }
      problems, err = refused(responses)
      assert.same({ 1, "address_sid", "api" }, { #problems, problems[1].name, err.kind })
      assert.is_nil(err.message:find("Ada", 1, true), err.message)
    end)
  end)
end)
