-- Each host buys with an idempotency key, and other code in it keeps running while the journal's disk or
-- database hangs. A neighbour takes a number of turns within each sync before that ends; a host that waited
-- for the sync would wait for ever.
local interpreter = require("spec.support.interpreter")
local journals = require("spec.support.journals")
local keyed = require("spec.support.keyed")
local left_out = require("spec.support.left_out")
local nginx = require("spec.support.nginx")
local openresty = require("spec.support.openresty")
local postgresql = require("spec.support.postgresql")
local simulator = require("spec.support.simulator")

local TURNS = 20
local SIGCONT, SIGSTOP = 18, 19

-- Shared by all hosts: a client, one purchase, and turn(), one turn of the neighbour. The journal is stuck
-- while `is_stuck()`; free() ends that.
local COMMON = [[
  local TURNS = %d
  local turns, result, times = 0, nil, 0
  local is_stuck, free, on_event

  if os.getenv("SLOW_SYNC_UNTIL") then
    local begun, go = os.getenv("SLOW_SYNC_BEGUN"), os.getenv("SLOW_SYNC_UNTIL")
    function is_stuck() return keyed.exists(begun) and not keyed.exists(go) end
    function free() keyed.touch(go) end
    function on_event(event) -- the next write is stuck again
      if event.step == "begin" then
        os.remove(begun)
        os.remove(go)
      end
    end
  else
    local postgresql = require("spec.support.postgresql")
    local server, stopped = tonumber(os.getenv("SERVER")), false
    local function stop(yes)
      stopped = yes
      postgresql.signal_all(server, yes and 19 or 18)
    end
    function is_stuck() return stopped end
    function free() stop(false) end
    function on_event(event) -- look0 comes before T1, the purchase before T2
      if event.method == "POST" or (event.method == "GET" and event.url:find("IncomingPhoneNumbers")) then
        stop(true)
      end
    end
  end

  local function turn()
    if is_stuck() then
      turns = turns + 1
      if turns %% TURNS == 0 then
        times = times + 1
        free()
      end
    end
  end

  local function buy(client)
    result = { keyed.buy(client) }
  end

  local function finish(client)
    client:close()
    result[4] = nil
    assert(times == 2 and turns == 2 * TURNS, turns .. " turns in " .. times .. " writes")
    print_line((table.unpack or unpack)(result, 1, 3))
  end
]]

