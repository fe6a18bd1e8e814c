-- The timing of a request: when it is carried out, and when it is answered. On cqueues.
-- Used by h1.lua and h2_answer.lua. A request that was read is carried out even if the client disconnects.

local cqueues = require("cqueues")
local exchange = require("twilio.simulator.exchange")

local pace = {}

---Like exchange.perform(), with the configured delays.
---@param simulator twilio.simulator.Simulator
---@param request twilio.simulator.Request
---@param fault table?
---@return twilio.simulator.Response?
function pace.perform(simulator, request, fault)
  local store = simulator.store
  simulator.last_request = cqueues.monotime()
  if request.is_control then
    return exchange.perform(simulator, request, fault)
  end
  if request.method == "POST" then
    simulator.unfinished = simulator.unfinished + 1
    local is_held = store:must_hold()
    while is_held and store.hold do
      simulator.resumed:wait()
    end
    if store.work then
      cqueues.sleep(store.work)
    end
    simulator.unfinished = simulator.unfinished - 1
  end
  local response = exchange.perform(simulator, request, fault)
  if store.latency then
    cqueues.sleep(store.latency)
  end
  return response
end

return pace
