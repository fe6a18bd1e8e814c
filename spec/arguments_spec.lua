-- The arguments at the end of the functions with _async: [options,] [callback].
local flights = require("spec.support.flights")
local address_methods = require("twilio.numbers.products.address_methods")
local messaging_methods = require("twilio.numbers.products.messaging_methods")
local methods = require("twilio.numbers.methods")
local owned_methods = require("twilio.numbers.owned.methods")
local products_methods = require("twilio.numbers.products.methods")
local regulation_methods = require("twilio.numbers.products.regulation_methods")
local scripted = require("spec.support.scripted")

--- The arguments before these, invalid ones if possible: the callback then gets an error of kind "invalid",
--- and nothing is sent. `call` is the call in the message.
local FUNCTIONS = {
  purchase_async = { n = 1, {}, call = "params" },
  purchase_available_async = { n = 2, {}, nil, call = "filter, params" },
  purchase_many_async = { n = 2, {}, nil, call = "wanted, params" },
  search_async = { n = 3, "x", "local", nil, call = "country, kind, filter" },
  list_async = { n = 1, { limit = 0 }, call = "filter" },
  fetch_async = { n = 1, "x", call = "sid" },
  update_async = { n = 2, "x", {}, call = "sid, params" },
  release_async = { n = 1, "x", call = "sid" },
  update_many_async = { n = 2, { "x" }, {}, call = "sids, params" },
  release_many_async = { n = 1, { "x" }, call = "sids" },
  price_async = { n = 2, "us", "local", call = "country, type" },
  prices_async = { n = 1, "us", call = "country" },
  country_async = { n = 1, "x", call = "code" },
  requirements_async = { n = 2, "us", "local", call = "country, type" },
  check_purchase_async = { n = 2, {}, nil, call = "what, params" },
  bundles_async = { n = 1, { limit = 0 }, call = "filter" },
  addresses_async = { n = 1, { limit = 0 }, call = "filter" },
  create_address_async = { n = 1, {}, call = "params" },
  fetch_address_async = { n = 1, "x", call = "sid" },
  delete_address_async = { n = 1, "x", call = "sid" },
  attach_async = { n = 2, "x", "MG0", call = "sid, service_sid" },
  detach_async = { n = 2, "x", "MG0", call = "sid, service_sid" },
  countries_async = { n = 0, kind = "network" }, -- nothing can be wrong: it is sent
}

local unpack = unpack or table.unpack -- luacheck: ignore 113 143

describe("A function with _async", function()
  local client, sent

  before_each(function()
    client, sent = scripted.client({}, { retries = 0 })
  end)

  after_each(function()
    client:close()
  end)

  local function call(name, ...)
    local fixed = FUNCTIONS[name]
    local all = { unpack(fixed, 1, fixed.n) }
    local n = select("#", ...)
    for i = 1, n do
      all[fixed.n + i] = (select(i, ...))
    end
    return client[name](client, unpack(all, 1, fixed.n + n))
  end

  it("is in the list of this spec", function()
    local missing = {}
    for _, part in ipairs {
      methods,
      owned_methods,
      products_methods,
      regulation_methods,
      address_methods,
      messaging_methods,
    } do
      for name in pairs(part) do
        if name:find("_async$") and not FUNCTIONS[name] then
          missing[#missing + 1] = name
        end
      end
    end
    assert.same({}, missing)
  end)

  for name, fixed in pairs(FUNCTIONS) do
    it("accepts options and callback in every valid position: " .. name, function()
      local calls = 0
      local function callback()
        calls = calls + 1
      end
      local options = { timeout = 5 }
      for i, given in ipairs {
        { n = 0 },
        { n = 1 },
        { n = 2 },
        { n = 1, options },
        { n = 2, options, nil },
        { n = 1, callback },
        { n = 2, callback, nil },
        { n = 2, nil, callback },
        { n = 2, options, callback },
      } do
        local before = calls
        local pending = assert(call(name, unpack(given, 1, given.n)))
        flights.finish(client)
        assert.equal(fixed.kind or "invalid", select(3, pending:result()).kind)
        assert.equal(i >= 6 and 1 or 0, calls - before)
      end
      assert.equal(fixed.kind and 9 or 0, #sent.requests)
    end)

    it("reads the options in every valid position: " .. name, function()
      local wrong = { timeuot = 1 }
      for _, callback in ipairs { false, print } do
        local pending, message = call(name, wrong, callback or nil)
        assert.is_nil(pending)
        assert.matches("did you mean timeout?", message, 1, true)
      end
    end)

    it("shows the correct call for any other arguments, with nothing sent: " .. name, function()
      local callable = setmetatable({}, { __call = print })
      local hidden = setmetatable({}, { __call = print, __metatable = {} })
      local before = fixed.n > 0 and fixed.call .. ", " or ""
      local right = ("client:%s(%s[options,] [callback])"):format(name, before)
      for _, given in ipairs {
        { n = 2, print, {} },
        { n = 2, print, print },
        { n = 2, {}, {} },
        { n = 2, nil, {} },
        { n = 2, {}, callable },
        { n = 2, nil, callable },
        { n = 1, callable },
        { n = 1, hidden },
        { n = 2, callable, print },
        { n = 1, "x" },
        { n = 1, false },
        { n = 2, {}, "x" },
        { n = 2, print, false },
        { n = 3, {}, print, {} },
        { n = 3, {}, print, nil },
      } do
        local pending, message, err = call(name, unpack(given, 1, given.n))
        assert.is_nil(pending)
        assert.same({ "invalid", "no", 0 }, { err.kind, err.purchased, err.attempts })
        assert.equal(message, err.message)
        assert.matches(right, message, 1, true)
      end
      assert.equal(0, #sent.requests)
    end)

    it("shows the correct call for a callback that comes too early: " .. name, function()
      if fixed.n == 0 then
        return assert.equal("countries_async", name)
      end
      local all = { unpack(fixed, 1, fixed.n) }
      all[fixed.n] = print
      local pending, message = client[name](client, unpack(all, 1, fixed.n))
      assert.is_nil(pending)
      assert.matches(
        ("client:%s(%s, [options,] [callback])"):format(name, fixed.call),
        message,
        1,
        true
      )
      assert.equal(0, #sent.requests)
    end)
  end
end)
