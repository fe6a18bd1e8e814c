-- How long a call waits: Retry-After, the back-off between its attempts, and its deadline.
local core = require("twilio.numbers.core")
local scripted = require("spec.support.scripted")

local PHONE = scripted.PHONE
local EMPTY_PAGE = { status = 200, body = scripted.page {} }
local CREATED = { status = 201, body = scripted.body() }
local code = scripted.error

describe("a purchase", function()
  it("obeys Retry-After in any case of the header's letters", function()
    for _, name in ipairs { "Retry-After", "retry-after", "RETRY-AFTER" } do
      local busy = code(429, 20429, { [name] = "7" })
      local client, log = scripted.client { POST = { busy, CREATED } }
      assert(client:purchase { area_code = "415" })
      assert.same({ 7 }, log.sleeps)
    end
    local client, log = scripted.client { POST = { code(429, 20429, { ["Retry-After"] = 7 }) } }
    local _, _, err = client:purchase({ area_code = "415" }, { retries = 0 })
    assert.same({ 7, 0 }, { err.retry_after, #log.sleeps })
  end)

  it("ignores an invalid Retry-After", function()
    for _, wait in ipairs { "soon", "-5", "", {}, true, "1e9" } do
      local busy = code(429, 20429, { ["Retry-After"] = wait })
      local client, log = scripted.client { POST = { busy, CREATED } }
      assert(client:purchase { area_code = "415" })
      assert.is_true(log.sleeps[1] < 1)
    end
  end)

  it("waits a random time below a bound that doubles", function()
    local real, fraction = core.jitter, 0.75
    finally(function()
      core.jitter = real
    end)
    core.jitter = function()
      return fraction
    end
    local client, log = scripted.client(
      { POST = { code(429, 20429) } },
      { retries = 8, deadline = 3600 }
    )
    client:purchase { area_code = "415" }
    assert.same({ 0.75, 1.5, 3, 6, 12, 15, 15, 15 }, log.sleeps)
    fraction = 0
    client, log = scripted.client({ POST = { code(429, 20429) } }, { retries = 3 })
    client:purchase { area_code = "415" }
    assert.same({ 0, 0, 0 }, log.sleeps)
  end)

  it("waits for the whole bound if the system has no random numbers", function()
    local real = core.jitter
    finally(function()
      core.jitter = real
    end)
    core.jitter = error
    local client, log = scripted.client({ POST = { code(429, 20429) } }, { retries = 3 })
    local _, _, err = client:purchase { area_code = "415" }
    assert.equal("rate_limit", err.kind)
    assert.same({ 1, 2, 4 }, log.sleeps)
  end)

  it("does not start a wait that would end after the deadline", function()
    local busy = code(429, 20429, { ["Retry-After"] = "60" })
    local client, log = scripted.client({ POST = { busy } }, { deadline = 30 })
    local _, _, err = client:purchase { area_code = "415" }
    assert.same({ 1, 0, "rate_limit" }, { #log.posts, #log.sleeps, err.kind })
  end)

  it("may have a deadline of its own for each call", function()
    local busy = code(429, 20429, { ["Retry-After"] = "60" })
    local client, log = scripted.client({ POST = { busy } }, { deadline = 3600, retries = 1 })
    client:purchase({ area_code = "415" }, { deadline = 30 })
    assert.same({ 1, 0 }, { #log.posts, #log.sleeps })
    client:purchase { area_code = "415" }
    assert.same({ 3, 1 }, { #log.posts, #log.sleeps })
    local _, _, err = client:purchase({ area_code = "415" }, { deadline = 0 })
    assert.same({ "invalid", 3 }, { err.kind, #log.posts })
  end)

  it("sends nothing after the deadline", function()
    local real, now = core.now, 1000
    finally(function()
      core.now = real
    end)
    core.now = function()
      return now
    end
    local client, log = scripted.client({ POST = { code(503, 1) }, GET = { EMPTY_PAGE } }, {
      deadline = 60,
      loop = {
        sleep = function()
          now = now + 100
        end,
      },
    })
    local _, _, err = client:purchase { phone_number = PHONE }
    assert.same({ 1, "timeout", "unknown" }, { #log.posts, err.kind, err.purchased })
  end)

  it("limits a request to the time left", function()
    local client, log = scripted.client({ POST = { CREATED } }, { deadline = 5 })
    assert(client:purchase { phone_number = PHONE })
    assert.is_true(log.posts[1].timeout <= 5 and log.posts[1].connect_timeout <= 5)
    assert(client:purchase({ phone_number = PHONE }, { timeout = 2 }))
    assert.equal(2, log.posts[2].timeout)
  end)

  describe("that is not answered in time", function()
    local real, now = core.now, nil

    before_each(function()
      now = 1000
      core.now = function()
        return now
      end
    end)

    after_each(function()
      core.now = real
    end)

    --- A client whose purchases all use their whole time.
    local function slow(options)
      options.loop = {
        sleep = function(seconds)
          now = now + seconds
        end,
      }
      return scripted.client({
        POST = {
          function(request)
            now = now + request.timeout
            return nil,
              "Operation timed out after 12540 milliseconds with 0 bytes received",
              "timeout"
          end,
        },
        GET = { EMPTY_PAGE },
      }, options)
    end

    it("leaves a quarter of the deadline for its look-up, and at most ten seconds", function()
      for deadline, first in pairs { [3] = 2.25, [8] = 6, [40] = 30, [100] = 90 } do
        local client, log = slow { deadline = deadline, timeout = deadline, retries = 0 }
        client:purchase { phone_number = PHONE }
        assert.same({ 1, 1, first }, { #log.posts, #log.gets, log.posts[1].timeout })
        assert.is_true(log.posts[1].connect_timeout <= first)
      end
    end)

    it("is looked up after the last of several attempts, too", function()
      local client, log = slow { deadline = 120, timeout = 35 }
      local _, _, err = client:purchase { phone_number = PHONE }
      assert.same({ 4, 4 }, { #log.posts, #log.gets })
      assert.is_nil(err.message:find("the lookup failed", 1, true))
    end)

    it("has the whole deadline if there is nothing to look up by", function()
      local client, log = slow { deadline = 20, timeout = 35, retries = 0 }
      client:purchase { area_code = "415" }
      assert.equal(20, log.posts[1].timeout)
    end)

    it("reports the total time waited, not only that of the last attempt", function()
      local client = slow { deadline = 300, timeout = 30, retries = 3 }
      local jitter = core.jitter
      finally(function()
        core.jitter = jitter
      end)
      core.jitter = function()
        return 1
      end
      local _, message = client:purchase { phone_number = PHONE }
      local words = "no response in time: Operation timed out with 0 bytes received, 127 s in all."
      assert.equal(words, message:match("^.- in all%."))
    end)
  end)

  it("ends with what is known if the host's sleep raises", function()
    local client, log = scripted.client({ POST = { code(503, 1) }, GET = { EMPTY_PAGE } }, {
      loop = {
        sleep = function()
          error("the worker is shutting down")
        end,
      },
    })
    local _, _, err = client:purchase { phone_number = PHONE }
    assert.same({ 1, "api", "unknown" }, { #log.posts, err.kind, err.purchased })
  end)
end)
