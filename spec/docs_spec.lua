-- The annotations that editors read are in step with what the module does.
local clients = require("spec.support.clients")
local core = require("twilio.numbers.core")
local numbers = require("twilio.numbers")
local options = require("twilio.numbers.config.options")
local searches = require("twilio.numbers.api.searches")
local simulator = require("spec.support.simulator")

local read = require("spec.support.files").read

local function names(rows)
  local list = {}
  for _, row in ipairs(rows) do
    list[#list + 1] = row.name
  end
  table.sort(list)
  return list
end

-- The classes of types.lua: name -> parent, and the fields with their lines: "name? type words".
local function read_classes()
  local classes, current = {}, nil
  for line in read("lua/twilio/numbers/types.lua"):gmatch("[^\n]*\n") do
    local opened, parent = line:match("^%-%-%-@class twilio%.numbers%.(%w+)[ :]*(%S*)")
    if opened then
      current = { parent = parent:match("^twilio%.numbers%.(%w+)$"), lines = {} }
      classes[opened] = current
    elseif not line:match("^%-%-%-") or line:match("^%-%-%-@alias") then
      current = nil
    end
    local name = current and line:match("^%-%-%-@field ([%w_]+)")
    if name then
      assert(not current.lines[name], name .. " is there twice")
      current.lines[name] = line
    end
  end
  return classes
end

-- The fields of a class, with those of its parents, and their lines.
local function fields(class)
  local list, lines, classes = {}, {}, read_classes()
  local name = class
  while name do
    local entry = assert(classes[name], "no class " .. name)
    for field, line in pairs(entry.lines) do
      assert(not lines[field], field .. " is also a parent's")
      list[#list + 1], lines[field] = field, line
    end
    name = entry.parent
  end
  table.sort(list)
  return list, lines
end

local function default_of(row)
  return row.default and tostring(row.default) or (row.environment or {})[1]
end

-- The files of a client's methods, and how many are in each.
local METHODS = {
  ["methods.lua"] = 16,
  ["owned/methods.lua"] = 4,
  ["products/methods.lua"] = 8,
  ["products/messaging_methods.lua"] = 4,
  ["products/address_methods.lua"] = 8,
  ["products/regulation_methods.lua"] = 6,
}

-- Choices that types.lua lists in an alias: by what they are, or the parameter's name.
local ALIASES = { ["GET POST"] = "Method", status = "BundleStatus" }

local function read_alias(name)
  local text = read("lua/twilio/numbers/types.lua")
  return (text:match("@alias twilio%.numbers%." .. name .. "%f[%W](.-\n)[^-]*\n"))
end

local TYPES = { boolean = "boolean", choice = '"', integer = "integer" }

local function join(...)
  local all = {}
  for _, rows in ipairs { ... } do
    for _, row in ipairs(rows) do
      all[#all + 1] = row
    end
  end
  return all
end

-- The classes that describe a table of the module, and that table.
local PARAMETERS = {
  PurchaseParams = core.parameters("purchase"),
  UpdateParams = core.parameters("update"),
  SearchFilter = core.parameters("search"),
  ListFilter = core.parameters("list"),
  AddressParams = core.parameters("address"),
  AddressFilter = core.parameters("addresses"),
  BundleFilter = core.parameters("bundles"),
}
local OPTIONS = {
  ClientOptions = options.CLIENT,
  CallOptions = options.CALL,
  PurchaseOptions = options.PURCHASE,
  AvailableOptions = options.AVAILABLE,
  ManyOptions = options.MANY,
  ReleaseOptions = options.RELEASE,
  UpdateManyOptions = options.UPDATE_MANY,
  ReleaseManyOptions = options.RELEASE_MANY,
  CheckOptions = options.CHECK,
  AttachOptions = options.ATTACH,
}
OPTIONS.OrderFilter = options.ORDERS
local OURS = {
  SearchFilter = options.SEARCH,
  ListFilter = options.LIST,
  AddressFilter = options.ADDRESSES,
  BundleFilter = options.BUNDLES,
}

-- Parameters without which there is no address.
local REQUIRED = {}
for _, row in ipairs(select(2, core.form({}, "address"))) do
  REQUIRED[row.name] = row.problem == "missing"
end

-- The names of the keys of a table, and what else may be in it.
local function keys(value, ...)
  local list = { ... }
  for key in pairs(value) do
    list[#list + 1] = key
  end
  table.sort(list)
  return list
end

describe("types.lua", function()
  for class, rows in pairs(PARAMETERS) do
    it("names every parameter and no other: " .. class, function()
      assert.same(names(join(rows, OURS[class] or {})), (fields(class)))
    end)

    it("gives every parameter's type and format: " .. class, function()
      local _, lines = fields(class)
      for _, row in ipairs(rows) do
        local alias = ALIASES[row.expects] or ALIASES[row.name]
        local wanted = alias and "twilio.numbers." .. alias or TYPES[row.kind] or "string"
        local line = lines[row.name]
        local mark = class == "AddressParams" and REQUIRED[row.name] and " " or "? "
        assert.is_truthy(line:find(row.name .. mark .. wanted, 1, true), line)
        if row.kind == "integer" then
          assert.is_truthy(line:find("1 to " .. row.most, 1, true), line)
        elseif row.kind == "choice" then
          local words = alias and read_alias(alias) or line
          for word in row.expects:gmatch("%S+") do
            assert.is_truthy(words:find('"' .. word .. '"', 1, true), words)
          end
        end
      end
    end)
  end

  it("names every field of the filters of purchases, and no other", function()
    local both = join(PARAMETERS.SearchFilter, options.SEARCH)
    local more = join(both, searches.FIELDS)
    assert.same(names(more), (fields("ManyFilter")))
    local without_count = {}
    for _, name in ipairs(names(more)) do
      without_count[#without_count + 1] = name ~= "count" and name or nil
    end
    assert.same(without_count, (fields("AvailableFilter")))
  end)

  for class, rows in pairs(OPTIONS) do
    it("names every option and no other: " .. class, function()
      assert.same(names(rows), (fields(class)))
    end)
  end

  it("gives the options' defaults", function()
    local _, lines = fields("ClientOptions")
    for _, row in ipairs(options.CLIENT) do
      local default = default_of(row)
      assert.is_truthy(not default or lines[row.name]:find(default, 1, true), lines[row.name])
    end
  end)

  describe("for results", function()
    local twilio =
      simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
    local client

    before_each(function()
      client = clients.of(twilio)
    end)

    after_each(function()
      client:close()
    end)

    it("names every field of a number that can be bought, and no other", function()
      local found = assert(client:search("US", "local", { area_code = "415", limit = 1 }):all())
      assert.same((fields("AvailableNumber")), keys(found[1]))
    end)

    it("names every field of a country, and no other", function()
      assert.same((fields("Country")), keys(assert(client:country("US"))))
    end)

    it("names every field of a number, and no other", function()
      local number = assert(client:purchase { area_code = "415" })
      local _, lines = fields("Number")
      for name in pairs(number) do
        assert.is_truthy(lines[name], name)
      end
    end)

    it("names every field of a dry run, and no other", function()
      local plan = assert(client:purchase_available({ country = "US" }, nil, { dry_run = true }))
      assert.same((fields("DryRun")), keys(plan))
    end)

    it("names every field of reports, progress and results, and no other", function()
      local progress, results = nil, {}
      local report = client:purchase_many({ "+14155550100", "+15005550000" }, nil, {
        on_progress = function(now)
          progress = now
          for name in pairs(now.result) do
            results[name] = true
          end
        end,
      })
      assert.same((fields("Report")), keys(report))
      assert.same((fields("Progress")), keys(progress))
      assert.same((fields("Result")), keys(results, "info"))
      for _, outcome in ipairs { "bought", "refused", "unknown", "released", "kept", "stopped" } do
        assert.is_truthy(report[outcome])
        local alias = '%-%-%-| "' .. outcome .. '"'
        assert.is_truthy(read("lua/twilio/numbers/types.lua"):find(alias), outcome)
      end
    end)

    it("names every field of the reports of many owned numbers, and no other", function()
      local sids, results = {}, {}
      for _, number in ipairs(client:purchase_many({ country = "US", count = 2 }).numbers) do
        sids[#sids + 1] = number.sid
      end
      local seen = {}
      local options_of = {
        on_progress = function(progress)
          seen[#seen + 1] = progress
          for name in pairs(progress.result) do
            results[name] = true
          end
        end,
      }
      local all = { sids[1], sids[2], "PN" .. ("0"):rep(32) }
      local updated = client:update_many(all, { friendly_name = "x" }, options_of)
      local released = client:release_many(all, options_of)
      for class, value in pairs {
        UpdateReport = updated,
        UpdateProgress = seen[1],
        ReleaseReport = released,
        ReleaseProgress = seen[#seen],
      } do
        assert.same((fields(class)), keys(value))
      end
      assert.same((fields("OwnedResult")), keys(results, "info"))
      for _, report in ipairs { updated, released } do
        for name, value in pairs(report) do
          local alias = '%-%-%-| "' .. name .. '"'
          local is_count = type(value) == "number" and name ~= "wanted"
          assert.is_truthy(not is_count or read("lua/twilio/numbers/types.lua"):find(alias), name)
        end
      end
    end)

    it("names every field of incomplete settings, and no other", function()
      for _ = 1, 2 do
        twilio:fault { fault = "ignore", parameter = "FriendlyName", method = "POST" }
      end
      local params = { phone_number = "+14155550100", friendly_name = "x" }
      local _, _, info = client:purchase(params)
      assert.same((fields("Difference")), keys(info.incomplete.differences[1]))
      assert.same((fields("Incomplete")), keys(info.incomplete, "err", "messaging_service"))
      assert.same((fields("Info")), keys(info, "adopted", "journal", "replayed"))
    end)

    it("names every method of a list", function()
      local list = assert(client:list())
      for _, name in ipairs((fields("List"))) do
        assert.is_function(list[name])
      end
    end)

    it("names the error field that says which number it concerns", function()
      twilio:fault { fault = "status", status = 403, method = "POST" }
      local _, _, err = client:purchase_available { country = "US" }
      local _, lines = fields("Error")
      for name in pairs(err) do
        assert.is_truthy(lines[name], name)
      end
      assert.is_truthy(err.phone_number)
    end)
  end)

  it("has every class that it refers to", function()
    local known = { Client = true, Pending = true } -- which have files of their own
    local text = read("lua/twilio/numbers/types.lua")
    for name in text:gmatch("\n%-%-%-@%a+ twilio%.numbers%.(%w+)") do
      known[name] = true
    end
    for file in pairs(METHODS) do
      text = text .. read("lua/twilio/numbers/" .. file)
    end
    for name in text:gmatch("twilio%.numbers%.(%u%w+)") do
      assert.is_true(known[name] or false, name)
    end
  end)

  it("names every field of an error and of an event", function()
    local seen, event = {}, nil
    local answer = { status = 429, body = '{"code": 20429, "message": "m", "more_info": "u"}' }
    answer.headers = { ["Retry-After"] = "1", ["Twilio-Request-Id"] = "RQ1" }
    local client = assert(numbers.client {
      account_sid = "AC" .. ("0"):rep(32),
      auth_token = "token",
      retries = 0,
      transport = function()
        return answer
      end,
      on_event = function(got)
        event = got
      end,
    })
    local _, error_lines = fields("Error")
    for _, params in ipairs { { area_code = "415" }, { area_code = "4" } } do
      for name in pairs((select(3, client:purchase(params)))) do
        seen[name] = true
        assert.is_truthy(error_lines[name], "err." .. name)
      end
    end
    assert.is_true(seen.retry_after and seen.problems and seen.code)
    local _, event_lines = fields("Event")
    for name in pairs(event) do
      assert.is_truthy(event_lines[name], "event." .. name)
    end
  end)

  it("can be loaded", function()
    assert.is_table(require("twilio.numbers.types"))
  end)
end)

describe("The methods of a client", function()
  --- Checks the annotations of a file.
  ---@return integer count of its functions
  local function check(text)
    local count = 0
    for before, name, arguments in
      text:gmatch("\n\n(%-%-%-[^\n]*\n.-)function methods:([%w_]+)%(([%w_, .]*)%)")
    do
      -- the comment right before the function
      local comment = before:match(".*\n\n(.*)$") or before
      local annotated, given = {}, {}
      for argument in comment:gmatch("%-%-%-@param ([%w_]+)") do
        annotated[#annotated + 1] = argument
      end
      for argument in arguments:gmatch("[%w_]+") do
        given[#given + 1] = argument
      end
      assert.same(given, annotated, name)
      local _, values = comment:gsub("%-%-%-@return", "")
      assert.equal(3, values, name)
      local twin = name:match("^(.*)_async$") or name .. "_async"
      assert.is_truthy(text:find("function methods:" .. twin .. "(", 1, true), name)
      count = count + 1
    end
    local _, functions = text:gsub("\nfunction methods:", "")
    assert.equal(functions, count)
    return count
  end

  for file, count in pairs(METHODS) do
    it("have annotations of every parameter and value, and an _async twin, in " .. file, function()
      assert.equal(count, check(read("lua/twilio/numbers/" .. file)))
    end)
  end
end)

describe("CHANGELOG.md", function()
  it("begins with the version of the module", function()
    assert.equal(numbers._VERSION, read("CHANGELOG.md"):match("\n## v?(%d+%.%d+%.%d+)"))
  end)
end)
