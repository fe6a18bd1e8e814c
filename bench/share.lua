-- One part of a purchase, again and again, for bench/measure/instructions.lua:
--   lua bench/share.lua form|decode|cjson COUNT
local account = require("account")
local cjson = require("cjson")
local core = require("twilio.numbers.core")

local file = assert(io.open("bench/answer.json"))
local body = file:read("*a")
file:close()

local STEPS = {
  form = function()
    assert(core.form(account.params))
  end,
  decode = function()
    assert(core.decode_number(body))
  end,
  cjson = function() -- what of `decode` is not ours
    assert(cjson.decode(body))
  end,
}

local step = STEPS[arg[1]]
for _ = 1, tonumber(arg[2]) do
  step()
end
