--- A client whose requests get the given responses, one after the other: by libcurl, in flight, by a
--- transport in Lua.
local flights = require("spec.support.flights")
local numbers = require("twilio.numbers")
local process = require("spec_process")
local raw_server = require("spec.support.raw_server")
local scripted = require("spec.support.scripted")

local answered = {}

local DATE = "Sat, 28 Nov 2026 12:00:01 GMT"

local function http(answer)
  local head = "HTTP/1.1 %d X\r\nDate: %s\r\nContent-Length: %d\r\n\r\n%s"
  return head:format(answer.status, DATE, #answer.body, answer.body)
end

---@param answers { status: integer, body: string }[]
---@param f fun(ask: fun(name: string, ...), way: string, sent: string[]|nil) called once for each way
function answered.each_way(answers, f)
  for _, way in ipairs { "libcurl", "in flight", "a function" } do
    local base_url, child, transport, sent
    if way == "a function" then
      sent = {}
      function transport(request)
        sent[#sent + 1] = request.method .. " " .. request.url:match("IncomingPhoneNumbers.*$")
        local answer = answers[#sent]
        return { status = answer.status, body = answer.body, headers = { Date = DATE } }
      end
    else
      local bytes = {}
      for i, answer in ipairs(answers) do
        bytes[i] = http(answer)
      end
      base_url, child = raw_server.start((unpack or table.unpack)(bytes)) -- luacheck: ignore 113 143
    end
    local client = assert(numbers.client {
      account_sid = scripted.ACCOUNT,
      auth_token = scripted.TOKEN,
      base_url = base_url,
      transport = transport,
      retries = 0,
      timeout = 20,
    })
    f(function(name, ...)
      if way ~= "in flight" then
        return client[name](client, ...)
      end
      local pending = assert(client[name .. "_async"](client, ...))
      flights.finish(client)
      return pending:result()
    end, way, sent)
    client:close()
    if child then
      process.wait(child)
    end
  end
end

return answered
