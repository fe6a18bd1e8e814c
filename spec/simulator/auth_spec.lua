local mime = require("mime")
local account = require("spec.support.account")

local PATH = "IncomingPhoneNumbers.json"

describe("the simulator's authentication", function()
  local twilio, send, credentials

  before_each(function()
    twilio, send = account.new()
    credentials = twilio.credentials
  end)

  local function basic(user, password)
    return "Basic " .. mime.b64(user .. ":" .. password)
  end

  local function knock(authorization, sid)
    local status, body = send("GET", PATH, nil, { authorization = authorization, sid = sid })
    return { status, body.code }
  end

  it("accepts the account, its API key and its bearer token", function()
    assert.same({ 200 }, knock(basic(credentials.account_sid, credentials.auth_token)))
    assert.same({ 200 }, knock(basic(credentials.api_key, credentials.api_secret)))
    assert.same({ 200 }, knock("Bearer " .. credentials.access_token))
  end)

  it("accepts a parent on its subaccount's path, and not the reverse", function()
    local sub, token = credentials.subaccount_sid, credentials.subaccount_auth_token
    assert.same({ 200 }, knock(basic(credentials.account_sid, credentials.auth_token), sub))
    assert.same({ 200 }, knock(basic(sub, token), sub))
    assert.same({ 404, 20404 }, knock(basic(sub, token)))
  end)

  it("rejects the parent's API key on its subaccount's path", function()
    local key = basic(credentials.api_key, credentials.api_secret)
    assert.same({ 401, 20003 }, knock(key, credentials.subaccount_sid))
    twilio.api_keys.SKsub = { secret = "s", account = credentials.subaccount_sid }
    assert.same({ 200 }, knock(basic("SKsub", "s"), credentials.subaccount_sid))
  end)

  it("rejects all other credentials", function()
    assert.same({ 401, 20003 }, knock(basic(credentials.account_sid, "wrong")))
    assert.same({ 401, 20003 }, knock(basic("AC" .. ("0"):rep(32), "wrong")))
    assert.same({ 401, 20003 }, knock(basic(credentials.api_key, credentials.auth_token)))
    assert.same({ 401, 20003 }, knock("Bearer wrong"))
    assert.same({ 401, 20003 }, knock("nonsense"))
  end)

  it("sends WWW-Authenticate", function()
    local _, _, response = send("GET", PATH, nil, { authorization = "nonsense" })
    assert.truthy(response.headers["www-authenticate"]:match("^Basic realm="))
  end)

  it("does not find other accounts", function()
    local stranger = "AC" .. ("0"):rep(32)
    local own = basic(credentials.account_sid, credentials.auth_token)
    assert.same({ 404, 20404 }, knock(own, stranger))
    assert.same({ 404, 20404 }, knock(own, credentials.test_account_sid))
  end)

  it("rejects an account that is not active", function()
    twilio.accounts[credentials.account_sid].status = "closed"
    assert.same({ 403, 20005 }, knock("Bearer " .. credentials.access_token))
  end)

  it("returns errors for paths without .json and for other methods", function()
    for path, expected in pairs {
      ["IncomingPhoneNumbers"] = { 404, 20404 },
      ["Calls.json"] = { 404, 20404 },
      ["/elsewhere"] = { 404, 20404 },
    } do
      local status, body = send("GET", path)
      assert.same(expected, { status, body.code })
    end
    local status, body = send("PUT", PATH)
    assert.same({ 405, 20004 }, { status, body.code })
  end)
end)
