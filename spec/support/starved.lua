--- Runs what spec.support.starving steps through, each in a process of its own.
local assert = require("luassert")

local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
local left_out = require("spec.support.left_out")

local starved = {}

local PATIENCE = os.getenv("FAILURES") == "all" and 7200 or 300 -- seconds

--- Steps through a case; fails if an outcome is wrong.
---@param twilio table a simulator
---@param name string
---@param case string the source of a table, see spec/support/starving.lua
---@param before? string what the source needs
function starved.check(twilio, name, case, before)
  if left_out.in_luajit("memory that runs out: " .. name) then
    return
  end
  local program = ([[
    local steps = require("spec.support.starving")
    %s
    steps.through(twilio, %q, %s)
  ]]):format(before or "", name, case)
  local output, status = interpreter.result(flights.program(twilio, program), PATIENCE)
  local passed = output:match("^([^\n]*: passed: [^\n]*)\n$")
  assert.equal(passed, (output:gsub("\n$", "")))
  assert.equal(0, status)
  if os.getenv("FAILURES") then
    print(output)
  end
end

return starved
