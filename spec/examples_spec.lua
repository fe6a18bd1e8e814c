-- Each example runs, with the interpreter that runs this spec, against the simulator.
local command = require("spec.support.command")
local journals = require("spec.support.journals")
local left_out = require("spec.support.left_out")
local simulator = require("spec.support.simulator")

-- The name of the interpreter: the first word of the command line.
local function interpreter()
  local first = 0
  while arg and arg[first - 1] do
    first = first - 1
  end
  return first < 0 and arg[first]
    or (rawget(_G, "jit") and "luajit" or _VERSION:lower():gsub(" ", ""))
end

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

-- Runs an example, from another folder if `root` is the folder of the sources: returns its output and exit
-- code.
---@param argument string|string[]|nil
local function run(example, argument, settings, root)
  local words = { root and "cd / &&" or nil }
  for name, value in pairs(settings or {}) do
    words[#words + 1] = name .. "=" .. quote(value)
  end
  words[#words + 1] = quote(interpreter())
  words[#words + 1] = (root and root .. "/" or "") .. "examples/" .. example .. ".lua"
  for _, one in ipairs(type(argument) == "table" and argument or { argument }) do
    words[#words + 1] = quote(one)
  end
  local pipe = assert(io.popen(table.concat(words, " ") .. ' 2>&1; echo "exit $?"'))
  local output = pipe:read("*a")
  pipe:close()
  local text, code = output:match("^(.-)exit (%d+)\n$")
  return text, tonumber(code)
end

describe("The examples", function()
  local twilio, settings

  setup(function()
    twilio = simulator.start()
    settings = {
      TWILIO_ACCOUNT_SID = twilio.account_sid,
      TWILIO_AUTH_TOKEN = twilio.auth_token,
      TWILIO_BASE_URL = twilio.base_url,
      TWILIO_CA_FILE = twilio.ca_file,
    }
  end)

  teardown(function()
    twilio:stop()
  end)

  before_each(function()
    twilio:reset()
    twilio:clear()
  end)

  it("buy a number", function()
    local output, code = run("buy_by_number", "+14155550177", settings)
    assert.matches("^bought %+14155550177 %(PN%x+%)\n", output)
    assert.equal(0, code)
    assert.equal("+14155550177", twilio:state().owned[1].phone_number)
  end)

  it("buy the test number if no other is given", function()
    assert.matches("bought %+15005550006", (run("buy_by_number", nil, settings)))
    assert.matches("bought %+15005550006", (run("buy_by_area_code", nil, settings)))
  end)

  it("buy once for an order, however often they are run", function()
    local folder = journals.new_folder()
    local path = folder .. "/purchases.db"
    local output, code = run("exactly_once", { "order-1", path }, settings)
    assert.matches("twilio%-numbers journal init", output)
    assert.equal(1, code)
    assert.equal(0, (select(2, command.run({}, "journal", "init", path))))
    for _, words in ipairs { "bought: ", "bought before: " } do
      output, code = run("exactly_once", { "order-1", path }, settings)
      assert.same({ 0, words .. twilio:state().owned[1].phone_number .. "\n" }, { code, output })
    end
    local with_journal = { TWILIO_NUMBERS_JOURNAL = path }
    for name, value in pairs(settings) do
      with_journal[name] = value
    end
    output, code = run("exactly_once", "order-2", with_journal)
    assert.same({ 0, "bought: " }, { code, output:match("^(bought: )%+1415%d+\n$") })
    assert.equal(2, twilio:state().purchases)
    journals.remove(folder)
  end)

  it("print their usage if an argument is missing", function()
    for _, name in ipairs {
      "after_a_crash",
      "buy_with_journal",
      "exactly_once",
      "frame_loop",
      "in_flight",
      "tour",
    } do
      local output, code = run(name, nil, settings)
      assert.matches("^Usage: lua examples/" .. name .. "%.lua [A-Z]", output)
      assert.equal(2, code)
    end
    assert.equal(0, twilio:state().requests)
  end)

  it("run in any folder with only the module's path", function()
    local root = assert(io.popen("pwd")):read("*l")
    local journal = os.tmpname()
    local elsewhere = {
      LUA_PATH = ("%s/lua/?.lua;%s/lua/?/init.lua;;"):format(root, root),
      LUA_CPATH = (";" .. package.cpath):gsub(";%./", ";" .. root .. "/"),
    }
    for name, value in pairs(settings) do
      elsewhere[name] = value
    end
    local output = run("buy_with_journal", { journal, "1", "415" }, elsewhere, root)
    assert.matches("\n1 bought, 0 not\n$", output)
    assert.equal("0 open orders of 1\n", (run("after_a_crash", journal, elsewhere, root)))
    assert.matches("^bought %+1500", (run("buy_by_number", nil, elsewhere, root)))
    os.remove(journal)
  end)

  it("explain at their top how to run them and what it costs", function()
    local names = assert(io.popen("ls examples/*.lua"))
    for path in names:lines() do
      local head = assert(io.open(path)):read(1500):match("^(%-%-.-\n)local ")
      local needs_no_account =
        { custom_transport = true, demo = true, after_a_crash = true, journal = true }
      local name = path:match("([%w_]+)%.lua")
      assert.is_truthy(name == "journal" or head:find("lua " .. path, 1, true), path)
      local cost = head:find("[Cc]osts") and head:find('eval "$(twilio-simulator', 1, true)
      assert.is_truthy(needs_no_account[name] or cost, path)
    end
    names:close()
  end)

  it("report that it is unknown whether a number was bought for an order: 3", function()
    local folder = journals.new_folder()
    local path = folder .. "/purchases.db"
    assert.equal(0, (select(2, command.run({}, "journal", "init", path))))
    twilio:fault { fault = "close_after_commit", method = "POST" }
    twilio:fault {
      fault = "status",
      status = 403,
      method = "GET",
      path = "/Incoming",
      skip = 1,
      times = 50,
    }
    local output, code = run("exactly_once", { "order-1", path }, settings)
    assert.equal(3, code, output)
    twilio:clear()
    output, code = run("exactly_once", { "order-1", path }, settings)
    assert.same(
      { 0, "bought before: " .. twilio:state().owned[1].phone_number .. "\n" },
      { code, output }
    )
    assert.equal(1, twilio:state().purchases)
    journals.remove(folder)
  end)

  it("report an invalid number", function()
    local output, code = run("buy_by_number", "415", settings)
    assert.matches("\n  phone_number: phone_number must be in E.164 form", output)
    assert.equal(1, code)
  end)

  it("buy by area code", function()
    local output, code = run("buy_by_area_code", "415", settings)
    assert.matches("^bought %+1415%d+ ", output)
    assert.equal(0, code)
  end)

  it("search, buy, list and release", function()
    local output, code = run("tour", "415", settings)
    assert.equal(0, code, output)
    local _, for_sale = output:gsub("for sale\t%+1415%d+\n", "")
    assert.equal(3, for_sale)
    local bought = output:match("\nbought\t(%+1415%d+)\tPN%x+\n")
    assert.is_truthy(
      output:find("\nowned\t" .. bought .. "\nreleased\t" .. bought .. "\n", 1, true)
    )
    local state = twilio:state()
    assert.same({ 1, 1, 0 }, { state.purchases, state.releases, #state.owned })
  end)

  it("report that no money was spent after a refusal", function()
    local output, code = run("buy_by_area_code", "533", settings)
    assert.matches("error 21452", output)
    assert.matches("No money was spent", output)
    assert.equal(1, code)
  end)

  it("explain where to look after an unknown outcome", function()
    twilio:fault { fault = "close_after_commit", method = "POST" }
    local output, code = run("buy_by_area_code", "415", settings)
    assert.matches("twilio%-numbers list %-%-friendly%-name 'Order 4711'", output)
    assert.equal(3, code)
    assert.equal(1, #twilio:state().owned)
  end)

  it("show each attempt", function()
    twilio:fault { fault = "close_after_commit", method = "POST" }
    local output, code = run("events", "+14155550178", settings)
    assert.matches("^attempt 1: POST /2010%-04%-01/Accounts/%w+/IncomingPhoneNumbers.json", output)
    assert.matches("%-> network in %d+%.%d+ s, request unknown\n", output)
    assert.matches("\nattempt 2: GET ", output)
    assert.matches("\nbought %+14155550178\n$", output)
    assert.equal(0, code)
    assert.is_nil(output:find(twilio.auth_token, 1, true))
  end)

  -- No release of Debian has Copas and its dependencies for every Lua, and few libraries for 5.5.
  local HOSTS = { "frame_loop", "in_flight" }
  for _, name in ipairs { "copas", "cqueues", "luv" } do
    local example = ("examples/%s.lua"):format(name)
    if not left_out.without_module(example, "lua-" .. name, interpreter(), name) then
      HOSTS[#HOSTS + 1] = name
    end
  end

  for _, host in ipairs(HOSTS) do
    it("buy five numbers at once: " .. host, function()
      twilio:limits { latency = 0.05 }
      local output, code = run(host, "415", settings)
      local _, bought = output:gsub("bought %+1415%d+\n", "")
      assert.equal(5, bought, output)
      assert.equal(0, code)
      assert.is_nil(output:find(": no", 1, true), output)
      assert.equal(5, twilio:state().purchases)
    end)

    it("report each failure separately: " .. host, function()
      local output, code = run(host, "533", settings)
      local _, refused = output:gsub("no: no number matches", "")
      assert.equal(5, refused, output)
      assert.equal(1, code)
    end)
  end

  it("test without a network", function()
    local output, code = run("custom_transport")
    assert.matches("^429, then bought: %+14155550100 after 2 requests\n", output)
    assert.matches("A number may have been bought", output)
    assert.equal(0, code)
  end)
end)

describe("The demo", function()
  it("tells its story in lines of 80 columns, and leaves nothing running", function()
    local output, code = run("demo")
    assert.equal(0, code, output)
    for _, line in ipairs {
      "  for sale      %+1415%d+\n",
      "  bought        %+1415%d+ %(Front desk%)\n",
      "  request 2     look%-up: status 200\n  bought        %+12125550125 %(Sales%)\n",
      "  unknown       killed with SIGKILL, [^$]*  %$ lua examples/exactly_once.lua order%-1042\n"
        .. "  bought        %+1415%d+, by the program that was killed: ",
      "  purchased     unknown\n",
      "  refused       [^\n]*%+15005550000 is not available",
      "  refused       0 requests were sent\n[^$]*did you mean",
      "  numbers       4\n",
      "\nNext:\n[^$]*  %$ bin/twilio%-numbers %-%-simulate buy",
    } do
      assert.matches(line, output)
    end
    for line in output:gmatch("[^\n]+") do
      assert.is_true(#line <= 80, line)
    end
    local port = output:match("https://127%.0%.0%.1:(%d+)")
    assert.is_nil(require("socket").connect("127.0.0.1", tonumber(port)))
  end)

  -- The demo's page for an outcome, through a terminal (script is one) or a pipe.
  local function printed(variables, terminal)
    local program = "dofile([[examples/demo/page.lua]]).outcome([[%s]], [[x]])"
    local texts = {}
    for _, outcome in ipairs { "bought", "unknown", "refused" } do
      local line = ("%s %s -e %s"):format(variables, interpreter(), quote(program:format(outcome)))
      line = terminal and ("script -qec %s /dev/null"):format(quote(line)) or line
      local pipe = assert(io.popen(line .. " </dev/null"))
      texts[#texts + 1] = pipe:read("*a"):gsub("\r", "")
      pipe:close()
    end
    return table.concat(texts)
  end

  local PLAIN = "  bought        x\n  unknown       x\n  refused       x\n"

  it(
    "shows on a terminal what was bought in green, what is unknown in yellow, refusals in red",
    function()
      local coloured = PLAIN
      for word, colour in pairs { bought = 32, unknown = 33, refused = 31 } do
        coloured = coloured:gsub(word .. "( +)x", word .. "%1\27[" .. colour .. "mx\27[0m")
      end
      assert.equal(coloured, printed("NO_COLOR= TERM=xterm", true))
    end
  )

  it("has no colours in a pipe, with NO_COLOR, or on a terminal that has none", function()
    assert.equal(PLAIN, printed("NO_COLOR= TERM=xterm", false))
    assert.equal(PLAIN, printed("NO_COLOR=1 TERM=xterm", true))
    assert.equal(PLAIN, printed("NO_COLOR= TERM=dumb", true))
  end)
end)
