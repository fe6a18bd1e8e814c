--- A scripted Twilio whose country has a law, for specs of what a purchase needs: regulations, a bundle with
--- what it holds, an address, a balance and a price. Each can be another response.
local cjson = require("cjson")
local scripted = require("spec.support.scripted")

local law = {
  REGULATION = "RN" .. ("1"):rep(32),
  BUNDLE = "BU" .. ("2"):rep(32),
  ADDRESS = "AD" .. ("3"):rep(32),
  DOCUMENT = "RD" .. ("4"):rep(32),
  DATE = "Tue, 18 Aug 2026 17:00:00 GMT",
}

law.NOT_FOUND = { status = 404, body = scripted.refusal(20404, "was not found") }
law.FAILED = { status = 500, body = "" }

--- A response with an object.
function law.answer(fields)
  return { status = 200, headers = { Date = law.DATE }, body = cjson.encode(fields) }
end

--- A page of a product in Twilio's format.
function law.page(items, next_page_url)
  return law.answer {
    results = setmetatable(items, cjson.empty_array_mt),
    meta = { key = "results", next_page_url = next_page_url or cjson.null },
  }
end

local NEEDED = { end_user = { { name = "Business", fields = { "business_name" } } } }

function law.regulation(fields)
  local item = {
    sid = law.REGULATION,
    iso_country = "GB",
    number_type = "local",
    end_user_type = "business",
    requirements = NEEDED,
  }
  for name, value in pairs(fields or {}) do
    item[name] = value
  end
  return item
end

function law.bundle(fields)
  local bundle = {
    sid = law.BUNDLE,
    regulation_sid = law.REGULATION,
    status = "twilio-approved",
    valid_until = cjson.null,
  }
  for name, value in pairs(fields or {}) do
    bundle[name] = value
  end
  return law.answer(bundle)
end

--- The items of a bundle.
---@param sids string[]
function law.items(sids)
  local list = {}
  for i, sid in ipairs(sids) do
    list[i] = { sid = "BV" .. ("5"):rep(32), object_sid = sid }
  end
  return law.page(list)
end

function law.address(fields)
  local address = {
    sid = law.ADDRESS,
    account_sid = scripted.ACCOUNT,
    customer_name = "Ada Lovelace",
    street = "St James Square 12",
    iso_country = "GB",
  }
  for name, value in pairs(fields or {}) do
    address[name] = value
  end
  return law.answer(address)
end

law.SERVICE = "MG" .. ("6"):rep(32)

--- A Messaging Service, with a registered campaign or without.
function law.service(is_registered)
  return law.answer { sid = law.SERVICE, us_app_to_person_registered = is_registered }
end

--- The requested country, in which local and toll-free numbers are sold.
function law.country(request)
  return law.answer {
    country_code = request.url:match("(%u%u)%.json$"),
    subresource_uris = { ["local"] = "/", toll_free = "/" },
  }
end

--- The resources, by a pattern of their path, in matching order.
local PARTS = {
  { "items", "/ItemAssignments" },
  { "document", "/SupportingDocuments/" },
  { "regulations", "/Regulations" },
  { "bundle", "/Bundles/" },
  { "address", "/Addresses/" },
  { "balance", "/Balance%.json" },
  { "price", "/v1/PhoneNumbers/Countries/" },
  { "service", "/v1/Services/" },
  { "search", "/AvailablePhoneNumbers/%u%u/" },
  { "country", "/AvailablePhoneNumbers/%u%u%.json$" },
  { "owned", "/IncomingPhoneNumbers%.json" },
}

--- Twilio's responses if nothing is missing.
local function whole()
  return {
    regulations = law.page { law.regulation() },
    bundle = law.bundle(),
    items = law.items { law.ADDRESS },
    address = law.address(),
    balance = law.answer { balance = "10.00", currency = "USD" },
    price = law.answer {
      iso_country = "GB",
      price_unit = "USD",
      phone_number_prices = {
        { number_type = "local", base_price = "1.15", current_price = "1.15" },
      },
    },
    service = law.service(true),
    country = law.country,
    owned = { status = 200, headers = { Date = law.DATE }, body = scripted.page {} },
  }
end

--- The responses to GET.
---@param responses table<string, table|function|false> others than those where nothing is missing
---@return function step for scripted.client
---@return table<string, integer> asked how often each was asked for
function law.answers(responses)
  local all, asked = whole(), {}
  for name, response in pairs(responses) do
    all[name] = response
  end
  return function(request)
    for _, part in ipairs(PARTS) do
      local name = part[1]
      if request.url:find(part[2]) then
        asked[name] = (asked[name] or 0) + 1
        local response = assert(all[name], "nothing is scripted for " .. request.url)
        if type(response) == "function" then
          return response(request)
        elseif response.broken then
          return nil, "it broke", response.broken
        end
        return response
      end
    end
    error("nothing is scripted for " .. request.url)
  end,
    asked
end

--- A client of it.
---@return table client
---@return table log
---@return table<string, integer> asked
function law.client(responses, options)
  local step, asked = law.answers(responses or {})
  local all = { retries = 0 }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  local client, log = scripted.apart({ GET = { step }, POST = { scripted.created } }, all)
  return client, log, asked
end

return law
