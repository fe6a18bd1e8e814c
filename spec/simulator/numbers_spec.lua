local cjson = require("cjson")
local account = require("spec.support.account")

describe("the simulator's numbers, once bought,", function()
  local twilio, send, number, path

  before_each(function()
    twilio, send = account.new()
    local _
    _, number =
      send("POST", "IncomingPhoneNumbers.json", { AreaCode = "415", VoiceUrl = "https://a.b/" })
    path = ("IncomingPhoneNumbers/%s.json"):format(number.sid)
  end)

  it("can be fetched", function()
    local status, fetched = send("GET", path)
    assert.equal(200, status)
    assert.same(number, fetched)
  end)

  it("can be changed, and an empty string clears", function()
    local status, changed = send("POST", path, { VoiceUrl = "", SmsUrl = "https://c.d/" })
    assert.equal(200, status)
    assert.same({ cjson.null, "https://c.d/" }, { changed.voice_url, changed.sms_url })
    local fetched = select(2, send("GET", path))
    assert.equal("https://c.d/", fetched.sms_url)
    assert.equal(1, twilio.counts.updates)
  end)

  it("stay unchanged when a change is refused", function()
    local fields = { FriendlyName = "x", VoiceUrl = "", VoiceFallbackUrl = "https://c.d/" }
    local status, body = send("POST", path, fields)
    assert.same({ 400, 21405 }, { status, body.code })
    assert.same(number, select(2, send("GET", path)))
  end)

  it("have a trunk or an application, never both", function()
    local trunk, application = "TK" .. ("0"):rep(32), "AP" .. ("0"):rep(32)
    local _, changed = send("POST", path, { VoiceApplicationSid = application })
    assert.same({ application, cjson.null }, { changed.voice_application_sid, changed.trunk_sid })
    _, changed = send("POST", path, { TrunkSid = trunk })
    assert.same({ cjson.null, trunk }, { changed.voice_application_sid, changed.trunk_sid })
    _, changed = send("POST", path, { VoiceApplicationSid = application })
    assert.same({ application, cjson.null }, { changed.voice_application_sid, changed.trunk_sid })
  end)

  for kind, name in pairs { voice = "Voice", sms = "Sms" } do
    it("have an application or URLs for " .. kind .. ", never both", function()
      local sid = "AP" .. ("0"):rep(32)
      local application, url = name .. "ApplicationSid", name .. "Url"
      local function change(fields)
        local status, changed = send("POST", path, fields)
        assert.equal(200, status)
        return {
          changed[kind .. "_application_sid"],
          changed[kind .. "_url"],
          changed[kind .. "_fallback_url"],
        }
      end
      local fallback = name .. "FallbackUrl"
      change { [url] = "https://a.b/", [fallback] = "https://c.d/" }
      assert.same({ sid, cjson.null, cjson.null }, change { [application] = sid })
      assert.same({ cjson.null, "https://a.b/", cjson.null }, change { [url] = "https://a.b/" })
      local both = change { [application] = sid, [url] = "https://a.b/" }
      assert.same({ sid, cjson.null, cjson.null }, both)
      local status, body = send("POST", path, { [fallback] = "https://c.d/" })
      assert.same({ 400, kind == "voice" and 21405 or 21406 }, { status, body.code })
      assert.same({ cjson.null, cjson.null, cjson.null }, change { [application] = "" })
    end)
  end

  it("get a slash appended to a URL without a path", function()
    for given, kept in pairs {
      ["https://example.com"] = "https://example.com/",
      ["https://example.com?a=/b"] = "https://example.com/?a=/b",
      ["https://example.com:8080#a"] = "https://example.com:8080/#a",
      ["https://user:secret@example.com"] = "https://user:secret@example.com/",
      ["https://example.com/"] = "https://example.com/",
      ["https://example.com/a"] = "https://example.com/a",
    } do
      local fields = { VoiceUrl = given, SmsUrl = given, StatusCallback = given }
      local _, changed = send("POST", path, fields)
      assert.same({ kept, kept, kept }, {
        changed.voice_url,
        changed.sms_url,
        changed.status_callback,
      })
    end
  end)

  it("can be transferred to a subaccount, but not to an unrelated account", function()
    local to = twilio.credentials.subaccount_sid
    assert.equal(422, (send("POST", path, { AccountSid = twilio.credentials.test_account_sid })))
    local status, moved = send("POST", path, { AccountSid = to })
    assert.same({ 200, to }, { status, moved.account_sid })
    assert.equal(404, (send("GET", path)))
    assert.equal(200, (send("GET", path, nil, { sid = to })))
  end)

  it("can be released, once", function()
    local status, body = send("DELETE", path)
    assert.same({ 204 }, { status, body })
    assert.equal(404, (send("DELETE", path)))
    assert.equal(404, (send("GET", path)))
    assert.equal(1, twilio.counts.releases)
  end)

  describe("with a registered emergency address", function()
    local function status_of(look_up)
      local _, body = send("GET", look_up)
      local shown = body.incoming_phone_numbers and body.incoming_phone_numbers[1] or body
      return shown.emergency_address_status
    end

    before_each(function()
      send("POST", path, { EmergencyAddressSid = "AD" .. ("0"):rep(32) })
    end)

    it("cannot be released", function()
      assert.equal("registered", status_of(path))
      assert.same({ 400, 20001 }, {
        (send("DELETE", path)),
        select(2, send("DELETE", path)).code,
      })
      assert.equal(0, twilio.counts.releases)
    end)

    for _, look_up in ipairs { "a fetch", "a list" } do
      it("can be released once it is unregistered, which takes until " .. look_up, function()
        local where = look_up == "a list" and "IncomingPhoneNumbers.json" or path
        local _, changed = send("POST", path, { EmergencyAddressSid = "" })
        assert.same({ cjson.null, "pending-unregistration" }, {
          changed.emergency_address_sid,
          changed.emergency_address_status,
        })
        assert.equal("pending-unregistration", status_of(where))
        assert.equal(400, (send("DELETE", path)))
        assert.equal("unregistered", status_of(where))
        assert.equal(204, (send("DELETE", path)))
      end)
    end

    it("stay pending for the configured number of look-ups", function()
      twilio:set_limits { unregister_after = 3 }
      send("POST", path, { EmergencyAddressSid = "" })
      for _ = 1, 3 do
        assert.equal("pending-unregistration", status_of(path))
      end
      assert.equal("unregistered", status_of(path))
    end)

    it(
      "are registered again by another address, even while an unregistration is pending",
      function()
        send("POST", path, { EmergencyAddressSid = "" })
        send("POST", path, { EmergencyAddressSid = "AD" .. ("1"):rep(32) })
        for _ = 1, 3 do
          assert.equal("registered", status_of(path))
        end
      end
    )

    it("have nothing to unregister without a registration", function()
      local _, other = send("POST", "IncomingPhoneNumbers.json", { AreaCode = "415" })
      local own = ("IncomingPhoneNumbers/%s.json"):format(other.sid)
      local _, changed = send("POST", own, { EmergencyAddressSid = "" })
      assert.equal("unregistered", changed.emergency_address_status)
      assert.equal(204, (send("DELETE", own)))
    end)
  end)

  it("are not found by another account: 20404, without an effect", function()
    local subaccount = { sid = twilio.credentials.subaccount_sid }
    local _, theirs = send("POST", "IncomingPhoneNumbers.json", { AreaCode = "415" }, subaccount)
    local elsewhere = ("IncomingPhoneNumbers/%s.json"):format(theirs.sid)
    for _, method in ipairs { "GET", "POST", "DELETE" } do
      local status, body = send(method, elsewhere, { FriendlyName = "ours" })
      assert.same({ 404, 20404 }, { status, body.code }, method)
    end
    assert.same(theirs, select(2, send("GET", elsewhere, nil, subaccount)))
    local page = select(2, send("GET", "IncomingPhoneNumbers.json"))
    assert.equal(1, #page.incoming_phone_numbers)
  end)

  describe("in a list", function()
    local function list(fields)
      local status, page = send("GET", "IncomingPhoneNumbers.json", fields)
      assert.equal(200, status)
      return page
    end

    it("are filtered by parts of the number, with * for any digit", function()
      send("POST", "IncomingPhoneNumbers.json", { PhoneNumber = "+15105550199" })
      for filter, expected in pairs {
        ["+14155550100"] = 1,
        ["+1510555****"] = 1,
        ["555"] = 2,
        ["0199"] = 1,
        ["+1999"] = 0,
      } do
        assert.equal(expected, #list({ PhoneNumber = filter }).incoming_phone_numbers, filter)
      end
    end)

    it("are filtered by name and origin", function()
      assert.equal(1, #list({ FriendlyName = "(415) 555-0100" }).incoming_phone_numbers)
      assert.equal(0, #list({ FriendlyName = "(415)" }).incoming_phone_numbers)
      assert.equal(0, #list({ Origin = "hosted" }).incoming_phone_numbers)
    end)

    it("are an empty list when there are none", function()
      local response = select(3, send("GET", "IncomingPhoneNumbers.json", { PhoneNumber = "+9" }))
      assert.truthy(response.body:find('"incoming_phone_numbers":[]', 1, true))
    end)

    it("come in pages", function()
      for _ = 2, 7 do
        send("POST", "IncomingPhoneNumbers.json", { AreaCode = "415" })
      end
      local page = list { PageSize = 3, PhoneNumber = "+1" }
      assert.same({ 0, 3, 0, 2, cjson.null }, {
        page.page,
        page.page_size,
        page.start,
        page["end"],
        page.previous_page_uri,
      })
      local count = 0
      local status
      repeat
        count = count + #page.incoming_phone_numbers
        local next_page_uri = page.next_page_uri
        if next_page_uri ~= cjson.null then
          assert.truthy(next_page_uri:find("PhoneNumber=%2B1", 1, true))
          status, page = send("GET", next_page_uri)
          assert.equal(200, status)
        end
      until next_page_uri == cjson.null
      assert.equal(7, count)
      assert.equal(2, page.page)
      assert.is_string(page.previous_page_uri)
    end)

    it("neither repeat nor skip one when an earlier one is released between pages", function()
      for _ = 2, 4 do
        send("POST", "IncomingPhoneNumbers.json", { AreaCode = "415" })
      end
      local page = list { PageSize = 2 }
      send("DELETE", path)
      local _, following = send("GET", page.next_page_uri)
      assert.equal("+14155550102", following.incoming_phone_numbers[1].phone_number)
    end)

    it("come 50 to a page, and never more than 1000", function()
      assert.equal(50, list().page_size)
      assert.equal(1000, list({ PageSize = 5000 }).page_size)
    end)
  end)
end)
