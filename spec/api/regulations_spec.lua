-- client:requirements: the legal requirements of a country.
local cjson = require("cjson")
local scripted = require("spec.support.scripted")

local function sid(digit)
  return "RN" .. digit:rep(32)
end

local END_USER = { name = "Business", type = "business", fields = { "business_name" } }
local DOCUMENT = { name = "Address", type = "document", accepted_documents = {} }
local NEEDED = { end_user = { END_USER }, supporting_document = { { DOCUMENT }, { DOCUMENT } } }

local function regulation(fields)
  local item = {
    sid = sid("1"),
    friendly_name = "United Kingdom: Local - Business",
    iso_country = "GB",
    number_type = "local",
    end_user_type = "business",
    requirements = NEEDED,
  }
  for name, value in pairs(fields or {}) do
    item[name] = value
  end
  return item
end

local function page(items, next_page_url)
  return {
    status = 200,
    body = cjson.encode {
      results = setmetatable(items, cjson.empty_array_mt),
      meta = { key = "results", next_page_url = next_page_url or cjson.null },
    },
  }
end

--- A country in which numbers of these types are sold.
local function country(types)
  local uris = {}
  for _, kind in ipairs(types) do
    uris[kind] = "/"
  end
  local body = cjson.encode { country_code = "GB", subresource_uris = uris }
  return { status = 200, body = body }
end

local PATH = "/v2/RegulatoryCompliance/Regulations?IsoCountry=GB&NumberType=local&PageSize=50"

--- The client's results for these responses.
local function requirements(...)
  local client, log = scripted.client({ GET = { ... } }, { retries = 0 })
  local found, message, err = client:requirements("GB", "local")
  return found, message, err, log
end

