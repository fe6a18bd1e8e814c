--- twilio-numbers release: gives numbers back.
local confirm = require("twilio.numbers.command.confirm")
local connect = require("twilio.numbers.command.connect")
local json = require("twilio.numbers.command.json")
local responses = require("twilio.numbers.http.response")
local outcome = require("twilio.numbers.command.outcome")
local owned_number = require("twilio.numbers.api.owned_number")
local streams = require("twilio.numbers.command.streams")
local tables = require("twilio.numbers.command.table")

local release = {}

---@param parser table argparse's
function release.add(parser)
  local command = parser:command("release", "Give numbers back for good.")
  command:argument("numbers", "PN... or +14155550100."):args("+"):argname("<NUMBER>")
  command:flag("--unregister-emergency", "End the registration of an emergency address first.")
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
      missing[#missing + 1] =
        { name = name, released = false, outcome = "not owned", message = message }
    elseif not seen[number.sid] then
      seen[number.sid], found[#found + 1] = true, number
    end
  end
  return found, missing
end

local function describe(found, place)
  local names = {}
  for i, number in ipairs(found) do
    if i > 10 then
      names[i] = "..."
      break
    end
    names[i] = number.phone_number
  end
  local count = #found == 1 and "1 number" or ("%d numbers"):format(#found)
  return ("About to release %s for good%s: %s."):format(count, place, table.concat(names, ", "))
end

--- What came of a release, in words.
local function outcome_of(released, err)
  if released then
    return "released"
  elseif responses.is_not_found(err) and not err.unheard then
    return "not owned"
  end
  return owned_number.is_kept(err) and "still owned" or "unknown"
end

--- Releases one, and says what came of it.
---@return table result
local function give_back(context, number)
  local options = { unregister_emergency = context.args.unregister_emergency }
  for name, value in pairs(context.call_options or {}) do
    options[name] = value
  end
  local released, message, err =
    context.wait("DELETE", context.client:release_async(number.sid, options))
  if not released then
    streams.complain(number.phone_number .. ": " .. message)
  end
  return {
    sid = number.sid,
    phone_number = number.phone_number,
    released = released or false,
    outcome = outcome_of(released, err),
    message = message,
    error = err and json.error(err),
  }
end

--- Releases one after the other. What is raised meanwhile (Ctrl-C) ends that, but hides nothing.
---@param results table[] gets what came of each
---@return any problem what was raised
local function give_back_all(context, found, results)
  context.args.has_begun = true
  for i, number in ipairs(found) do
    local ran, result = pcall(give_back, context, number)
    if not ran then
      results[#results + 1] = {
        sid = number.sid,
        phone_number = number.phone_number,
        released = false,
        outcome = "unknown",
      }
      return result
    end
    results[#results + 1] = result
    if #found > 1 and result.released and streams.may_chat then
      streams.say(("%d/%d released: %s"):format(i, #found, number.phone_number))
    end
  end
end

local function print_results(context, results)
  if context.args.json then
    return json.array(results)
  end
  local rows = {}
  for _, result in ipairs(results) do
    -- those that the account does not own have no SID
    rows[#rows + 1] = result.sid and { result.phone_number, result.sid, result.outcome }
  end
  tables.print({ "NUMBER", "SID", "OUTCOME" }, rows, "Nothing was released.")
end

--- The exit code: what is unknown goes before everything else.
local function code_of(results)
  local code = outcome.DONE
  for _, result in ipairs(results) do
    if result.outcome == "unknown" then
      return outcome.UNKNOWN
    elseif not result.released then
      code = outcome.REFUSED
    end
  end
  return code
end

function release.run(context)
  local found, results = find(context)
  if not found then
    return results
  end
  local problem
  if #found > 0 then
    local go_on, why_not = confirm(context, describe(found, context.place))
    if not go_on then
      return why_not
    end
    problem = give_back_all(context, found, results)
  end
  print_results(context, results)
  if problem then
    error(problem, 0)
  end
  local code = code_of(results)
  if code == outcome.UNKNOWN then
    streams.say(outcome.LOOK)
  end
  return code
end

return release
