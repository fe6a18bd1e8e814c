-- The outcome of each response to a purchase, and of what a transport returns instead of one.
local unpack = table.unpack or unpack -- luacheck: ignore
local scripted = require("spec.support.scripted")

local PHONE, SID = scripted.PHONE, scripted.NUMBER_SID
local EMPTY_PAGE = { status = 200, body = scripted.page {} }
local CREATED = { status = 201, body = scripted.body() }
local code = scripted.error

--- The outcome of each response, if it is repeated and the account owns nothing.
---   kind, purchased: of the error; nil: bought.
---   posts: how many purchases by phone number are sent with 0 and with 3 retries.
---   area_posts: the same by area code.
local ALWAYS, NEVER, SAFE = { 1, 4 }, { 1, 1 }, { 1, 4 }
local TABLE = {
  { "200 with a number", { status = 200, body = scripted.body() }, nil, nil, NEVER, NEVER },
  { "201", CREATED, nil, nil, NEVER, NEVER },
  { "201 with a cut body", { status = 201, body = '{"sid":' }, "response", "yes", NEVER, NEVER },
  { "201 without a body", { status = 201 }, "response", "yes", NEVER, NEVER },
  { "201 with an array", { status = 201, body = "[]" }, "response", "yes", NEVER, NEVER },
  {
    "201 with a body that is no string",
    { status = 201, body = 7 },
    "response",
    "yes",
    NEVER,
    NEVER,
  },
  { "200 with HTML", { status = 200, body = "<html>" }, "response", "unknown", NEVER, NEVER },
  { "200 with another object", { status = 200, body = "{}" }, "response", "unknown", NEVER, NEVER },
  { "202", { status = 202, body = "{}" }, "response", "unknown", NEVER, NEVER },
  { "204", { status = 204 }, "response", "unknown", NEVER, NEVER },
  { "301", { status = 301, headers = { Location = "/" } }, "response", "unknown", NEVER, NEVER },
  { "302", { status = 302 }, "response", "unknown", NEVER, NEVER },
  { "304", { status = 304 }, "response", "unknown", NEVER, NEVER },
  { "400 21422", code(400, 21422), "api", "no", NEVER, NEVER },
  { "400 21452", code(400, 21452), "api", "no", NEVER, NEVER },
  { "400 21631", code(400, 21631), "api", "no", NEVER, NEVER },
  { "400 with HTML", { status = 400, body = "<html>" }, "response", "unknown", NEVER, NEVER },
  { "401", code(401, 20003), "api", "no", NEVER, NEVER },
  { "401 with HTML", { status = 401, body = "<html>" }, "response", "unknown", NEVER, NEVER },
  { "403", code(403, 20403), "api", "no", NEVER, NEVER },
  { "404", code(404, 20404), "api", "no", NEVER, NEVER },
  { "407", { status = 407 }, "response", "unknown", NEVER, NEVER },
  { "407 20407", code(407, 20407), "response", "unknown", NEVER, NEVER },
  { "408", code(408, 20408), "api", "unknown", ALWAYS, NEVER },
  { "408 with HTML", { status = 408, body = "<html>" }, "response", "unknown", NEVER, NEVER },
  { "409", code(409, 20409), "api", "unknown", ALWAYS, NEVER },
  { "409 with HTML", { status = 409, body = "<html>" }, "response", "unknown", NEVER, NEVER },
  { "422", code(422, 20422), "api", "no", NEVER, NEVER },
  { "429", code(429, 20429), "rate_limit", "no", SAFE, SAFE },
  {
    "429 without a code",
    { status = 429, body = '{"status":429}' },
    "rate_limit",
    "no",
    NEVER,
    NEVER,
  },
  { "429 with HTML", { status = 429, body = "<html>" }, "response", "unknown", NEVER, NEVER },
  { "499", { status = 499 }, "response", "unknown", NEVER, NEVER },
  { "500", code(500, 20500), "api", "unknown", ALWAYS, NEVER },
  { "502 with HTML", { status = 502, body = "<html>" }, "api", "unknown", ALWAYS, NEVER },
  { "503", code(503, 20503), "api", "unknown", ALWAYS, NEVER },
  { "504", code(504, 20504), "api", "unknown", ALWAYS, NEVER },
  { "511", { status = 511, body = "log in here" }, "api", "unknown", ALWAYS, NEVER },
  { "600", { status = 600 }, "response", "unknown", NEVER, NEVER },
  { "100", { status = 100 }, "response", "unknown", NEVER, NEVER },
  { "a failing connect", { broken = "connect" }, "connect", "no", SAFE, SAFE },
  { "a failing handshake", { broken = "tls" }, "tls", "no", SAFE, SAFE },
  { "silence", { broken = "timeout" }, "timeout", "unknown", ALWAYS, NEVER },
  { "a broken connection", { broken = "network" }, "network", "unknown", ALWAYS, NEVER },
  { "a kind unheard of", { broken = "gremlins" }, "network", "unknown", ALWAYS, NEVER },
}

