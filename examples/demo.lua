-- What `make demo` runs, in a checkout: lua examples/demo.lua. It starts the simulator, buys from it over TLS, shows what failure looks like,
-- stops it. Needs no account and no network.
local http = require("socket.http")
local ltn12 = require("ltn12")
local numbers = require("twilio.numbers")

local WIDTH, INDENT, LABEL = 80, 2, 14 -- columns

local function section(title)
  print("\n" .. title .. "\n" .. ("-"):rep(#title))
end

-- Text in lines that leave room for a label on the left.
local function wrap(text, width)
  local lines, line = {}, ""
  for word in text:gmatch("%S+") do
    if line ~= "" and #line + 1 + #word > width then
      lines[#lines + 1], line = line, word
    else
      line = line == "" and word or line .. " " .. word
    end
  end
  lines[#lines + 1] = line
  return lines
end

-- `mark` stands before the first line of the value, and room for it before the others.
local function field(label, value, mark)
  mark = mark or ""
  for i, line in ipairs(wrap(tostring(value), WIDTH - INDENT - LABEL - #mark)) do
    local left = ("%-" .. LABEL .. "s"):format(i == 1 and label or "")
    print((" "):rep(INDENT) .. left .. (i == 1 and mark or (" "):rep(#mark)) .. line)
  end
end

local function say(text)
  for _, line in ipairs(wrap(text, WIDTH - INDENT)) do
    print((" "):rep(INDENT) .. line)
  end
end

-- The simulator prints "name: value" lines and then "ready".
local function start_simulator()
  local twilio = { pipe = assert(io.popen("exec bin/twilio-simulator --quiet")) }
  for line in twilio.pipe:lines() do
    if line == "ready" then
      return twilio
    end
    local name, value = line:match("^([%w_]+): (.*)$")
    twilio[name or ""] = value
  end
  twilio.pipe:close()
  error("the simulator does not start; `make demo` installs what it needs", 0)
end

-- It also stops by itself when nobody reads its pipe any more: whatever ends us ends it.
local function stop_simulator(twilio)
  if tonumber(twilio.pid) then
    os.execute("kill " .. twilio.pid .. " 2>/dev/null")
  end
  twilio.pipe:close()
end

local function control(twilio, method, name, body)
  local chunks = {}
  local _, status = http.request {
    method = method,
    url = twilio.http_url .. "/simulator/" .. name,
    headers = { ["content-length"] = tostring(#body) },
    source = ltn12.source.string(body),
    sink = ltn12.sink.table(chunks),
  }
  assert(status == 200, "the simulator's control endpoint answers " .. tostring(status))
  return table.concat(chunks)
end

-- The next purchase is carried out, but the connection closes before its answer.
local function lose_next_answer(twilio)
  control(twilio, "POST", "faults", '{"fault": "close_after_commit", "method": "POST"}')
end

local function count_owned(twilio)
  local _, count = control(twilio, "GET", "state", ""):gsub('"phone_number"', "")
  return count
end

local function show_number(number)
  local can = {}
  for _, what in ipairs { "voice", "sms", "mms", "fax" } do
    can[#can + 1] = number.capabilities[what] and what or nil
  end
  field("bought", number.phone_number)
  field("sid", number.sid)
  field("name", number.friendly_name)
  field("can do", table.concat(can, ", "))
end

local function show_error(message, err)
  field("message", message)
  field("kind", err.kind)
  field("code", err.code or "none")
  field("purchased", err.purchased)
  field("requests", err.attempts)
end

local function show_problems(err)
  for _, problem in ipairs(err.problems) do
    field(problem == err.problems[1] and "problems" or "", problem.message, "- ")
  end
end

local function show(number, message, err)
  if number then
    show_number(number)
  else
    show_error(message, err)
  end
end

local function run(twilio)
  local events = {}
  local client = assert(numbers.client {
    account_sid = twilio.account_sid,
    auth_token = twilio.auth_token,
    base_url = twilio.base_url,
    ca_file = twilio.ca_file,
    on_event = function(event)
      events[#events + 1] = event
    end,
  })
  section("A Twilio on this machine")
  field("address", twilio.base_url)
  field("account", twilio.account_sid)

  section("Buy a number, chosen by you")
  show(client:purchase {
    phone_number = "+14155550123",
    friendly_name = "Front desk",
    voice_url = "https://example.com/voice",
  })

  section("Buy any number with area code 510")
  show(client:purchase { area_code = "510" })

  section("Twilio refuses")
  show(client:purchase { phone_number = "+15005550000" })

  section("Mistakes, all found before anything is sent")
  local _, _, err = client:purchase {
    phone_number = "+14155550124",
    frendly_name = "Front desk",
    voice_application_sid = "PN0123",
    sms_method = "get",
  }
  field("kind", err.kind)
  field("purchased", err.purchased)
  field("requests", err.attempts)
  show_problems(err)

  section("The answer is lost: it is looked up")
  say("Twilio sells the number, and the connection closes before it says so.")
  lose_next_answer(twilio)
  events = {}
  show(client:purchase { phone_number = "+14155550125" })
  for i, event in ipairs(events) do
    local came = event.status and "status " .. event.status or "no answer (" .. event.error .. ")"
    local what = event.method == "POST" and "purchase" or "look-up"
    field("request " .. i, what .. ": " .. came)
  end

  section("The answer is lost, and nothing tells which number it was")
  say("By area code another try would buy another number. So there is none.")
  lose_next_answer(twilio)
  show(client:purchase { area_code = "510" })

  section("What the account owns now")
  field("numbers", count_owned(twilio))
  say("Two purchases were answered and two were not. Nothing was bought twice.")
  print()
  client:close()
end

local twilio = start_simulator()
local ok, problem = pcall(run, twilio) -- Ctrl-C raises an error, too
stop_simulator(twilio)
if not ok then
  io.stderr:write("\n", tostring(problem), "\n")
  os.exit(1)
end
