--- A scripted Twilio that sells numbers of several countries and types with their prices, and its requests
--- in short, for specs of the spending policy.
local cjson = require("cjson")
local form = require("spec.support.form")
local scripted = require("spec.support.scripted")

local market = {}

market.PHONE, market.OTHER, market.CANADIAN = "+14155550101", "+15105550101", "+14165550101"
market.BRITISH = "+447700900000"

market.NOT_FOUND = { status = 404, body = scripted.refusal(20404, "was not found") }

--- The path of a request, in short: "owned", "US", "US/Local +1415...", "price US" or "POST ...".
local function name_of(request)
  local path, query = request.url:match("^https://[^/]+([^?]*)%??(.*)$")
  if request.method == "POST" then
    local fields = form.decode(request.body)
    local sid = path:match("/IncomingPhoneNumbers/(PN%x+)%.json$")
    return sid and "update " .. sid or "POST " .. (fields.PhoneNumber or fields.AreaCode)
  elseif path:find("/IncomingPhoneNumbers.json", 1, true) then
    return "owned"
  elseif path:find("^/v1/PhoneNumbers/Countries/") then
    return "price " .. path:match("%u%u$")
  end
  local place = path:match("/AvailablePhoneNumbers/(.*)%.json$")
  local fields = query ~= "" and form.decode(query) or {}
  local shown = fields.Contains or fields.AreaCode
  return place .. (shown and " " .. shown or "")
end

--- The paths of the requests of a log, in short.
function market.names_of(log)
  local list = {}
  for i, request in ipairs(log.requests) do
    list[i] = name_of(request)
  end
  return list
end

--- Responds to GETs: `sold` has the numbers by country and by the path of their type; `prices` are by type,
--- default 1; `owned` are the account's numbers; `answers`, by the request's name, override these.
function market.answer_of(world)
  return function(request)
    local name = name_of(request)
    local place, kind = name:match("^(%u%u)/?(%a*)")
    local types = place and (world.sold or {})[place]
    if (world.answers or {})[name] then
      return world.answers[name]
    elseif name == "owned" then
      return { status = 200, body = scripted.page(world.owned or {}) }
    elseif name:find("^price") then
      local rows = {}
      for i, type_name in ipairs { "local", "toll free", "mobile" } do
        rows[i] =
          { number_type = type_name, current_price = (world.prices or {})[type_name] or "1" }
      end
      return {
        status = 200,
        body = cjson.encode { phone_number_prices = rows, price_unit = "USD" },
      }
    elseif not types or (kind ~= "" and not types[kind]) then
      return market.NOT_FOUND
    elseif kind ~= "" then
      return { status = 200, body = scripted.found(types[kind]) }
    end
    local uris = {}
    for path in pairs(types) do
      uris[path:gsub("(%l)(%u)", "%1_%2"):lower()] = "x"
    end
    return { status = 200, body = cjson.encode { country_code = place, subresource_uris = uris } }
  end
end

function market.client_of(world, options)
  return scripted.apart({ GET = { market.answer_of(world) }, POST = { scripted.created } }, options)
end

market.SOLD = {
  US = { Local = { market.PHONE, market.OTHER }, TollFree = {} },
  CA = { Local = { market.CANADIAN } },
  GB = { Mobile = { market.BRITISH } },
}

return market
