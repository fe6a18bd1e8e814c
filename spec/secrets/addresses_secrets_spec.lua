-- Addresses are personal data: no message, event or printed object shows any of them, whatever a server
-- echoes.
local cjson = require("cjson")
local scripted = require("spec.support.scripted")

local PERSON = {
  customer_name = "Ada Lovelace",
  friendly_name = "Countess",
  street = "St James Square 12",
  street_secondary = "Second Floor",
  city = "Londinium",
  region = "Westminster",
  postal_code = "SW1Y4JH",
  iso_country = "GB",
}
local SID = "AD0123456789abcdef0123456789abcdef"

--- A text with all of the data.
local function all_of(write)
  local words = {}
  for _, value in pairs(PERSON) do
    words[#words + 1] = write(value)
  end
  return table.concat(words, " ")
end

--- The data as it may be echoed: plain, or encoded as in a query.
local SAID = {
  all_of(tostring),
  all_of(function(text)
    return (text:gsub(" ", "+"))
  end),
  all_of(function(text)
    return (text:gsub(" ", "%%20"))
  end),
}

--- Whether a text contains personal data. (The two letters of a country may be anywhere.)
local function check(text)
  for name, value in pairs(PERSON) do
    for word in (name ~= "iso_country" and value or ""):gmatch("%w%w%w%w+") do
      assert.is_nil(text:find(word, 1, true), text)
    end
  end
end

--- Responses that echo the request.
local function echoes()
  local list = {}
  for _, said in ipairs(SAID) do
    for _, status in ipairs { 400, 401, 403, 404, 409, 429, 500, 503 } do
      for _, code in ipairs { 21238, 21628, 21629, 21630, 20404, 99999 } do
        list[#list + 1] = {
          status = status,
          body = cjson.encode { code = code, message = said, status = status },
        }
      end
      list[#list + 1] = { status = status, body = "<html>" .. said }
      list[#list + 1] =
        { status = status, body = "{", headers = { ["Content-Type"] = "text/" .. said } }
    end
    list[#list + 1] = { status = 200, body = cjson.encode { message = said } }
    list[#list + 1] = { status = 200, body = said }
    list[#list + 1] = { status = 302, headers = { Location = "https://x/?" .. said }, body = said }
    list[#list + 1] = { status = 200, body = cjson.encode { sid = "AD" .. said } }
    list[#list + 1] = { status = 200, body = cjson.encode { addresses = said } }
    list[#list + 1] = {
      status = 200,
      body = cjson.encode { addresses = {}, next_page_uri = "https://elsewhere/?" .. said },
    }
  end
  list[#list + 1] = { broken = "network" }
  list[#list + 1] = { broken = "timeout" }
  return list
end

--- Each call about addresses.
local WAYS = {
  create_address = function(client)
    return client:create_address(PERSON)
  end,
  create_address_async = function(client)
    local pending = client:create_address_async(PERSON)
    check(tostring(pending))
    return pending:wait()
  end,
  addresses = function(client)
    local list = client:addresses {
      customer_name = PERSON.customer_name,
      friendly_name = PERSON.friendly_name,
    }
    check(tostring(list))
    return list:all()
  end,
  fetch_address = function(client)
    return client:fetch_address(SID)
  end,
  delete_address = function(client)
    return client:delete_address(SID)
  end,
}

for name, ask in pairs(WAYS) do
  describe("client:" .. name, function()
    it("shows no part of an address in any message or event", function()
      local failures, events = 0, 0
      for _, response in ipairs(echoes()) do
        local steps = { response }
        local client, log = scripted.client(
          { POST = steps, GET = steps, DELETE = steps },
          { retries = 0 }
        )
        local _, message, err = ask(client)
        if err then
          failures = failures + 1
          check(message)
          check(tostring(err))
        end
        for _, event in ipairs(log.events) do
          events = events + 1
          for _, value in pairs(event) do
            check(tostring(value))
          end
          assert.is_nil(event.url:find("?", 1, true), event.url)
        end
        check(tostring(client))
        client:close()
      end
      assert.is_true(failures > 100)
      assert.is_true(events > 100)
    end)
  end)
end

describe("Wrong parameters of an address", function()
  it("are reported without values", function()
    local client = scripted.client {}
    for name, value in pairs(PERSON) do
      for _, wrong in ipairs { value .. "\0", value .. "\255", { value }, value:rep(3000) } do
        local params = {}
        for other, right in pairs(PERSON) do
          params[other] = other == name and wrong or right
        end
        local found, message, err = client:create_address(params)
        assert.is_nil(found)
        check(message)
        for _, problem in ipairs(err.problems) do
          check(problem.message)
        end
      end
    end
    local _, message = client:create_address { PERSON.street, iso_country = PERSON.street }
    check(message)
    _, message = client:addresses { iso_country = PERSON.customer_name }
    check(message)
    for _, method in ipairs { "fetch_address", "delete_address" } do
      message = select(2, client[method](client, PERSON.customer_name))
      check(message)
    end
    client:close()
  end)
end)
