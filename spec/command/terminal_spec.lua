-- twilio-numbers in a real terminal: it asks, and shows its progress.
local command = require("spec.support.command")
local simulator = require("spec.support.simulator")
local terminal = require("spec.support.terminal")

local BLOCK = { setup = setup, teardown = teardown, before_each = before_each }

describe("In a terminal, twilio-numbers", function()
  local twilio = simulator.shared(BLOCK)
  local screen

  local function run(...)
    screen = terminal.run(command.line(command.settings(twilio), { ... }))
  end

  after_each(function()
    screen:close()
  end)

  it("asks, and after a yes shows a progress bar and a table", function()
    run("buy", "--area-code", "415", "--count", "3")
    local asked = screen:wait("Buy 3 numbers for 3.45 USD a month? [y/N]")
    assert.matches("Numbers cost money.\n  such as %+1415%d+, San Francisco, CA\n", asked)
    assert.equal(0, twilio:state().posts)
    screen:type("y Enter")
    local text = screen:wait("exit")
    assert.matches("exit 0", text)
    assert.is_truthy(text:find("[##############################] 3/3 bought\n", 1, true), text)
    assert.matches(
      "\nNUMBER        SID +NAME            CAN\n%+14155550%d%d%d  PN%x+  %(415%)",
      text
    )
    assert.equal(3, twilio:state().purchases)
  end)

  it("mentions in its question that the price is not known, and buys after a yes", function()
    twilio:fault { fault = "status", status = 404, code = 20404, path = "/v1/PhoneNumbers" }
    run("buy", "--area-code", "415")
    screen:wait("The price is not known: Twilio has no prices for numbers in US")
    screen:wait("\nBuy 1 number anyway? [y/N]")
    screen:type("y Enter")
    assert.matches("exit 0", screen:wait("exit"))
    assert.equal(1, twilio:state().purchases)
  end)

  it("does not ask if something is missing, with --preflight", function()
    run("buy", "GB", "local", "--preflight")
    local text = screen:wait("exit")
    assert.matches("bundle_sid is missing", text, 1, true)
    assert.matches("\nexit 1", text, 1, true)
    assert.not_matches("y/N", text, 1, true)
    assert.equal(0, twilio:state().posts)
    screen:close()
    run("buy", "US", "local", "--preflight")
    screen:wait("Buy 1 number for 1.15 USD a month? [y/N]")
  end)

  it("does not ask if the price is above --max-price or cannot be read", function()
    run("buy", "--area-code", "415", "--max-price", "1.14")
    local text = screen:wait("exit")
    assert.matches("costs 1.15 USD a month, and max_price is 1.14 USD.\nexit 1", text, 1, true)
    assert.not_matches("y/N", text, 1, true)
    screen:close()
    twilio:fault { fault = "status", status = 503, path = "/v1/PhoneNumbers" }
    run("buy", "--area-code", "415", "--max-price", "1.15")
    text = screen:wait("exit")
    assert.matches("%(status 503, error 20503%)%.\nexit 1", text)
    assert.not_matches("y/N", text, 1, true)
    assert.equal(0, twilio:state().posts)
    screen:close()
    run("buy", "--area-code", "415", "--max-price", "1.15")
    screen:wait("Buy 1 number for 1.15 USD a month? [y/N]")
  end)

  it("advances the bar while purchases are in flight", function()
    twilio:fault { fault = "hang", method = "POST", skip = 2 }
    run("buy", "+14155550170", "+14155550171", "+14155550172", "--yes")
    screen:wait("[####################----------] 2/3 bought")
    screen:type("C-c")
    screen:wait("Finishing 1 request already sent (Ctrl-C again to give up)...")
    screen:type("C-c")
    local text = screen:wait("exit")
    assert.matches("2 of 3 bought, 0 refused, 1 unknown", text)
    assert.matches("A number may have been bought", text)
    assert.matches("exit 3", text)
  end)

  it("counts no requests at Ctrl-C while no purchase was sent", function()
    twilio:fault { fault = "hang", method = "GET", path = "/AvailablePhoneNumbers", times = 9 }
    run("buy", "--area-code", "415", "--count", "3", "--yes")
    screen:wait("0/3 bought, waiting for Twilio")
    screen:type("C-c")
    screen:wait("\nStopping (Ctrl-C again to give up)...")
    screen:type("C-c")
    assert.matches("the request was cancelled", screen:wait("exit 1"))
    assert.equal(0, twilio:state().posts)
  end)

  it("shows what it waits for after a while, and which attempt it is", function()
    twilio:fault { fault = "status", status = 503, method = "POST" }
    twilio:fault { fault = "hang", method = "POST" }
    run("buy", "+14155550174", "--yes")
    local text = screen:wait("(attempt 2 of 4)")
    assert.matches("waiting for Twilio, %d+ s %(attempt 2 of 4%)", text)
    screen:type("C-c")
    assert.not_matches("waiting", screen:wait("exit 3"))
  end)

  it("says at Ctrl-C that nothing was bought while no purchase was sent", function()
    twilio:fault { fault = "hang", method = "GET", times = 9 }
    run("buy", "+14155550174", "--yes")
    screen:wait("waiting for Twilio")
    screen:type("C-c")
    local text = screen:wait("exit 1")
    assert.matches("the request was cancelled", text, 1, true)
    assert.matches("\nNothing was bought.\n", text, 1, true)
    assert.equal(0, twilio:state().posts)
  end)

  it("shows what it waits for next to the bar, and removes that again", function()
    twilio:fault { fault = "hang", method = "POST" }
    run("buy", "+14155550175", "+14155550176", "--yes")
    screen:wait("] 1/2 bought, waiting for Twilio, ")
    screen:type("C-c")
    screen:wait("Finishing 1 request already sent")
    screen:type("C-c")
    local text = screen:wait("exit 3")
    assert.not_matches("waiting", text)
  end)

  it("shows what it waits for while it only reads", function()
    twilio:fault { fault = "hang", method = "GET" }
    run("list")
    screen:wait("(attempt 1 of 4)")
    screen:type("C-c")
    local text = screen:wait("exit 1")
    assert.not_matches("waiting", text)
    assert.matches("interrupted", text)
  end)

  for keys, what in pairs { ["Enter"] = "nothing", ["n Enter"] = "no", ["C-d"] = "the end" } do
    it("does nothing after " .. what, function()
      run("buy", "--area-code", "415")
      screen:wait("[y/N]")
      screen:type(keys)
      local text = screen:wait("exit")
      assert.matches("Nothing was done.\nexit 1", text)
      assert.equal(0, twilio:state().posts)
    end)
  end

  it("treats Ctrl-C as a no", function()
    run("buy", "--area-code", "415")
    screen:wait("[y/N]")
    screen:type("C-c")
    local text = screen:wait("exit")
    assert.matches("\ntwilio%-numbers: interrupted\nNothing was bought.\nexit 1", text)
    assert.equal(0, twilio:state().posts)
  end)

  it("asks before a number is released", function()
    command.run(command.settings(twilio), "buy", "+14155550173", "-y")
    run("release", "+14155550173")
    screen:wait("Go on? [y/N]")
    assert.equal(0, twilio:state().releases)
    screen:type("yes Enter")
    assert.matches("exit 0", screen:wait("exit"))
    assert.equal(1, twilio:state().releases)
  end)

  it("runs the whole dialogue with --simulate", function()
    screen = terminal.run(command.line({}, { "--simulate", "buy", "--area-code", "415", "--json" }))
    screen:wait("[y/N]")
    screen:type("y Enter")
    local text = screen:wait("exit")
    assert.matches("^Simulated: nothing here is real", text)
    assert.matches('"phone_number":"%+1415555%d+"', (text:gsub("\n", "")))
    assert.matches("exit 0", text)
  end)
end)
