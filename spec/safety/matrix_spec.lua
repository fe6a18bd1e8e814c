-- Each row of the fault matrix (matrix.lua) holds in every way to buy; it includes each fault of the
-- simulator; and docs/evidence/fault-matrix.md agrees with it.
local catalogue = require("twilio.simulator.faults")
local clients = require("spec.support.clients")
local core = require("twilio.numbers.core")
local curl = require("twilio.numbers.curl")
local faults = require("spec.support.faults")
local libcurl = require("spec.support.libcurl")
local matrix = require("spec.safety.matrix")
local page = require("spec.support.matrix_page")
local simulator = require("spec.support.simulator")
local slowness = require("spec.support.slowness")
local ways = require("spec.support.ways")

local BY, DIMENSIONS = { phone_number = "+14155550142", area_code = "415" }, matrix.DIMENSIONS
local PURCHASES = "/IncomingPhoneNumbers%.json$"

local READS = {
  blocking = function(client)
    return client:list({ limit = 1 }):all()
  end,
  ["in flight"] = function(client)
    return client:list_async({ limit = 1 }):wait()
  end,
}

-- All cases of one row, by one parameter, with and without retries.
local function cases(by, retries)
  local all = {}
  for _, http in ipairs(DIMENSIONS.http) do
    for _, connection in ipairs(DIMENSIONS.connection) do
      for _, way in ipairs(DIMENSIONS.way) do
        all[#all + 1] =
          { by = by, retries = retries, http = http, connection = connection, way = way }
      end
    end
  end
  return all
end

describe("the fault matrix:", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local session, io_thread, jitter = curl.session, curl.io_thread, core.jitter
  local http, tried = nil, 0

  -- What a client would not choose by itself: HTTP/2 to block, HTTP/1.1 in flight.
  local function with_version(new)
    return function(options)
      options.http_version = http
      return new(options)
    end
  end

  setup(function()
    curl.session, curl.io_thread = with_version(session), with_version(io_thread)
    core.jitter = function() -- back-off without waiting
      return 0
    end
  end)

  teardown(function()
    curl.session, curl.io_thread, core.jitter = session, io_thread, jitter
  end)

  -- A client, and how many purchases it sends.
  local function new_client(row, case)
    local sent = { count = 0 }
    http = case.http
    local client = clients.of(twilio, {
      retries = case.retries,
      timeout = row.timeout and row.timeout * slowness,
      on_event = function(event)
        if event.method == "POST" and event.url:find(PURCHASES) then
          sent.count = sent.count + 1
        end
      end,
    })
    if case.connection == "reused" then
      assert(READS[case.way](client))
    end
    return client, sent
  end

  local function set_up(row)
    for _, fault in ipairs(row.faults) do
      local wanted = { method = "POST" }
      for name, value in pairs(fault) do
        wanted[name] = value
      end
      wanted.method = wanted.method or nil -- false: any
      twilio:fault(wanted)
    end
  end

  -- What must hold whatever the row says: no lie, and nothing sent that the library does not know of.
  local function check_honesty(row, state, sent, number, message, err)
    assert.equal(sent.count, state.posts + (row.unread or 0), "purchases sent and read")
    if number then
      assert.equal(state.owned[1].sid, number.sid)
      return
    end
    assert.equal(message, err.message)
    assert.equal(
      err.purchased ~= "no",
      message:match("was bought") ~= nil or message:match("have been bought") ~= nil
    )
    assert.is_true(err.purchased ~= "no" or #state.owned == 0, "bought, and said not to be")
    assert.is_true(err.purchased ~= "yes" or #state.owned == 1, "not bought, and said to be")
  end

  local function meet(row, case)
    twilio:reset()
    local client, sent = new_client(row, case)
    set_up(row)
    local number, message, err =
      ways.PURCHASES[case.way](client, { [case.by] = BY[case.by], friendly_name = "Front desk" })
    local state = twilio:state()
    client:close()
    tried = tried + 1
    check_honesty(row, state, sent, number, message, err)
    local got = number and (err and "incomplete" or "number") or err.kind .. " " .. err.purchased
    return ("%s %d %d"):format(got, state.posts, #state.owned), state
  end

  local total = 0
  for _, group in ipairs(matrix.groups) do
    for _, row in ipairs(group) do
      for _, by in ipairs(DIMENSIONS.by) do
        for _, retries in ipairs(DIMENSIONS.retries) do
          total = total + #cases(by, retries)
          local name = faults.describe_all(row.faults)
          it(("%s, by %s, retries = %d"):format(name, by, retries), function()
            local expected, got = {}, {}
            for _, case in ipairs(cases(by, retries)) do
              local where = ("HTTP/%s, %s, %s"):format(case.http, case.connection, case.way)
              expected[where], got[where] =
                matrix.expected(row, case, libcurl.is_before), meet(row, case)
            end
            assert.same(expected, got)
          end)
        end
      end
    end
  end

  it("the cases use the stated HTTP version, and a new or a reused connection", function()
    for _, case in ipairs(cases("area_code", 0)) do
      local _, state = meet({ faults = {} }, case)
      assert.equal(1, state.connections)
      assert.equal(case.connection == "reused" and 2 or 1, state.requests)
      for _, request in ipairs(twilio:requests()) do
        assert.equal(tonumber(case.http), tonumber(request.http_version))
      end
      tried = tried - 1
    end
  end)

  it("every case was tried", function()
    assert.equal(total, tried)
  end)

  it("every fault of the simulator is in it", function()
    local missing = {}
    for _, name in ipairs(catalogue.names()) do
      missing[name] = true
    end
    for _, group in ipairs(matrix.groups) do
      for _, row in ipairs(group) do
        for _, fault in ipairs(row.faults) do
          missing[fault.fault] = nil
        end
      end
    end
    assert.same({}, missing)
  end)

  it("docs/evidence/fault-matrix.md is generated from it (make fault-matrix)", function()
    local file = assert(io.open("docs/evidence/fault-matrix.md"))
    local text = file:read("*a")
    file:close()
    assert.equal(page.render(), text)
  end)
end)
