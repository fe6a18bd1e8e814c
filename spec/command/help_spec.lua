-- The help of twilio-numbers.
local argparse = require("argparse")
local command = require("spec.support.command")
local core = require("twilio.numbers.core")
local parser = require("twilio.numbers.command.parser")

--- Calls it for the parser and all commands below it: name, command.
local function each(visit)
  local function walk(one, name)
    visit(name, one)
    for _, below in ipairs(one._commands) do
      walk(below, name .. " " .. below._name)
    end
  end
  walk(parser.new(argparse, function() end), "twilio-numbers")
end

describe("The help of twilio-numbers", function()
  it("has words for every command, option and argument", function()
    each(function(name, one)
      assert.is_truthy(one._description and one._description:find("%.$"), name)
      for _, list in ipairs { one._options, one._arguments } do
        for _, element in ipairs(list) do
          local words = element._description
          assert.is_truthy(
            element._hidden or one._hidden or words and #words > 5,
            name .. " " .. element._name
          )
        end
      end
    end)
  end)

  it("names the options that stand before or after each command", function()
    each(function(name, one)
      if name ~= "twilio-numbers" then
        local help = one:get_help()
        for _, option in ipairs { "--json", "--csv", "--columns", "--base-url", "--account-sid" } do
          assert.is_truthy(help:find(option, 1, true), name .. " " .. option)
        end
        assert.is_truthy(help:find("twilio-numbers --help", 1, true), name)
      end
    end)
  end)

  it("lists the types of buy, and every filter of a search in one group", function()
    local help = command.run({}, "buy", "--help")
    for _, name in ipairs { "local", "mobile", "toll-free", "machine-to-machine" } do
      assert.is_truthy(help:match("%-%-type <TYPE>.-%-%-count"):find(name, 1, true), name)
    end
    local group = help:match("\nWhich numbers.-\n\n")
    for _, row in ipairs(core.parameters("search")) do
      local option = "--" .. row.name:gsub("_", "-")
      assert.is_truthy(group:find(option, 1, true) or row.name == "page_size", option)
    end
  end)

  it("is that of a command after help, too", function()
    assert.equal((command.run({}, "--help")), (command.run({}, "help")))
    assert.equal((command.run({}, "buy", "-h")), (command.run({}, "help", "buy")))
    local out, code = command.run({}, "help", "journal", "prune")
    assert.equal(0, code)
    assert.matches("%-%-older%-than <AGE>", out)
    local none, wrong, err = command.run({}, "help", "bye")
    assert.same({ "", 2 }, { none, wrong })
    assert.matches('there is no command "bye"\n', err)
    err = select(3, command.run({}, "help", "journal", "recovr"))
    assert.matches('there is no command "recovr": did you mean .recover.%?', err)
  end)

  it("comes with a version: -V, --version", function()
    local version = command.run({}, "--version")
    assert.matches("^twilio%-numbers %d", version)
    assert.equal(version, (command.run({}, "-V")))
  end)

  it("is named after an error in a command, or in one below it", function()
    for words, help in pairs {
      ["journal prune --older-than x"] = "journal prune --help",
      ["journal bye"] = "journal --help",
      ["bye"] = "--help",
      ["help bye"] = "--help",
      ["help journal bye"] = "journal --help",
    } do
      local list = {}
      for word in words:gmatch("%S+") do
        list[#list + 1] = word
      end
      local _, code, err = command.run({}, (table.unpack or unpack)(list)) -- luacheck: ignore
      assert.equal(2, code)
      assert.is_truthy(err:find("\nTry: twilio-numbers " .. help .. "\n", 1, true), err)
    end
  end)
end)

local WRONG_TYPE = "the type must be one of local, mobile, toll-free, national, voip, shared-cost,"
  .. ' machine-to-machine, got "lokal"'

describe("Wrong usage of twilio-numbers", function()
  it("says what is wrong, with which value, and what to do", function()
    for message, words in pairs {
      ['--limit must be a whole number of at least 1, got "0"'] = { "search", "--limit", "0" },
      ["--limit needs a value"] = { "search", "--limit" },
      ["--json takes no value"] = { "list", "--json=1" },
      ['--count must be a whole number from 1 to 10000, got "x"'] = { "buy", "--count", "x" },
      [WRONG_TYPE] = { "search", "US", "lokal" },
      ['--origin must be twilio or hosted, got "x"'] = { "list", "--origin", "x" },
      ['--type must be local, mobile or toll-free, got "voip"'] = { "list", "--type", "voip" },
      ["COUNTRY is missing"] = { "requirements" },
      ["the shell must be bash, zsh or fish\n"] = { "completion" },
      ['the shell must be bash, zsh or fish, got "tcsh"'] = { "completion", "tcsh" },
      ["--older-than is missing"] = { "journal", "prune" },
      ["there is no command \"lits\": did you mean 'list'?"] = { "lits" },
      ["there is no option \"--jso\": did you mean '--json'?"] = { "list", "--jso" },
      ["there are more arguments than this command takes"] = { "list", "x" },
      ["--csv cannot be used: this command prints no table"] = {
        "detach",
        "+1",
        "MG" .. ("0"):rep(32),
        "--csv",
      },
      ['--columns has no column "nmae": choose from phone_number, sid,'] = {
        "list",
        "--columns",
        "sid,nmae",
      },
      ["--columns needs names, such as phone_number,sid"] = { "list", "--columns", "," },
    } do
      local out, code, err = command.run({}, (table.unpack or unpack)(words)) -- luacheck: ignore
      assert.same({ "", 2 }, { out, code }, message)
      assert.equal(1, (err:find("twilio-numbers: " .. message, 1, true)), err)
    end
  end)

  it("is JSON, too, with --json", function()
    local cjson = require("cjson")
    for _, words in ipairs {
      { "--json", "bye" },
      { "list", "--limit", "0", "--json" },
      { "help", "bye", "--json" },
      { "set", "voice_url=", "--json" },
      { "check", "US", "local", "x", "--json" },
      { "list", "--json", "--csv" },
      { "list", "--json", "--account-sid", "x" },
    } do
      local out, code, err = command.run({}, (table.unpack or unpack)(words)) -- luacheck: ignore
      assert.equal(2, code)
      local problem = cjson.decode(out).error
      assert.same({ "invalid", "no" }, { problem.kind, problem.purchased }, out)
      assert.is_truthy(err:find(problem.message, 1, true), err)
    end
  end)
end)
