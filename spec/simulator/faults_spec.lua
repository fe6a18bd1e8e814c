local cjson = require("cjson.safe")
local answers = require("twilio.simulator.answers")
local faults = require("twilio.simulator.faults")

describe("the simulator's faults", function()
  local post = { method = "POST", path = "/2010-04-01/Accounts/AC/IncomingPhoneNumbers.json" }
  local get = { method = "GET", path = post.path }
  local active

  before_each(function()
    active = faults.new()
  end)

  local function picked(request, count)
    local hits = 0
    for _ = 1, count or 1 do
      hits = hits + (active:pick(request) and 1 or 0)
    end
    return hits
  end

  it("hit one request unless told otherwise", function()
    assert(active:add { fault = "hang" })
    assert.same({ 1, 0 }, { picked(post), picked(post) })
    assert(active:add { fault = "hang", times = 3 })
    assert.equal(3, picked(post, 10))
  end)

  it("skip the given number of requests", function()
    assert(active:add { fault = "hang", skip = 2 })
    assert.same({ 0, 1, 0 }, { picked(post, 2), picked(post), picked(post) })
  end)

  it("hit only the method and the path they are for", function()
    assert(active:add { fault = "hang", method = "POST", path = "IncomingPhone" })
    assert.equal(0, picked(get, 3))
    assert.equal(0, picked { method = "POST", path = "/elsewhere" })
    assert.equal(1, picked(post))
  end)

  it("can be cleared", function()
    assert(active:add { fault = "hang" })
    active:clear()
    assert.equal(0, picked(post))
  end)

  it("use the catalogue's defaults unless told otherwise", function()
    assert(active:add { fault = "close_in_headers" })
    assert.is_true(active:pick(post).commit)
    assert(active:add { fault = "close_in_headers", commit = false })
    assert.is_false(active:pick(post).commit)
  end)

  it("refuse an unknown name or option", function()
    assert.same({ nil, "no fault is called flood" }, { active:add { fault = "flood" } })
    local missing = "the field fault is missing: it names the fault, such as close_after_commit"
    assert.same({ nil, missing }, { active:add { falt = "hang" } })
    local _, problem = active:add { fault = "hang", second = 1 }
    assert.equal("a fault has no option second", problem)
    _, problem = active:add { fault = "hang", seconds = "1" }
    assert.equal("seconds must be a number", problem)
  end)

  it("occur in the same random order for the same seed", function()
    local function run(seed)
      local names = {}
      local list = { "hang", { fault = "status", status = 503 } }
      assert(active:set_chaos { seed = seed, probability = 0.5, faults = list })
      for index = 1, 40 do
        local fault = active:pick(post)
        names[index] = fault and fault.fault or "-"
      end
      return table.concat(names, " ")
    end
    assert.equal(run(7), run(7))
    assert.not_equal(run(7), run(8))
    assert.truthy(run(7):find("hang") and run(7):find("status") and run(7):find("-", 1, true))
    active:clear_chaos()
    assert.equal(0, picked(post, 50))
  end)

  it("refuse chaos without faults", function()
    assert.same({ nil, "faults must be a list of faults" }, { active:set_chaos {} })
  end)

  describe("that respond", function()
    it("respond with Twilio's error for a status, or the given one", function()
      local response = answers.status { status = 503, retry_after = 7 }
      assert.same({ 503, "7" }, { response.status, response.headers["retry-after"] })
      assert.equal(20503, cjson.decode(response.body).code)
      response = answers.status { status = 409, code = 12345 }
      assert.same({ 409, 12345 }, { response.status, cjson.decode(response.body).code })
      response = answers.status { status = 502, body = "<h1>", content_type = "text/html" }
      assert.same({ "<h1>", "text/html" }, { response.body, response.headers["content-type"] })
    end)

    it("respond with JSON that is malformed, too deep or too large", function()
      assert.is_nil(cjson.decode(answers.invalid_json({}).body))
      assert.is_nil(cjson.decode(answers.nested_json({ depth = 2000 }).body))
      assert.is_table(cjson.decode(answers.nested_json({ depth = 10 }).body))
      assert.equal(2 * 1024 * 1024, #answers.huge_json({}).body)
      assert.is_table(cjson.decode(answers.huge_json({ bytes = 1000 }).body))
    end)

    it("respond with endless headers", function()
      local bytes = 0
      for _, value in pairs(answers.many_headers({}).headers) do
        bytes = bytes + #value
      end
      assert.is_true(bytes > 100 * 1024)
    end)

    it("respond with 10 MiB compressed to 65 KiB", function()
      local response = answers.gzip_bomb {}
      assert.equal("gzip", response.headers["content-encoding"])
      assert.is_true(#response.body < 70000)
      local path = os.tmpname()
      local file = assert(io.open(path, "wb"))
      file:write(response.body)
      file:close()
      local pipe = io.popen(("gunzip -c <%s | wc -c"):format(path))
      assert.equal(10518145, tonumber(pipe:read("*a")))
      pipe:close()
      os.remove(path)
    end)
  end)
end)
