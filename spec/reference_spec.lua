-- docs/reference.md has every option, parameter, field, method and kind of error, and says what they are.
local core = require("twilio.numbers.core")
local options = require("twilio.numbers.config.options")
local pages = require("spec.support.pages")
local support_rows = require("spec.support.rows")
local searches = require("twilio.numbers.api.searches")

local read = pages.read

-- Where the methods of a client are.
local CLIENT_FILES = "ls lua/twilio/numbers/client.lua lua/twilio/numbers/*methods.lua"
  .. " lua/twilio/numbers/*/*methods.lua"

--- The annotation of a class or an alias, as editors read it.
---@return string text from its name to the next empty line
local function annotation(what, name)
  local mark = ("---@%s twilio.numbers.%s\n"):format(what, name)
  for _, path in ipairs(pages.lines_of("find lua/twilio/numbers -name '*.lua'")) do
    local text = read(path) .. "\n\n"
    local _, last = text:find(mark, 1, true)
    if last then
      return text:sub(last, text:find("\n\n", last, true))
    end
  end
  error("no " .. mark)
end

local names, join, default_of = support_rows.names, support_rows.join, support_rows.default_of

-- The rows of the reference's tables whose first column is headed so: `name` -> the row's other cells.
local function reference_table(heading)
  local list, rows, inside = {}, {}, false
  for line in read("docs/reference.md"):gmatch("[^\n]*\n") do
    local first, rest = line:match("^| ([^|]+) |(.*)")
    if not first then
      inside = false
    elseif first == heading then
      inside = true
    end
    local name = inside and first and first:match("^`([%w_]+)`$")
    if name then
      assert(not rows[name], name .. " is there twice")
      list[#list + 1], rows[name] = name, rest
    end
  end
  table.sort(list)
  return list, rows
end

-- What the words about a parameter must hold, by its kind.
local EXPECTED = {
  text = function(row)
    return row.most and { tostring(row.most) } or {}
  end,
  sid = function(row)
    return { row.expects }
  end,
  choice = function(row)
    local words = {}
    for word in row.expects:gmatch("%S+") do
      words[#words + 1] = '"' .. word .. '"'
    end
    return words
  end,
  url = function()
    return { "URL" }
  end,
  boolean = function()
    return { "boolean" }
  end,
  phone = function()
    return { "E.164" }
  end,
  area_code = function()
    return { "three digits" }
  end,
}

-- The calls that take an option of a purchase, as the reference names them.
local PURCHASES = {
  { "one", options.PURCHASE },
  { "any", options.AVAILABLE },
  { "many", options.MANY },
}

describe("docs/reference.md", function()
  it("has a row for every parameter, which says what it must be", function()
    local list, rows = reference_table("parameter")
    assert.same(names(core.parameters()), list)
    for _, row in ipairs(core.parameters()) do
      for _, word in ipairs(EXPECTED[row.kind](row)) do
        assert.is_truthy(rows[row.name]:find(word, 1, true), row.name .. " lacks " .. word)
      end
    end
  end)

  it("has a row for every option of a client, with its default", function()
    local list, rows = reference_table("option")
    assert.same(names(options.CLIENT), list)
    for _, row in ipairs(options.CLIENT) do
      local default = default_of(row)
      assert.is_truthy(not default or rows[row.name]:find(default, 1, true), row.name)
    end
  end)

  it("has a row for every option of a call", function()
    assert.same(names(options.CALL), (reference_table("call option")))
  end)

  it("has a row for every option of a purchase, which says what takes it", function()
    local of_calls = {}
    for _, row in ipairs(options.CALL) do
      of_calls[row.name] = true
    end
    local takers, wanted = {}, {}
    for _, entry in ipairs(PURCHASES) do
      for _, row in ipairs(entry[2]) do
        if not of_calls[row.name] then
          takers[row.name] = takers[row.name] or {}
          table.insert(takers[row.name], entry[1])
        end
      end
    end
    for name in pairs(takers) do
      wanted[#wanted + 1] = name
    end
    table.sort(wanted)
    local list, rows = reference_table("purchase option")
    assert.same(wanted, list)
    for name, words in pairs(takers) do
      local cell = " " .. table.concat(words, ", ") .. " |"
      assert.equal(cell, rows[name]:sub(1, #cell), name)
    end
  end)

  it("has a row for every field of a search filter", function()
    local rows = join(core.parameters("search"), options.SEARCH)
    local seen = {}
    for _, row in ipairs(rows) do
      seen[row.name] = true
    end
    for _, row in ipairs(searches.FIELDS) do
      rows[#rows + 1] = not seen[row.name] and row or nil
    end
    local list = reference_table("search filter")
    local wanted = {}
    for _, name in ipairs(names(rows)) do
      -- what `client:search` takes as arguments
      wanted[#wanted + 1] = name ~= "country" and name ~= "type" and name or nil
    end
    assert.same(wanted, list)
  end)

  it("names every field of the other filters and every option of the other methods", function()
    local text = read("docs/reference.md")
    local rows = join(
      core.parameters("list"),
      core.parameters("address"),
      core.parameters("addresses"),
      core.parameters("bundles"),
      options.LIST,
      options.RELEASE,
      options.UPDATE_MANY,
      options.RELEASE_MANY,
      options.ATTACH,
      options.CHECK
    )
    for _, row in ipairs(rows) do
      assert.is_truthy(text:find("`" .. row.name .. "`", 1, true), row.name)
    end
  end)

  it("names every method of a client", function()
    local text, count = read("docs/reference.md"), 0
    for _, file in ipairs(pages.lines_of(CLIENT_FILES)) do
      local source = read(file)
      for name in source:gmatch("\nfunction [%w]+:([%l][%w_]*)%(") do
        if not name:find("_async$") and name ~= "settle_time" then -- ours
          count = count + 1
          assert.is_truthy(text:find("`client:" .. name .. "(", 1, true), name)
        end
      end
    end
    assert.is_true(count >= 33, count)
  end)

  it("has a row for every kind of error", function()
    local text, kinds = read("docs/reference.md"), 0
    for kind in annotation("alias", "Kind"):gmatch('\n%-%-%-| "([%a_]+)" #') do
      kinds = kinds + 1
      assert.is_truthy(text:find('\n| `"' .. kind .. '"` |', 1, true), kind)
    end
    assert.equal(15, kinds)
  end)

  it("names every field of an error", function()
    local text = read("docs/reference.md")
    local count = 0
    for name in annotation("class", "Error"):gmatch("\n%-%-%-@field ([%w_]+)") do
      count = count + 1
      local named = text:find("`" .. name .. "`", 1, true)
        or text:find("`err." .. name .. "`", 1, true)
      assert.is_truthy(named, name)
    end
    assert.is_true(count >= 16, count)
  end)
end)
