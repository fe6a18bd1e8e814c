-- Filters that stand for several searches: area_codes, in order, and widen, one distance after the other.
local World = require("spec.support.world")
local clients = require("spec.support.clients")
local filters = require("spec.support.filters")
local flights = require("spec.support.flights")
local in_order = require("spec.support.in_order")
local scripted = require("spec.support.scripted")
local simulator = require("spec.support.simulator")

local NEAR = "+14155550100"
local AREAS = { country = "US", area_codes = { "415", "628" } }
local WIDER = { country = "US", near_number = NEAR, widen = true }

local function page(phones)
  return { status = 200, body = scripted.found(phones or {}) }
end

local NOT_OWNED = { status = 200, body = scripted.page {} }
local GONE = { status = 400, body = scripted.refusal(21422, "gone") }

--- The values of a field in the searches of a log, in order.
local function asked(log, field)
  local list = {}
  for _, request in ipairs(log.gets) do
    local is_search = request.url:find("/AvailablePhoneNumbers/", 1, true)
    list[#list + 1] = is_search and (filters.query(request.url)[field] or "none") or nil
  end
  return list
end

--- A client whose searches with a value of the field return `found[value]`.
local function client_of(field, found, posts)
  local function search(request)
    return page(found[filters.query(request.url)[field]])
  end
  return scripted.apart {
    GET = scripted.gets({ search }, { NOT_OWNED }),
    POST = posts or { scripted.created },
  }
end

describe("A filter with area_codes", function()
  in_order { before_each = before_each, after_each = after_each }

  it("searches only the first if that has a matching number", function()
    local client, log = client_of("AreaCode", { ["415"] = { "+14155550101" } })
    assert.equal("+14155550101", assert(client:purchase_available(AREAS)).phone_number)
    assert.same({ "415" }, asked(log, "AreaCode"))
  end)

  it("searches the next, in list order, if the first has none", function()
    local client, log = client_of("AreaCode", { ["212"] = { "+12125550101" } })
    local filter = { country = "US", area_codes = { "628", "415", 212 } }
    assert.equal("+12125550101", assert(client:purchase_available(filter)).phone_number)
    assert.same({ "628", "415", "212" }, asked(log, "AreaCode"))
  end)

  it("searches the next if accept rejects all numbers of the first", function()
    local phones = { ["415"] = { "+14155550101" }, ["628"] = { "+16285550101" } }
    local client = client_of("AreaCode", phones)
    local number = assert(client:purchase_available(AREAS, nil, {
      accept = function(candidate)
        return candidate.phone_number:find("^%+1628") ~= nil
      end,
    }))
    assert.equal("+16285550101", number.phone_number)
  end)

  it("searches the next if the numbers of the first are gone", function()
    local found = { ["415"] = { "+14155550101" }, ["628"] = { "+16285550101" } }
    local client, log = client_of("AreaCode", found, { GONE, scripted.created })
    assert.equal("+16285550101", assert(client:purchase_available(AREAS)).phone_number)
    assert.same({ "+14155550101", "+16285550101" }, scripted.posted(log))
  end)

  it("skips a number with an area code that is not in the list", function()
    local client, log = client_of("AreaCode", { ["415"] = { "+12125550101" } })
    local number, message = client:purchase_available(AREAS)
    assert.is_nil(number)
    assert.matches("no number matches the filter: 1 contradicts the filter's area_codes", message)
    assert.equal(0, #log.posts)
  end)

  it("counts candidates across all area codes", function()
    local found = { ["415"] = { "+14155550101" }, ["628"] = { "+16285550101", "+16285550102" } }
    local client, log = client_of("AreaCode", found, { GONE })
    local number, message = client:purchase_available(AREAS, nil, { candidates = 2 })
    assert.is_nil(number)
    assert.matches("none of 2 numbers could be bought", message, 1, true)
    assert.equal(2, #log.posts)
  end)

  it("buys several numbers from the first, and the rest from the next", function()
    local found = { ["415"] = { "+14155550101" }, ["628"] = { "+16285550101", "+16285550102" } }
    local client = client_of("AreaCode", found)
    local report =
      assert(client:purchase_many { country = "US", area_codes = { "415", "628" }, count = 2 })
    assert.equal(2, report.bought)
    assert.equal("+14155550101", report.results[1].phone_number)
    assert.matches("^%+1628", report.results[2].phone_number)
    for _, result in ipairs(report.results) do
      assert.is_nil(result.message)
    end
  end)

  it("reports how many numbers are missing when no area code has more", function()
    local client = client_of("AreaCode", { ["628"] = { "+16285550101" } })
    local report, message =
      client:purchase_many { country = "US", area_codes = { "415", "628" }, count = 2 }
    assert.equal(1, report.bought)
    assert.matches("no more numbers match the filter", message, 1, true)
  end)

  it("is copied: the caller cannot change it during the call, and it is not modified", function()
    local list = { "415", 628 }
    local client, log = client_of("AreaCode", { ["628"] = { "+16285550101" } })
    assert(client:purchase_available({ country = "US", area_codes = list }, nil, {
      accept = function()
        list[1], list[2] = nil, nil
        return true
      end,
    }))
    assert.same({ "415", "628" }, asked(log, "AreaCode"))
    assert.same({}, list)
  end)

  local many = {}
  for i = 1, 101 do
    many[i] = ("%03d"):format(i + 200)
  end

  for words, row in pairs {
    ["no list"] = { "415", "must be a list of 1 to 100 area codes" },
    ["false"] = { false, "must be a list of 1 to 100 area codes" },
    ["an empty list"] = { {}, "must be a list of 1 to 100 area codes" },
    ["a list with names"] = { { "415", more = "628" }, "must be a list" },
    ["a list with a metatable"] = { setmetatable({ "415" }, {}), "must be a list" },
    ["too long a list"] = { many, "must be a list" },
    ["what is no area code"] = { { "415", "62" }, 'three digits each, such as "415", got "62"' },
    ["an area code twice"] = { { "415", 415 }, "area_codes lists 415 twice" },
  } do
    it("refuses " .. words .. ", before anything is sent", function()
      local client, log = scripted.client {}
      local number, message, err = client:purchase_available { country = "US", area_codes = row[1] }
      assert.is_nil(number)
      assert.same({ "invalid", "area_codes" }, { err.kind, err.problems[1].name })
      assert.matches(row[2], message, 1, true)
      assert.equal(0, #log.requests)
    end)
  end

  it("is only for purchases in the US and Canada, without area_code", function()
    local client = scripted.client {}
    local _, message = client:purchase_available {
      country = "US",
      area_codes = { "415" },
      area_code = "628",
    }
    assert.matches("give only one of area_codes and area_code", message, 1, true)
    _, message = client:purchase_available { country = "GB", area_codes = { "415" } }
    assert.matches("area_codes only works in the United States and Canada", message, 1, true)
    _, message = client:search("US", "local", { area_codes = { "415" } })
    assert.matches('there is no parameter "area_codes"', message, 1, true)
  end)
end)

describe("A filter with widen", function()
  in_order { before_each = before_each, after_each = after_each }

  it("searches only within 25 miles if there is a number", function()
    local client, log = client_of("Distance", { ["25"] = { "+15105550101" } })
    assert(client:purchase_available(WIDER))
    assert.same({ "25" }, asked(log, "Distance"))
  end)

  it("searches within 100 and then 500 miles if there is none", function()
    local client, log = client_of("Distance", { ["500"] = { "+12065550101" } })
    assert.equal("+12065550101", assert(client:purchase_available(WIDER)).phone_number)
    assert.same({ "25", "100", "500" }, asked(log, "Distance"))
    assert.same({ NEAR, NEAR, NEAR }, asked(log, "NearNumber"))
    local number, message = client_of("Distance", {}):purchase_available(WIDER)
    assert.is_nil(number)
    assert.matches("no number matches the filter", message, 1, true)
  end)

  it("considers a number once, even though each wider search lists it again", function()
    local near, far = "+15105550101", "+12065550101"
    local client = client_of("Distance", { ["25"] = { near }, ["100"] = { near, far } })
    local seen = {}
    local number = assert(client:purchase_available(WIDER, nil, {
      accept = function(candidate)
        seen[#seen + 1] = candidate.phone_number
        return candidate.phone_number == far
      end,
    }))
    assert.equal(far, number.phone_number)
    table.sort(seen)
    assert.same({ far, near }, seen)
  end)

  it("waits once for a search index that still lists a number that is gone", function()
    local near, far = "+15105550101", "+12065550101"
    local found = { ["25"] = { near }, ["100"] = { near }, ["500"] = { near, far } }
    local client, log = client_of("Distance", found, { GONE, scripted.created })
    assert.equal(far, assert(client:purchase_available(WIDER)).phone_number)
    assert.same({ "25", "25", "25", "25", "25", "100", "500" }, asked(log, "Distance"))
  end)

  it("widens the search for purchase_many", function()
    local found = { ["25"] = { "+15105550101" }, ["100"] = { "+15105550101", "+12065550101" } }
    local client = client_of("Distance", found)
    local filter = { country = "US", near_lat_long = "37.84,-122.26", widen = true, count = 2 }
    assert.equal(2, assert(client:purchase_many(filter)).bought)
  end)

  it("has no effect if it is false", function()
    local client, log = client_of("Distance", { ["9"] = { "+15105550101" } })
    assert(client:purchase_available {
      country = "US",
      near_number = NEAR,
      widen = false,
      distance = 9,
    })
    assert.same({ "9" }, asked(log, "Distance"))
  end)

  for words, row in pairs {
    ["with distance"] = { { near_number = NEAR, distance = 9 }, "one of widen and distance" },
    ["without a place"] = { {}, "requires near_number or near_lat_long" },
    ["with area codes"] = {
      { near_number = NEAR, area_codes = { "415" } },
      "one of widen and area_codes",
    },
    ["that is no boolean"] = {
      { near_number = NEAR, widen = 500 },
      "must be true or false, got 500",
    },
    ["on another host"] = {
      { near_number = NEAR, country = "GB" },
      "only works in the United States and Canada",
    },
  } do
    it("is refused " .. words, function()
      local client, log = scripted.client {}
      local filter = { country = "US", widen = true }
      for name, value in pairs(row[1]) do
        filter[name] = value
      end
      local number, message, err = client:purchase_available(filter)
      assert.same({ nil, "invalid" }, { number, err.kind })
      assert.matches(row[2], message, 1, true)
      assert.equal(1, #err.problems, message) -- and no field that the caller did not give
      assert.equal(0, #log.requests)
    end)
  end
end)

describe("A filter of several searches, with a journal,", function()
  local world, searched

  --- The numbers for sale, by the value of a field of the search.
  local function sell(field, found)
    function world.on_request(request, path)
      if path:find("^AvailablePhoneNumbers") then
        local value = filters.query(request.url)[field]
        searched[#searched + 1] = value
        local phones = {}
        for _, phone in ipairs(found[value] or {}) do
          phones[#phones + 1] = not world.owned[phone] and phone or nil
        end
        return page(phones)
      end
    end
  end

  before_each(function()
    World.start_clocks()
    world, searched = World.new { "+14155550101", "+16285550101", "+16285550102" }, {}
  end)
  after_each(World.stop_clocks)

  it("buys from the next area code if the first has none", function()
    sell("AreaCode", { ["628"] = { "+16285550101" } })
    local options = { idempotency_key = "k" }
    local number, message = world:client():purchase_available(AREAS, {}, options)
    assert.same({ "+16285550101" }, { number.phone_number, message })
    assert.same({ "415", "628" }, searched)
    number = assert(world:client():purchase_available(AREAS, {}, options))
    assert.equal("+16285550101", number.phone_number)
    assert.same({ "415", "628" }, searched)
  end)

  it("buys from the next area code if the number of the first is gone", function()
    sell("AreaCode", { ["415"] = { "+14155550101" }, ["628"] = { "+16285550101" } })
    function world.on_post(number)
      return number == "+14155550101" and "refused" or nil
    end
    local options = { idempotency_key = "k" }
    local number = assert(world:client():purchase_available(AREAS, {}, options))
    assert.equal("+16285550101", number.phone_number)
    assert.equal("bought", world:order("k").state)
  end)

  it("is part of the key's request, including the order of its list", function()
    sell("AreaCode", { ["415"] = { "+14155550101" } })
    local client, options = world:client(), { idempotency_key = "k" }
    assert(client:purchase_available(AREAS, {}, options))
    local other = { country = "US", area_codes = { "628", "415" } }
    local number, _, err = client:purchase_available(other, {}, options)
    assert.same({ nil, "conflict", "area_codes" }, { number, err.kind, err.problems[1].name })
    local same = { country = "US", area_codes = { 415, 628 } }
    assert.equal("+14155550101", assert(client:purchase_available(same, {}, options)).phone_number)
  end)

  it("finishes a purchase_many that another call started, without a conflict", function()
    sell("AreaCode", { ["415"] = { "+14155550101" }, ["628"] = { "+16285550101", "+16285550102" } })
    local filter = { country = "US", area_codes = { "415", "628" }, count = 3 }
    for _ = 1, 2 do
      local report = assert(world:client():purchase_many(filter, {}, { idempotency_key = "k" }))
      assert.equal(3, report.bought)
      for _, result in ipairs(report.results) do
        assert.is_nil(result.message)
      end
    end
    assert.equal(3, world.purchases)
  end)

  it("widens the search step by step", function()
    sell("Distance", { ["500"] = { "+16285550101" } })
    local options = { idempotency_key = "k" }
    assert(world:client():purchase_available(WIDER, {}, options))
    assert.same({ "25", "100", "500" }, searched)
  end)
end)

describe("A filter of several searches, with the simulator,", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local client

  before_each(function()
    client = clients.of(twilio)
  end)

  after_each(function()
    client:close()
  end)

  --- Starts a purchase, and returns once it is sent: a search for one number then lists the same one.
  local function begin_in(area_code, limits)
    twilio:limits(limits)
    local posts = twilio:state().posts
    local filter = { country = "US", area_code = area_code, page_size = 1 }
    local pending = assert(client:purchase_available_async(filter))
    flights.until_(function()
      client:poll()
      local state = twilio:state()
      return state.posts + state.unfinished > posts
    end, "the purchase was sent")
    return pending
  end

  it("does not wait for another call if the next area code has a number", function()
    local pending = begin_in("415", { hold = 1 })
    local filter = { country = "US", area_codes = { "415", "510" }, page_size = 1 }
    local number = assert(client:purchase_available(filter))
    assert.matches("^%+1510", number.phone_number)
    twilio:limits {}
    assert.matches("^%+1415", assert(pending:wait()).phone_number)
  end)

  it("waits for another call if no area code has more, and then starts over", function()
    assert(client:purchase_many { country = "US", area_code = "907", count = 3 })
    local pending = begin_in("415", { work = 0.3 })
    local filter = { country = "US", area_codes = { "415", "907" }, page_size = 1 }
    local number = assert(client:purchase_available(filter))
    assert.matches("^%+1415", number.phone_number)
    assert.is_true(assert(pending:wait()).phone_number ~= number.phone_number)
  end)

  it("does not count numbers that another call bought meanwhile", function()
    assert(client:purchase_many { country = "US", area_code = "907", count = 2 })
    local pending = begin_in("907", { work = 0.3 })
    local filter = { country = "US", area_codes = { "907", "808" }, in_locality = "Juneau" }
    local number, message = client:purchase_available(filter)
    assert.same({ nil, "no number matches the filter." }, { number, message })
    assert.matches("^%+1907", assert(pending:wait()).phone_number)
  end)

  it("names each number that other calls are buying once", function()
    local one, other = "+14155550101", "+16285550101"
    local answers = { { broken = "network" } }
    local apart = client_of("AreaCode", { ["415"] = { one }, ["628"] = { other } }, answers)
    for _, area_code in ipairs { "415", "628" } do
      local filter = { country = "US", area_code = area_code }
      local _, _, err = apart:purchase_available(filter, nil, { retries = 0 })
      assert.equal("unknown", err.purchased)
    end
    local number, message = apart:purchase_available(AREAS)
    assert.is_nil(number)
    assert.matches("filter: 2 being bought by other calls, or in doubt", message, 1, true)
    apart =
      client_of("Distance", { ["25"] = { one }, ["100"] = { one }, ["500"] = { one } }, answers)
    assert.equal(
      "unknown",
      select(3, apart:purchase_available(WIDER, nil, { retries = 0 })).purchased
    )
    message = select(2, apart:purchase_available(WIDER))
    assert.matches("filter: 1 being bought by other calls, or in doubt", message, 1, true)
  end)

  it("widens the search if nearby places are sold out", function()
    assert(client:purchase_many { country = "US", area_code = "907", count = 3 })
    local filter = { country = "US", near_number = "+19075550100", widen = true }
    local number, message = client:purchase_available(filter)
    assert.is_nil(number)
    assert.matches("no number matches the filter", message, 1, true)
    filter.near_number, filter.in_locality = "+14155550100", "Los Angeles"
    assert.matches("^%+1213", assert(client:purchase_available(filter)).phone_number)
  end)

  it("buys out the first area code, and the rest from the next", function()
    local report =
      assert(client:purchase_many { country = "US", area_codes = { "907", "415" }, count = 5 })
    local counts = {}
    for _, number in ipairs(report.numbers) do
      local area_code = number.phone_number:sub(3, 5)
      counts[area_code] = (counts[area_code] or 0) + 1
    end
    assert.same({ ["907"] = 3, ["415"] = 2 }, counts)
  end)
end)
