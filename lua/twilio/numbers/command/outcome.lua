--- Reports failures: a message on stderr, an object with --json, an exit code.
local errors = require("twilio.numbers.errors")
local hints = require("twilio.numbers.command.hints")
local json = require("twilio.numbers.command.json")
local streams = require("twilio.numbers.command.streams")

local outcome = {}

outcome.LOOK = hints.LOOK

outcome.DONE, outcome.REFUSED, outcome.USAGE, outcome.UNKNOWN = 0, 1, 2, 3

--- The exit code of a failure. UNKNOWN takes precedence: money may have been spent.
---@param err twilio.numbers.Error
function outcome.code(err)
  if err.purchased and err.purchased ~= "no" then -- a release says nothing of that
    return outcome.UNKNOWN
  elseif err.unheard then -- of a change that may have been carried out
    return outcome.UNKNOWN
  end
  return (err.kind == "invalid" or err.kind == "conflict") and outcome.USAGE or outcome.REFUSED
end

--- The subcommand whose help usage errors name, such as "journal prune ".
outcome.help = ""

local function say_help()
  streams.say(("Try: twilio-numbers %s--help"):format(outcome.help))
end

--- Whether the library's message has only this problem.
local function is_about(message, problem)
  local said = "nothing was sent: " .. problem.message
  return message == said or message == said .. "."
end

--- Whether all problems are in the environment, which no command's help describes.
local function is_environment(err)
  for _, problem in ipairs(err.problems or {}) do
    if not problem.message:find("^TWILIO_") then
      return false
    end
  end
  return err.problems ~= nil
end

--- Prints what went wrong, each of several problems on a line of its own. The message of a conflict already
--- names them all, and what to do.
function outcome.complain(message, err)
  local problems, kind = err.problems, outcome.code(err) == outcome.UNKNOWN and "unknown" or nil
  local unset = hints.unset(err)
  if unset then
    return streams.complain(unset, kind)
  elseif problems and #problems == 1 and is_about(message, problems[1]) then
    return streams.complain(problems[1].message, kind)
  elseif not problems or #problems < 2 or err.kind == "conflict" then
    return streams.complain(message, kind)
  end
  streams.complain(message:match("^[^:]*:"), kind)
  for _, problem in ipairs(problems) do
    streams.say("  " .. problem.message)
  end
end

--- Reports a failure.
---@return integer code
function outcome.fail(context, message, err)
  outcome.complain(message, err)
  if context.args.json then
    json.object { error = json.error(err) }
  end
  local code, hint = outcome.code(err), hints.of(err, context.args)
  if hint then
    streams.say(hint)
  elseif err.kind == "invalid" and not context.args.has_begun and not is_environment(err) then
    say_help()
  end
  if code == outcome.UNKNOWN then
    streams.say(err.unheard and context.args.look or hints.look(err))
  end
  return code
end

--- Reports that nothing was begun because of the caller's mistake.
---@param args table of the command
---@return integer code
function outcome.refuse(args, text)
  streams.complain(text)
  if args.json then
    json.object { error = { kind = "invalid", purchased = "no", attempts = 0, message = text } }
  end
  return outcome.USAGE
end

--- Reports wrong usage, before anything is sent.
---@param args table of the command
---@param text string
---@return integer code
function outcome.usage(args, text)
  outcome.refuse(args, text)
  say_help()
  return outcome.USAGE
end

--- Reports problems with parameters, before anything is sent.
---@param list twilio.numbers.Problem[]
---@return integer code
function outcome.invalid(context, list)
  local _, message, err = errors.invalid(list)
  return outcome.fail(context, message, err)
end

return outcome
