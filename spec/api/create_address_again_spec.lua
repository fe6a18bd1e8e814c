-- client:create_address after a request that broke off, if no look-up finds the address: it sends once more,
-- or stays in doubt.
local core = require("twilio.numbers.core")
local find_address = require("twilio.numbers.api.find_address")
local new_address = require("spec.support.new_address")
local scripted = require("spec.support.scripted")

local SID, WANTED, CREATED, EMPTY =
  new_address.SID, new_address.WANTED, new_address.CREATED, new_address.EMPTY
local page, fresh = new_address.page, new_address.fresh
local BROKEN = { broken = "network" }

describe("An address that is not found after its creation broke off", function()
  local real, offset

  before_each(function()
    real, offset = core.now, 0
    core.now = function()
      return real() + offset
    end
  end)
  after_each(function()
    core.now = real
  end)

  --- A client whose clock advances while it sleeps.
  local function client_of(script, options)
    local all = {
      deadline = 600,
      loop = {
        sleep = function(seconds)
          offset = offset + seconds
        end,
      },
    }
    for name, value in pairs(options or {}) do
      all[name] = value
    end
    return scripted.client(script, all)
  end

  it("is sent once more when the first attempt can no longer have an effect", function()
    local began, sent_again = core.now(), nil
    local client, log = client_of {
      POST = {
        BROKEN,
        function()
          sent_again = core.now() - began
          return CREATED
        end,
      },
      GET = { EMPTY },
    }
    assert.equal(SID, assert(client:create_address(WANTED)).sid)
    assert.equal(2, #log.posts)
    assert.is_true(sent_again >= 180, sent_again) -- the settling time of a transport in Lua
    assert.is_true(#log.gets >= 5) -- it looks meanwhile, and a last time at the end
    assert.equal("GET", log.requests[#log.requests - 1].method)
  end)

  it("waits five minutes from the start of the call, not from its first response", function()
    local client, log = client_of {
      POST = {
        function()
          offset = offset + 200 -- the first response comes so much later
          return nil, "it broke", "network"
        end,
      },
      GET = { page { fresh { date_created = "Tue, 18 Aug 2026 16:52:00 +0000" } } },
    }
    assert.equal(SID, assert(client:create_address(WANTED)).sid)
    assert.same({ 1, 1 }, { #log.posts, #log.gets })
  end)

  it("is found by a later look-up and not sent again", function()
    local client, log = client_of { POST = { BROKEN }, GET = { EMPTY, EMPTY, page { fresh() } } }
    assert.equal(SID, assert(client:create_address(WANTED)).sid)
    assert.same({ 1, 3 }, { #log.posts, #log.gets })
  end)

  it("is not sent a third time", function()
    local client, log = client_of { POST = { BROKEN }, GET = { EMPTY } }
    local found, message, err = client:create_address(WANTED)
    assert.is_nil(found)
    assert.same({ 2, true, "no" }, { #log.posts, err.unheard, err.purchased })
    assert.matches(
      "The address may have been created: check client:addresses() before you create it again.",
      message,
      1,
      true
    )
  end)

  it("stays in doubt if the second attempt is refused", function()
    local refused = { status = 400, body = scripted.refusal(21628, "no such street") }
    local client = client_of { POST = { BROKEN, refused }, GET = { EMPTY } }
    local _, message, err = client:create_address(WANTED)
    assert.same({ "api", 21628, true }, { err.kind, err.code, err.unheard })
    assert.matches("Twilio cannot validate the address", message, 1, true)
    assert.matches("may have been created", message, 1, true)
  end)

  for words, row in pairs {
    ["where the deadline comes before that time"] = { { deadline = 120 }, BROKEN, 4 },
    ["without retries"] = { { retries = 0 }, BROKEN, 1 },
    ["after a 201: it was created"] = { {}, { status = 201, body = "<html>" }, 4 },
  } do
    it("is not sent again " .. words, function()
      local client, log = client_of({ POST = { row[2] }, GET = { EMPTY } }, row[1])
      local found, message, err = client:create_address(WANTED)
      assert.is_nil(found)
      assert.same({ 1, row[3], true }, { #log.posts, #log.gets, err.unheard })
      assert.matches("check client:addresses()", message, 1, true)
    end)
  end

  it("is not sent again if the look-up fails", function()
    local refused = { status = 403, body = scripted.refusal(20403, "forbidden") }
    for _, response in ipairs { refused, { status = 200, body = "{}" } } do
      local client, log = client_of { POST = { BROKEN }, GET = { response } }
      local found, message, err = client:create_address(WANTED)
      assert.is_nil(found)
      assert.same({ 1, 1, true }, { #log.posts, #log.gets, err.unheard })
      assert.matches("the lookup failed", message, 1, true)
    end
  end)

  it("is not sent again after it was cancelled", function()
    local client, log, pending
    client, log = client_of({
      POST = { BROKEN },
      GET = {
        function()
          pending:cancel()
          return EMPTY
        end,
      },
    }, { loop = false, without = { "loop" } })
    pending = assert(client:create_address_async(WANTED))
    local found, _, err = pending:wait()
    assert.is_nil(found)
    assert.same({ "cancelled", 1, true }, { err.kind, #log.posts, err.unheard })
  end)

  describe("because the call ended early", function()
    local once, note_date = find_address.once, find_address.note_date

    after_each(function()
      find_address.once, find_address.note_date = once, note_date
    end)

    it("is reported", function()
      local client, log = client_of { POST = { BROKEN }, GET = { EMPTY } }
      function find_address.once()
        error("interrupted!", 0)
      end
      local found, message, err = client:create_address(WANTED)
      assert.is_nil(found)
      assert.same({ "cancelled", true, "no", 1 }, {
        err.kind,
        err.unheard,
        err.purchased,
        #log.posts,
      })
      assert.matches("interrupted!", message, 1, true)
      assert.matches("may have been created", message, 1, true)
    end)

    it("is reported even if the second attempt was never sent", function()
      local client, log = client_of { POST = { BROKEN, { broken = "connect" } }, GET = { EMPTY } }
      function find_address.note_date(call)
        if #log.posts == 2 then
          error("interrupted!", 0)
        end
        return note_date(call)
      end
      local found, _, err = client:create_address(WANTED)
      assert.is_nil(found)
      assert.same({ "cancelled", true, 2 }, { err.kind, err.unheard, #log.posts })
    end)

    it("is returned if its response had arrived", function()
      local client, log = client_of { POST = { CREATED }, GET = { EMPTY } }
      function find_address.note_date()
        error("interrupted!", 0)
      end
      assert.equal(SID, assert(client:create_address(WANTED)).sid)
      assert.same({ 1, 0 }, { #log.posts, #log.gets })
    end)

    it("is looked up again after a temporary shortage of memory", function()
      local client, log = client_of { POST = { BROKEN }, GET = { page { fresh() } } }
      function find_address.once()
        find_address.once = once
        error("not enough memory", 0)
      end
      assert.equal(SID, assert(client:create_address(WANTED)).sid)
      assert.same({ 1, 1 }, { #log.posts, #log.gets })
    end)
  end)

  it("is reported if an error aborts the call", function()
    local client, log = client_of({ POST = { BROKEN }, GET = { EMPTY } }, {
      loop = {
        sleep = function()
          error("a host's own", 0)
        end,
      },
    })
    local found, message, err = client:create_address(WANTED)
    assert.is_nil(found)
    assert.same({ 1, true }, { #log.posts, err.unheard })
    assert.matches("may have been created", message, 1, true)
  end)
end)
