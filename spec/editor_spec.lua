-- What an editor shows: each public class and method is in meta/ as the module has it, and each type exists.
local annotations = require("spec.support.annotations")
local cjson = require("cjson")
local pages = require("spec.support.pages")
local scripted = require("spec.support.scripted")

--- Functions of a client that the module calls, and programs do not.
local INTERNAL = { new = true, settle_time = true }

local function source_of(f)
  local info = debug.getinfo(f, "S")
  local lines, number = {}, 0
  for line in io.lines(info.source:match("^@(.*)")) do
    number = number + 1
    if number >= info.linedefined then
      lines[#lines + 1] = line
    end
  end
  return table.concat(lines, "\n")
end

--- The parameters of a method of the module, in their order, as its callers know them.
local function parameters_of(f)
  local names = {}
  for name in source_of(f):match("^function %w+:[%w_]+%(([^)]*)%)"):gmatch("[%w_]+") do
    names[#names + 1] = name == "call_options" and "options" or name
  end
  return names
end

--- The public functions of a class of the module, by name.
local function public_functions(metatable)
  local list = {}
  for name, value in pairs(metatable) do
    if type(value) == "function" and not name:find("^__") and not INTERNAL[name] then
      list[name] = value
    end
  end
  return list
end

local function sorted_names(list)
  local names = {}
  for name in pairs(list) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

local function twins(methods)
  local list = {}
  for name in pairs(methods) do
    local base = name:match("^(.*)_async$")
    list[#list + 1] = base
  end
  table.sort(list)
  return list
end

--- The names of our classes and aliases in a text.
local function names_in(text)
  return text:gmatch("(twilio%.%l+%.[%w.]*%u%w*)")
end

describe("What an editor shows", function()
  local classes, aliases
  local client

  setup(function()
    classes, aliases = annotations.load()
  end)

  before_each(function()
    client = scripted.client({}, { retries = 0 })
  end)

  after_each(function()
    client:close()
  end)

  local function type_of(class, name, param)
    return classes[class].methods[name].types[param]
  end

  --- The type of a method's result: of "Number? number the number that was bought", "Number".
  local function result_of(name)
    local kind = classes.Client.methods[name].returns[1]:match("^%S+")
    return (kind:gsub("|nil$", ""):gsub("%?$", ""))
  end

  it("is every method of a client, and no other", function()
    local methods = public_functions(getmetatable(client))
    assert.is_true(#sorted_names(methods) > 60)
    assert.same(sorted_names(methods), sorted_names(classes.Client.methods))
  end)

  it("is the parameters of each method of a client, in their order", function()
    for name, f in pairs(public_functions(getmetatable(client))) do
      assert.same(parameters_of(f), classes.Client.methods[name].order, name)
    end
  end)

  it("is a type for every parameter", function()
    for class, entry in pairs(classes) do
      for name, method in pairs(entry.methods) do
        assert.same(method.order, method.params, class .. ":" .. name)
      end
    end
  end)

  it("is the methods of a call in flight, and their parameters", function()
    local call = assert(client:fetch_async("PN" .. ("0"):rep(32)))
    local methods = classes.Pending.methods
    for name, method in pairs(methods) do
      assert.same(parameters_of(call[name]), method.order, name)
    end
    assert.same({ "cancel", "done", "result", "wait" }, sorted_names(methods))
    for _, class in ipairs { "PendingPurchase", "PendingCheck" } do
      assert.equal("Pending", classes[class].parent)
      for name, method in pairs(classes[class].methods) do
        assert.same(methods[name].order, method.order, class .. ":" .. name)
      end
    end
    call:cancel()
    call:wait()
  end)

  it("is the methods of each list, and no other", function()
    local list = assert(client:list())
    local methods, lists = sorted_names(public_functions(getmetatable(list))), 0
    for class, entry in pairs(classes) do
      if class:find("List$") then
        lists = lists + 1
        assert.same(methods, sorted_names(entry.lines), class)
      end
    end
    assert.equal(5, lists)
  end)

  it(
    "is three values of each method that has a twin, of which message and error need no check",
    function()
      for _, base in ipairs(twins(classes.Client.methods)) do
        for _, name in ipairs { base, base .. "_async" } do
          local returns = classes.Client.methods[name].returns
          assert.equal(3, #returns, name)
          assert.matches("^string message", returns[2], nil, name)
          assert.matches("^twilio%.numbers%.Error[^?]* err", returns[3], nil, name)
        end
      end
    end
  )

  it(
    "is for each twin what its method takes, then a callback, or that in place of the options",
    function()
      local bases = twins(classes.Client.methods)
      assert.equal(29, #bases)
      for _, base in ipairs(bases) do
        local method = assert(classes.Client.methods[base], base)
        local twin = classes.Client.methods[base .. "_async"]
        local expected = {}
        for i, name in ipairs(method.order) do
          expected[i] = name
        end
        expected[#expected + 1] = "callback"
        assert.equal("options", method.order[#method.order], base)
        assert.same(expected, twin.order, base)
        local options = method.types.options:match("^%S+") .. "|" .. twin.types.callback
        assert.equal(options, twin.types.options, base)
        for _, name in ipairs(method.order) do
          assert.is_true(name == "options" or method.types[name] == twin.types[name], base)
        end
      end
    end
  )

  it("is the result of a method for its twin's callback and for the call in flight", function()
    for _, base in ipairs(twins(classes.Client.methods)) do
      local result = result_of(base)
      local list = result:match("^twilio%.numbers%.(%w+List)$")
      if list then
        result = classes[list].lines.next:match("fun%(self%): ([%w.]+)%?") .. "[]"
      end
      local callback = type_of("Client", base .. "_async", "callback")
      local pending = result_of(base .. "_async")
      local of_callback = callback:match("^twilio%.numbers%.Callback<(.*)>$")
      if of_callback then
        assert.equal(result, of_callback, base)
        assert.equal(("twilio.numbers.Pending<%s>"):format(result), pending)
      else
        local kind = callback:match("^twilio%.numbers%.(%w+)Callback$")
        assert.equal("twilio.numbers.Pending" .. kind, pending)
        assert.is_truthy(aliases[kind .. "Callback"]:find(": " .. result .. "?", 1, true), base)
        assert.equal(
          result .. "?",
          classes["Pending" .. kind].methods.wait.returns[1]:match("^%S+")
        )
      end
    end
  end)

  it("has no type that does not exist", function()
    local known, named = {}, {}
    for _, path in ipairs(annotations.files("lua")) do
      for line in annotations.read(path):gmatch("%-%-%-@[^\n]*") do
        local tag, name = line:match("^%-%-%-@(%l+) %(?%l*%)? ?(twilio%.[%w.]+)")
        if tag == "class" or tag == "alias" then
          known[name] = true
        end
        for other in names_in(line) do
          named[other] = path .. ": " .. other
        end
      end
    end
    for name, where in pairs(named) do
      assert.is_true(known[name] or false, where)
    end
  end)

  it("has no class that no method leads to", function()
    local reached = {}
    local function reach(text)
      for name in names_in(text) do
        local short = name:match("^twilio%.numbers%.(%w+)$")
        if short and not reached[short] then
          reached[short] = true
          reach((classes[short] and classes[short].text or "") .. "\n" .. (aliases[short] or ""))
        end
      end
    end
    for line in annotations.read("lua/twilio/numbers/init.lua"):gmatch("%-%-%-@[^\n]*") do
      reach(line)
    end
    for _, list in ipairs { classes, aliases } do
      for name in pairs(list) do
        assert.is_true(reached[name] or false, name)
      end
    end
  end)

  it("has each field once in a class and those that it extends", function()
    for class in pairs(classes) do
      annotations.fields(class)
    end
  end)

  it("has nothing of the implementation: its files add to no public class", function()
    for _, path in ipairs(annotations.files("lua")) do
      if not path:find("/meta/", 1, true) then
        for name in annotations.read(path):gmatch("%-%-%-@class twilio%.numbers%.(%w+)") do
          assert.is_nil(classes[name], path .. ": " .. name)
        end
      end
    end
  end)

  it("is in files that no require() finds in an editor, and that every Lua compiles", function()
    for _, path in ipairs(annotations.files("lua/twilio/numbers/meta")) do
      assert.is_truthy(annotations.read(path):find("^%-%-%-@meta _\n"), path)
      assert(loadfile(path))
    end
  end)
end)

describe("A call in a page or an example", function()
  --- Where a call's first function stands among its arguments, from 1; nil: it has none.
  local function place_of_callback(arguments)
    local before = arguments:match("^%((.-)%f[%w_]function%f[%W]")
    local _, commas = (before or ""):gsub("%b{}", ""):gsub("%b()", ""):gsub(",", "")
    return before and commas + 1
  end

  it("has its callback behind what the method takes", function()
    local methods, seen = annotations.load().Client.methods, 0
    local paths = annotations.files("examples")
    for _, path in ipairs(pages.ALL) do
      paths[#paths + 1] = path
    end
    for _, path in ipairs(paths) do
      for name, arguments in annotations.read(path):gmatch("client:(%l[%l_]*_async)(%b())") do
        local place = place_of_callback(arguments)
        local first = #assert(methods[name], path .. ": " .. name).order - 1 -- that of the options
        assert.is_true(not place or place >= first, path .. ": " .. name)
        seen = seen + (place and 1 or 0)
      end
    end
    assert.is_true(seen >= 3)
  end)
end)

describe("A .luarc.json", function()
  it("of the checkout, and that of docs/editor.md, are JSON for an editor", function()
    local page = annotations.read("docs/editor.md"):match("```json\n(.-)```")
    for _, text in ipairs { annotations.read(".luarc.json"), page } do
      local settings = cjson.decode(text)
      assert.matches("^Lua 5%.%d$", settings["runtime.version"])
      assert.is_true(#settings["workspace.library"] > 0)
    end
  end)
end)
