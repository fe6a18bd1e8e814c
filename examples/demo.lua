-- What `make demo` runs, in a checkout: lua examples/demo.lua
--
-- Buys from a simulator over TLS, loses answers, kills a program while it buys, and prints each outcome.
-- Needs no account and no network. examples/demo/ has the layout of what it prints, and the simulator.
local numbers = require("twilio.numbers")

local folder = arg[0]:match("^(.*)/") or "."
local page = dofile(folder .. "/demo/page.lua")
local simulator = dofile(folder .. "/demo/twilio.lua")

local FILTER = { country = "US", type = "local", area_code = "415", sms_enabled = true }
local ORDER = "order-1042"
local SIGKILL = 9

local function output(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

local function show_client(twilio)
  page.section("A Twilio on this machine")
  page.field("address", twilio.base_url)
  page.field("account", twilio.account_sid)
  page.say("A simulator: nothing here costs money.")
end

local function search(client)
  page.section("What is for sale in San Francisco")
  for number in assert(client:search("US", "local", { area_code = "415", limit = 3 })) do
    page.field("for sale", number.phone_number)
  end
end

local function buy(client)
  page.section("Buy one that fits")
  page.say("client:purchase_available searches, picks a number and buys that one.")
  page.purchase(client:purchase_available(FILTER, { friendly_name = "Front desk" }))
end

local function lose_an_answer(client, twilio, events)
  page.section("The answer is lost: the number is looked up")
  page.say("Twilio sells the number, and the connection closes before it says so.")
  twilio:lose_next_answer()
  local first = #events + 1
  local number, message, err = client:purchase {
    phone_number = "+12125550125", -- none that the purchases in 415 may pick
    friendly_name = "Sales",
  }
  for i = first, #events do
    local event = events[i]
    local what = event.method == "POST" and "purchase" or "look-up"
    local came = event.status and "status " .. event.status or "no answer (" .. event.error .. ")"
    page.field("request " .. i - first + 1, what .. ": " .. came)
  end
  page.purchase(number, message, err)
end

local function buy_what_cannot_be_looked_up(client, twilio)
  page.section("The answer is lost, and nothing says which number it was")
  page.say("By area code Twilio picks the number; another try would buy another. So there is none.")
  twilio:lose_next_answer()
  page.purchase(client:purchase { area_code = "510" })
end

-- Runs examples/exactly_once.lua, until it ends or is killed.
local function start_program(twilio, journal)
  local words = {
    "exec env",
    "TWILIO_ACCOUNT_SID=" .. twilio.account_sid,
    "TWILIO_AUTH_TOKEN=" .. twilio.auth_token,
    "TWILIO_BASE_URL=" .. twilio.base_url,
    "TWILIO_CA_FILE=" .. twilio.ca_file,
    arg[-1],
    folder .. "/exactly_once.lua",
    ORDER,
    journal,
    "2>&1",
  }
  local pipe = assert(io.popen("echo $$; " .. table.concat(words, " ")))
  return pipe, pipe:read("*l")
end

local function kill_a_program(twilio, journal)
  page.section("A program is killed while it buys; then the same key again")
  page.command("twilio-numbers journal init purchases.db")
  output("bin/twilio-numbers journal init " .. journal .. " 2>&1")
  page.command("lua examples/exactly_once.lua " .. ORDER)
  twilio:hold(true)
  local pipe, pid = start_program(twilio, journal)
  twilio:until_held(1)
  os.execute(("kill -%d %s"):format(SIGKILL, pid))
  pipe:close()
  page.outcome("unknown", "killed with SIGKILL, while Twilio has its request")
  twilio:hold(false)
  twilio:until_held(0)
  page.command("lua examples/exactly_once.lua " .. ORDER)
  pipe = start_program(twilio, journal)
  local said = pipe:read("*a")
  pipe:close()
  local number = said:match("^bought before: (%S+)\n$")
  local words = number and number .. ", by the program that was killed: not a second one"
  page.outcome(number and "bought" or "unknown", words or said)
end

local function be_refused(client)
  page.section("Twilio refuses")
  page.purchase(client:purchase { phone_number = "+15005550000" })
end

local function make_mistakes(client)
  page.section("Mistakes, all found before anything is sent")
  local _, _, err = client:purchase {
    phone_number = "+14155550124",
    frendly_name = "Front desk",
    voice_application_sid = "PN0123",
    sms_method = "get",
  }
  page.outcome("refused", ("%d requests were sent"):format(err.attempts))
  for _, problem in ipairs(err.problems) do
    page.field("", problem.message, "- ")
  end
end

local function count(twilio)
  page.section("What the account owns now")
  page.field("numbers", twilio:count_owned())
  page.say(
    "Four purchases were carried out, and three of their answers were lost. Nothing was bought twice."
  )
end

local function say_next()
  page.section("Next:")
  page.say("Buy one yourself, from a simulator again:")
  page.command("bin/twilio-numbers --simulate buy --area-code 415")
  page.say("From Lua: docs/getting-started.md, a tutorial; examples/README.md.")
  page.say("Keys and journals: docs/exactly-once.md. What an unknown outcome means: docs/money.md.")
end

local function run(twilio, journal)
  local events = {}
  local client = assert(numbers.client {
    account_sid = twilio.account_sid,
    auth_token = twilio.auth_token,
    base_url = twilio.base_url,
    ca_file = twilio.ca_file,
    journal = false,
    on_event = function(event)
      events[#events + 1] = event
    end,
  })
  show_client(twilio)
  search(client)
  buy(client)
  lose_an_answer(client, twilio, events)
  kill_a_program(twilio, journal)
  buy_what_cannot_be_looked_up(client, twilio)
  be_refused(client)
  make_mistakes(client)
  count(twilio)
  say_next()
  client:close()
end

io.stdout:setvbuf("line")
local twilio = simulator.start()
local scratch = output("mktemp -d"):match("%S+")
local ok, problem = pcall(run, twilio, scratch .. "/purchases.db") -- Ctrl-C raises an error, too
twilio:stop()
os.execute("rm -rf '" .. scratch .. "'")
if not ok then
  io.stderr:write("\n", tostring(problem), "\n")
  os.exit(1)
end
