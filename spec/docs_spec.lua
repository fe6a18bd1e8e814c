-- The annotations that editors read are in step with what the module does.
local annotations = require("spec.support.annotations")
local clients = require("spec.support.clients")
local core = require("twilio.numbers.core")
local numbers = require("twilio.numbers")
local options = require("twilio.numbers.config.options")
local orders = require("spec.support.orders")
local support_rows = require("spec.support.rows")
local searches = require("twilio.numbers.api.searches")
local simulator = require("spec.support.simulator")
local World = require("spec.support.world")

local read = require("spec.support.files").read

local unpack = rawget(table, "unpack") or rawget(_G, "unpack")

local names, join, default_of = support_rows.names, support_rows.join, support_rows.default_of

local fields = annotations.fields

-- Choices that an alias lists: by what they are, or the parameter's name.
local ALIASES = { ["GET POST"] = "Method", status = "BundleStatus" }

local function read_alias(name)
  return select(2, annotations.load())[name]
end

local TYPES = { boolean = "boolean", choice = '"', integer = "integer" }

-- The classes that describe a table of the module, and that table.
local PARAMETERS = {
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

-- The parameters of a purchase without those that say which number.
local function settings()
  local rows = {}
  for _, row in ipairs(core.parameters("purchase")) do
    if row.name ~= "phone_number" and row.name ~= "area_code" then
      rows[#rows + 1] = row
    end
  end
  return rows
end
PARAMETERS.Settings = settings()

describe("The annotations", function()
  for class, rows in pairs(PARAMETERS) do
    it("name every parameter and no other: " .. class, function()
      assert.same(names(join(rows, OURS[class] or {})), (fields(class)))
    end)

    it("give every parameter's type and format:  " .. class, function()
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

  it("give a purchase its number or its area code, and the settings", function()
    local classes, aliases = annotations.load()
    for class, name in pairs { PurchaseByNumber = "phone_number", PurchaseByAreaCode = "area_code" } do
      assert.equal("Settings", classes[class].parent)
      assert.is_truthy(classes[class].lines[name]:find(name .. " string", 1, true))
      assert.is_truthy(aliases.PurchaseParams:find(class, 1, true))
    end
    assert.equal(#core.parameters("purchase"), #PARAMETERS.Settings + 2)
  end)

  it("name every field of the filters of purchases, and no other", function()
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
    it("name every option and no other: " .. class, function()
      assert.same(names(rows), (fields(class)))
    end)
  end

  it("give the options' defaults", function()
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

    it("name every field of a number that can be bought, and no other", function()
      local found = assert(client:search("US", "local", { area_code = "415", limit = 1 }):all())
      assert.same((fields("AvailableNumber")), keys(found[1]))
    end)

    it("name every field of a country, and no other", function()
      assert.same((fields("Country")), keys(assert(client:country("US"))))
    end)

    it("name every field of a number, and no other", function()
      local number = assert(client:purchase { area_code = "415" })
      local _, lines = fields("Number")
      for name in pairs(number) do
        assert.is_truthy(lines[name], name)
      end
    end)

    it("name every field of a dry run, and no other", function()
      local plan = assert(client:purchase_available({ country = "US" }, nil, { dry_run = true }))
      local of_a_key = { "phone_number", "replayed", "state" }
      assert.same((fields("DryRun")), keys(plan, unpack(of_a_key)))
    end)

    it("name every field of reports, progress and results, and no other", function()
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
        assert.is_truthy(annotations.text():find(alias), outcome)
      end
    end)

    it("name every field of the reports of many owned numbers, and no other", function()
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
          assert.is_truthy(not is_count or annotations.text():find(alias), name)
        end
      end
    end)

    it("name every field of incomplete settings, and no other", function()
      for _ = 1, 2 do
        twilio:fault { fault = "ignore", parameter = "FriendlyName", method = "POST" }
      end
      local params = { phone_number = "+14155550100", friendly_name = "x" }
      local _, _, info = client:purchase(params)
      assert.same((fields("Difference")), keys(info.incomplete.differences[1]))
      assert.same((fields("Incomplete")), keys(info.incomplete, "err", "messaging_service"))
      assert.same((fields("Info")), keys(info, "adopted", "journal", "replayed"))
    end)

    it("name the error field that says which number it concerns", function()
      twilio:fault { fault = "status", status = 403, method = "POST" }
      local _, _, err = client:purchase_available { country = "US" }
      local _, lines = fields("Error")
      for name in pairs(err) do
        assert.is_truthy(lines[name], name)
      end
      assert.is_truthy(err.phone_number)
    end)
  end)

  describe("for results with a journal", function()
    local world

    before_each(function()
      World.start_clocks()
      world = orders.world()
    end)
    after_each(World.stop_clocks)

    it("name every field of a dry run with a key", function()
      local _, lines = fields("DryRun")
      orders.left_unfinished(world, "trying")
      assert(orders.named(world, orders.Y, "bought"))
      for key, names_of_fields in pairs {
        bought = { "replayed" },
        trying = { "phone_number", "state" },
      } do
        local plan = assert(orders.any(world, key, { dry_run = true }))
        assert.same(names_of_fields, keys(plan))
        for _, name in ipairs(names_of_fields) do
          assert.is_truthy(lines[name], name)
        end
      end
    end)

    it("name every field of a journal's events", function()
      local seen, _, lines = {}, fields("JournalEvent")
      local function buy(base_url)
        local client = world:client {
          base_url = base_url,
          on_event = function(event)
            for name in pairs(event.kind == "journal" and event or {}) do
              seen[name] = true
            end
          end,
        }
        assert(orders.any(world, "k", nil, client))
      end
      buy(nil)
      buy("https://other.example") -- whose note says that the account's orders are under another realm
      assert.is_true(seen.note and seen.step and seen.key and seen.duration)
      for name in pairs(seen) do
        assert.is_truthy(lines[name], "event." .. name)
      end
    end)

    it("say that a release that the journal keeps from being sent has no err.purchased", function()
      orders.left_unfinished(world, "k")
      local held = assert(orders.named(world, orders.X, "k"))
      local _, _, err = world:client():release(held.sid)
      assert.equal("in_progress", err.kind)
      assert.is_nil(err.purchased)
      local _, lines = fields("Error")
      assert.is_truthy(lines.purchased:find("release", 1, true), lines.purchased)
    end)
  end)

  it("name every field of an error and of an event", function()
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
end)

describe("CHANGELOG.md", function()
  it("begins with the version of the module", function()
    assert.equal(numbers._VERSION, read("CHANGELOG.md"):match("\n## v?(%d+%.%d+%.%d+)"))
  end)
end)
