local cjson = require("cjson")
local account = require("spec.support.account")

local ROOT = "/v2/RegulatoryCompliance/"

local function sid(prefix, number)
  return ("%s%032d"):format(prefix, number)
end

describe("the simulator's regulatory compliance", function()
  local twilio, send

  before_each(function()
    twilio, send = account.new()
  end)

  local function get(path, query, options)
    return send("GET", ROOT .. path, query, options)
  end

  local function refused(expected_status, expected_code, status, body)
    assert.same({ expected_status, expected_code }, { status, body.code })
  end

  local function results(path, query)
    local status, body = get(path, query)
    assert.same({ 200, "results" }, { status, body.meta.key })
    return body.results
  end

  -- The end user types of what is regulated, or the SIDs of bundles.
  local function list(path, query, field)
    local found = {}
    for index, item in ipairs(results(path, query)) do
      found[index] = item[field or "sid"]
    end
    return found
  end

  local function users(country, kind)
    return list("Regulations", { IsoCountry = country, NumberType = kind }, "end_user_type")
  end

  describe("has regulations", function()
    it("for each type of end user", function()
      for _, country in ipairs { "DE", "GB", "US" } do
        assert.same({ "individual", "business" }, users(country, "local"))
      end
      assert.same({ "business" }, users("EE", "mobile"))
      assert.same({}, users("US", "mobile"))
      assert.same({}, users("US", "toll-free"))
      local query = { IsoCountry = "EE", NumberType = "mobile", EndUserType = "individual" }
      assert.same({}, results("Regulations", query))
    end)

    it("that require nothing", function()
      local query = { IsoCountry = "US", NumberType = "local", EndUserType = "business" }
      local _, _, response = get("Regulations", query)
      local text = '"requirements":{"%s":[],"%s":[]}'
      assert.is_truthy(
        response.body:find(text:format("end_user", "supporting_document"), 1, true)
          or response.body:find(text:format("supporting_document", "end_user"), 1, true)
      )
    end)

    it("that require an end user, and documents in a list of lists", function()
      local query = { IsoCountry = "DE", NumberType = "local", EndUserType = "business" }
      local regulation = results("Regulations", query)[1]
      assert.same({ "DE", "local", "business", "Germany: Local - Business" }, {
        regulation.iso_country,
        regulation.number_type,
        regulation.end_user_type,
        regulation.friendly_name,
      })
      local user = regulation.requirements.end_user[1]
      assert.same({ "business", "business_info" }, { user.type, user.requirement_name })
      assert.equal(#user.fields, #user.detailed_fields)
      local documents = regulation.requirements.supporting_document
      assert.same({ 2, 1, 1 }, { #documents, #documents[1], #documents[2] })
      local proof = documents[1][1]
      assert.same({ "proof_of_address", "address" }, {
        proof.requirement_name,
        proof.accepted_documents[1].type,
      })
      assert.same({
        machine_name = "address_sids",
        friendly_name = "Address sid(s)",
        description = "The Address sid(s) of the user",
      }, proof.accepted_documents[1].detailed_fields[1])
      assert.same(regulation, select(2, get("Regulations/" .. regulation.sid)))
    end)

    it("that can be fetched by SID", function()
      refused(404, 20404, get("Regulations/" .. sid("RN", 999)))
    end)

    it("page by page", function()
      local seen, query = 0, "?PageSize=4"
      repeat
        local _, page = get("Regulations" .. query .. "&")
        seen = seen + #page.results
        local next_url = page.meta.next_page_url
        query = next_url ~= cjson.null
          and next_url:match(
            "^https://numbers%.twilio%.com/v2/RegulatoryCompliance/Regulations(.*)$"
          )
      until not query
      assert.equal(#results("Regulations"), seen)
    end)
  end)

  it("lists the types of end users and documents", function()
    for path, key in pairs {
      EndUserTypes = "end_user_types",
      SupportingDocumentTypes = "supporting_document_types",
    } do
      local status, body = get(path)
      assert.same({ 200, key }, { status, body.meta.key })
      local kind = body[key][1]
      assert.matches("^OY%x+$", kind.sid)
      assert.is_string(kind.fields[1].machine_name)
      assert.same(kind, select(2, get(path .. "/" .. kind.sid)))
      refused(404, 20404, get(path .. "/" .. sid("OY", 999)))
    end
    local _, body = get("EndUserTypes")
    assert.same({ "business", "individual" }, {
      body.end_user_types[1].machine_name,
      body.end_user_types[2].machine_name,
    })
  end)

  it("has a document that names an address", function()
    local status, document = get("SupportingDocuments/" .. sid("RD", 1))
    assert.same({ 200, "approved", { sid("AD", 4) } }, {
      status,
      document.status,
      document.attributes.address_sids,
    })
    assert.same({ document }, results("SupportingDocuments"))
    refused(404, 20404, get("SupportingDocuments/" .. sid("RD", 9)))
  end)

  describe("has bundles", function()
    it("with all of their fields", function()
      local status, bundle = get("Bundles/" .. sid("BU", 1))
      assert.equal(200, status)
      local url = "https://numbers.twilio.com" .. ROOT .. "Bundles/" .. bundle.sid
      assert.same({
        sid = sid("BU", 1),
        account_sid = twilio.credentials.account_sid,
        regulation_sid = list("Regulations", {
          IsoCountry = "DE",
          NumberType = "local",
          EndUserType = "business",
        })[1],
        friendly_name = "DE local twilio-approved",
        status = "twilio-approved",
        valid_until = cjson.null,
        email = bundle.email,
        status_callback = cjson.null,
        date_created = bundle.date_created,
        date_updated = bundle.date_updated,
        url = url,
        links = {
          evaluations = url .. "/Evaluations",
          item_assignments = url .. "/ItemAssignments",
          bundle_copies = url .. "/Copies",
        },
      }, bundle)
      assert.same(bundle, results("Bundles")[1])
    end)

    it("in each status", function()
      for _, status in ipairs {
        "draft",
        "pending-review",
        "in-review",
        "twilio-rejected",
        "twilio-approved",
        "provisionally-approved",
      } do
        local found = results("Bundles", { Status = status })
        assert.is_true(#found > 0, status)
        for _, bundle in ipairs(found) do
          assert.equal(status, bundle.status)
        end
      end
      refused(400, 22203, get("Bundles", { Status = "approved" }))
    end)

    it("filtered by country, type, end user, regulation and name", function()
      assert.same({ sid("BU", 2) }, list("Bundles", { IsoCountry = "GB" }))
      assert.same(
        { sid("BU", 3), sid("BU", 4), sid("BU", 11) },
        list("Bundles", {
          NumberType = "mobile",
        })
      )
      assert.same({ sid("BU", 2) }, list("Bundles", { EndUserType = "individual" }))
      local regulation = select(2, get("Bundles/" .. sid("BU", 3))).regulation_sid
      assert.same({ sid("BU", 3) }, list("Bundles", { RegulationSid = regulation }))
      assert.same({ sid("BU", 5) }, list("Bundles", { FriendlyName = "DE local draft" }))
      local both = sid("BU", 5) .. "," .. sid("BU", 2)
      assert.same({ sid("BU", 2), sid("BU", 5) }, list("Bundles", { BundleSids = both }))
    end)

    it("filtered and sorted by expiry date", function()
      assert.same({ sid("BU", 10), sid("BU", 11) }, list("Bundles", { HasValidUntilDate = "true" }))
      assert.equal(9, #results("Bundles", { HasValidUntilDate = "false" }))
      local moment = "2025-01-01T00:00:00Z"
      assert.same({ sid("BU", 10) }, list("Bundles", { ["ValidUntilDate<"] = moment }))
      assert.same({ sid("BU", 11) }, list("Bundles", { ["ValidUntilDate>"] = moment }))
      local exact = { ValidUntilDate = "2024-07-31T01:00:00Z" }
      assert.same({ sid("BU", 10) }, list("Bundles", exact))
      local order = { SortBy = "valid-until", SortDirection = "DESC", HasValidUntilDate = "true" }
      assert.same({ sid("BU", 11), sid("BU", 10) }, list("Bundles", order))
      order.SortDirection = "ASC"
      assert.same({ sid("BU", 10), sid("BU", 11) }, list("Bundles", order))
      order = { SortBy = "date-updated", SortDirection = "DESC" }
      twilio.bundles.all.by_sid[sid("BU", 3)].date_updated = "2099-01-01T00:00:00Z"
      assert.same({ sid("BU", 3), sid("BU", 1) }, {
        list("Bundles", order)[1],
        list("Bundles", order)[2],
      })
    end)

    it("with their items", function()
      assert.same(
        { sid("IT", 1), sid("RD", 1) },
        list("Bundles/" .. sid("BU", 1) .. "/ItemAssignments", nil, "object_sid")
      )
      local item = results("Bundles/" .. sid("BU", 2) .. "/ItemAssignments")[2]
      assert.same({ sid("BU", 2), sid("AD", 3) }, { item.bundle_sid, item.object_sid })
      assert.matches("^BV%x+$", item.sid)
    end)

    it("of the account and no others", function()
      local sub = { sid = twilio.credentials.subaccount_sid }
      sub.authorization = "Bearer sub"
      twilio.tokens.sub = sub.sid
      local bundle = "Bundles/" .. sid("BU", 1)
      for _, path in ipairs { bundle, bundle .. "/ItemAssignments", bundle .. "/Evaluations" } do
        refused(404, 20404, get(path, nil, sub))
      end
      assert.same({}, select(2, get("Bundles", nil, sub)).results)
      assert.same({}, select(2, get("SupportingDocuments", nil, sub)).results)
      refused(404, 20404, get("Bundles/" .. sid("BU", 999)))
      refused(404, 20404, send("POST", ROOT .. bundle .. "/Evaluations", nil, sub))
    end)
  end)

  describe("evaluates a bundle", function()
    local function evaluate(number)
      return send("POST", ("%sBundles/%s/Evaluations"):format(ROOT, sid("BU", number)))
    end

    it("that has everything required", function()
      local status, record = evaluate(1)
      assert.same({ 201, "compliant", 3 }, { status, record.status, #record.results })
      for _, result in ipairs(record.results) do
        assert.same({ true, cjson.null, {} }, { result.passed, result.error_code, result.invalid })
        assert.is_true(#result.valid > 0)
      end
    end)

    it("that lacks documents", function()
      local status, record = evaluate(5)
      assert.same({ 201, "noncompliant" }, { status, record.status })
      local passed = {}
      for index, result in ipairs(record.results) do
        passed[index] = result.passed
      end
      assert.same({ true, false, false }, passed)
      local missing = record.results[2]
      assert.same({ 22216, "proof_of_address", {} }, {
        missing.error_code,
        missing.requirement_name,
        missing.valid,
      })
      assert.same({
        friendly_name = "Address sid(s)",
        object_field = "address_sids",
        error_code = 22217,
        failure_reason = "The Address sid(s) is missing.",
      }, missing.invalid[1])
    end)

    it("that lacks the end user", function()
      local bundle = twilio.bundles.all.by_sid[sid("BU", 1)]
      twilio.bundles.set(twilio, bundle, { items = { sid("RD", 1) } })
      local result = select(2, evaluate(1)).results[1]
      assert.same({ false, 22214, 22215 }, {
        result.passed,
        result.error_code,
        result.invalid[1].error_code,
      })
    end)

    it("and keeps the record, without other effects", function()
      local _, record = evaluate(5)
      local path = "Bundles/" .. sid("BU", 5)
      assert.same({ record }, results(path .. "/Evaluations"))
      assert.same(record, select(2, get(path .. "/Evaluations/" .. record.sid)))
      refused(404, 20404, get(path .. "/Evaluations/" .. sid("EL", 1)))
      assert.equal("draft", select(2, get(path)).status)
    end)
  end)
end)
