--- twilio-numbers requirements: what the law of a country requires.
local json = require("twilio.numbers.command.json")
local outcome = require("twilio.numbers.command.outcome")
local parameters = require("twilio.numbers.command.parameters")
local tables = require("twilio.numbers.command.table")

local requirements = {}

requirements.columns = {
  { name = "end_user", is_once = true },
  { name = "regulation_sid", heading = "REGULATION", is_sid = true, is_once = true, drops = 1 },
  { name = "asks_for", wraps = true },
  { name = "details", wraps = true },
}

---@param parser table argparse's
function requirements.add(parser)
  local command = parser:command(
    "requirements",
    "Show what the law of a country requires of the owner of a number."
  )
  command:usage("Usage: twilio-numbers requirements COUNTRY TYPE")
  parameters.add_place(command)
end

--- Twilio's own name of a requirement.
local function name_of(thing)
  return type(thing.name) == "string" and thing.name or "?"
end

--- The names of the documents of which one is enough.
local function accepted(document)
  local names = {}
  for _, one in
    ipairs(type(document.accepted_documents) == "table" and document.accepted_documents or {})
  do
    names[#names + 1] = type(one) == "table" and name_of(one) or nil
  end
  return table.concat(names, "; ")
end

local function fields_of(end_user)
  local fields = {}
  for _, field in ipairs(type(end_user.fields) == "table" and end_user.fields or {}) do
    fields[#fields + 1] = tostring(field)
  end
  return table.concat(fields, ", ")
end

--- Adds the rows of one type of end users.
local function add_rows(rows, end_user, one)
  local first = #rows + 1
  for _, asked in ipairs(one.end_user) do
    rows[#rows + 1] = { asks_for = name_of(asked), details = fields_of(asked) }
  end
  for _, documents in ipairs(one.documents) do
    for _, document in ipairs(documents) do
      rows[#rows + 1] = { asks_for = name_of(document), details = accepted(document) }
    end
  end
  rows[first] = rows[first] or { asks_for = "nothing: no bundle is needed" }
  for i = first, #rows do
    rows[i].end_user, rows[i].regulation_sid = end_user, one.regulation_sid
  end
end

local function end_users_of(found)
  local list = {}
  for end_user in pairs(found) do
    list[#list + 1] = end_user
  end
  table.sort(list)
  return list
end

local NONE = "There is no regulation: no bundle is needed."

function requirements.run(context)
  local args, client = context.args, context.client
  local country, kind = args.country:upper(), args.type
  local found, message, err =
    context.wait("GET", client:requirements_async(country, kind, context.call_options))
  if not found then
    return outcome.fail(context, message, err)
  elseif args.json then
    json.objects_with_lists(found, { "end_user", "documents" })
    return outcome.DONE
  end
  local rows = {}
  for _, end_user in ipairs(end_users_of(found)) do
    add_rows(rows, end_user, found[end_user])
  end
  tables.print(args, requirements.columns, rows, NONE)
  return outcome.DONE
end

return requirements
