-- No failure on the C side hides a number or buys one more, in flight.
local failing_specs = require("spec.support.failing_specs")
local libcurl = require("spec.support.libcurl")
local simulator = require("spec.support.simulator")

local SCENARIOS = {
  {
    "in_flight",
    "two purchases",
    memory = 18,
    system = 9,
    curl = 90,
    libcurl_memory = 150,
    libcurl_system = 30,
    http2_memory = libcurl.is_before("8.11.1") and 30 or 1, -- since then nghttp2's memory is libcurl's
  },
  {
    "retried_in_flight",
    "one that is sent again, with a new token",
    memory = 18,
    system = 10,
    curl = 80,
  },
  { "looked_up_in_flight", "one whose answer is lost", memory = 15, system = 10, curl = 60 },
  { "large", "those with large answers", memory = 18 },
  { "cancelled", "those that are given up", memory = 16, system = 10 },
  { "closed", "those whose client is closed", memory = 16, system = 10 },
  {
    "waited_for",
    "those that need several requests, or none",
    memory = 18,
    system = 12,
    curl = 90,
  },
  { "forked", "those in a child of fork()", memory = 12, system = 12, curl = 90 },
  { "listened", "those that nginx waits for", system = 15 },
}
local GROUPS = { "memory", "system", "curl", "libcurl_memory", "libcurl_system", "http2_memory" }

describe("while one call of the C side fails in flight", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  failing_specs.each(it, assert, twilio, SCENARIOS, GROUPS)

  it("no purchase is lost without HTTP/2", function()
    failing_specs.check(assert, twilio, "in_flight", "libcurl_memory", 100, "http_url")
  end)
end)
