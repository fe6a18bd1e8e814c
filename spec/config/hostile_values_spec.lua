local core = require("twilio.numbers.core")
local numbers = require("twilio.numbers")
local scripted = require("spec.support.scripted")

local PASSWORD = "s3cr3t"
local TEN_MEGABYTES = ("x"):rep(10000000)

local function raise()
  error("a metamethod was run")
end

--- A table whose every metamethod raises.
local function trap(content)
  return setmetatable(content or {}, {
    __index = raise,
    __newindex = raise,
    __pairs = raise,
    __ipairs = raise,
    __tostring = raise,
    __len = raise,
    __eq = raise,
    __lt = raise,
    __le = raise,
    __concat = raise,
    __call = raise,
    __unm = raise,
    __name = "trap",
  })
end

local function cyclic()
  local t = {}
  t.self, t[t] = t, t
  return setmetatable(t, { __tostring = raise })
end

--- Values that are invalid everywhere.
local function rubbish()
  return {
    "",
    "\0",
    "a\0b",
    "a\r\nX-Evil: 1",
    "\r\n\r\n",
    "\255\254",
    "\192\128",
    "%00%0d%0a",
    "../../..",
    TEN_MEGABYTES,
    ("/"):rep(1000000),
    ("//"):rep(1000000) .. "@",
    ("@"):rep(1000000),
    "https://user:" .. PASSWORD .. "@exam ple.com",
    0,
    -1,
    1.5,
    1e308,
    2 ^ 53,
    0 / 0,
    1 / 0,
    -1 / 0,
    true,
    false,
    {},
    { {} },
    cyclic(),
    trap(),
    trap { phone_number = "+15005550006" },
    print,
    raise,
    coroutine.create(raise),
    io.stdout,
  }
end

