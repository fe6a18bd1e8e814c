--- The specs that filters of searches and of lists share: each field is checked, and sent under Twilio's
--- name.
local core = require("twilio.numbers.core")
local form = require("spec.support.form")
local scripted = require("spec.support.scripted")
local values = require("spec.support.values")

local filters = {}

--- Fields that have no effect alone: the field that they need, its value, and its wire name.
local NEEDS = {
  distance = { "near_number", "+14155550100", "NearNumber" },
  in_rate_center = { "in_lata", "722", "InLata" },
}

--- A filter with this value and the field that it needs.
function filters.with(row, value)
  local other = NEEDS[row.name] or {}
  return { [row.name] = value, [other[1] or row.name] = other[2] or value }
end

--- The query of a URL, as a server reads it.
function filters.query(url)
  local query = url:match("%?(.*)$")
  return query and form.decode(query) or {}
end

--- Defines the specs. To be called inside describe with the block's own functions, which busted gives
--- to spec files alone.
---@param block { describe: function, it: function, assert: table, before_each: function }
---@param name "search"|"list"|"addresses"|"bundles"
---@param open function(client, filter): what is to be specified
---@param empty string the body of an empty page
function filters.behave(block, name, open, empty)
  local describe, it, assert = block.describe, block.it, block.assert
  local client, log

  block.before_each(function()
    client, log = scripted.client { GET = { { status = 200, body = empty } } }
  end)

  --- Uses this filter, which must be refused with nothing sent.
  local function refused(filter)
    local list, message, err = open(client, filter)
    assert.is_nil(list)
    assert.same({ "invalid", "no", 0 }, { err.kind, err.purchased, err.attempts })
    assert.equal(message, tostring(err))
    assert.equal(0, #log.requests)
    return err.problems, message
  end

  for _, row in ipairs(core.parameters(name)) do
    local function filter_with(value)
      return filters.with(row, value)
    end

    describe(row.name, function()
      it("is sent under Twilio's name, and nothing else is", function()
        for value, sent in pairs(values.right(row)) do
          assert(assert(open(client, filter_with(value))):all())
          local query = filters.query(log.gets[#log.gets].url)
          local other = NEEDS[row.name]
          if other then
            query[other[3]] = nil
          end
          local is_default = value == false and row.name:find("^exclude_")
          local wire_name = next((form.decode(row.wire_name .. "="))) -- a sign in it is encoded
          assert.same({ [wire_name] = not is_default and sent or nil }, query)
        end
        assert.is_true(#log.gets > 0)
      end)

      it("is refused by name if its value is invalid", function()
        for _, value in ipairs(values.WRONG[row.kind]) do
          local problems = refused(filter_with(value))
          assert.equal(1, #problems)
          assert.equal(row.name, problems[1].name)
        end
        for _, value in ipairs(values.wrong_types(row.kind)) do
          local problems = refused(filter_with(value))
          assert.equal(row.name, problems[1].name)
          assert.matches(row.name .. " must be ", problems[1].message)
          assert.matches("got a " .. type(value), problems[1].message)
        end
      end)

      if row.kind ~= "boolean" then
        it("is refused if it is empty, not a string, or too long", function()
          for value, words in pairs(values.WRONG_TEXT) do
            local problems = refused { [row.name] = value }
            assert.equal(row.name, problems[1].name)
            assert.matches(words, problems[1].message)
          end
        end)
      end

      it("is suggested for a similar name", function()
        local has_sign = row.wire_name:find("%", 1, true) -- nearer to the name without it
        local wire_name = has_sign and row.name .. "x" or row.wire_name
        for _, other in ipairs { wire_name, row.name .. "s", row.name:sub(1, -2) } do
          local problems = refused { [other] = "x" }
          local expected = ('there is no parameter "%s"; did you mean %s?'):format(other, row.name)
          assert.equal(expected, problems[1].message)
        end
      end)
    end)
  end

  it("sends no query without a filter", function()
    assert(open(client, {}):all())
    assert(open(client):all())
    assert.equal(2, #log.gets)
    for _, request in ipairs(log.gets) do
      assert.is_nil(request.url:find("?", 1, true))
    end
  end)

  it("refuses an invalid limit, and suggests the name limit", function()
    for _, limit in ipairs { 0, -1, 1.5, "5", 1000001, true } do
      assert.equal("limit", refused({ limit = limit })[1].name)
    end
    assert.matches("did you mean limit?", refused({ limt = 5 })[1].message, 1, true)
  end)

  it("refuses a filter that is not a plain table", function()
    local hidden = setmetatable({}, { __index = { beta = true } })
    for _, filter in ipairs { "415", 415, true, print, hidden } do
      assert.equal("params", refused(filter)[1].name)
    end
  end)

  it("reports all problems at once", function()
    local problems = refused { beta = "yes", page_size = 0, limit = 0, colour = "red" }
    local names = {}
    for i, problem in ipairs(problems) do
      names[i] = problem.name
    end
    assert.same({ "beta", "colour", "limit", "page_size" }, names)
  end)

  it("copies the filter, without modifying it", function()
    local filter = { limit = 5, page_size = 2 }
    local list = assert(open(client, filter))
    assert.same({ limit = 5, page_size = 2 }, filter)
    filter.page_size, filter.beta = 3, true
    assert(list:all())
    assert.same({ PageSize = "2" }, filters.query(log.gets[1].url))
  end)
end

return filters
