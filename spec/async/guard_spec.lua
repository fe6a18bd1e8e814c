-- The one protected call around a call: what an error does to it.
local guard = require("twilio.numbers.async.guard")

describe("a call that an error aborts", function()
  --- Runs an operation that raises `why`; returns what the guard does.
  local function run(why, recover, fields)
    local call = fields or {}
    call.client = call.client or { scheduler = { leave = function() end } }
    call.loop, call.attempts = call.loop or false, 1
    call.operation = {
      recover = recover,
      run = function()
        error(why, 0)
      end,
    }
    return call.client, pcall(guard.run, call)
  end

  local MEMORY = "not enough memory"

  it("raises the error if there is nothing to report", function()
    local client, ran, why = run("interrupted!", function() end)
    assert.same({ false, "interrupted!", nil }, { ran, why, client.deferred })
    assert.same({ false, "interrupted!" }, { select(2, run("interrupted!")) })
  end)

  it("returns its report, and defers an interrupt to the next purchase", function()
    local may = {}
    local client, ran, number, message = run("interrupted!", function(_, _, may_go_on)
      may[#may + 1] = may_go_on
      return "number", "message"
    end)
    assert.same({ true, "number", "message" }, { ran, number, message })
    assert.same({ false }, may)
    assert.equal("interrupted!", client.deferred)
    assert.error_matches(function()
      guard.raise_deferred(client)
    end, "interrupted!")
    guard.raise_deferred(client) -- once
  end)

  it("defers no interrupt in a host, where other callers buy next", function()
    local client, ran = run("interrupted!", function()
      return "number"
    end, { loop = { wait = function() end } })
    assert.same({ true, nil }, { ran, client.deferred })
  end)

  it("continues after a temporary shortage of memory", function()
    local may, tries = {}, 0
    local client, ran, number = run(MEMORY, function(_, _, may_go_on)
      may[#may + 1], tries = may_go_on, tries + 1
      if tries == 1 then
        error(MEMORY, 0)
      end
      return "number"
    end)
    assert.same({ true, "number", nil }, { ran, number, client.deferred })
    assert.same({ true, true }, may)
  end)

  it("ends with what is known if memory stays short", function()
    local _, ran, number, message, err = run(MEMORY, function(_, _, may_go_on)
      if may_go_on then
        error(MEMORY, 0)
      end
      return nil, "message", "err"
    end)
    assert.same({ true, nil, "message", "err" }, { ran, number, message, err })
  end)

  it("returns an error that says so if nothing was sent", function()
    local _, ran, value, message, err = run(MEMORY, function() end)
    assert.same({ true, nil, "cancelled", "no" }, { ran, value, err.kind, err.purchased })
    assert.matches("the call was aborted: not enough memory", message)
  end)

  it("never raises in a task, whose result is delivered", function()
    local _, ran, value, _, err = run("interrupted!", function() end, { task = {} })
    assert.same({ true, nil, "cancelled" }, { ran, value, err.kind })
  end)
end)
