-- The form of messages. The message of an error begins in lower case, unless with a name, and ends in a full
-- stop; a part of a message, such as a problem or a reason, and a note beside a number have no full stop.
local core = require("twilio.numbers.core")
local errors = require("twilio.numbers.errors")
local messages = require("twilio.numbers.config.messages")
local options = require("twilio.numbers.config.options")
local values = require("spec.support.values")

--- What may begin a message in upper case.
local NAMES = { Twilio = true, Messaging = true }

--- Words of no message: subjects that do not exist, and idioms of no manual.
local BAD = {
  "%f[%a]nobody%f[%A]",
  "%f[%a]somebody%f[%A]",
  "%f[%a]everybody%f[%A]",
  "%f[%a]whoever%f[%A]",
  "%f[%a]shall%f[%A]",
  "%f[%a]told%f[%A]",
  "%f[%a]meanwhile%f[%A]",
  "makes no sense",
  "got a nil",
  "must be such as",
}

--- What is wrong with a part of a message; nil if nothing is.
local function wrong_part(text)
  local first = text:match("^%a+")
  if first and first:find("^%u%l") and not NAMES[first] then
    return "begins in upper case"
  elseif text:find("[%.!:; ]$") and not text:find("got $") then
    return "does not end as a part"
  end
  for _, pattern in ipairs(BAD) do
    if text:find(pattern) then
      return "has " .. pattern
    end
  end
end

--- What is wrong with the message of an error.
local function wrong_message(text)
  if not text:find("[%.%?]$") or text:find("%.%.$") then
    return "does not end in one full stop"
  end
  return text:find("%.%s+%l") and "goes on in lower case" or wrong_part(text:sub(1, -2))
end

local function files()
  local list = {}
  local output = assert(
    io.popen("find lua/twilio/numbers -name '*.lua' ! -path '*/command/*' ! -path '*/meta/*'")
  )
  for path in output:lines() do
    list[#list + 1] = path
  end
  output:close()
  return list
end

--- A file's text without comments, with literals that are joined over lines as one.
local function code_of(path)
  local file = assert(io.open(path))
  local text = file:read("*a"):gsub("%f[%-]%-%-[^\n]*", "")
  file:close()
  text = text:gsub("local ADVICE =", "") -- a sentence of its own
  return (text:gsub('"%s*%.%.%s*"', ""))
end

--- What stands before a literal that is a message or begins one.
local PLACES = {
  "%f[%w]message = %(?",
  "%f[%w]reason = %(?",
  "%f[%w]words = %(?",
  "%f[%w]return %(?",
  "%f[%w]return nil, %(?",
  "%f[%w]note = %(?",
  "local %u[%u_]+ =%s+%(?",
}

--- Calls visit(text, is_whole) for each literal of a file that is a message or begins one.
local function each_literal(path, visit)
  local code = code_of(path)
  for _, place in ipairs(PLACES) do
    for _, quote in ipairs { '"', "'" } do
      local pattern = place
        .. quote
        .. "([^"
        .. quote
        .. "\n]* [^"
        .. quote
        .. "\n]*)"
        .. quote
        .. "()"
      for text, behind in code:gmatch(pattern) do
        visit(text, not code:find("^%)?%s*%.%.", behind))
      end
    end
  end
end

describe("a message in the source", function()
  it("has the form of a part", function()
    local count, wrong = 0, {}
    for _, path in ipairs(files()) do
      each_literal(path, function(text, is_whole)
        count = count + 1
        local why = wrong_part(is_whole and text or text .. "x")
        wrong[#wrong + 1] = why and ("%s: %s: %s"):format(path, text, why)
      end)
    end
    assert.same({}, wrong)
    assert.is_true(count > 150, count)
  end)
end)

describe("the message of an error", function()
  --- The kinds of errors, as meta/errors.lua lists them.
  local function kinds()
    local file = assert(io.open("lua/twilio/numbers/meta/errors.lua"))
    local block = file:read("*a"):match("@alias twilio%.numbers%.Kind\n(.-)\n\n")
    file:close()
    local list = {}
    for kind in block:gmatch('| "([%l_]+)"') do
      list[#list + 1] = kind
    end
    return list
  end

  for _, kind in ipairs(kinds()) do
    it("has its form, whatever is known: " .. kind, function()
      for _, purchased in ipairs { "no", "unknown", "yes" } do
        for _, key in ipairs { false, "key" } do
          for _, reason in ipairs { "", "a reason", "did you mean this?" } do
            for _, advice in ipairs { false, "Look first." } do
              local _, message = errors.fail {
                kind = kind,
                purchased = purchased,
                idempotency_key = key or nil,
                reason = reason,
                advice = advice or nil,
                status = reason ~= "" and 400 or nil,
                code = reason ~= "" and 21422 or nil,
              }
              assert.is_nil(wrong_message(message), message)
            end
          end
        end
      end
    end)
  end

  it("has one full stop where it is a part of another", function()
    local _, message = errors.fail { kind = "api", status = 400 }
    assert.equal("Twilio answered with an error (status 400)", errors.part(message))
  end)
end)

describe("the problem of a value", function()
  local function check(problems)
    for _, problem in ipairs(problems) do
      assert.is_nil(wrong_part(problem.message), problem.message)
      assert.is_truthy(problem.message:find("%l"))
    end
    return #problems
  end

  for _, name in ipairs { "purchase", "update", "search", "list", "addresses", "bundles" } do
    it("has its form, for each parameter: " .. name, function()
      local count = 0
      for _, row in ipairs(core.parameters(name)) do
        local all = { "", "a\0b", "\255", ("a"):rep(16385) }
        for _, list in ipairs { values.WRONG[row.kind] or {}, values.wrong_types(row.kind) } do
          for _, value in ipairs(list) do
            all[#all + 1] = value
          end
        end
        for _, value in ipairs(all) do
          local form, rows = core.new_form({ [row.name] = value, frendly = 1 }, name)
          count = count + (form and 0 or check(messages.describe(rows, name)))
        end
      end
      assert.is_true(count > 50, count)
    end)
  end

  it("has its form, for each option", function()
    local count = 0
    for _, rows in pairs(options) do
      for _, row in ipairs(type(rows) == "table" and rows or {}) do
        for _, value in ipairs { "", "a b", "a\n", -1, 1.5, true, {}, { 1 }, { x = 1 }, print } do
          local ok, _, problems = pcall(options.read, rows, { [row.name] = value, colour = 1 })
          count = count + check(ok and problems or {})
        end
      end
    end
    assert.is_true(count > 300, count)
  end)
end)
