-- docs/stability.md promises what the code has: its lists are compared with the tables of the code. A name
-- that the page lacks is new, and gets its promise there; a name that the code lacks breaks one.
local Pending = require("twilio.numbers.async.pending")
local command = require("spec.support.command")
local globals = require("twilio.numbers.globals")
local numbers = require("twilio.numbers")
local options = require("twilio.numbers.config.options")
local outcome = require("twilio.numbers.command.outcome")
local records = require("twilio.numbers.journal.records")

local read = require("spec.support.files").read

local PAGE = read("docs/stability.md")

-- The second cell of the row that begins so.
local function cell(first)
  local from, to = PAGE:find("\n| " .. first .. " | ", 1, true)
  assert(from, first)
  return PAGE:match("^([^\n]*) |\n", to + 1)
end

-- The names that it lists, which are in order.
local function promised(first)
  local list = {}
  for name in cell(first):gmatch("`([%w_.]+)`") do
    list[#list + 1] = name
  end
  return list
end

local function sorted(list)
  table.sort(list)
  return list
end

-- The names of a table's functions, but for metamethods and those left out.
local function functions(class, left_out)
  local list = {}
  for name, value in pairs(class) do
    if type(value) == "function" and not name:find("^__") and not (left_out or {})[name] then
      list[#list + 1] = name
    end
  end
  return sorted(list)
end

-- The names in rows of options, each once.
local function option_names(...)
  local list, seen = {}, {}
  for _, rows in ipairs { ... } do
    for _, row in ipairs(rows) do
      list[#list + 1] = not seen[row.name] and row.name or nil
      seen[row.name] = true
    end
  end
  return sorted(list)
end

-- What stands in a part of a text.
local function found_in(text, part, pattern)
  local list = {}
  for name in assert(text:match(part), part):gmatch(pattern) do
    list[#list + 1] = name
  end
  return sorted(list)
end

-- All Lua files of a folder, as one text.
local function read_all(folder)
  local pipe = assert(io.popen(("find %s -name '*.lua' -exec cat {} +"):format(folder)))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

local function new_client()
  local options_of = { account_sid = "AC" .. ("0"):rep(32), auth_token = "x", proxy = "" }
  return assert(numbers.client(options_of))
end

local function keys(value)
  local list = {}
  for name in pairs(value) do
    list[#list + 1] = name
  end
  return sorted(list)
end

describe("The page about stability", function()
  it("names what the module offers", function()
    assert.same(keys(numbers), promised('`require("twilio.numbers")`'))
  end)

  it("names every function of a client", function()
    local client = new_client()
    local both, others = {}, {}
    local class = getmetatable(client)
    for _, name in ipairs(functions(class, { new = true, settle_time = true })) do
      if class[name .. "_async"] then
        both[#both + 1] = name
      elseif not name:find("_async$") then
        others[#others + 1] = name
      end
    end
    client:close()
    assert.same(both, promised("functions of a client, each also with `_async`"))
    assert.same(others, promised("other functions of a client"))
  end)

  it("names what can be done with a call in flight, and with a list", function()
    local internal = { new = true }
    assert.same(functions(Pending, internal), promised("what a function with `_async` returns"))
    local client = new_client()
    local list = getmetatable(assert(client:list()))
    client:close()
    assert.same(functions(list), promised("what `search` and `list` return"))
  end)

  it("names every option of a client, and every option of a call", function()
    assert.same(option_names(options.CLIENT), promised("client options"))
    local of_calls = option_names(
      options.CALL,
      options.PURCHASE,
      options.AVAILABLE,
      options.MANY,
      options.ATTACH,
      options.RELEASE,
      options.UPDATE_MANY,
      options.RELEASE_MANY,
      options.CHECK
    )
    assert.same(of_calls, promised("call options"))
  end)

  it("names every variable of the environment that the library reads", function()
    local credentials = read("lua/twilio/numbers/config/credentials.lua")
    local list = found_in(credentials, "\nlocal ENVIRONMENT = (%b{})", '"([%u_]+)"')
    for _, row in ipairs(options.CLIENT) do
      for _, name in ipairs(row.environment or {}) do
        list[#list + 1] = name
      end
    end
    assert.same(sorted(list), promised("environment"))
  end)

  it("names every kind of error, and every field", function()
    local errors, types = read("lua/twilio/numbers/errors.lua"), read_all("lua/twilio/numbers")
    local kinds = found_in(errors, "KIND_WORDS = (%b{})", "\n  ([%w_]+) = ")
    assert.same(kinds, promised("`err.kind`"))
    local purchased = found_in(types, "alias twilio%.numbers%.Purchased ([^\n]*)", '"(%w+)"')
    assert.same(purchased, promised("`err.purchased`"))
    local part = "%-@class twilio%.numbers%.Error\n(.-\n)\n"
    assert.same(found_in(types, part, "@field ([%w_]+)"), promised("fields of `err`"))
  end)

  it("names every outcome of many purchases", function()
    local list = found_in(
      read_all("lua/twilio/numbers"),
      "alias twilio%.numbers%.Outcome\n(.-)\n\n",
      '| "(%w+)"'
    )
    assert.same(list, promised("outcomes in the report of many purchases"))
  end)

  it("has the command's exit codes", function()
    local codes, page = {}, {}
    for name, value in pairs(outcome) do
      if type(value) == "number" then
        codes[value] = name
      end
    end
    for code, name in PAGE:gmatch("\n| (%d) | `(%u+)`") do
      page[tonumber(code)] = name
    end
    assert.same(codes, page)
  end)

  it("names the command's subcommands, and the fields of its reports", function()
    local sources = read_all("lua/twilio/numbers/command")
    local subcommands = found_in(sources, "[ .]NAMES = (%b{})", '"(%w+)"')
    assert.same(subcommands, promised("subcommands of `twilio-numbers`"))

    local cjson = require("cjson")
    local words = { "--simulate", "buy", "+14155550123", "+15005550000", "--yes", "--json" }
    local report = cjson.decode((command.run({}, globals.unpack(words))))
    assert.same(keys(report), promised("fields of the report of `buy` with `--json`"))
    local fields = {}
    for _, result in ipairs(report.results) do
      for name in pairs(result) do
        fields[name] = true
      end
    end
    assert.same(keys(fields), promised("fields of one of its `results`"))
  end)

  it("has the formats of the journal", function()
    local sqlite = read("csrc/journal/sqlite_private.h"):match("#define TN_SQLITE_FORMAT (%d+)\n")
    local postgresql = read("csrc/journal/postgresql_sql.c"):match('IS \'" FORMAT "(%d+)\'"')
    assert.equal(sqlite, cell("SQLite file (`user_version`)"))
    assert.equal(postgresql, cell("PostgreSQL table (its comment)"))
    assert.equal(tostring(records.VERSION), cell("record (`v`)"))
  end)

  it("has the versions of Lua and libcurl", function()
    local luas = found_in(read("Makefile"), "\nKNOWN := ([^\n]*)", "%S+")
    assert.same(luas, promised("Lua"))
    local number = tonumber(read("csrc/io/multi.c"):match("LIBCURL_VERSION_NUM < (0x%x+)"))
    local least = ("%d.%d"):format(math.floor(number / 65536), math.floor(number / 256) % 256)
    assert.equal(least .. " and newer", cell("libcurl"))
  end)

  it("links to pages that exist", function()
    for link in PAGE:gmatch("%]%(([^)#:]+)%)") do
      assert(io.open("docs/" .. link), link):close()
    end
  end)
end)
