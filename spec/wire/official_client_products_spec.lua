-- The products around a purchase: the module's requests, compared with those of Twilio's official client for
-- the same parameters.

if require("spec.support.left_out").without_npm("spec/wire/official_client_products_spec.lua") then
  return
end

local core = require("twilio.numbers.core")
local numbers = require("twilio.numbers")
local official_client = require("spec.support.official_client")
local values = require("spec.support.values")

local function sid(prefix)
  return prefix .. ("a"):rep(32)
end

local ADDRESS = {
  customer_name = "Ada Example",
  street = "1 Main St",
  city = "Oakland",
  region = "CA",
  postal_code = "94607",
  iso_country = "US",
  auto_correct_address = false, -- what the module sends where nothing is given
}

-- A string for the module, a date for the official client.
local MOMENT = "2030-01-31T00:00:00Z"

--- A case for each valid value of each parameter.
local function each_value(name, base)
  local list = { base }
  for _, row in ipairs(core.parameters(name)) do
    for value in pairs(values.right(row)) do
      local params = {}
      for key, own in pairs(base) do
        params[key] = own
      end
      params[row.name] = row.name:find("^valid_until_date") and MOMENT or value
      list[#list + 1] = params
    end
  end
  return list
end

-- The method, Twilio's response, and the parameters of each case; without: one case with none.
local CALLS = {
  countries = {
    run = function(client)
      return client:countries()
    end,
    body = '{"countries":[]}',
  },
  country = {
    run = function(client)
      return client:country("US")
    end,
    body = '{"country_code":"US","subresource_uris":{}}',
  },
  prices = {
    run = function(client)
      return client:prices("US")
    end,
    body = '{"iso_country":"US","price_unit":"USD","phone_number_prices":[]}',
  },
  attach = {
    run = function(client)
      return client:attach(sid("PN"), sid("MG"))
    end,
    body = ('{"sid":"%s","service_sid":"%s"}'):format(sid("PN"), sid("MG")),
  },
  detach = {
    run = function(client)
      return client:detach(sid("PN"), sid("MG"))
    end,
    body = "",
  },
  addresses = {
    run = function(client, params)
      return client:addresses(params):all()
    end,
    body = '{"addresses":[]}',
    cases = each_value("addresses", {}),
  },
  create_address = {
    run = function(client, params)
      return client:create_address(params)
    end,
    body = ('{"sid":"%s"}'):format(sid("AD")),
    cases = each_value("address", ADDRESS),
  },
  fetch_address = {
    run = function(client)
      return client:fetch_address(sid("AD"))
    end,
    body = ('{"sid":"%s"}'):format(sid("AD")),
  },
  delete_address = {
    run = function(client)
      return client:delete_address(sid("AD"))
    end,
    body = "",
  },
  requirements = {
    run = function(client, params)
      return client:requirements(params.iso_country, params.number_type)
    end,
    body = (
      '{"results":[{"sid":"%s","iso_country":"DE","number_type":"local",'
      .. '"end_user_type":"business","requirements":{}}],"meta":{}}'
    ):format(sid("RN")),
    cases = { { iso_country = "DE", number_type = "local", page_size = 50 } },
  },
  bundles = {
    run = function(client, params)
      return client:bundles(params):all()
    end,
    body = '{"results":[],"meta":{}}',
    cases = each_value("bundles", {}),
  },
}

describe("A request to Twilio's products", function()
  local list, theirs, first_of = {}, nil, {}

  setup(function()
    for call, row in pairs(CALLS) do
      first_of[call] = #list + 1
      for _, params in ipairs(row.cases or { {} }) do
        list[#list + 1] = { call = call, params = params }
      end
    end
    theirs = official_client.requests(list)
  end)

  for call, row in pairs(CALLS) do
    it("is what the official client sends: " .. call, function()
      local request
      local client = assert(numbers.client {
        account_sid = sid("AC"),
        auth_token = "secret",
        transport = function(sent)
          request = sent
          return { status = row.body == "" and 204 or 200, body = row.body }
        end,
      })
      for i, params in ipairs(row.cases or { {} }) do
        request = nil
        local told = ("%s, case %d"):format(call, i)
        assert(row.run(client, params), told)
        official_client.compare(theirs[first_of[call] + i - 1], request, told)
      end
    end)
  end
end)
