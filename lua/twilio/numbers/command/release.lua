--- twilio-numbers release: gives numbers back.
local confirm = require("twilio.numbers.command.confirm")
local connect = require("twilio.numbers.command.connect")
local json = require("twilio.numbers.command.json")
local outcome = require("twilio.numbers.command.outcome")
local streams = require("twilio.numbers.command.streams")
local tables = require("twilio.numbers.command.table")

local release = {}

---@param parser table argparse's
function release.add(parser)
  local command = parser:command("release", "Give numbers back. Somebody else may then buy them.")
  command:argument("numbers", "PN... or +14155550100."):args("+"):argname("<NUMBER>")
  command:flag("-y --yes", "Do not ask.")
end

--- The numbers that the arguments name, each once, and those that the account does not own.
---@return twilio.numbers.Number[]? numbers
---@return table[]|integer missing, or a code
local function find(context)
  local found, missing, seen = {}, {}, {}
  for _, name in ipairs(context.args.numbers) do
    local number, message, err = connect.number(context, name)
    if err then
      return nil, outcome.fail(context, message, err)
    elseif not number then
      streams.complain(message)
      missing[#missing + 1] = { name = name, released = false, message = message }
    elseif not seen[number.sid] then
      seen[number.sid], found[#found + 1] = true, number
    end
  end
  return found, missing
end

local function describe(found)
  local names = {}
  for i, number in ipairs(found) do
    if i > 10 then
      names[i] = "..."
      break
    end
    names[i] = number.phone_number
  end
  local count = #found == 1 and "1 number" or ("%d numbers"):format(#found)
  return ("About to release %s for good: %s."):format(count, table.concat(names, ", "))
end

--- Releases one, and says what came of it.
local function give_back(context, number)
  local released, message, err = context.client:release(number.sid, context.call_options)
  if not released then
    streams.complain(number.phone_number .. ": " .. message)
  end
  return {
    sid = number.sid,
    phone_number = number.phone_number,
    released = released or false,
    message = message,
    error = err and json.error(err),
  }
end

function release.run(context)
  local found, results = find(context)
  if not found then
    return results
  end
  local code = #results > 0 and outcome.REFUSED or outcome.DONE
  if #found > 0 then
    local go_on, why_not = confirm(context, describe(found))
    if not go_on then
      return why_not
    end
  end
  local rows = {}
  for i, number in ipairs(found) do
    local result = give_back(context, number)
    results[#results + 1] = result
    if #found > 1 and result.released and streams.may_chat then
      streams.say(("%d/%d released: %s"):format(i, #found, number.phone_number))
    end
    code = result.released and code or outcome.REFUSED
    rows[i] = { number.phone_number, number.sid, result.released and "released" or "still owned" }
  end
  if context.args.json then
    json.array(results)
  else
    tables.print({ "NUMBER", "SID", "OUTCOME" }, rows, "Nothing was released.")
  end
  return code
end

return release
