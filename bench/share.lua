-- One part of a purchase, again and again, for bench/measure/instructions.lua:
--   lua bench/share.lua form|decode|page|cjson|cjson_page COUNT
local account = require("account")
local cjson = require("cjson")
local core = require("twilio.numbers.core")

local file = assert(io.open("bench/answer.json"))
local body = file:read("*a")
file:close()

--- A list of 50, which has 70 KB.
local page = '{"incoming_phone_numbers":[' .. (body .. ","):rep(49) .. body .. "]}"

local STEPS = {
  form = function()
    assert(core.form(account.params))
  end,
  decode = function()
    assert(core.decode(body))
  end,
  page = function()
    assert(core.decode(page))
  end,
  cjson = function() -- the same by another reader
    assert(cjson.decode(body))
  end,
  cjson_page = function()
    assert(cjson.decode(page))
  end,
}

local step = STEPS[arg[1]]
for _ = 1, tonumber(arg[2]) do
  step()
end
