-- client:update_many: settings of many owned numbers. See owned_many_spec.lua too.
local form = require("spec.support.form")
local owned_numbers = require("spec.support.owned_numbers")
local outcomes = require("spec.support.reports").outcomes
local scripted = require("spec.support.scripted")

local PARAMS, GONE = owned_numbers.PARAMS, owned_numbers.GONE
local sid, sids = owned_numbers.sid, owned_numbers.sids
local answers, shown = owned_numbers.answers, owned_numbers.shown

describe("client:update_many", function()
  it("returns the updated numbers", function()
    local client, log = scripted.client { POST = { shown } }
    local report = assert(client:update_many(sids(2), PARAMS))
    assert.equal(2, #report.numbers)
    for i, result in ipairs(report.results) do
      assert.same({ sid(i), scripted.PHONE }, { result.number.sid, result.phone_number })
      assert.equal(result.number, report.numbers[i])
      assert.same({ VoiceUrl = PARAMS.voice_url }, form.decode(log.posts[i].body))
    end
  end)

  it("reports invalid parameters together with other problems", function()
    local client, log = scripted.client {}
    local _, _, err = client:update_many({ "PN1" }, { voice_url = "x", colour = 1 })
    local names = {}
    for i, problem in ipairs(err.problems) do
      names[i] = problem.name
    end
    assert.same({ "1: sid", "colour", "voice_url" }, names)
    for params, words in pairs {
      [{}] = "must name a setting to change",
      [{ phone_number = "+1" }] = "phone_number",
    } do
      local _, why = client:update_many(sids(1), params)
      assert.matches(words, why, 1, true)
    end
    assert.equal("params", select(3, client:update_many(sids(1))).problems[1].name)
    assert.equal(0, #log.requests)
  end)

  it("sends the original parameters even if the caller changes them meanwhile", function()
    local params = { friendly_name = "first" }
    local client, log = scripted.client({ POST = { shown } }, { max_in_flight = 1 })
    assert(client:update_many(sids(3), params, {
      on_progress = function()
        params.friendly_name, params.colour = "second", 1
      end,
    }))
    assert.equal(3, #log.posts)
    for _, request in ipairs(log.posts) do
      assert.same({ FriendlyName = "first" }, form.decode(request.body))
    end
  end)

  it("reports a missing number as refused", function()
    local client = scripted.client { POST = answers({ [sid(1)] = GONE }, shown) }
    local report, message = client:update_many(sids(2), PARAMS)
    assert.same({ "refused", "updated" }, outcomes(report))
    assert.matches("^1 of 2 updated, 1 refused, 0 unknown, 0 not begun$", message)
  end)
end)
