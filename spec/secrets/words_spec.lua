-- Nothing that a user can hold, print or inspect shows a secret: a server that echoes the request in many
-- ways provokes each kind of failure, and all results are searched.
local clients = require("spec.support.clients")
local command = require("spec.support.command")
local interpreter = require("spec.support.interpreter")
local mask = require("spec.support.masked")
local mime = require("mime")
local reachable = require("spec.support.reachable")
local simulator = require("spec.support.simulator")

--- How a gateway may encode what it echoes.
local WRITINGS = {
  function(text)
    return text
  end,
  function(text) -- as JSON may, each character by its number
    return (text:gsub(".", function(c)
      return ("\\u%04x"):format(c:byte())
    end))
  end,
  function(text) -- as a URL may
    return (text:gsub("[^%w]", function(c)
      return ("%%%02X"):format(c:byte())
    end))
  end,
  function(text)
    return (text:gsub("=+$", ""):gsub("/", "\\/"))
  end,
}

--- A text as its readers may see it.
local function readings(text)
  local function from_hex(digits)
    local byte = tonumber(digits, 16)
    return byte < 256 and string.char(byte) or "?"
  end
  return {
    text,
    (text:gsub("%%(%x%x)", from_hex)),
    (text:gsub("\\u(%x%x%x%x)", from_hex)),
    (text:gsub("\\/", "/")),
  }
end

