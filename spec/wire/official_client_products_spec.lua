-- The products around a purchase: what the module asks them, beside what Twilio's official client asks for
-- the same parameters.

if require("spec.support.left_out").without_npm("spec/wire/official_client_products_spec.lua") then
  return
end

local numbers = require("twilio.numbers")
local official_client = require("spec.support.official_client")

local function sid(prefix)
  return prefix .. ("a"):rep(32)
end

-- What is called, what Twilio answers, and the parameters of each case; none: one case without.
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
}

describe("What is asked of Twilio's products", function()
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
    it("is what the official client asks: " .. call, function()
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
