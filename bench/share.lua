-- Repeats one part of a purchase, for bench/measure/instructions.lua:
--   lua bench/share.lua form|decode|cjson NUMBERS TIMES      NUMBERS: 1 for a purchase's answer, or a page's
local account = require("account")
local cjson = require("cjson")
local core = require("twilio.numbers.core")
local files = require("spec.support.files")

local text = files.read("bench/answer.json")
local numbers = tonumber(arg[2])
if numbers > 1 then -- 50 have 70 KB
  text = ('{"incoming_phone_numbers":[%s%s]}'):format((text .. ","):rep(numbers - 1), text)
end

local STEPS = {
  form = function()
    assert(core.form(account.params))
  end,
  decode = function()
    assert(core.decode(text))
  end,
  cjson = function() -- the same by another reader
    assert(cjson.decode(text))
  end,
}

local step = STEPS[arg[1]]
for _ = 1, tonumber(arg[3]) do
  step()
end
