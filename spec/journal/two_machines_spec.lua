-- Two machines that buy with the same idempotency key, and a third one with Twilio and PostgreSQL, in
-- networks of their own: links that are cut, and a sender that stands still. All that can happen: make
-- kills JOURNAL=postgresql.
local keyed_specs = require("spec.support.keyed_specs")
local machines = require("spec.support.machines")
local postgresql = require("spec.support.postgresql")

local NAME = "spec/journal/two_machines_spec.lua"

if postgresql.is_missing(NAME) or machines.are_missing(NAME) then
  return
end

describe("two machines with one journal", function()
  local function run(name)
    local output = machines.run("spec.support.two_machines", name)
    assert.matches("^ok$", output:match("[^\n]*$"), output)
  end

  it("buy one number even if one of them loses its link to the journal after any step", function()
    run("cuts store")
  end)

  it("buy one number even if one of them loses its link to Twilio after any step", function()
    run("cuts twilio")
  end)

  it("send nothing after their deadline, however long they were stopped before", function()
    run("stopped")
  end)

  it("send nothing after their deadline, when they are connected at last", function()
    run("stopped_connecting")
  end)

  if keyed_specs.IS_LONG then
    it("buy one number even if a dead one's purchase arrives later", function()
      run("orphan")
    end)
  end
end)
