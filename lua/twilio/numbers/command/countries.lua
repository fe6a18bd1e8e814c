--- twilio-numbers countries: where Twilio sells numbers, and of which types.
local json = require("twilio.numbers.command.json")
local outcome = require("twilio.numbers.command.outcome")
local tables = require("twilio.numbers.command.table")

local countries = {}

---@param parser table argparse's
function countries.add(parser)
  local command =
    parser:command("countries", "Show where Twilio sells numbers, and of which types.")
  command:argument("country", "Two letters; default all."):args("?"):argname("<US>")
end

---@param list twilio.numbers.Country[]
local function print_table(list)
  local rows = {}
  for i, country in ipairs(list) do
    rows[i] = {
      country.country_code,
      country.country,
      table.concat(country.types, " "),
      country.beta and "beta" or "",
    }
  end
  tables.print({ "CODE", "COUNTRY", "TYPES", "BETA" }, rows, "No countries.")
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
    print_table(code and { found } or found)
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