--- Transports that violate their contract, so that the outcome is unknown.
local RUBBISH = {
  ["nothing"] = function() end,
  ["false"] = function()
    return false
  end,
  ["an error"] = function()
    error("oops")
  end,
  ["an error that is a table"] = function()
    error {}
  end,
  ["an error that cannot be printed"] = function()
    error(setmetatable({}, {
      __tostring = function()
        error("no")
      end,
    }))
  end,
  ["a message that cannot be printed"] = function()
    return nil, setmetatable({}, { __tostring = error }), setmetatable({}, { __eq = error })
  end,
  ["an error without a value"] = function()
    error()
  end,
  ["true"] = function()
    return true
  end,
  ["a string"] = function()
    return "HTTP/1.1 201 Created"
  end,
  ["a number"] = function()
    return 201
  end,
  ["a function"] = function()
    return print
  end,
  ["an empty table"] = function()
    return {}
  end,
  ["a status that is a string"] = function()
    return { status = "201" }
  end,
  ["a status that is NaN"] = function()
    return { status = 0 / 0 }
  end,
  ["a status without end"] = function()
    return { status = math.huge }
  end,
  ["a status with a fraction"] = function()
    return { status = 201.5 }
  end,
  ["a status that is too small"] = function()
    return { status = 99 }
  end,
  ["a status that raises"] = function()
    return setmetatable({}, {
      __index = function()
        error("no")
      end,
    })
  end,
}

describe("a purchase", function()
  local function each_way(f)
    for _, way in ipairs { { phone_number = PHONE }, { area_code = "415" } } do
      for _, retries in ipairs { 0, 3 } do
        f(way, retries, way.phone_number ~= nil)
      end
    end
  end

  for _, row in ipairs(TABLE) do
    local name, answer, kind, purchased, posts, area_posts = unpack(row, 1, 6)
    it("ends correctly on " .. name, function()
      each_way(function(params, retries, by_phone)
        local client, log = scripted.client({ POST = { answer }, GET = { EMPTY_PAGE } }, {
          retries = retries,
        })
        local number, message, err = client:purchase(params)
        local index = retries == 0 and 1 or 2
        assert.equal((by_phone and posts or area_posts)[index], #log.posts)
        local doubtful = kind and purchased ~= "no" and by_phone
        assert.equal(doubtful and #log.posts or 0, #log.gets)
        if not kind then
          assert.equal(SID, number.sid)
          return
        end
        assert.is_nil(number)
        assert.equal(kind, err.kind)
        assert.equal(purchased, err.purchased)
        assert.equal(#log.posts + #log.gets, err.attempts)
        assert.equal(answer.status, err.status)
        assert.is_string(message)
        assert.equal(message, err.message)
        assert.equal(message, tostring(err))
        assert.equal(purchased ~= "no", message:find("bought", 1, true) ~= nil)
        assert.equal(#log.posts - 1, #log.sleeps)
        for i = 2, #log.posts do
          assert.equal(log.posts[1].body, log.posts[i].body)
        end
      end)
    end)
  end

  for name, f in pairs(RUBBISH) do
    it("stays unknown if the transport returns " .. name, function()
      each_way(function(params, retries, by_phone)
        local client, log = scripted.client({ POST = { f }, GET = { EMPTY_PAGE } }, {
          retries = retries,
        })
        local number, message, err = client:purchase(params)
        assert.is_nil(number)
        assert.equal("unknown", err.purchased)
        assert.is_true(err.kind == "network" or err.kind == "response", err.kind)
        assert.equal(message, tostring(err))
        assert.is_true(#log.posts == 1 or by_phone)
        assert.is_true(#log.gets >= (by_phone and 1 or 0))
      end)
    end)
  end
end)
