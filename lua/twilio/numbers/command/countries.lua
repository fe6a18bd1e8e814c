--- twilio-numbers countries: where Twilio sells numbers, and of which types.
local json = require("twilio.numbers.command.json")
local outcome = require("twilio.numbers.command.outcome")
local parameters = require("twilio.numbers.command.parameters")
local tables = require("twilio.numbers.command.table")

local countries = {}

countries.columns = {
  { name = "country_code", heading = "CODE" },
  { name = "country", cuts = true },
  {
    name = "types",
    of = function(country)
      return table.concat(country.types, " ")
    end,
    wraps = true,
  },
  {
    name = "beta",
    of = function(country)
      return country.beta and "beta" or ""
    end,
    drops = 1,
  },
}

---@param parser table argparse's
function countries.add(parser)
  local command =
    parser:command("countries", "Show where Twilio sells numbers, and of which types.")
  command:usage("Usage: twilio-numbers countries [COUNTRY]")
  parameters.add_country(command, "all")
end

function countries.run(context)
  local client, code, options = context.client, context.args.country, context.call_options
  local pending, problem, problem_err
  if code then
    pending, problem, problem_err = client:country_async(code:upper(), options)
  else
    pending, problem, problem_err = client:countries_async(options)
  end
  local found, message, err = context.wait("GET", pending, problem, problem_err)
  if not found then
    return outcome.fail(context, message, err)
  elseif not context.args.json then
    tables.print(context.args, countries.columns, code and { found } or found, "No countries.")
  elseif code then
    local types = found.types
    found.types = nil
    json.object_with_list(found, "types", types)
  else
    json.array_with_lists(found, "types")
  end
  return outcome.DONE
end

return countries
