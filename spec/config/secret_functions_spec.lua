-- The functions that return a secret, each for one option, and secrets that are changed at Twilio.
local clients = require("spec.support.clients")
local compat = require("twilio.numbers.compat")
local condition = require("cqueues.condition")
local core = require("twilio.numbers.core")
local cqueues = require("cqueues")
local dump = require("spec.support.dump")
local environment = require("spec.support.environment")
local flights = require("spec.support.flights")
local left_out = require("spec.support.left_out")
local scripted = require("spec.support.scripted")
local simulator = require("spec.support.simulator")

local KEY = "SK" .. ("ab"):rep(16)
local CREATED = { status = 201, body = scripted.body() }
local UNAUTHORIZED = { status = 401, body = scripted.refusal(20003, "Authenticate") }

--- The options that may be functions: their companions, and the header for a secret.
local FUNCTIONS = {
  access_token = {
    noun = "token",
    header = function(secret)
      return "Bearer " .. secret
    end,
  },
  auth_token = {
    noun = "token",
    header = function(secret)
      return core.basic(scripted.ACCOUNT, secret):text()
    end,
  },
  api_secret = {
    noun = "secret",
    more = { api_key = KEY },
    header = function(secret)
      return core.basic(KEY, secret):text()
    end,
  },
}

for option, kind in pairs(FUNCTIONS) do
  describe("a function as " .. option, function()
    local asked

    before_each(function()
      asked = 0
    end)

    --- Returns a new secret each time.
    local function ask()
      asked = asked + 1
      return "the-s3cret-" .. asked
    end

    local function client_of(f, script, more)
      local options = { [option] = f }
      for _, part in ipairs { kind.more or {}, more or {} } do
        for name, value in pairs(part) do
          options[name] = value
        end
      end
      options.without = { option ~= "auth_token" and "auth_token" or "none" }
      return scripted.client(script, options)
    end

    it("is called once for many calls, and not before the first", function()
      local client, log = client_of(ask, { POST = { CREATED } })
      assert.equal(0, asked)
      for _ = 1, 3 do
        assert(client:purchase { area_code = "415" })
      end
      assert.equal(1, asked)
      assert.equal(kind.header("the-s3cret-1"), log.posts[3].headers.Authorization)
    end)

    it("is called once more after Twilio's own 401, and no more in that call", function()
      local client, log = client_of(ask, { POST = { UNAUTHORIZED, CREATED, UNAUTHORIZED } })
      assert(client:purchase({ area_code = "415" }, { retries = 0 }))
      assert.same({ 2, 2 }, { asked, #log.posts })
      assert.equal(kind.header("the-s3cret-2"), log.posts[2].headers.Authorization)
      local _, _, err = client:purchase { area_code = "415" }
      assert.same({ 401, 3, 4 }, { err.status, asked, #log.posts })
    end)

    it("is not called again after a gateway's 401", function()
      local html = { status = 401, headers = { ["content-type"] = "text/html" }, body = "<html>" }
      local json = { status = 401, body = '{"message":"who are you?"}' }
      for _, answer in ipairs { html, json } do
        asked = 0
        local client, log = client_of(ask, { POST = { answer }, GET = { answer } }, { retries = 0 })
        local _, _, err = client:purchase { area_code = "415" }
        assert.same({ 401, "unknown" }, { err.status, err.purchased })
        _, _, err = client:fetch(scripted.NUMBER_SID)
        assert.equal(401, err.status)
        assert.same({ 1, 1, 1 }, { asked, #log.posts, #log.gets })
      end
    end)

    it("overrides the environment", function()
      environment.with(
        { TWILIO_AUTH_TOKEN = "env", TWILIO_API_KEY = KEY, TWILIO_API_SECRET = "env" },
        function()
          local client, log = client_of(ask, { POST = { CREATED } })
          assert(client:purchase { area_code = "415" })
          assert.equal(kind.header("the-s3cret-1"), log.posts[1].headers.Authorization)
        end
      )
    end)

    it("may fail in any way: nothing is sent, and no secret is shown", function()
      for words, f in pairs {
        ["the vault is down"] = function()
          error("the vault is down")
        end,
        ["no secret today"] = function()
          return nil, "no secret today"
        end,
        ["what it returned ends in a line break"] = function()
          return "the-s3cret\n"
        end,
        [""] = function()
          return { "the-s3cret" }
        end,
      } do
        local client, log = client_of(f, { POST = { CREATED } })
        local number, message, err = client:purchase { area_code = "415" }
        assert.is_nil(number)
        assert.same({ "connect", "no", 0 }, { err.kind, err.purchased, #log.posts })
        assert.matches(option .. " returned no " .. kind.noun, message, 1, true)
        assert.matches(words, message, 1, true)
        assert.is_nil(message:find("the-s3cret", 1, true))
        assert.is_nil(dump(err):find("the-s3cret", 1, true))
      end
    end)

    it("may not call its own client", function()
      local inner, client
      client = client_of(function()
        inner = { client:purchase { area_code = "510" } }
        return "tok"
      end, { POST = { CREATED } })
      assert(client:purchase { area_code = "415" })
      assert.matches("the function " .. option .. " must not call the client", inner[2], 1, true)
    end)

    it("may wait for its host while others call it", function()
      local client, log = client_of(function()
        coroutine.yield()
        return ask()
      end, { POST = { CREATED } })
      local threads = {}
      for i = 1, 2 do
        threads[i] = coroutine.create(function()
          assert(client:purchase { area_code = "415" })
        end)
        assert(coroutine.resume(threads[i]))
      end
      assert(coroutine.resume(threads[2]))
      assert.same({ 1, 1 }, { #log.posts, asked })
      assert(coroutine.resume(threads[1]))
      assert.same({ 2, 2 }, { #log.posts, asked })
    end)

    it("leaves no secret in any table", function()
      local client = client_of(ask, { POST = { CREATED } })
      assert(client:purchase { area_code = "415" })
      local text = dump(client)
      assert.is_nil(text:find("the-s3cret", 1, true))
      assert.is_nil(text:find(kind.header("the-s3cret-1"):sub(8), 1, true))
    end)
  end)
end

describe("A secret that was changed at Twilio", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  it("is requested once by all refused calls in flight", function()
    local asked, denied = 0, 0
    local client = clients.of(twilio, {
      auth_token = function()
        asked = asked + 1
        return asked == 1 and "the-old-one" or twilio.auth_token
      end,
      on_event = function(event)
        denied = denied + (event.status == 401 and 1 or 0)
      end,
    })
    local pendings = flights.begin(client, 5)
    flights.finish(client)
    assert.same({ number = 5 }, flights.count(pendings))
    assert.same({ 2, 5 }, { asked, denied })
    client:close()
  end)

  it("may be waited for in a host, where another client buys meanwhile", function()
    if
      left_out.without(compat.yields_across_pcall, "a function that waits", "yields across pcall")
    then
      return
    end
    local controller, vault, order = cqueues.new(), condition.new(), {}
    local function buy(name, auth_token)
      controller:wrap(function()
        local client = clients.of(twilio, { loop = "auto", auth_token = auth_token })
        assert(client:purchase { area_code = "415" })
        order[#order + 1] = name
        vault:signal()
        client:close()
      end)
    end
    buy("waits", function()
      vault:wait() -- until the other has bought
      return twilio.auth_token
    end)
    buy("has one", twilio.auth_token)
    assert(controller:loop())
    assert.same({ "has one", "waits" }, order)
  end)
end)
