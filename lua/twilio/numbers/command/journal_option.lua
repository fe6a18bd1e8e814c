--- The option --journal, of the subcommands that use one.
local globals = require("twilio.numbers.globals")

local journal_option = {}

journal_option.HINT = "put the whole URL into TWILIO_NUMBERS_JOURNAL, or the password into PGPASSFILE's file"
  .. " or into a service (service=NAME)"

local VISIBLE = "must not hold a password, since other users of the machine can see arguments: "

--- Whether a connection string holds a password.
local function has_password(text)
  if text:find("^sqlite:") then
    return false
  end
  return text:find("^%a+://[^@]*:[^@]*@") ~= nil or text:lower():find("password%s*=") ~= nil
end

--- Checks the name of a journal. No message repeats it: it may have a password.
---@param name string of the argument
function journal_option.checker(name)
  return function(text)
    if has_password(text) then
      return nil, ("%s %s%s"):format(name, VISIBLE, journal_option.HINT)
    end
    return text
  end
end

--- Adds the option.
---@param command table argparse's
---@return table option
function journal_option.add(command)
  return command
    :option("--journal", "The purchase journal; default TWILIO_NUMBERS_JOURNAL.")
    :target("journal_spec")
    :convert(journal_option.checker("--journal"))
    :argname("<FILE|URL>")
end

--- The journal that the environment names.
---@return string?
function journal_option.from_environment()
  return globals.variable("TWILIO_NUMBERS_JOURNAL")
end

--- What to do where the command has no journal.
---@param args table of the command
---@return string
function journal_option.missing(args)
  if args.simulate and journal_option.from_environment() then
    return "give --journal FILE|URL: with --simulate, TWILIO_NUMBERS_JOURNAL is not used, which names one of"
      .. " real purchases"
  end
  return "give --journal FILE|URL, or set TWILIO_NUMBERS_JOURNAL (twilio-numbers journal init makes one)"
end

return journal_option
