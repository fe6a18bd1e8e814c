local core = require("twilio.numbers.core")
local realm = require("twilio.numbers.config.realm")
local problem = require("twilio.numbers.config.idempotency_key")
local records = require("twilio.numbers.journal.records")

local SID = "AC0123456789abcdef0123456789ABCDEF"
local SCOPE = "AC0123456789abcdef0123456789abcdef@twilio"
local LOCAL = SCOPE:gsub("twilio", "http%%3A%%2F%%2F127.0.0.1%%3A8080")

describe("the key of a record", function()
  it("has a kind, a scope and what the record is about", function()
    assert.equal(SCOPE, records.scope("twilio", SID))
    assert.equal("order/" .. SCOPE .. "/order-1042", records.order(SCOPE, "order-1042"))
    assert.equal("many/" .. SCOPE .. "/order-1042", records.many(SCOPE, "order-1042"))
    assert.equal("slot/" .. SCOPE .. "/12/order-1042", records.slot(SCOPE, 12, "order-1042"))
    assert.equal("number/" .. SCOPE .. "/+14155550100", records.number(SCOPE, "+14155550100"))
    assert.equal("limit/" .. SCOPE .. "/2026-11-28", records.limit(SCOPE, "2026-11-28"))
  end)

  it("has a scope without slashes, whatever realm and account are called", function()
    assert.equal(LOCAL, records.scope("http://127.0.0.1:8080", SID))
    assert.equal("a%2Fb%40c@d%2Fe%40%25f", records.scope("d/e@%f", "a/b@c"))
  end)

  it("can be parsed again", function()
    for _, scope in ipairs { { "twilio", SID }, { "http://[::1]:80/", "a/b@c%2F" } } do
      local text = records.scope(scope[1], scope[2])
      local account_sid = core.is_sid(scope[2]) and SID:sub(1, 2) .. SID:sub(3):lower() or scope[2]
      for _, key in ipairs { "order-1042", "a/b", "/", "1/x", "@", "%2F", "caf\195\169", " " } do
        local common = { scope = text, account_sid = account_sid, realm = scope[1] }
        local function with(more)
          for name, value in pairs(common) do
            more[name] = value
          end
          return more
        end
        assert.same(with { kind = "order", key = key }, records.parse(records.order(text, key)))
        assert.same(with { kind = "many", key = key }, records.parse(records.many(text, key)))
        local slot = with { kind = "slot", key = key, slot = 3 }
        assert.same(slot, records.parse(records.slot(text, 3, key)))
      end
    end
  end)

  it("names the number or the day", function()
    assert.equal("+14155550100", records.parse(records.number(SCOPE, "+14155550100")).phone_number)
    assert.equal("2026-11-28", records.parse(records.limit(SCOPE, "2026-11-28")).day)
  end)

  it("starts with the prefix for a scan of its kind and scope", function()
    local prefix = records.prefix("slot", SCOPE)
    assert.equal(prefix, records.slot(SCOPE, 1, "k"):sub(1, #prefix))
  end)

  it("of an order is never that of a slot or a number, whatever the idempotency key", function()
    for _, key in ipairs { "1/x", "../slot/" .. SCOPE .. "/1/x", "+14155550100" } do
      assert.equal("order", records.parse(records.order(SCOPE, key)).kind)
      assert.equal(key, records.parse(records.order(SCOPE, key)).key)
    end
  end)

  it("is not parsed if it is another program's", function()
    local others = {
      "",
      "order",
      "order/" .. SCOPE,
      "order/" .. SCOPE .. "/",
      "order/twilio/x",
      "lock/" .. SCOPE .. "/x",
      "slot/" .. SCOPE .. "/x",
      "slot/" .. SCOPE .. "/0/x",
      "slot/" .. SCOPE .. "/01/x",
      "slot/" .. SCOPE .. "/1/",
      "number/" .. SCOPE .. "/14155550100",
      "limit/" .. SCOPE .. "/today",
    }
    for _, text in ipairs(others) do
      assert.is_nil(records.parse(text), text)
    end
  end)
end)

describe("an idempotency key", function()
  it("is 1 to 255 bytes of UTF-8", function()
    local good = { "a", ("x"):rep(255), "order 1042/7", "caf\195\169", "\226\130\172", "\194\160" }
    for _, key in ipairs(good) do
      assert.is_nil(problem(key))
    end
  end)

  it("is nothing else, and is not quoted in the error", function()
    local bad = {
      { 1042, "must be a string, got a number" },
      { {}, "must be a string, got a table" },
      { "", "must have from 1 to 255 bytes, got 0" },
      { ("x"):rep(256), "must have from 1 to 255 bytes, got 256" },
      { "caf\233", "must be valid UTF-8" },
      { "a\0", "must not contain control characters" },
      { "\n", "must not contain control characters" },
      { "a\31b", "must not contain control characters" },
      { "\127", "must not contain control characters" },
      { "\194\128", "must not contain control characters" },
      { "\194\159", "must not contain control characters" },
    }
    for _, row in ipairs(bad) do
      assert.equal(row[2], problem(row[1]))
    end
    assert.equal("must be a string, got nil", problem(nil))
  end)
end)

describe("a record's value", function()
  it("carries the version of its format", function()
    assert.equal('{"state":"open","v":1}', records.encode { state = "open" })
    assert.same({ state = "open", v = 1 }, records.decode('{"state":"open","v":1}'))
  end)

  it("does not modify the table", function()
    local record = { state = "open" }
    records.encode(record)
    assert.same({ state = "open" }, record)
  end)

  it("keeps fields that this version does not know when it is written again", function()
    local record = records.decode('{"later":{"a":[1]},"state":"open","v":1}')
    record.state = "trying"
    assert.equal('{"later":{"a":[1]},"state":"trying","v":1}', records.encode(record))
  end)

  it("is refused if a newer version wrote it, with advice", function()
    local record, message, why = records.decode('{"state":"open","v":2}')
    assert.is_nil(record)
    assert.equal("newer", why)
    assert.truthy(message:find("v = 2, this one reads 1", 1, true))
  end)

  it("is damaged without a version, or without JSON", function()
    for _, value in ipairs { "{}", '{"v":"1"}', '{"v":0}', '{"v":1.5}', '{"v":1', "", "[1]" } do
      local record, message, why = records.decode(value)
      assert.is_nil(record)
      assert.is_string(message)
      assert.equal("damaged", why)
    end
  end)

  it("cannot be written if it contains values that JSON lacks", function()
    local value, message = records.encode { last_error = "caf\233" }
    assert.is_nil(value)
    assert.equal("the record's field last_error is not valid UTF-8", message)
  end)

  it("stores foreign text as a note: short, and valid UTF-8", function()
    assert.equal("caf\195\169", records.note("caf\195\169"))
    assert.equal("caf?", records.note("caf\233"))
    assert.equal(("x"):rep(300), records.note(("x"):rep(301)))
    assert.equal(("x"):rep(299), records.note(("x"):rep(299) .. "\195\169"))
    assert.equal(("x"):rep(298), records.note(("x"):rep(298) .. "\226\130\172"))
    assert.equal("a??b", records.note("a\226\130b"))
  end)
end)

describe("a realm", function()
  it("is Twilio for all of Twilio's hosts", function()
    for _, url in ipairs {
      "https://api.twilio.com",
      "https://api.dublin.ie1.twilio.com",
      "https://API.Twilio.COM./",
      "https://twilio.com:443/2010",
    } do
      assert.equal("twilio", realm.of_url(url), url)
    end
  end)

  it("is the origin of any other URL", function()
    local origins = {
      { "https://example.com", "https://example.com" },
      { "https://Example.com:443/a/b", "https://example.com" },
      { "http://127.0.0.1:8080", "http://127.0.0.1:8080" },
      { "http://127.0.0.1:80", "http://127.0.0.1" },
      { "https://example.com:80", "https://example.com:80" },
      { "http://[::1]:8080/", "http://[::1]:8080" },
      { "https://twilio.com.example.com", "https://twilio.com.example.com" },
      { "https://nottwilio.com", "https://nottwilio.com" },
    }
    for _, row in ipairs(origins) do
      assert.equal(row[2], realm.of_url(row[1]))
    end
  end)

  it("is the option's value, if given", function()
    local config = { base_url = "https://proxy.example.com" }
    assert.equal("https://proxy.example.com", realm.of(config))
    config.realm = "twilio"
    assert.equal("twilio", realm.of(config))
  end)
end)
