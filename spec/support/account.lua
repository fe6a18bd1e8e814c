-- An account of the simulated Twilio without any network: requests go straight to the routes.

local cjson = require("cjson")
local form = require("twilio.simulator.form")
local routes = require("twilio.simulator.routes")
local store = require("twilio.simulator.store")

local account = {}

local function sorted_pairs(fields)
  local list = {}
  for name, value in pairs(fields or {}) do
    list[#list + 1] = { name, value }
  end
  table.sort(list, function(a, b)
    return a[1] < b[1]
  end)
  return list
end

---A fresh store, and a function that sends it requests.
---@return table store
---@return fun(method: string, path: string, fields: table?, options: table?): integer, any
function account.new()
  local twilio = store.new()
  local credentials = twilio.credentials

  ---`fields` are the body of a POST and the query of a GET; `options`: authorization, sid.
  local function send(method, path, fields, options)
    options = options or {}
    local own_path, query = path:match("^([^?]*)%??(.*)$")
    local encoded = form.encode(sorted_pairs(fields))
    if own_path:sub(1, 1) ~= "/" then
      local sid = options.sid or credentials.account_sid
      own_path = ("/2010-04-01/Accounts/%s/%s"):format(sid, own_path)
    end
    local response = routes.answer(twilio, {
      method = method,
      path = own_path,
      query = method == "GET" and query .. encoded or query,
      headers = { authorization = options.authorization or "Bearer " .. credentials.access_token },
      body = method == "POST" and encoded or "",
    })
    return response.status, response.body ~= "" and cjson.decode(response.body) or nil, response
  end

  return twilio, send
end

return account
