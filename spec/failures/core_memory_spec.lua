-- No memory for a response or a form that is created without a client.
local interpreter = require("spec.support.interpreter")

-- libc's allocations fail: first for the body, then for its tokens.
local RESPONSE = [[
  local core, failing = require("twilio.numbers.core"), require("spec_failing")
  failing.attach(path, "memory")
  local said = {}
  for nth = 1, 2 do
    local response = core.new_response()
    response:begin("POST")
    failing.arm("memory", nth, false)
    response:fill("answered", true, 201, { date = "today" }, '{"sid":"PN"}')
    local failed = failing.disarm()
    local purchased, again, kind = response:verdict(false)
    said[nth] = table.concat({
      failed, response:outcome(), response:status(), response:header("date"), response:reason(),
      tostring(response:json()), purchased, tostring(again), kind,
      response:is_empty() and "no body" or "a body",
    }, ", ")
    response:fill("answered", true, 201, nil, '{"sid":"PN"}')
    assert(response:json().sid == "PN")
  end
  io.write(table.concat(said, "; "))
]]

describe("a response object without memory for its body, or for the tokens of its JSON", function()
  it("reads as a transfer that broke after the head, and can be reused", function()
    local path = ("local path = %q\n"):format(interpreter.path_of("twilio/numbers/core"))
    local output, status = interpreter.result(path .. RESPONSE)
    local reason = "not enough memory for the response"
    local broken = ("1, network, 201, today, %s, nil, yes, nil, network, "):format(reason)
    assert.equal(broken .. "no body; " .. broken .. "a body", output)
    assert.equal(0, status)
  end)
end)

-- Lua's allocations fail, from the nth one on, for each n.
local STEPS = [[
  local core, starving = require("twilio.numbers.core"), require("spec_starving")
  local params = { phone_number = "+14155550100", voice_url = "https://a.b/c?d", voice_method = "GET" }
  local body = '{"sid":"PN00000000000000000000000000000000","a":[{"b":"c"}]}'
  local form, response = core.new_form(params), core.new_response()
  local acts = {
    function() return core.new_form(params):text() end,
    function() return form:only(form:differences {}) end,
    function() return form:value("voice_url") .. form:text() end,
    function()
      response:begin("POST")
      response:fill("answered", true, 201, { date = "today" }, body, "why")
      return response:number().a[1].b .. response:sid() .. response:header("date") .. response:reason()
    end,
    function() return tostring(core.new_response()) end,
    function()
      local text = core.encode_record { v = 1, list = { 1, { a = true } }, text = ("x"):rep(3000) }
      return core.hash(text, core.decode_record(text).text)
    end,
    function() return select(2, core.encode_record { v = 0.5 }) end,
  }
  local refusals = 0
  for i, act in ipairs(acts) do
    local wanted, refused = act(), nil
    for nth = 1, 500 do
      starving.arm(nth, 1e9)
      local called, made = pcall(act)
      refused = select(2, starving.disarm())
      if called then
        assert(made == wanted, made)
      else
        assert(tostring(made):find("not enough memory", 1, true), made)
      end
      assert(act() == wanted)
      if refused == 0 then break end
      refusals = refusals + 1
    end
    assert(refused == 0, i)
  end
  io.write(refusals > 10 and "passed" or refusals)
]]

describe("a form object, a response object or a record", function()
  it("raises if Lua has no memory, and works as before afterwards", function()
    local output, status = interpreter.result(STEPS)
    assert.equal("passed", output)
    assert.equal(0, status)
  end)
end)

-- Without memory, calls a function in a function and so on, at any depth of the stack.
local CALLS = [[
  if jit then
    jit.off()
  end
  local core, starving = require("twilio.numbers.core"), require("spec_starving")
  local function call_within(depth, f)
    if depth == 0 then
      return f()
    end
    local result = call_within(depth - 1, f)
    return result
  end
  local function nothing() end
  for depth = 0, 50 do
    local ran, why
    local function act()
      core.reserve_stack()
      starving.arm(1, 1e9)
      ran, why = pcall(call_within, 2, nothing) -- five levels of calls
      starving.disarm()
    end
    collectgarbage() -- which shrinks the stack
    call_within(depth, act)
    assert(ran, ("depth %d: %s"):format(depth, tostring(why)))
  end
  io.write("passed")
]]

describe("core.reserve_stack", function()
  it("lets a callback be called without memory, at any depth of the stack", function()
    local output, status = interpreter.result(CALLS)
    assert.equal("passed", output)
    assert.equal(0, status)
  end)
end)