-- Programs, in which a neighbour has its turns until the purchase is over.
local PROGRAMS = {
  ["a frame loop"] = [[
    local client = client_of { loop = "auto", on_event = on_event }
    client:purchase_available_async(keyed.FILTER, {}, { idempotency_key = keyed.KEY }, function(...)
      result = { ... }
    end)
    while not result do
      client:poll()
      turn()
      core.sleep(0.001)
    end
    finish(client)
  ]],
  cqueues = [[
    local cqueues = require("cqueues")
    local client, controller = client_of { loop = "auto", on_event = on_event }, cqueues.new()
    controller:wrap(function() buy(client) end)
    controller:wrap(function()
      while not result do
        turn()
        cqueues.sleep(0.001)
      end
    end)
    assert(controller:loop())
    finish(client)
  ]],
  luv = [[
    local uv = require("spec.support.luv")
    local client, timer = client_of { loop = "auto", on_event = on_event }, uv.new_timer()
    timer:start(1, 1, function()
      turn()
      if result then timer:close() end
    end)
    coroutine.wrap(function() buy(client) end)()
    uv.run()
    finish(client)
  ]],
  copas = [[
    local copas, socket = require("copas"), require("socket")
    local client, silent = client_of { loop = "auto", on_event = on_event }, socket.udp4()
    copas.addthread(function() buy(client) end)
    copas.addthread(function()
      while not result do
        turn()
        local is_next = false
        copas.receive { -- until copas' next round
          getfd = function() return silent:getfd() end,
          dirty = function() return true end,
          receive = function()
            local was_next = is_next
            is_next = true
            return was_next or nil, "timeout"
          end,
        }
      end
    end)
    while not result do
      copas.step(0.001)
    end
    finish(client)
  ]],
  ["a loop of one's own, with a function that sends"] = [[
    local http, ltn12 = require("socket.http"), require("ltn12")
    local function send(request)
      local chunks, body = {}, request.body or ""
      local headers = { ["content-length"] = #body, connection = "close" }
      for name, value in pairs(request.headers) do headers[name] = value end
      local done, status, received = http.request {
        method = request.method, url = request.url, headers = headers,
        source = ltn12.source.string(body), sink = ltn12.sink.table(chunks),
      }
      if not done then return nil, status, "network" end
      return { status = status, headers = received, body = table.concat(chunks) }
    end
    local client = client_of {
      transport = send, base_url = twilio.http_url, on_event = on_event,
      loop = {
        wait = function() error("there is no descriptor") end,
        sleep = function()
          turn()
          core.sleep(0.001)
        end,
      },
    }
    buy(client)
    finish(client)
  ]],
}

local MODULES = { cqueues = "cqueues", copas = "copas", luv = "luv" }

local function is_missing(host)
  local module = MODULES[host]
  return module
    and left_out.without_module(
      "spec/journal/hosts_spec.lua: " .. host,
      "lua-" .. module,
      interpreter.command,
      module
    )
end

-- ---- nginx ----

local NGINX = [[
  package.preload["host"] = function()
    local host = { later = "" }
    local function client_of(options)
      options.account_sid, options.auth_token, options.base_url, options.journal = %q, %q, %q, %q
      options.ca_file = not options.transport and %q or nil
      return assert(require("twilio.numbers").client(options))
    end
    local clients = {}
    function host.buy(transport)
      local name = transport or "libcurl"
      clients[name] = clients[name] or client_of { transport = transport }
      local number, message, err = clients[name]:purchase_available(
        { country = "US", area_code = "415" }, {}, { idempotency_key = name })
      local journal = number and err and err.journal
      return number and not journal and number.sid or message
    end
    function host.buy_for_later()
      host.later = host.buy()
    end
    return host
  end
]]

local LOCATIONS = [[
  location = /content { content_by_lua_block { ngx.print(require("host").buy()) } }
  location = /resty { content_by_lua_block { ngx.print(require("host").buy("resty")) } }
  location = /timer { content_by_lua_block {
    ngx.timer.at(0, require("host").buy_for_later)
    ngx.print("begun")
  } }
  location = /later { content_by_lua_block { ngx.print(require("host").later) } }
]]

local function start_nginx(twilio, given)
  local trust = "lua_ssl_trusted_certificate %s; lua_ssl_verify_depth 3;"
  local module = NGINX:format(
    twilio.account_sid,
    twilio.auth_token,
    twilio.base_url,
    given.journal,
    twilio.ca_file
  )
  local preload = given.library and "LD_PRELOAD=" .. interpreter.path_of(given.library)
  return nginx.start {
    http = ("%s\ninit_by_lua_block { %s }"):format(trust:format(twilio.ca_file), module),
    server = LOCATIONS,
    env = given.variables,
    shell = preload,
  }
end

--- Starts a purchase, and returns a function that waits for its end and returns the SID or the error.
local PHASES = {
  content = function(host)
    local pending = host:begin("/content")
    return function()
      return pending:receive().body
    end
  end,
  resty = function(host)
    local pending = host:begin("/resty")
    return function()
      return pending:receive().body
    end
  end,
  timer = function(host)
    host:get("/timer")
    return function()
      return nginx.await(function()
        local body = host:get("/later").body
        return body ~= "" and body
      end)
    end
  end,
}

local function have_turns(host)
  for _ = 1, TURNS do
    assert(host:get("/ping").body == "pong", host:log())
  end
end

describe("A purchase with an idempotency key", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local folder, given, host

  before_each(function()
    folder = journals.new_folder()
    given = { twilio = twilio, folder = folder, before = "timeout 60" }
  end)

  after_each(function()
    if host then
      host:stop()
      host = nil
    end
    journals.remove(folder)
  end)

  local function buys_in(program)
    local result = keyed.result(given, COMMON:format(TURNS) .. program)
    assert.equal("bought", result.outcome)
    assert.equal(1, twilio:state().purchases)
    assert.equal(result.sid, twilio:state().owned[1].sid)
  end

  it("works in a blocking program, which waits for the disk", function()
    given.journal = keyed.new_journal(folder)
    local result = keyed.result(
      given,
      [[
      local client = client_of()
      local first = { keyed.buy(client) }
      assert(keyed.outcome(first[1], first[2], first[3]) == "bought")
      print_line(keyed.buy(client))
    ]]
    )
    assert.equal("replayed", result.outcome)
    assert.equal(1, twilio:state().purchases)
  end)

  for name, program in pairs(PROGRAMS) do
    if not is_missing(name) then
      it("lets other coroutines run while the disk hangs, in " .. name, function()
        given.journal = keyed.new_journal(folder)
        given.library = "spec_slow_sync"
        given.variables =
          { SLOW_SYNC_BEGUN = folder .. "/begun", SLOW_SYNC_UNTIL = folder .. "/go" }
        buys_in(program)
      end)
    end
  end

  for phase, begin in pairs(PHASES) do
    it("lets other requests run while the disk hangs, in nginx (" .. phase .. ")", function()
      local begun, go = folder .. "/begun", folder .. "/go"
      given.journal = keyed.new_journal(folder)
      given.variables = { SLOW_SYNC_BEGUN = begun, SLOW_SYNC_UNTIL = go }
      given.library = "spec_slow_sync"
      host = start_nginx(twilio, given)
      twilio:limits { hold = true }
      local finish = begin(host)
      keyed.until_halted(begun) -- T1
      have_turns(host)
      assert.equal(0, twilio:state().unfinished)
      keyed.touch(go)
      nginx.await(function()
        return twilio:state().unfinished == 1
      end)
      os.remove(go)
      os.remove(begun)
      twilio:limits { hold = false }
      keyed.until_halted(begun) -- T2
      have_turns(host)
      keyed.touch(go)
      assert.equal(finish(), twilio:state().owned[1].sid)
      assert.is_nil(openresty.trouble(host:stop()))
      assert.equal(1, twilio:state().purchases)
    end)
  end

  if not postgresql.is_missing("spec/journal/hosts_spec.lua: PostgreSQL") then
    describe("in PostgreSQL", function()
      local server

      setup(function()
        server = postgresql.start()
      end)

      teardown(function()
        server:stop()
      end)

      before_each(function()
        server:sql("DELETE FROM twilio_numbers_journal")
        given.journal = "postgresql:" .. server:conninfo()
        given.variables = { SERVER = ("%d"):format(server.pid) }
      end)

      after_each(function()
        postgresql.signal_all(server.pid, SIGCONT) -- after a program that failed
      end)

      for name, program in pairs(PROGRAMS) do
        if not is_missing(name) then
          it("lets other coroutines run while the server hangs, in " .. name, function()
            buys_in(program)
          end)
        end
      end

      for phase, begin in pairs(PHASES) do
        it("lets other requests run while the server hangs, in nginx (" .. phase .. ")", function()
          host = start_nginx(twilio, given)
          twilio:limits { hold = true }
          local finish = begin(host)
          nginx.await(function()
            return twilio:state().unfinished == 1
          end)
          postgresql.signal_all(server.pid, SIGSTOP)
          twilio:limits { hold = false }
          nginx.await(function()
            return twilio:state().purchases == 1
          end)
          have_turns(host)
          postgresql.signal_all(server.pid, SIGCONT)
          assert.equal(finish(), twilio:state().owned[1].sid)
          assert.is_nil(openresty.trouble(host:stop()))
          assert.equal(1, twilio:state().purchases)
        end)
      end
    end)
  end
end)
