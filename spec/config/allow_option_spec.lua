--- The client option allow: what it may hold, and that it is copied.
local messages = require("twilio.numbers.config.messages")
local numbers = require("twilio.numbers")
local scripted = require("spec.support.scripted")

local function make(allow)
  return numbers.client {
    account_sid = scripted.ACCOUNT,
    auth_token = scripted.TOKEN,
    allow = allow,
    transport = print,
  }
end

--- The messages of the problems, in their order.
local function problems(allow)
  local client, _, err = make(allow)
  assert.is_nil(client)
  assert.same({ "invalid", "no", 0 }, { err.kind, err.purchased, err.attempts })
  local list = {}
  for i, problem in ipairs(err.problems) do
    list[i] = problem.message
  end
  return list, err
end

local function raise()
  error("a metamethod was run")
end

local function trap(content)
  local all = {}
  for _, name in ipairs { "index", "newindex", "pairs", "ipairs", "len", "call", "tostring", "eq" } do
    all["__" .. name] = raise
  end
  return setmetatable(content or {}, all)
end

describe("The option allow", function()
  for _, row in ipairs {
    { { countries = {} }, "allow.countries" },
    { { countries = { "US", "CA", "GB" } }, "allow.countries" },
    { { types = { "local", "toll_free", "mobile", "national", "voip" } }, "allow.types" },
    { { types = { "shared_cost", "machine_to_machine" } }, "allow.types" },
    { { prefixes = { "+1", "+1415", "+123456789012345" } }, "allow.prefixes" },
    { { countries = { "US" }, types = { "local" }, prefixes = { "+1" } }, "allow" },
  } do
    it("accepts " .. row[2], function()
      assert(make(row[1])):close()
    end)
  end

  for _, row in ipairs {
    {
      { countries = { "US", "us", 1, "UK", "USA" } },
      'allow.countries[2] must be two capital letters such as US (ISO 3166-1), got "us"',
      "allow.countries[3] must be two capital letters such as US (ISO 3166-1), got 1",
      'allow.countries[4] must be "GB" (ISO 3166-1), got "UK"',
      'allow.countries[5] must be two capital letters such as US (ISO 3166-1), got "USA"',
    },
    {
      { types = { "toll-free", "fixed", {} } },
      'allow.types[1] must be a type such as "local", "mobile" or "toll_free", got "toll-free"; did you mean'
        .. " toll_free?",
      'allow.types[2] must be a type such as "local", "mobile" or "toll_free", got "fixed"',
      'allow.types[3] must be a type such as "local", "mobile" or "toll_free", got a table',
    },
    {
      { prefixes = { "1415", "+0", "+1415*", "+1234567890123456", 1415, "+", "" } },
      'allow.prefixes[1] must be + and the first digits of a number, such as "+1415", got "1415"',
      'allow.prefixes[2] must be + and the first digits of a number, such as "+1415", got "+0"',
      'allow.prefixes[3] must be + and the first digits of a number, such as "+1415", got "+1415*"',
      'allow.prefixes[4] must be + and the first digits of a number, such as "+1415", got'
        .. ' "+1234567890123456"',
      'allow.prefixes[5] must be + and the first digits of a number, such as "+1415", got 1415',
      'allow.prefixes[6] must be + and the first digits of a number, such as "+1415", got "+"',
      'allow.prefixes[7] must be + and the first digits of a number, such as "+1415", got ""',
    },
    {
      { country = { "US" }, "US" },
      'there is no field of allow "country"; did you mean countries?',
      "there is no field of allow 1",
    },
    {
      {},
      "allow must have a list of countries, types or prefixes: leave it out to allow all numbers",
    },
    {
      { countries = "US", types = "local" },
      'allow.countries must be a plain list of at most 1000 entries, such as { "US", "CA" }, got "US"',
      'allow.types must be a plain list of at most 1000 entries, such as { "local" }, got "local"',
    },
    {
      { countries = { [1] = "US", [3] = "CA" }, prefixes = { "+1", more = "+44" } },
      'allow.countries must be a plain list of at most 1000 entries, such as { "US", "CA" }',
      'allow.prefixes must be a plain list of at most 1000 entries, such as { "+1415" }',
    },
    {
      { countries = { "us" }, types = { "x" }, prefixes = { "y" }, z = 1 },
      'allow.countries[1] must be two capital letters such as US (ISO 3166-1), got "us"',
      'allow.prefixes[1] must be + and the first digits of a number, such as "+1415", got "y"',
      'allow.types[1] must be a type such as "local", "mobile" or "toll_free", got "x"',
      'there is no field of allow "z"',
    },
  } do
    it("is refused with all its problems at once: " .. row[2], function()
      local expected = {}
      for i = 2, #row do
        expected[i - 1] = row[i]
      end
      local got = problems(row[1])
      table.sort(expected)
      table.sort(got)
      assert.same(expected, got)
    end)
  end

  it("is refused if it is not a plain table", function()
    for _, wrong in ipairs { "US", 1, true, false, print, setmetatable({}, {}), trap() } do
      local list = problems(wrong)
      assert.matches("^allow must be a plain table such as { countries = ", list[1])
      assert.equal(1, #list)
    end
  end)

  it("runs no metamethod, not even of its lists", function()
    for _, name in ipairs { "countries", "types", "prefixes" } do
      local list = problems { [name] = trap { "US" } }
      assert.matches("^allow." .. name .. " must be a plain list", list[1])
      local entry = { countries = "US", types = "local", prefixes = "+1" }
      assert.is_true(#problems { [name] = { entry[name], trap() } } > 0)
      assert.is_true(#problems { [name] = { entry[name] }, [trap()] = 1 } > 0)
    end
  end)

  it("is refused if a list is too long or thousands of fields are unknown", function()
    local long, odd = {}, {}
    for i = 1, 1001 do
      long[i], odd["x" .. i] = "US", 1
    end
    assert.matches("at most 1000 entries", problems({ countries = long })[1], 1, true)
    long[1001] = nil
    assert(make { countries = long }):close()
    assert.is_true(#problems(odd) <= messages.UNKNOWN_MAX + 1)
  end)

  it("is reported along with other problems", function()
    local _, _, err = numbers.client { allow = { countries = { "us" } }, timeout = 0 }
    local names = {}
    for _, problem in ipairs(err.problems) do
      names[problem.name] = true
    end
    assert.is_true(names["allow.countries[1]"] and names.timeout and names.account_sid)
  end)

  it("is copied, so that changes to the caller's tables have no effect", function()
    local given = { countries = { "US" }, types = { "local" } }
    local sent = 0
    local client = scripted.client({
      GET = {
        function()
          sent = sent + 1
          return { status = 200, body = scripted.found {} }
        end,
      },
    }, { allow = given })
    given.countries[2], given.types[1], given.prefixes = "CA", "mobile", { "+44" }
    given.countries[1] = "CA"
    local _, message, err = client:purchase_available { country = "CA" }
    assert.same({ "policy", 0 }, { err.kind, sent })
    assert.matches("the country is CA, but allow.countries has US.", message, 1, true)
    given.countries, given.types = nil, nil
    _, _, err = client:purchase_available { country = "US", type = "mobile" }
    assert.same({ "policy", 0 }, { err.kind, sent })
    _, _, err = client:purchase_available { country = "US" }
    assert.same({ "api", 2 }, { err.kind, sent > 0 and 2 or 0 }) -- it was searched for
  end)

  it("is not an option of a call, which could widen it", function()
    local client, log = scripted.client({}, { allow = { countries = { "US" } } })
    local options = { allow = { countries = { "CA" } } }
    for _, buy in ipairs {
      function()
        return client:purchase({ phone_number = "+14165550100" }, options)
      end,
      function()
        return client:purchase_available({ country = "CA" }, nil, options)
      end,
      function()
        return client:purchase_many({ country = "CA", count = 1 }, nil, options)
      end,
    } do
      local _, message, err = buy()
      assert.same({ "invalid", 0 }, { err.kind, #log.requests })
      assert.matches('there is no option "allow"', message, 1, true)
    end
  end)
end)