describe("client:requirements", function()
  it("sends to numbers.twilio.com with the client's edge and region", function()
    for _, row in ipairs {
      { {}, "https://numbers.twilio.com" },
      { { region = "ie1", edge = "dublin" }, "https://numbers.dublin.ie1.twilio.com" },
      { { base_url = "https://proxy.example" }, "https://proxy.example" },
    } do
      local options = row[1]
      options.without = not options.base_url and { "base_url" } or nil
      local client, log = scripted.client({ GET = { page { regulation() } } }, options)
      assert(client:requirements("GB", "local"))
      assert.same({ 1, row[2] .. PATH }, { #log.requests, log.gets[1].url })
    end
  end)

  it("sends the type as the regulations spell it", function()
    local client, log = scripted.client {
      GET = { page { regulation { number_type = "toll-free" } } },
    }
    assert.is_true(assert(client:requirements("GB", "toll_free")).business.needs_bundle)
    assert.matches("NumberType=toll%-free", log.gets[1].url)
  end)

  it("groups requirements by type of end user", function()
    local individual = regulation { sid = sid("2"), end_user_type = "individual" }
    assert.same({
      business = {
        regulation_sid = sid("1"),
        name = "United Kingdom: Local - Business",
        needs_bundle = true,
        end_user = { END_USER },
        documents = { { DOCUMENT }, { DOCUMENT } },
      },
      individual = {
        regulation_sid = sid("2"),
        name = "United Kingdom: Local - Business",
        needs_bundle = true,
        end_user = { END_USER },
        documents = { { DOCUMENT }, { DOCUMENT } },
      },
    }, (requirements(page { regulation(), individual })))
  end)

  it("needs no bundle if nothing is required", function()
    for _, empty in ipairs {
      '{"end_user":[],"supporting_document":[]}',
      '{"end_user":[],"supporting_document":[[]]}',
      '{"end_user":null,"supporting_document":null}',
      "{}",
    } do
      local response = page { regulation { requirements = "HERE" } }
      response.body = response.body:gsub('"HERE"', empty)
      local found = assert(requirements(response))
      local expected = empty:find("[[]]", 1, true) and true or false
      assert.equal(expected, found.business.needs_bundle, empty)
    end
  end)

  it("is an empty table if there is no regulation, but such numbers are sold", function()
    local found, _, _, log = requirements(page {}, country { "local" })
    assert.same({}, found)
    assert.matches("/AvailablePhoneNumbers/GB.json", log.gets[2].url, 1, true)
  end)

  it("is an error if no such numbers are sold, or that cannot be read", function()
    local not_found = { status = 404, body = scripted.refusal(20404, "was not found") }
    for words, response in pairs {
      ["Twilio sells no numbers in GB"] = not_found,
      ["Twilio sells no local numbers in GB (it sells: mobile)"] = country { "mobile" },
      ["error 20003"] = { status = 401, body = scripted.refusal(20003, "Authenticate") },
    } do
      local found, message, err = requirements(page {}, response)
      assert.same({ nil, "api" }, { found, err.kind })
      assert.matches(words, message, 1, true)
    end
  end)

  it("reads all pages", function()
    local individual = regulation { sid = sid("2"), end_user_type = "individual" }
    local next_url = "https://api.example" .. PATH .. "&Page=1&PageToken=PT1"
    local found, _, _, log = requirements(page({ regulation() }, next_url), page { individual })
    assert.same({ sid("1"), sid("2") }, {
      found.business.regulation_sid,
      found.individual.regulation_sid,
    })
    assert.equal(next_url, log.gets[2].url)
  end)

  for words, host in pairs {
    ["the product's host at Twilio"] = "numbers.twilio.com",
    ["a region of Twilio"] = "numbers.dublin.ie1.twilio.com",
    ["an edge of Twilio, in capitals"] = "Numbers.Ashburn.us1.Twilio.com",
  } do
    it("asks its own host for a page that is said to be at " .. words, function()
      local path, query = "/v2/RegulatoryCompliance/Regulations", "?Page=1&PageToken=PT1"
      local found, _, _, log = requirements(
        page({ regulation() }, "https://" .. host .. path .. query),
        page { regulation { sid = sid("2"), end_user_type = "individual" } }
      )
      assert.equal(sid("2"), found.individual.regulation_sid)
      assert.equal("https://api.example" .. path .. query, log.gets[2].url)
    end)
  end

  for words, url in pairs {
    ["another product of Twilio"] = "https://messaging.twilio.com" .. PATH,
    ["a host that begins as Twilio's"] = "https://numbers.twilio.com.elsewhere.example" .. PATH,
    ["a host that ends as Twilio's"] = "https://numbers.eviltwilio.com" .. PATH,
    ["Twilio's host over plain http"] = "http://numbers.twilio.com" .. PATH,
    ["Twilio's host behind credentials"] = "https://numbers.twilio.com@elsewhere.example" .. PATH,
    ["Twilio's host without a path"] = "https://numbers.twilio.com",
    ["a fragment"] = "https://numbers.twilio.com" .. PATH .. "#x",
    ["another host"] = "https://elsewhere.example" .. PATH,
    ["a host that begins as this one"] = "https://api.example.com" .. PATH,
    ["a port of the same host"] = "https://api.example:8443" .. PATH,
    ["a host behind credentials"] = "https://api.example@elsewhere.example" .. PATH,
    ["plain http"] = "http://api.example" .. PATH,
  } do
    it("does not follow a page to " .. words, function()
      local found, message, err, log = requirements(page({ regulation() }, url))
      assert.is_nil(found)
      assert.same({ "response", 1 }, { err.kind, #log.requests })
      assert.matches("its next page is on another host", message, 1, true)
    end)
  end

  it("stops following pages that never end", function()
    local found, _, err, log = requirements(page({}, "https://api.example" .. PATH))
    assert.is_nil(found)
    assert.same({ "response", 20 }, { err.kind, #log.requests })
  end)

  for words, response in pairs {
    ["without a list"] = { status = 200, body = "{}" },
    ["that is no object"] = { status = 200, body = "[]" },
    ["of another country"] = page { regulation { iso_country = "IE" } },
    ["of another type"] = page { regulation { number_type = "mobile" } },
    ["without a SID"] = page { regulation { sid = "BU" .. ("1"):rep(32) } },
    ["without a type of end user"] = page { regulation { end_user_type = cjson.null } },
    ["with a type of end user that may be a secret"] = page {
      regulation { end_user_type = scripted.TOKEN },
    },
    ["with a type of end user that is no word"] = page {
      regulation { end_user_type = "business\27[2J" },
    },
    ["without requirements"] = page { regulation { requirements = cjson.null } },
    ["with requirements that are no list"] = page {
      regulation { requirements = { end_user = { name = "Business" } } },
    },
    ["with requirements that are text"] = page {
      regulation { requirements = { supporting_document = "some" } },
    },
    ["with documents that are no list"] = page {
      regulation { requirements = { supporting_document = { { name = "Address" } } } },
    },
  } do
    it("rejects a response without content: one " .. words, function()
      local found, message, err = requirements(response)
      assert.is_nil(found)
      assert.same({ "response", "no" }, { err.kind, err.purchased }, message)
    end)
  end

  it("refuses an invalid country and type before anything is sent", function()
    local client, log = scripted.client {}
    local found, _, err = client:requirements("uk", "toll-free")
    assert.is_nil(found)
    assert.same({ "country", "type" }, { err.problems[1].name, err.problems[2].name })
    assert.equal(0, #log.requests)
  end)

  it("reads requirements in flight", function()
    local client = scripted.client { GET = { page { regulation() } } }
    assert.is_true(assert(client:requirements_async("GB", "local"):wait()).business.needs_bundle)
  end)
end)
