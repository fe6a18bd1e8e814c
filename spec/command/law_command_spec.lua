--- twilio-numbers requirements and check, and buy --preflight.
local cjson = require("cjson")
local command = require("spec.support.command")
local simulator = require("spec.support.simulator")

local function sid(prefix, number)
  return ("%s%032d"):format(prefix, number)
end

--- The initial resources of the simulator's account, see docs/simulator.md.
local BUNDLE, DRAFT, PROVISIONAL = sid("BU", 1), sid("BU", 5), sid("BU", 9)
local ADDRESS, AMERICAN = sid("AD", 4), sid("AD", 1)

describe("The command", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  local function run(...)
    return command.run(command.settings(twilio), ...)
  end

  describe("requirements", function()
    it("prints requirements by type of end user", function()
      local out, code, err = run("requirements", "de", "local")
      assert.equal(0, code, err)
      local lines = {}
      for line in out:gmatch("[^\n]+") do
        lines[#lines + 1] = line:gsub("  +", "|")
      end
      assert.same({
        "END USER|REGULATION|ASKS FOR|DETAILS",
        "business|" .. sid("RN", 2) .. "|Business|business_name, business_registration_number",
        "|Address|Address Validation; Utility bill; Excerpt from the commercial register",
        "|Business Name|Excerpt from the commercial register",
        "individual|" .. sid("RN", 1) .. "|Individual|first_name, last_name, birth_date",
        "|Address|Address Validation; Utility bill; Excerpt from the commercial register",
        "|Identity|Passport",
      }, lines)
    end)

    it("reports that no bundle is needed", function()
      local out, code = run("requirements", "US", "local")
      assert.equal(0, code)
      assert.matches("individual  RN%d+  nothing: no bundle is needed  %-\n", out)
      local none, none_code, err = run("requirements", "FR", "local")
      assert.same({ "", 0 }, { none, none_code })
      assert.matches("There is no regulation", err, 1, true)
    end)

    it("prints JSON", function()
      local found = cjson.decode((run("requirements", "DE", "local", "--json")))
      assert.same({ true, sid("RN", 2) }, {
        found.business.needs_bundle,
        found.business.regulation_sid,
      })
      assert.equal("Passport", found.individual.documents[2][1].accepted_documents[1].name)
      local out = run("requirements", "US", "local", "--json")
      assert.matches('"end_user":%[%],"documents":%[%]', out)
      assert.equal("{}\n", (run("requirements", "FR", "local", "--json")))
    end)

    it("reports wrong usage without a type or with an invalid one", function()
      for _, words in ipairs { { "DE" }, { "DE", "loca" }, { "UK", "local" } } do
        local _, code = run("requirements", words[1], words[2])
        assert.equal(2, code)
      end
      assert.equal(0, twilio:state().requests)
    end)
  end)

  describe("check", function()
    it("reports that nothing is missing", function()
      local both = { "bundle_sid=" .. BUNDLE, "address_sid=" .. ADDRESS }
      local out, code, err = run("check", "DE", "local", both[1], both[2])
      assert.same({ "Nothing is missing.\n", 0, "" }, { out, code, err })
      out, code = run("check", "DE", "local", both[1], both[2], "--json")
      assert.same({ '{"passed":true,"warnings":[]}\n', 0 }, { out, code })
      assert.equal(0, twilio:state().posts)
    end)

    it("prints everything that is missing: 1", function()
      local words = { "bundle_sid=" .. DRAFT, "address_sid=" .. AMERICAN, "--max-price", "1" }
      local out, code, err = run("check", "DE", "local", words[1], words[2], words[3], words[4])
      assert.same({ "", 1 }, { out, code })
      assert.equal(
        ([[
twilio-numbers: the purchase is not allowed:
  bundle %s is not approved: its status is draft
  address %s is not in bundle %s
  a local number in DE costs 1.15 USD a month, and max_price is 1 USD
]]):format(DRAFT, AMERICAN, DRAFT),
        err
      )
      out, code = run("check", "DE", "local", "--json")
      local problem = cjson.decode(out).error.problems[1]
      assert.same({ 1, "bundle_sid" }, { code, problem.name })
    end)

    it("prints warnings, and succeeds", function()
      local words = { "bundle_sid=" .. PROVISIONAL, "address_sid=" .. ADDRESS }
      local out, code, err = run("check", "DE", "local", words[1], words[2])
      assert.same({ "Nothing is missing.\n", 0 }, { out, code })
      assert.matches("^Warning: bundle BU%d+ is provisionally%-approved", err)
      out = run("check", "DE", "local", words[1], words[2], "--json")
      assert.equal("bundle_sid", cjson.decode(out).warnings[1].name)
    end)

    it("checks Messaging Services", function()
      local out, code, err = run("check", "US", "local", "--messaging-service", sid("MG", 3))
      assert.same({ "Nothing is missing.\n", 0 }, { out, code })
      assert.matches("^Warning: Messaging Service MG%d+ has no registered campaign", err)
      out, code, err = run("check", "US", "local", "--messaging-service", sid("MG", 9))
      assert.same({ "", 1 }, { out, code })
      assert.matches("has no Messaging Service", err, 1, true)
    end)

    it("fails if something cannot be read: 1", function()
      twilio:fault { fault = "status", status = 403, path = "/Regulations", times = 9 }
      local _, code, err = run("check", "DE", "local")
      assert.equal(1, code)
      assert.matches("the requirements for local numbers in DE could not be read", err, 1, true)
    end)

    it("reports wrong usage with invalid parameters", function()
      for _, word in ipairs { "x", "bundle_sid=x", "bundel_sid=" .. BUNDLE } do
        local _, code = run("check", "DE", "local", word)
        assert.equal(2, code)
      end
      assert.equal(0, twilio:state().requests)
    end)
  end)

  describe("if Twilio sells no such numbers", function()
    for name, case in pairs {
      ["no country"] = { "XX", "local", "Twilio sells no numbers in XX" },
      ["no such type"] = { "US", "mobile", "Twilio sells no mobile numbers in US (it sells: local" },
    } do
      for _, subcommand in ipairs { "requirements", "check" } do
        it(subcommand .. " reports that instead of succeeding: " .. name, function()
          local out, code, err = run(subcommand, case[1], case[2], "--json")
          assert.equal(1, code)
          assert.matches(case[3], err, 1, true)
          assert.matches(case[3], cjson.decode(out).error.message, 1, true)
        end)
      end
    end

    it("check succeeds for a country without a regulation", function()
      local _, code, err = run("requirements", "FR", "local")
      assert.same({ "There is no regulation: no bundle is needed.\n", 0 }, { err, code })
      local out, code_of_check = run("check", "FR", "local")
      assert.same({ "Nothing is missing.\n", 0 }, { out, code_of_check })
    end)

    it("check fails if the country cannot be read", function()
      for _, subcommand in ipairs { "requirements", "check" } do
        twilio:fault { fault = "status", status = 403, path = "/AvailablePhoneNumbers/", times = 9 }
        assert.equal(1, (select(2, run(subcommand, "FR", "local"))))
      end
    end)
  end)

  describe("buy --preflight", function()
    it("buys nothing if something is missing: 1", function()
      for _, words in ipairs { { "DE", "local" }, { "+493023250000" } } do
        for _, more in ipairs { "--yes", "--json" } do
          local _, code, err = run(
            "buy",
            words[1],
            words[2] or "--yes",
            "--preflight",
            "--yes",
            more,
            "--set",
            "address_sid=" .. ADDRESS
          )
          assert.equal(1, code, err)
          assert.matches("bundle_sid is missing", err, 1, true)
        end
      end
      assert.equal(0, twilio:state().posts)
    end)

    it("buys if nothing is missing", function()
      local _, code, err = run(
        "buy",
        "DE",
        "local",
        "--preflight",
        "--yes",
        "--set",
        "bundle_sid=" .. BUNDLE,
        "--set",
        "address_sid=" .. ADDRESS
      )
      assert.equal(0, code, err)
      assert.equal(1, twilio:state().purchases)
    end)

    it("applies to a dry run", function()
      local _, code, err = run("buy", "DE", "local", "--preflight", "--dry-run")
      assert.equal(1, code)
      assert.matches("bundle_sid is missing", err, 1, true)
    end)
  end)
end)