describe("hostile input", function()
  local client, log

  before_each(function()
    client, log = scripted.client {} -- any request is unexpected
  end)

  --- Buys, which must fail properly: without raising, sending or showing a password.
  local function refused(params, options)
    local called, number, message, err = pcall(client.purchase, client, params, options)
    assert.is_true(called, number)
    assert.is_nil(number)
    assert.is_string(message)
    assert.same({ "invalid", "no", 0 }, { err.kind, err.purchased, err.attempts })
    assert.is_nil(log.unexpected)
    assert.equal(0, #log.posts + #log.gets)
    assert.is_nil(message:find(PASSWORD, 1, true), message:sub(1, 200))
    assert.is_nil(message:find("[%c\127-\255]"), message:sub(1, 200))
    assert.is_true(#message < 1000, #message)
    return err
  end

  it("is refused as a parameter's value", function()
    for _, row in ipairs(core.parameters()) do
      for i, value in ipairs(rubbish()) do
        local right = row.kind == "boolean" and type(value) == "boolean"
          or row.kind == "text" and type(value) == "string" and #value < 65
          or row.name == "api_version" and type(value) == "string" and #value <= 16384
          or row.kind == "area_code" and value == 0
        if not right then
          local params = { [row.name] = value }
          if row.kind ~= "phone" and row.kind ~= "area_code" then
            params.phone_number = "+15005550006"
          end
          local err = refused(params)
          assert.equal(row.name, err.problems[1].name, i)
        end
      end
    end
  end)

  it("is refused as a parameter's name", function()
    for _, key in ipairs(rubbish()) do
      if key == key then
        local err = refused { [key] = "x", phone_number = "+15005550006" }
        assert.equal(1, #err.problems)
      end
    end
  end)

  it("is refused as the table of parameters", function()
    for _, params in ipairs(rubbish()) do
      refused(params)
    end
  end)

  it("is refused as a call's options", function()
    local params = { phone_number = "+15005550006" }
    for _, value in ipairs(rubbish()) do
      local no_options = type(value) == "table" and not next(value) and not getmetatable(value)
      if not no_options then
        refused(params, value)
      end
      refused(params, { account_sid = value })
      if value ~= 1.5 then
        refused(params, { timeout = value })
      end
      if value ~= 0 then
        refused(params, { retries = value })
      end
      if value == value then
        refused(params, { [value] = 1 })
      end
    end
  end)

  it("is refused as a client's options", function()
    local rows = require("twilio.numbers.config.options").CLIENT
    local function check(given)
      local called, made, message = pcall(numbers.client, given)
      assert.is_true(called, made)
      if not made then
        assert.is_nil(message:find(PASSWORD, 1, true), message:sub(1, 200))
        assert.is_nil(message:find("[%c\127-\255]"), message:sub(1, 200))
        assert.is_true(#message < 1500, #message)
      end
    end
    for _, value in ipairs(rubbish()) do
      check(value)
      for _, row in ipairs(rows) do
        check { [row.name] = value }
      end
      if value == value then
        check { [value] = value }
      end
    end
  end)

  it("is refused without running a metamethod", function()
    refused(trap { phone_number = "+15005550006" })
    refused(setmetatable({}, { __index = { phone_number = "+15005550006" } }))
    refused(setmetatable({}, { __pairs = raise, __len = raise }))
    refused({ phone_number = "+15005550006" }, trap { timeout = 1 })
    refused({ phone_number = "+15005550006" }, setmetatable({ time = 1 }, { __pairs = raise }))
  end)

  it("is refused if its metatable hides itself and provides fields", function()
    local function hidden(fields)
      return setmetatable({}, { __index = fields, __metatable = {} })
    end
    local params = { phone_number = "+15005550006" }
    refused(hidden(params))
    refused(params, hidden { max_price = "0.01" })
    assert.is_nil(numbers.client(hidden { account_sid = scripted.ACCOUNT, auth_token = "x" }))
    for _, found in ipairs {
      { client:list(hidden { phone_number = "+1415" }) },
      { client:search("US", "local", hidden { area_code = "415" }) },
    } do
      assert.same({ nil, "invalid" }, { found[1], found[3].kind })
    end
    local _, _, err = client:purchase_many { hidden(params) }
    assert.equal("invalid", err.kind)
    assert.equal(0, #log.requests)
  end)

  it("is not run within a table with harmless metamethods", function()
    local bought = scripted.client { POST = { { status = 201, body = scripted.body() } } }
    local params = setmetatable({ area_code = "415" }, { __pairs = raise, __tostring = raise })
    assert.equal(scripted.NUMBER_SID, assert(bought:purchase(params)).sid)
  end)

  it("is checked in a table with harmless metamethods as in any other", function()
    local function named(fields)
      return setmetatable(fields, { __name = "mine" })
    end
    local found, message = client:search("GB", "local", named { area_code = "415" })
    assert.is_nil(found)
    assert.matches("only works in the United States and Canada", message, 1, true)
    local own, sent = scripted.client {
      POST = { { status = 400, body = scripted.refusal(21628, "no") } },
      GET = { { status = 200, body = '{"results":[],"meta":{}}' } },
    }
    own:create_address(named {
      customer_name = "Ada",
      street = "1 Main Street",
      city = "Springfield",
      region = "IL",
      postal_code = "62701",
      iso_country = "US",
    })
    assert.matches("&AutoCorrectAddress=false", sent.posts[1].body, 1, true)
    assert(assert(own:bundles(named { number_type = "toll_free" })):all())
    assert.matches("?NumberType=toll-free", sent.gets[1].url, 1, true)
  end)

  it("never shows the password of a URL, whatever that contains", function()
    for _, password in ipairs {
      "s3cr3t",
      "s3cr3t/",
      "/s3cr3t",
      "s3cr3t@",
      "@s3cr3t",
      "s3cr3t#?",
      "s3cr3t ",
      ("a"):rep(100) .. "s3cr3t",
      "s3cr3t" .. ("a"):rep(100),
      "\0s3cr3t",
      "\ns3cr3t",
      "s3cr3t\255",
    } do
      for _, form in ipairs {
        "https://user:%@exam ple.com/",
        "https:/user:%@example.com",
        "user:%@x",
      } do
        local before, after = form:match("^(.*)%%(.*)$")
        local url = before .. password .. after
        refused { area_code = "415", voice_url = url }
        refused { phone_number = url }
        refused { area_code = "415", trunk_sid = url }
        refused { area_code = "415", sms_method = url }
        refused { area_code = "415", [url] = "x" }
        refused({ area_code = "415" }, { account_sid = url })
      end
    end
  end)

  it("is described only in part if there is a lot of it", function()
    local many = {}
    for i = 1, 5000 do
      many["some_name_of_a_field_" .. i], many[i] = i, i
    end
    for _, err in ipairs {
      select(3, client:purchase(many)),
      select(3, client:purchase({ area_code = "415" }, many)),
      select(3, numbers.client(many)),
    } do
      assert.equal("invalid", err.kind)
      assert.truthy(err.message:find("9980 more names are unknown", 1, true), err.message)
      assert.is_true(#err.problems < 30, #err.problems)
    end
    many.phone_number = 1
    local _, message = client:purchase(many)
    assert.truthy(message:find("phone_number must be a string", 1, true), message)
    assert.is_nil(log.unexpected)
  end)

  it("raises only if the library itself is misused", function()
    for _, wrong in ipairs { {}, trap(), "x", 1, print } do
      local called, message = pcall(client.purchase, wrong, { area_code = "415" })
      assert.is_false(called)
      assert.truthy(tostring(message):find("colon", 1, true))
    end
    assert.is_nil(log.unexpected)
  end)

  it("is refused by each function of the core without a crash", function()
    for name, f in pairs(core) do
      if name ~= "sleep" then
        for _, value in ipairs(rubbish()) do
          pcall(f, value)
          pcall(f, value, value)
          pcall(f, "x", value)
        end
        pcall(f)
        pcall(f, nil, nil)
      end
    end
  end)

  it("leaks no memory", function()
    local values = rubbish()
    local bad =
      { phone_number = 1, area_code = {}, [trap()] = trap(), voice_url = "x", y = cyclic() }
    local function round()
      for _, value in ipairs(values) do
        if type(value) ~= "string" or #value < 100 then
          client:purchase(value)
          client:purchase({ phone_number = value, voice_url = value }, { timeout = value })
          numbers.client { account_sid = value, region = value, transport = value }
        end
      end
      client:purchase(bad)
      core.form { phone_number = "+15005550006", friendly_name = "x" }
      core.decode('{"a":[1,2,{"b":null}]}')
      core.decode('{"a":[[[')
      core.url("https://user:x@example.com:80/")
      core.basic("a", "b"):redact("b")
    end
    local function used()
      collectgarbage()
      collectgarbage()
      return collectgarbage("count")
    end
    for _ = 1, 20 do
      round()
    end
    local before = used()
    for _ = 1, 200 do
      round()
    end
    local grown = used() - before
    assert.is_true(grown < 64, grown .. " KiB more")
  end)
end)
