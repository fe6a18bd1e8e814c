-- The module's requests, compared with those of Twilio's official client for the same parameters.

if require("spec.support.left_out").without_npm("spec/wire/official_client_spec.lua") then
  return
end

local core = require("twilio.numbers.core")
local numbers = require("twilio.numbers")
local official_client = require("spec.support.official_client")
local purchases = require("spec.support.purchases")

local COUNT = 1000

---A form as a table. Raises for an invalid form or a duplicate name.
local function read_form(body)
  local function decode(text)
    return (
      text:gsub("+", " "):gsub("%%(%x%x)", function(hex)
        return string.char(tonumber(hex, 16))
      end)
    )
  end
  local form = {}
  for pair in (body .. "&"):gmatch("(.-)&") do
    local name, value = pair:match("^(%w+)=([^=]*)$")
    assert(name and not form[name], body)
    form[name] = decode(value)
  end
  return form
end

describe("The body of a purchase", function()
  local seed = purchases.seed()
  local list = purchases.generate(seed, COUNT)
  local theirs

  setup(function()
    theirs = official_client.bodies(list)
  end)

  it("equals the official client's", function()
    assert.equal(COUNT, #theirs)
    for i, params in ipairs(list) do
      local form = assert(core.form(params), purchases.describe(seed, i))
      assert.same(read_form(theirs[i]), read_form(form), purchases.describe(seed, i))
    end
  end)

  it("contains everything that the caller gave", function()
    for i, params in ipairs(list) do
      local expected = {}
      for name, value in pairs(params) do
        local wire_name = ("_" .. name):gsub("_(%l)", string.upper)
        expected[wire_name] = tostring(value)
      end
      assert.same(expected, read_form(core.form(params)), purchases.describe(seed, i))
    end
  end)

  it("contains no unencoded byte that a form does not allow", function()
    for i, params in ipairs(list) do
      local rest = core.form(params):gsub("%%%x%x", ""):gsub("[%w*._+=&-]", "")
      assert.equal("", rest, purchases.describe(seed, i))
    end
  end)

  it("does not change the client", function()
    local requests = {}
    local client = assert(numbers.client {
      account_sid = "AC" .. ("0"):rep(32),
      auth_token = "secret",
      transport = function(request)
        requests[#requests + 1] = request
        return { status = 201, body = '{"sid":"PN' .. ("0"):rep(32) .. '"}' }
      end,
    })
    for i, params in ipairs(list) do
      assert(client:purchase(params, { complete = false }))
      local request = requests[i]
      assert.equal("POST", request.method)
      assert.equal("application/x-www-form-urlencoded", request.headers["Content-Type"])
      assert.same(read_form(theirs[i]), read_form(request.body), purchases.describe(seed, i))
    end
    assert.equal(COUNT, #requests)
  end)
end)
