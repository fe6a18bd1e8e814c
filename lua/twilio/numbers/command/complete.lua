--- twilio-numbers complete, for shell completion: prints the words that can replace the last argument, each
--- with a tab and its description, or ":files" for the name of a file.
local outcome = require("twilio.numbers.command.outcome")
local streams = require("twilio.numbers.command.streams")
local values = require("twilio.numbers.command.values")

local complete = {}

complete.needs_no_client = true

---@param parser table argparse's
function complete.add(parser)
  local command = parser:command("complete", "Print completions."):hidden(true)
  command:argument("words"):args("*")
  command:handle_options(false)
end

--- Joins the words that bash splits: it makes "=" a word of its own.
local function join(words)
  local list, glued = {}, false
  for _, word in ipairs(words) do
    if #list > 0 and (word == "=" or glued) then
      list[#list] = list[#list] .. word
    else
      list[#list + 1] = word
    end
    glued = word == "="
  end
  return list
end

local function find_by_name(list, name)
  for _, element in ipairs(list) do
    for _, alias in ipairs(element._aliases) do
      if alias == name then
        return element
      end
    end
  end
end

local function find_option(place, name)
  return find_by_name(place.command._options, name) or find_by_name(place.root._options, name)
end

local function takes_value(option)
  return option ~= nil and option._maxargs > 0
end

--- Moves past a word: an option, its value, a command or an argument.
local function pass(place, word)
  if place.option then
    place.option = nil
  elseif word:find("^%-.") then
    local option = not word:find("=", 1, true) and find_option(place, word)
    place.option = takes_value(option) and option or nil
  else
    local below = find_by_name(place.command._commands, word)
    if below then
      place.top = place.top or below
      place.command, place.given = below, {}
    else
      place.given[#place.given + 1] = word
    end
  end
end

--- The argument that the next word is for.
local function next_argument(place)
  local passed = #place.given
  for _, argument in ipairs(place.command._arguments) do
    if passed < argument._maxargs then
      return argument
    end
    passed = passed - argument._maxargs
  end
end

local function add_named(list, elements)
  for _, element in ipairs(elements) do
    if not element._hidden then
      local name = element._aliases[#element._aliases] -- the long one
      list[#list + 1] = { name, element._description }
    end
  end
end

--- The options that can follow.
local function options_of(place)
  local list = {}
  add_named(list, place.command._options)
  if place.command ~= place.root then
    add_named(list, place.root._options)
  end
  return list
end

--- The words that can replace the last of some words.
---@param root table argparse's parser
---@param words string[]
---@return { [1]: string, [2]: string? }[]|":files" candidates
function complete.candidates(root, words)
  words = join(words)
  local place = { root = root, command = root, given = {} }
  for i = 1, #words - 1 do
    pass(place, words[i])
  end
  local current = words[#words] or ""
  local name, value = current:match("^(%-%-[^=]+)=(.*)$")
  local option = place.option or (name and find_option(place, name))
  local prefix = name and not place.option and name .. "=" or ""
  local list
  if option then
    list = takes_value(option) and values.of(option, place, prefix ~= "" and value or current) or {}
  elseif current:find("^%-") then
    list = options_of(place)
  else
    list = {}
    add_named(list, place.command._commands)
    local argument = next_argument(place)
    if argument then
      local more = values.of(argument, place, current)
      list = #list == 0 and more or list
    end
  end
  if list == values.FILES then
    return list
  end
  local fitting = {}
  for _, one in ipairs(list) do
    local text = prefix .. one[1]
    if text:sub(1, #current) == current then
      fitting[#fitting + 1] = { text, one[2] }
    end
  end
  return fitting
end

function complete.run(context)
  local list = complete.candidates(context.parser, context.args.words)
  if list == values.FILES then
    streams.print(list)
    return outcome.DONE
  end
  for _, one in ipairs(list) do
    local description = one[2] and one[2]:match("^[^\n]*")
    streams.print(one[1] .. (description and "\t" .. description or ""))
  end
  return outcome.DONE
end

return complete
