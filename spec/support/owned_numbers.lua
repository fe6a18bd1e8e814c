--- Owned numbers of a scripted Twilio, by SID, for specs of update_many and release_many.
local cjson = require("cjson")
local form = require("spec.support.form")
local scripted = require("spec.support.scripted")

local owned_numbers = {}

owned_numbers.PARAMS = { voice_url = "https://example.com/voice" }
owned_numbers.GONE = { status = 404, body = scripted.refusal(20404, "not found") }
owned_numbers.BUSY = { status = 400, body = scripted.refusal(20001, "busy") }

function owned_numbers.sid(i)
  return ("PN%032x"):format(i)
end

function owned_numbers.sids(count)
  local list = {}
  for i = 1, count do
    list[i] = owned_numbers.sid(i)
  end
  return list
end

--- The SID in the URL of a request.
function owned_numbers.sid_of(request)
  return request.url:match("/IncomingPhoneNumbers/(PN%x+)%.json")
end

--- A response with the number that a request is about.
function owned_numbers.shown(request)
  local number = {
    sid = owned_numbers.sid_of(request),
    phone_number = scripted.PHONE,
    account_sid = scripted.ACCOUNT,
  }
  for name, value in pairs(form.decode(request.body or "")) do
    number[name:gsub("(%l)(%u)", "%1_%2"):lower()] = value
  end
  return { status = 200, body = cjson.encode(number) }
end

function owned_numbers.released()
  return { status = 204, body = "" }
end

--- Responds by SID: with those in `by_sid`, otherwise `default`.
function owned_numbers.answers(by_sid, default)
  return {
    function(request)
      local step = by_sid[owned_numbers.sid_of(request)] or default
      if type(step) == "function" then
        return step(request)
      elseif step.broken then
        return nil, "cut", step.broken
      end
      return step
    end,
  }
end

return owned_numbers