describe("of the credentials", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  --- The kinds of credentials: the options, and the secrets that must not appear.
  local function ways()
    local function basic(user, password)
      return { password, (mime.b64(user .. ":" .. password):gsub("=*$", "")) }
    end
    local token = twilio.access_token
    return {
      auth_token = {
        options = {},
        secrets = basic(twilio.account_sid, twilio.auth_token),
      },
      api_key = {
        options = {
          auth_token = false,
          api_key = twilio.api_key,
          api_secret = twilio.api_secret,
        },
        secrets = basic(twilio.api_key, twilio.api_secret),
      },
      access_token = {
        options = {
          auth_token = false,
          access_token = function()
            return token
          end,
        },
        secrets = { token },
      },
    }
  end

  local function check(strings, secrets)
    assert.is_true(#strings > 0)
    for _, text in ipairs(strings) do
      for _, reading in ipairs(readings(text)) do
        for _, secret in ipairs(secrets) do
          assert.is_nil(reading:find(secret, 1, true), text)
        end
      end
    end
  end

  --- Bodies that echo the secrets, in every field of an error that a user gets.
  local function echoes(secrets)
    local bodies = {}
    for _, write in ipairs(WRITINGS) do
      for _, secret in ipairs(secrets) do
        bodies[#bodies + 1] = (
          ([[{"code": 20003, "message": "who is SECRET?",
          "more_info": "https://example.com/?SECRET", "details": {"SECRET": ["SECRET"]}}]]):gsub(
            "SECRET",
            function()
              return write(secret .. "==")
            end
          )
        )
      end
    end
    return bodies
  end

  --- Failures, by kind of error: a fault of the server, and options of the client.
  local function failures(secrets)
    local list = {
      { kind = "invalid", params = { area_code = "x" } },
      { kind = "connect", options = { base_url = "https://127.0.0.1:1" } },
      { kind = "tls", options = { ca_file = false } },
      { kind = "timeout", fault = { fault = "hang" }, options = { timeout = 0.05 } },
      { kind = "network", fault = { fault = "close_after_read" } },
      { kind = "network", fault = { fault = "close_in_body", commit = false } },
      { kind = "response", fault = { fault = "html", commit = false } },
      { kind = "response", fault = { fault = "invalid_json", commit = false } },
    }
    for _, secret in ipairs(secrets) do
      local location = "https://127.0.0.1:1/" .. secret
      list[#list + 1] =
        { kind = "response", fault = { fault = "redirect", location = location, commit = false } }
      list[#list + 1] = {
        kind = "response",
        fault = { fault = "html", commit = false, content_type = "text/" .. secret },
      }
    end
    for i, body in ipairs(echoes(secrets)) do
      local status = ({ 400, 401, 403, 404, 500, 503 })[i % 6 + 1]
      list[#list + 1] = { kind = "api", fault = { fault = "status", status = status, body = body } }
      list[#list + 1] = { kind = "rate_limit", fault = { fault = "rate_limit", body = body } }
    end
    return list
  end

  --- Provokes the failure in both ways; returns everything that the user gets.
  local function fail(failure, way)
    local hands = { events = {} }
    local options = { retries = 0 }
    for _, more in ipairs { way.options, failure.options or {} } do
      for name, value in pairs(more) do
        options[name] = value
      end
    end
    function options.on_event(event)
      hands.events[#hands.events + 1] = event
    end
    local client = clients.of(twilio, options)
    local params = failure.params or { area_code = "415" }
    local function keep(number, message, err)
      assert.is_nil(number)
      assert.equal(failure.kind, err.kind, message)
      hands[#hands + 1] = { message = message, err = err, text = tostring(err) }
    end
    -- twice each, since a 401 makes the client request a new token
    local fault = failure.fault
    if fault then
      fault.times = 2
      twilio:fault(fault)
    end
    keep(client:purchase(params))
    if fault then
      twilio:clear()
      twilio:fault(fault)
    end
    local pending = client:purchase_async(params)
    keep(pending:wait())
    twilio:clear()
    hands.client, hands.pending = client, pending
    hands.texts = { tostring(client), tostring(pending) }
    return hands
  end

  for name in pairs { auth_token = 1, api_key = 1, access_token = 1 } do
    it("nothing is shown by any failure: " .. name, function()
      local way = ways()[name]
      for _, failure in ipairs(failures(way.secrets)) do
        local hands = fail(failure, way)
        check(reachable.strings(hands), way.secrets)
        hands.client:close()
        check(reachable.strings(hands), way.secrets)
      end
    end)

    it("nothing is shown by a purchase that is cancelled or too late: " .. name, function()
      local way = ways()[name]
      way.options.retries = 0
      local client = clients.of(twilio, way.options)
      twilio:fault { fault = "hang" }
      local cancelled = client:purchase_async { area_code = "415" }
      check(reachable.strings { client, cancelled, tostring(cancelled) }, way.secrets)
      cancelled:cancel()
      local _, _, first = cancelled:wait()
      client:close()
      local _, _, second = client:purchase { area_code = "415" }
      assert.same({ "cancelled", "closed" }, { first.kind, second.kind })
      check(reachable.strings { client, cancelled, first, second }, way.secrets)
    end)
  end

  it("nothing is shown by clients that cannot be created", function()
    local numbers = require("twilio.numbers")
    local secret = "s3cret-of-n0body"
    for _, options in ipairs {
      { auth_token = secret, retries = -1 },
      { auth_token = secret, api_key = secret },
      { auth_token = secret, access_token = secret },
      { auth_token = secret .. "\n" },
      { api_key = secret, api_secret = secret },
      { account_sid = secret, auth_token = secret },
      { auth_token = { secret } },
      { auth_token = secret, base_url = "https://user:" .. secret .. "@example.com" },
      { auth_token = secret, base_url = "http://example.com/?" .. secret },
      { auth_token = secret, proxy = "ftp://user:" .. secret .. "@example.com" },
      { auth_token = secret, ca_file = "/no/such/file" },
    } do
      options.account_sid = options.account_sid or twilio.account_sid
      local client, message, err = numbers.client(options)
      assert.is_nil(client)
      check(reachable.strings { message, err, tostring(err) }, { secret })
    end
  end)

  it("nothing is visible to a debugger in a process that uses them", function()
    local output = interpreter.output(
      ([[
      local process, numbers = require("spec_process"), require("twilio.numbers")
      local reachable = require("spec.support.reachable")
      local strings, mime = reachable.strings, require("mime")
      local client = assert(numbers.client {
        account_sid = %q,
        auth_token = process.unmask(%q),
        base_url = %q,
        ca_file = %q,
      })
      assert(client:purchase { area_code = "415" })
      assert(client:purchase_async({ area_code = "415" }):wait())
      local pending = client:purchase_async { area_code = "415" }
      local found = strings({ client, pending, _G, debug.getregistry() }, true)
      local token = process.unmask(%q)
      local coded = mime.b64(%q .. ":" .. token):sub(1, -4)
      for _, text in ipairs(found) do
        assert(not text:find(token, 1, true) and not text:find(coded, 1, true), text)
      end
      assert(pending:wait())
      client:close()
      print(#found > 500)
    ]]):format(
        twilio.account_sid,
        mask(twilio.auth_token),
        twilio.base_url,
        twilio.ca_file,
        mask(twilio.auth_token),
        twilio.account_sid
      )
    )
    assert.equal("true\n", output)
  end)

  it("nothing is shown by the command", function()
    local secrets = ways().auth_token.secrets
    local strings = {}
    local function run(settings, ...)
      local out, _, err = command.run(settings, ...)
      strings[#strings + 1], strings[#strings + 2] = out, err
    end
    local settings = command.settings(twilio)
    run(settings, "buy", "--area-code", "415", "-y")
    run(settings, "buy", "--area-code", "415", "-y", "--json")
    run(settings, "list", "--json")
    run(settings, "show", "+15005550006")
    run(settings, "--help")
    for i, body in ipairs(echoes(secrets)) do
      if i % 4 == 1 then -- each run takes its time
        twilio:fault { fault = "status", status = 403, body = body, times = 9 }
        run(settings, "buy", "+14155550123", "-y")
        twilio:clear()
      end
    end
    settings.base_url = "https://127.0.0.1:1"
    run(settings, "buy", "+14155550123", "-y")
    settings.TWILIO_ACCOUNT_SID = ""
    run(settings, "buy", "+14155550123", "-y")
    assert.is_true(#table.concat(strings) > 1000)
    check(strings, secrets)
  end)

  it("nothing is shown by the simulator's log", function()
    local own = simulator.start { arguments = "--verbose" }
    local client = clients.of(own, { retries = 0 })
    for _, fault in ipairs { "none", "close_after_read", "reset_after_read", "html" } do
      if fault ~= "none" then
        own:fault { fault = fault }
      end
      client:purchase { area_code = "415" }
      client:purchase_async({ area_code = "415" }):wait()
    end
    client:close()
    own:control("POST", "stop")
    local log = "log: " .. own:wait()
    check({ log }, {
      own.auth_token,
      (mime.b64(own.account_sid .. ":" .. own.auth_token):gsub("=*$", "")),
    })
  end)
end)
