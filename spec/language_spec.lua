-- Words that keep out of what people read: pages, comments, messages and the names of specs.
-- CONTRIBUTING.md says how to write instead.

-- What is read: files, and folders with all that is in them.
local PLACES = {
  "README.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "bench",
  "csrc",
  "docs",
  "examples",
  "fuzz",
  "lua",
  "spec",
  "tools",
  "Makefile",
}

-- What is not read, though its folder is.
local LEFT_OUT = {
  ["spec/language_spec.lua"] = true,
  ["spec/messages_spec.lua"] = true,
}

-- Words, and what may stand behind them. A subject that exists (the caller, Twilio), and a verb of the field
-- (gets, reports, fixes, must) are right in all of these places.
local WORDS = {
  { "anybody" },
  { "are told", "apart", "from" },
  { "as ever" },
  { "be told", "apart", "from" },
  { "come to their end" },
  { "comes to its end" },
  { "everybody" },
  { "has not got" },
  { "have not got" },
  { "at one time" },
  { "hear of" },
  { "in the way of" },
  { "heard of" },
  { "hears of" },
  { "is told", "apart", "from" },
  { "look as if" },
  { "looks as if" },
  { "mended" },
  { "mends" },
  { "nobody" },
  { "shall" },
  { "somebody" },
  { "to mend" },
  { "was told", "apart", "from" },
  { "what came of" },
  { "what comes of" },
  { "who buys" },
  { "whoever" },
}

local read = require("spec.support.files").read

--- Text in one line: without code between backticks, and without the marks of comments at a line's beginning.
local function plain(text)
  text = text:gsub("`[^`\n]*`", "`"):gsub("\n%s*[-*/#]*%s*", " "):gsub("%s+", " ")
  return " " .. text:lower() .. " "
end

--- The first of the words that a text has, with what stands around it.
local function find(text)
  text = plain(text)
  for _, entry in ipairs(WORDS) do
    local from = 1
    while true do
      local first, last = text:find("%f[%w_]" .. entry[1] .. "%f[^%w_]", from)
      if not first then
        break
      end
      local is_allowed = false
      for i = 2, #entry do
        is_allowed = is_allowed or text:find("^ " .. entry[i] .. "%f[%W]", last + 1) ~= nil
      end
      if not is_allowed then
        return text:sub(math.max(first - 40, 1), last + 40)
      end
      from = last + 1
    end
  end
end

describe("The language", function()
  it("has none of the words that readers stumble over", function()
    local files = "-name '*.md' -o -name '*.lua' -o -name '*.[ch]' -o -name '*.conf'"
    local command = "find %s -name node_modules -prune -o -type f '(' %s ')' -print"
    local pipe = assert(io.popen(command:format(table.concat(PLACES, " "), files)))
    local count, found = 0, {}
    for path in pipe:lines() do
      if not LEFT_OUT[path] then
        count = count + 1
        local words = find(read(path))
        found[#found + 1] = words and path .. ": " .. words
      end
    end
    pipe:close()
    assert.same({}, found)
    assert.is_true(count > 40, count)
  end)

  it("is judged by whole words, in comments of several lines too", function()
    assert.is_truthy(find("Then nobody knows."))
    assert.is_truthy(find("-- the caller is\n-- told so"))
    assert.is_truthy(find(" * what came\n * of it"))
    for _, text in ipairs {
      "A 404 cannot be told from another, nor be told apart.",
      "They run as `nobody`, in a shallow copy.",
      "local is_told = nobody_else",
    } do
      assert.is_nil(find(text), text)
    end
  end)
end)
