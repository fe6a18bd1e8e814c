-- The option opaque_sids: services that are compatible with Twilio, but have their own identifiers and
-- errors.
local cjson = require("cjson")
local clients = require("spec.support.clients")
local form = require("spec.support.form")
local numbers = require("twilio.numbers")
local records = require("twilio.numbers.journal.records")
local scripted = require("spec.support.scripted")
local simulator = require("spec.support.simulator")
local table_store = require("spec.support.table_store")

local ACCOUNT = "446e9986-0848-4d46-a617-48793c5f5e07"
local SID = "b3877c40-da60-4998-90ad-b792e98472ac"
local PHONE = scripted.PHONE

local function number(fields)
  local all = { sid = SID, phone_number = PHONE, account_sid = ACCOUNT }
  for name, value in pairs(fields or {}) do
    all[name] = value
  end
  return cjson.encode(all)
end

--- A client of such a service; `options` override, with `without` leaving out.
local function client_of(script, options)
  local all = { account_sid = ACCOUNT, opaque_sids = true, base_url = "https://a.example/api/laml" }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  return scripted.client(script, all)
end

--- A client that accepts only Twilio's SIDs.
local function strict(script, options)
  return scripted.client(script, options)
end

describe("opaque_sids", function()
  it("accepts a service's own account identifier, unlike other clients", function()
    local given = { account_sid = ACCOUNT, auth_token = "x" }
    local client, message = numbers.client(given)
    assert.is_nil(client)
    assert.matches("account_sid must be AC and 32 hex digits", message, 1, true)
    given.opaque_sids = false
    assert.is_nil((numbers.client(given)))
    given.opaque_sids = true
    assert(numbers.client(given)):close()
  end)

  it("accepts 1 to 64 letters, digits and hyphens, and nothing with a meaning in a path", function()
    for _, account_sid in ipairs { "a", ("a"):rep(64), "AZaz09-", scripted.ACCOUNT } do
      assert(numbers.client { account_sid = account_sid, auth_token = "x", opaque_sids = true }):close()
    end
    for _, account_sid in ipairs {
      "",
      ("a"):rep(65),
      "a/b",
      "..",
      "a.b",
      "a_b",
      "a b",
      "a%2f",
      "a?b",
      "a#b",
      "a\n",
      "a\0",
      "\195\188",
    } do
      local client, message =
        numbers.client { account_sid = account_sid, auth_token = "x", opaque_sids = true }
      assert.is_nil(client)
      assert.matches("account_sid must be 1 to 64 letters, digits and hyphens", message, 1, true)
    end
  end)

  it("accepts a service's own key, and an account_sid for a call", function()
    local client, log = client_of(
      { GET = { { status = 200, body = number() } } },
      { api_key = "my-key", api_secret = "x", without = { "auth_token" } }
    )
    assert(client:fetch(SID, { account_sid = "sub-1" }))
    assert.matches("/Accounts/sub-1/", log.gets[1].url, 1, true)
    assert.is_nil((strict({}, {}):fetch(scripted.NUMBER_SID, { account_sid = "sub-1" })))
    local _, message =
      numbers.client { account_sid = scripted.ACCOUNT, api_key = "my-key", api_secret = "x" }
    assert.matches("api_key must be SK and 32 hex digits", message, 1, true)
  end)

  for name, call in pairs {
    fetch = function(client)
      return client:fetch(SID)
    end,
    update = function(client)
      return client:update(SID, { friendly_name = "x" })
    end,
    release = function(client)
      return client:release(SID)
    end,
    release_many = function(client)
      return client:release_many { SID, scripted.NUMBER_SID }
    end,
    update_many = function(client)
      return client:update_many({ SID }, { friendly_name = "x" })
    end,
  } do
    it("accepts the identifier of a number: " .. name, function()
      local answer = { status = 200, body = number() }
      local script =
        { GET = { answer }, POST = { answer }, DELETE = { { status = 204, body = "" } } }
      local client, log = client_of(script)
      assert(call(client))
      assert.matches(
        "https://a.example/api/laml/2010-04-01/Accounts/" .. ACCOUNT .. "/IncomingPhoneNumbers/",
        log.requests[1].url,
        1,
        true
      )
      client, log = strict(script)
      local _, message, err = call(client)
      assert.same({ "invalid", 0 }, { err.kind, #log.requests })
      assert.matches("sid must be PN and 32 hex digits", message, 1, true)
    end)
  end

  it("reports a duplicate identifier, and distinguishes upper and lower case", function()
    local client = client_of { DELETE = { { status = 204, body = "" } } }
    local _, message = client:release_many { "a-1", "a-1" }
    assert.matches("number 2: it is the same as number 1", message, 1, true)
    assert(client:release_many { "a-1", "A-1" })
  end)

  it("accepts the identifier of a Messaging Service", function()
    local sender = cjson.encode { sid = SID, service_sid = "service-1" }
    local added, removed = { status = 201, body = sender }, { status = 204, body = "" }
    local script = { POST = { added }, DELETE = { removed } }
    for _, call in ipairs {
      function(client)
        return client:attach(SID, { "service-1", "service-2" })
      end,
      function(client)
        return client:detach(SID, "service-1")
      end,
    } do
      local client, log = client_of(script)
      assert(call(client))
      assert.matches("/Services/service-1/PhoneNumbers", log.requests[1].url, 1, true)
      local _, message = call((strict(script)))
      assert.matches("service_sid must be MG and 32 hex digits", message, 1, true)
      assert.matches("sid must be PN and 32 hex digits", message, 1, true)
    end
    local params = { phone_number = PHONE }
    local _, message = strict(script):purchase(params, { messaging_service_sid = "s-1" })
    assert.matches("messaging_service_sid must be MG", message, 1, true)
    _, message = client_of(script):purchase(params, { messaging_service_sid = "s/1" })
    assert.matches("must be 1 to 64 letters, digits and hyphens", message, 1, true)
  end)

  it("accepts the identifier of an address", function()
    local body = cjson.encode { sid = "address-1", account_sid = ACCOUNT }
    local script = { GET = { { status = 200, body = body } } }
    assert.equal("address-1", assert(client_of(script):fetch_address("address-1")).sid)
    local _, message = strict(script):fetch_address("address-1")
    assert.matches("sid must be AD and 32 hex digits", message, 1, true)
    _, message = client_of(script):fetch_address("a/1")
    assert.matches("sid must be 1 to 64 letters, digits and hyphens", message, 1, true)
  end)

  it("accepts identifiers in parameters everywhere", function()
    local params = { phone_number = PHONE }
    for _, name in ipairs {
      "address_sid",
      "bundle_sid",
      "identity_sid",
      "trunk_sid",
      "sms_application_sid",
      "emergency_address_sid",
    } do
      params[name] = SID
    end
    local created = { status = 201, body = number() }
    local page = { status = 200, body = scripted.page {} }
    local settings = { bundle_sid = SID }
    for words, call in pairs {
      purchase = function(client)
        return client:purchase(params)
      end,
      purchase_many = function(client)
        return client:purchase_many({ params }, nil)
      end,
      ["a filter"] = function(client)
        return client:purchase_available({ country = "US" }, settings, { dry_run = true })
      end,
      ["many by a filter"] = function(client)
        return client:purchase_many({ country = "US", count = 1 }, settings)
      end,
      update = function(client)
        return client:update(SID, { address_sid = SID })
      end,
    } do
      local script = {
        POST = { created },
        GET = scripted.gets({ { status = 200, body = scripted.found { PHONE } } }, { page }),
      }
      local client, log = client_of(script)
      assert(call(client), words)
      assert.is_true(#log.requests > 0)
      client, log = strict(script)
      local _, message, err = call(client)
      assert.equal("invalid", err.kind, words)
      assert.matches("_sid must be %u%u and 32 hex digits", message)
      assert.equal(0, #log.requests)
      client = client_of(script)
      params.bundle_sid, settings.bundle_sid = "a/b", "a/b"
      if words ~= "update" then
        _, message = call(client)
        assert.matches("bundle_sid must be 1 to 64 letters, digits and hyphens", message, 1, true)
      end
      params.bundle_sid, settings.bundle_sid = SID, SID
    end
  end)

  it("sends a plan's body as text", function()
    local client = client_of {
      GET = scripted.gets({ { status = 200, body = scripted.found { PHONE } } }, {
        { status = 200, body = scripted.page {} },
      }),
    }
    local filter, options = { country = "US" }, { dry_run = true }
    local plan = assert(client:purchase_available(filter, { bundle_sid = SID }, options))
    assert.same({ PhoneNumber = PHONE, BundleSid = SID }, form.decode(plan.body))
  end)

  it("reads a number by its identifier, after a purchase and in a list", function()
    local script = {
      POST = { { status = 201, body = number() } },
      GET = {
        { status = 200, body = ('{"incoming_phone_numbers":[%s]}'):format(number()) },
      },
    }
    local bought = assert(client_of(script):purchase { phone_number = PHONE })
    assert.equal(SID, bought.sid)
    local _, message, err = strict(script, { retries = 0 }):purchase { phone_number = PHONE }
    assert.same({ "response", "yes" }, { err.kind, err.purchased })
    assert.matches("no phone number SID in it", message, 1, true)
    script.POST = { { broken = "network" } }
    assert.equal(SID, assert(client_of(script):purchase { phone_number = PHONE }).sid)
    local options = { account_sid = scripted.ACCOUNT, retries = 0 }
    err = select(3, strict(script, options):purchase { phone_number = PHONE })
    assert.equal("unknown", err.purchased)
  end)

  it("rejects another number's identifier and invalid identifiers", function()
    local other = { sid = SID, phone_number = "+15005550009", account_sid = "another-1" }
    for _, sid in ipairs { "", "a/b", ("a"):rep(65) } do
      local client = client_of({
        POST = { { status = 201, body = number { sid = sid } } },
        GET = { { broken = "timeout" } },
      }, { retries = 0 })
      local _, _, err = client:purchase { phone_number = PHONE }
      assert.equal("yes", err.purchased)
      assert.is_nil(err.sid)
    end
    local client = client_of(
      { POST = { { status = 201, body = cjson.encode(other) } }, GET = { { broken = "timeout" } } },
      { retries = 0 }
    )
    local _, message, err = client:purchase { phone_number = PHONE }
    assert.equal("response", err.kind)
    assert.matches("+15005550009 of account another-1", message, 1, true)
  end)

  it("accepts an error with a code or a message as the service's, unlike other clients", function()
    for body, words in pairs {
      ['{"message":"no"}'] = "no",
      ['{"code":"not_for_sale"}'] = "not_for_sale",
      ['{"code":7,"message":"no"}'] = "no",
    } do
      local script = { POST = { { status = 422, body = body } }, GET = { { broken = "timeout" } } }
      local _, message, err = client_of(script, { retries = 0 }):purchase { phone_number = PHONE }
      assert.same({ "api", "no", 422 }, { err.kind, err.purchased, err.status })
      assert.matches(words, message, 1, true)
      err = select(3, strict(script, { retries = 0 }):purchase { phone_number = PHONE })
      assert.equal("unknown", err.purchased)
    end
    local page = { status = 422, headers = { ["content-type"] = "text/html" }, body = "<html>" }
    local script = { POST = { page }, GET = { { broken = "timeout" } } }
    local err = select(3, client_of(script, { retries = 0 }):purchase { phone_number = PHONE })
    assert.equal("unknown", err.purchased)
  end)

  it("recognizes a 404 of the service by its message, whatever its code", function()
    local gone = { status = 404, body = '{"message":"gone"}' }
    local client = client_of { DELETE = { { broken = "network" }, gone } }
    assert.is_true(client:release(SID))
    client = client_of { DELETE = { gone } }
    local released, message, err = client:release(SID)
    assert.is_nil(released)
    assert.is_true(err.not_found)
    assert.matches("no number with this SID", message, 1, true)
    local report = client:release_many { SID }
    assert.equal(1, report.not_owned)
    client = strict({ DELETE = { { broken = "network" }, gone } }, { retries = 1 })
    err = select(3, client:release(scripted.NUMBER_SID))
    assert.is_true(err.unheard)
    assert.is_nil(err.not_found)
  end)

  it("explains a 404 of a search as with Twilio", function()
    local gone = { status = 404, body = '{"message":"gone"}' }
    local _, message = assert(client_of({ GET = { gone } }):search("XX", "local")):all()
    assert.matches("sells no numbers in XX", message, 1, true)
  end)

  it("follows only links that start with the path of base_url", function()
    local path = "/2010-04-01/Accounts/" .. ACCOUNT .. "/IncomingPhoneNumbers?Page=1"
    for link, url in pairs {
      ["/api/laml" .. path] = "https://a.example/api/laml" .. path,
      [path] = "https://a.example/api/laml" .. path,
      ["/api/other" .. path] = false,
      ["/api/laml.evil" .. path] = false,
      ["/api/laml/../x" .. path] = false,
      ["https://evil.example/api/laml" .. path] = false,
    } do
      local script = {
        GET = {
          { status = 200, body = scripted.page({ PHONE }, link) },
          { status = 200, body = scripted.page { "+15005550007" } },
        },
      }
      local client, log = client_of(script)
      local list, message = assert(client:list()):all()
      assert.equal(url or nil, log.gets[2] and log.gets[2].url, link)
      assert.equal(url and 2 or nil, list and #list)
      assert.is_truthy(url or message:find("its next page is on another host", 1, true))
    end
    local script =
      { GET = { { status = 200, body = scripted.page({ PHONE }, "/api/laml" .. path) } } }
    local client = strict(script, { base_url = "https://a.example/api/laml" })
    local _, message = assert(client:list()):all()
    assert.matches("its next page is on another host", message, 1, true)
  end)
end)

describe("a service that is compatible with Twilio, simulated,", function()
  local twilio = simulator.shared(
    { setup = setup, teardown = teardown, before_each = before_each },
    { arguments = "--profile signalwire" }
  )
  local client

  before_each(function()
    client = clients.of(twilio, { opaque_sids = true })
  end)

  after_each(function()
    client:close()
  end)

  it("uses its own path and identifiers", function()
    assert.matches("^https://127%.0%.0%.1:%d+/api/laml$", twilio.base_url)
    assert.matches("^%x+%-%x+%-%x+%-%x+%-%x+$", twilio.account_sid)
    assert.is_nil((numbers.client { account_sid = twilio.account_sid, auth_token = "x" }))
  end)

  it("sells, lists page by page, changes and takes back numbers", function()
    local report = assert(client:purchase_many { country = "US", area_code = "415", count = 5 })
    assert.equal(5, report.bought)
    local sids = {}
    for _, owned in ipairs(assert(client:list({ page_size = 2 }):all())) do
      sids[#sids + 1] = owned.sid
      assert.matches("^%x+%-%x+%-%x+%-%x+%-%x+$", owned.sid)
      assert.matches("^/api/laml/2010%-04%-01/Accounts/", owned.uri)
    end
    assert.equal(5, #sids)
    assert.equal(5, assert(client:update_many(sids, { friendly_name = "Pool" })).updated)
    assert.equal("Pool", assert(client:fetch(sids[1])).friendly_name)
    assert.equal(5, assert(client:release_many(sids)).released)
    assert.equal(0, #twilio:state().owned)
    for _, request in ipairs(twilio:requests()) do
      assert.matches("^/api/laml/2010%-04%-01/", request.path)
    end
  end)

  it("tries the next number if one is gone, and explains refusals", function()
    twilio:fault { fault = "status", status = 400, code = 21422, method = "POST" }
    assert(client:purchase_available { country = "US", area_code = "415" })
    assert.equal(2, twilio:state().posts)
    local _, message, err = client:purchase { phone_number = "+15005550000" }
    assert.same({ "api", "no", 21422 }, { err.kind, err.purchased, err.code })
    assert.matches("+15005550000 is not available", message, 1, true)
    local stranger = clients.of(twilio, { opaque_sids = true, auth_token = "wrong" })
    _, _, err = stranger:purchase { phone_number = PHONE }
    assert.same({ "api", "no", 401 }, { err.kind, err.purchased, err.status })
    stranger:close()
  end)

  it("reports that it has no prices", function()
    local price, _, err = client:price("US", "local")
    assert.is_nil(price)
    assert.same({ 404, true }, { err.status, err.not_found })
  end)

  it("ignores some settings, which are reported", function()
    local owned, message, info =
      client:purchase { phone_number = "+14155550100", bundle_sid = SID, friendly_name = "x" }
    assert.equal("x", owned.friendly_name)
    assert.is_string(message)
    assert.equal("bundle_sid", info.incomplete.differences[1].name)
  end)

  it("keeps its orders in a journal under its own origin", function()
    local store = table_store.new()
    local keyed = clients.of(twilio, { opaque_sids = true, journal = store })
    local settings = { trunk_sid = SID, bundle_sid = SID } -- of which it ignores the second
    local options = { idempotency_key = "order-1" }
    local bought = assert(keyed:purchase_available({ country = "US" }, settings, options))
    local again, _, info = keyed:purchase_available({ country = "US" }, settings, options)
    assert.equal("bundle_sid", info.incomplete.differences[1].name)
    assert.same({ bought.sid, SID, 1 }, { again.sid, again.trunk_sid, twilio:state().purchases })
    assert(keyed:purchase { area_code = "415", trunk_sid = SID })
    assert(keyed:purchase_many({ country = "US", count = 1 }, settings))
    assert.equal(1, assert(keyed:release_many { bought.sid }).released)
    local origin = twilio.base_url:match("^https://[^/]+")
    local key = records.order(records.scope(origin, twilio.account_sid), "order-1")
    assert.is_truthy(store.rows[key])
    keyed:close()
  end)

  it("releases what all_or_nothing bought by its identifiers", function()
    local list = { "+14155550100", "+15005550000" }
    local report = client:purchase_many(list, { trunk_sid = SID }, { all_or_nothing = true })
    assert.same({ 1, 1 }, { report.released, report.refused })
    assert.equal(0, #twilio:state().owned)
  end)

  it("finds a number bought by an unanswered purchase", function()
    twilio:fault { fault = "close_after_commit", method = "POST" }
    local owned = assert(client:purchase { phone_number = "+14155550100" })
    assert.equal(owned.sid, twilio:state().owned[1].sid)
    assert.equal(1, twilio:state().purchases)
  end)
end)
