-- client:bundles: the account's regulatory bundles.
local cjson = require("cjson")
local filters = require("spec.support.filters")
local scripted = require("spec.support.scripted")

local block = { describe = describe, it = it, assert = assert, before_each = before_each }

local BUNDLE = { sid = "BU0123456789abcdef0123456789abcdef", status = "twilio-approved" }

local function page(next_page_url)
  return {
    status = 200,
    body = cjson.encode { results = { BUNDLE }, meta = { next_page_url = next_page_url } },
  }
end

describe("client:bundles", function()
  filters.behave(block, "bundles", function(client, filter)
    return client:bundles(filter)
  end, '{"results":[]}')

  it("reads pages from numbers.twilio.com", function()
    local root = "https://api.example/v2/RegulatoryCompliance/Bundles"
    local next_url = root .. "?Status=twilio-approved&PageSize=50&Page=1&PageToken=PT1"
    local client, log = scripted.client { GET = { page(next_url), page() } }
    local list = assert(client:bundles { status = "twilio-approved" })
    assert.same({ BUNDLE, BUNDLE }, (list:all()))
    assert.same({ root .. "?Status=twilio-approved", next_url }, {
      log.gets[1].url,
      log.gets[2].url,
    })
    assert.equal("twilio.numbers list of bundles (2 read)", tostring(list))
  end)

  it("accepts the library's names of number types", function()
    local client, log = scripted.client { GET = { page() } }
    local filter = { number_type = "toll_free" }
    assert(client:bundles(filter):all())
    assert.matches("%?NumberType=toll%-free$", log.gets[1].url)
    assert.equal("toll_free", filter.number_type)
  end)

  it("follows no page link to another origin or in a cycle", function()
    local circle = "https://api.example/v2/RegulatoryCompliance/Bundles"
    for url, requests in pairs { ["https://elsewhere.example/v2/x"] = 1, [circle] = 1 } do
      local client, log = scripted.client { GET = { page(url) } }
      assert.equal("response", select(3, client:bundles():all()).kind)
      assert.equal(requests, #log.requests)
    end
  end)

  it("refuses an empty SID, without a hint that is for purchases", function()
    local _, _, err = scripted.client({}):bundles { regulation_sid = "" }
    assert.equal("regulation_sid is empty; leave it out", err.problems[1].message)
  end)

  it("refuses account_sid, since its path names no account", function()
    local client, log = scripted.client {}
    local options = { account_sid = "AC" .. ("f"):rep(32) }
    local items, message, err = client:bundles({}, options):all()
    assert.is_nil(items)
    assert.same({ "invalid", "account_sid", 0 }, {
      err.kind,
      err.problems[1].name,
      #log.requests,
    })
    assert.matches("belong to the account of the credentials", message, 1, true)
  end)

  it("lists bundles in flight", function()
    local client = scripted.client { GET = { page() } }
    assert.same({ BUNDLE }, (client:bundles_async({}):wait()))
  end)
end)
