--- The spending policy: each rule on every way to buy, with a journal and without, blocking and in flight.
local clients = require("spec.support.clients")
local simulator = require("spec.support.simulator")
local table_store = require("spec.support.table_store")
local ways_to_buy = require("spec.support.ways_to_buy")

local function target(phone_number, country, kind, area_code)
  return { phone_number = phone_number, country = country, type = kind, area_code = area_code }
end

local US = target("+14155550100", "US", "local", "415")
local CANADA = target("+14165550100", "CA", "local", "416")
local TOLL_FREE = target("+18005550100", "US", "toll_free", "800")
local OAKLAND = target("+15105550100", "US", "local", "510")
local BRITISH = target("+447700900000", "GB", "mobile")

--- One row each: the client's `allow`, the call's options, what they exclude, and what they do not. Only
--- the first of these is bought with a journal.
local RULES = {
  {
    name = "allow.countries",
    allow = { countries = { "GB", "US" } },
    outside = { CANADA },
    inside = { US, BRITISH },
  },
  {
    name = "allow.countries where Canada is allowed",
    allow = { countries = { "CA" } },
    outside = { US, TOLL_FREE, BRITISH },
    inside = { CANADA },
  },
  {
    name = "allow.types",
    allow = { types = { "local" } },
    outside = { TOLL_FREE, BRITISH },
    inside = { US },
  },
  {
    name = "allow.types where toll free is allowed",
    allow = { types = { "toll_free", "mobile" } },
    outside = { US },
    inside = { TOLL_FREE },
  },
  {
    name = "allow.prefixes",
    allow = { prefixes = { "+1415", "+447700" } },
    outside = { OAKLAND, TOLL_FREE },
    inside = { US, BRITISH },
  },
  {
    name = "allow.prefixes shorter and longer than an area code",
    allow = { prefixes = { "+141", "+15105550" } },
    outside = { BRITISH },
    inside = { CANADA, OAKLAND },
  },
  {
    name = "countries and types, by and",
    allow = { countries = { "US", "GB" }, types = { "local" } },
    outside = { TOLL_FREE, CANADA },
    inside = { US },
  },
  {
    name = "all lists, by and",
    allow = {
      countries = { "US", "GB" },
      types = { "local", "mobile" },
      prefixes = { "+1510", "+44" },
    },
    outside = { US, CANADA },
    inside = { OAKLAND },
  },
  {
    name = "an empty list of countries",
    allow = { countries = {} },
    outside = { US },
    inside = {},
  },
  {
    name = "an empty list of types",
    allow = { types = {} },
    outside = { US },
    inside = {},
  },
  {
    name = "an empty list of prefixes",
    allow = { prefixes = {} },
    outside = { US },
    inside = {},
  },
  {
    name = "max_price",
    options = { max_price = "1.15" },
    outside = { TOLL_FREE, BRITISH },
    inside = { US, CANADA },
  },
  {
    name = "max_price in another currency",
    options = { max_price = "10", currency = "EUR" },
    outside = { US },
    inside = {},
  },
  {
    name = "allow and max_price",
    allow = { countries = { "GB" } },
    options = { max_price = "5.49" },
    outside = { US, BRITISH },
    inside = {},
  },
  {
    name = "allow and a max_price that is enough",
    allow = { countries = { "GB" } },
    options = { max_price = "5.50" },
    outside = {},
    inside = { BRITISH },
  },
}

--- One row each: how, a journal, a key.
local CALLS = {
  { "blocking" },
  { "in flight" },
  { "blocking", has_journal = true, key = "k" },
  { "in flight", has_journal = true },
}

describe("The spending policy", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local client

  after_each(function()
    client:close()
  end)

  --- A client with the rule, and the options of its calls.
  local function prepare(rule, call)
    local journal = call.has_journal and table_store.new() or nil
    client = clients.of(twilio, {
      base_url = twilio.http_url,
      allow = rule.allow,
      journal = journal,
    })
    local options = { idempotency_key = call.key }
    for name, value in pairs(rule.options or {}) do
      options[name] = value
    end
    return options, journal
  end

  local function check_refused(rule, call, one, way)
    local options, journal = prepare(rule, call)
    local number, message, err = way.buy(client, one, options)
    assert.is_nil(number)
    assert.same({ "policy", "no" }, { err.kind, err.purchased }, message)
    assert.matches("^the purchase is not allowed: ", message)
    assert.equal(0, twilio:state().posts)
    for record in pairs(journal and journal.rows or {}) do
      assert.matches("^many/", record) -- no order was begun
    end
  end

  local function check_bought(rule, call, one, way)
    local options = prepare(rule, call)
    local number = assert(way.buy(client, one, options))
    local place = one.area_code and "+1" .. one.area_code or one.phone_number:sub(1, 8)
    assert.equal(place, number.phone_number:sub(1, #place))
    local state = twilio:state()
    assert.same({ 1, 1 }, { state.posts, state.purchases })
  end

  for _, call in ipairs(CALLS) do
    local said = (call.key and ", with a key") or (call.has_journal and ", with a journal") or ""
    for _, rule in ipairs(RULES) do
      for verb, check in pairs { refuses = check_refused, allows = check_bought } do
        local targets = verb == "refuses" and rule.outside or rule.inside
        for _, one in ipairs(call.has_journal and { targets[1] } or targets) do
          for _, way in ipairs(ways_to_buy.of(one, call[1])) do
            local text = ("%s %s by %s: "):format(verb, one.phone_number, rule.name)
            it(text .. way.name .. said, function()
              check(rule, call, one, way)
            end)
          end
        end
      end
    end
  end
end)
