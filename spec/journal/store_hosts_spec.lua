-- How calls wait for a journal in every host, without blocking other code there.
local core = require("twilio.numbers.core")
local flights = require("spec.support.flights")
local journals = require("spec.support.journals")
local left_out = require("spec.support.left_out")
local interpreter = require("spec.support.interpreter")
local nginx = require("spec.support.nginx")

local FILE = "spec/journal/store_hosts_spec.lua"

--- What a program needs of each host: a client, spawn(f) and run(), which returns when everything has
--- ended; and sleep(seconds) in spawned functions.
local HOSTS = {
  ["a frame loop"] = {
    [[
    local pendings = {}
    client = journals.client()
    function spawn(f)
      pendings[#pendings + 1] = journals.begin(client, f)
    end
    function beside(f) frame = f end
    function run()
      while client:poll() > 0 do
        if frame then frame() end
        core.sleep(0.001)
      end
      for _, pending in ipairs(pendings) do assert(pending:result()) end
    end
  ]],
  },
  ["a frame loop without an I/O thread"] = {
    [[
    local pendings = {}
    client = journals.client { transport = function() end }
    function spawn(f)
      pendings[#pendings + 1] = journals.begin(client, f)
    end
    function beside(f) frame = f end
    function run()
      while client:poll() > 0 do
        if frame then frame() end
        core.sleep(0.001)
      end
      for _, pending in ipairs(pendings) do assert(pending:result()) end
    end
  ]],
  },
  cqueues = {
    [[
    local cqueues = require("cqueues")
    local controller = cqueues.new()
    client = journals.client { loop = "cqueues" }
    function spawn(f)
      controller:wrap(function() assert(journals.within(client, f)) end)
    end
    function beside(f)
      controller:wrap(function() while f() do cqueues.sleep(0.001) end end)
    end
    function run() assert(controller:loop()) assert(controller:empty()) end
  ]],
    "cqueues",
    "cqueues",
  },
  copas = {
    [[
    local copas = require("copas")
    client = journals.client { loop = "copas" }
    local alive = 0
    local function go(f)
      alive = alive + 1
      copas.addthread(function()
        copas.setErrorHandler(function(why) failure = why end)
        f()
        alive = alive - 1
      end)
    end
    function spawn(f)
      go(function() assert(journals.within(client, f)) end)
    end
    local sleep = require("twilio.numbers.hosts.copas").sleep
    function beside(f)
      go(function() while f() do sleep(0.001) end end)
    end
    function run()
      while alive > 0 and not failure do copas.step(0.01) end
      assert(not failure, failure)
    end
  ]],
    "lua-copas",
    "copas",
  },
  luv = {
    [[
    local uv = require("luv")
    client = journals.client { loop = "luv" }
    function spawn(f)
      coroutine.wrap(function() assert(journals.within(client, f)) end)()
    end
    function beside(f)
      local timer = uv.new_timer()
      timer:start(1, 1, function() if not f() then timer:close() end end)
    end
    function run() uv.run() end
  ]],
    "lua-luv",
    "luv",
  },
  ["a custom host"] = {
    [[
    local threads, frame = {}
    client = journals.client {
      loop = {
        wait = function() coroutine.yield() end,
        sleep = function() coroutine.yield() end,
      },
    }
    function spawn(f)
      threads[#threads + 1] = coroutine.create(function() assert(journals.within(client, f)) end)
    end
    function beside(f) frame = f end
    function run()
      local alive = true
      while alive do
        alive = false
        for _, thread in ipairs(threads) do
          if coroutine.status(thread) ~= "dead" then
            assert(coroutine.resume(thread))
            alive = true
          end
        end
        if frame then frame() end
        core.sleep(0.001)
      end
    end
  ]],
  },
}

--- Many calls at once, each of which writes, reads and writes again.
local MANY = [[
  local journal = assert(journals.open(path, { create = true }))
  local done = 0
  for i = 1, 30 do
    spawn(function(call)
      local key = "k" .. i
      assert(journal:apply(call, { { key = key, version = 0, value = "1" } }) == true)
      local records, now, era = assert(journal:read(call, { key, "none" }))
      assert(records[key].value == "1" and records.none == nil)
      assert(type(now) == "number" and type(era) == "string")
      assert(journal:apply(call, { { key = key, version = 0, value = "2" } }) == false)
      assert(journal:apply(call, { { key = key, version = 1, value = "2" } }) == true)
      done = done + 1
      return true
    end)
  end
  run()
  assert(done == 30, done)
  assert(#journal:scan(journals.call(), "k", nil, 100) == 30)
  journal:close(1)
  client:close()
  print("done")
]]

--- Other code runs while the disk hangs; then the call continues.
local HANGING = [[
  local reached = io.popen("cat " .. folder .. "/hang.reached")
  local journal = assert(journals.open(path))
  local written, count = false, 0
  spawn(function(call)
    written = journal:apply(call, { { key = "a", version = 0, value = "1" } })
    return true
  end)
  beside(function()
    count = count + 1
    if count == 100 then
      assert(reached:read("*l") == "hung")
      assert(not written)
      journals.let_go(folder)
    end
    return not written
  end)
  run()
  assert(written == true, tostring(written))
  assert(count >= 100)
  journal:close(1)
  client:close()
  print("done")
]]

--- A deadline and a cancel end the wait while the disk hangs; other calls in flight get their results.
local ENDED = [[
  local reached = io.popen("cat " .. folder .. "/hang.reached")
  local journal = assert(journals.open(path))
  local seen = {}
  spawn(function(call)
    call.ends = core.now() + 0.05
    seen.late = { journal:apply(call, { { key = "a", version = 0, value = "1" } }) }
    return true
  end)
  spawn(function(call)
    seen.cancelled_call = call
    seen.cancelled = { journal:apply(call, { { key = "b", version = 0, value = "1" } }) }
    return true
  end)
  spawn(function(call)
    seen.heard = { journal:apply(call, { { key = "c", version = 0, value = "1" } }) }
    return true
  end)
  local has_hung = false
  beside(function()
    if not has_hung then
      has_hung = journal.tag == 3 -- all are submitted
      assert(not has_hung or reached:read("*l") == "hung")
    elseif seen.late and not seen.told then
      seen.told = true
      seen.cancelled_call:cancel()
    elseif seen.cancelled and not seen.let_go then
      seen.let_go = true
      journals.let_go(folder)
    end
    return not seen.heard
  end)
  run()
  assert(seen.late[1] == nil and seen.late[2] == "the journal did not respond in time", seen.late[2])
  assert(seen.late[3] == false)
  assert(seen.cancelled[1] == nil and seen.cancelled[2] == "cancelled", seen.cancelled[2])
  assert(seen.cancelled[3] == false)
  assert(seen.heard[1] == true, tostring(seen.heard[2]))
  journal:close(1)
  client:close()
  print("done")
]]

describe("a call waits for a journal", function()
  local folder

  before_each(function()
    folder = journals.new_folder()
  end)

  after_each(function()
    journals.remove(folder)
  end)

  local function create()
    local journal = assert(journals.open(folder .. "/journal.db", { create = true }))
    assert(journal:read(journals.call(), {}))
    journal:close(1)
  end

  for name, host in pairs(HOSTS) do
    local program, package, module = host[1], host[2], host[3]
    if
      not package
      or not left_out.without_module(FILE .. ": " .. name, package, interpreter.command, module)
    then
      it("in " .. name .. ", with many others", function()
        assert.equal("done\n0\n", journals.result(folder, program .. MANY))
      end)

      it("in " .. name .. ", and delays nothing while the disk hangs", function()
        create()
        journals.hang(folder)
        assert.equal("done\n0\n", journals.result(folder, program .. HANGING))
      end)

      it("in " .. name .. ", until its deadline or its cancel", function()
        create()
        journals.hang(folder)
        assert.equal("done\n0\n", journals.result(folder, program .. ENDED))
      end)
    end
  end

  it("in a plain script, and Ctrl-C ends it", function()
    create()
    journals.hang(folder)
    local output = journals.result(
      folder,
      [[
      local journal = assert(journals.open(path))
      assert(journals.within(journals.client(), function(call)
        assert(journal:read(call, { "a" }))
        return true
      end))
      local pid = journals.shell("echo $PPID"):match("%d+")
      os.execute("(read line <" .. folder .. "/hang.reached; kill -INT " .. pid .. ") &")
      journals.within(journals.client(), function(call)
        return journal:apply(call, { { key = "a", version = 0, value = "1" } })
      end)
      print("not reached")
    ]]
    )
    assert.matches("interrupted!", output, 1, true)
    assert.is_nil(output:find("not reached", 1, true))
  end)

  it("that serves several clients, each of which gets its own results", function()
    local journal = assert(journals.open(folder .. "/journal.db", { create = true }))
    local first, second, pendings = journals.client(), journals.client(), {}
    for i = 1, 20 do
      local client = i % 2 == 0 and first or second
      pendings[i] = journals.begin(client, function(call)
        local records = assert(journal:read(call, { "a" }))
        assert(records.a == nil)
        return journal:apply(call, { { key = "k" .. i, version = 0, value = "1" } })
      end)
    end
    flights.until_(function() -- the first takes what is the second's, too
      return first:poll() == 0
    end, "the first client's calls")
    flights.until_(function()
      return second:poll() == 0
    end, "the second client's calls")
    for _, pending in ipairs(pendings) do
      assert.is_true((pending:result()))
    end
    journal:close(1)
    first:close()
    second:close()
  end)

  it("that is closed: requests in flight have an unknown outcome", function()
    local journal = assert(journals.open(folder .. "/journal.db", { create = true }))
    assert(journal:read(journals.call(), {}))
    journal:close(1)
    journal:close(1)
    local written, message, is_certain = journal:apply(journals.call(), {})
    assert.is_nil(written)
    assert.equal("the journal is closed", message)
    assert.is_true(is_certain)
  end)

  it("whose results survive a temporary shortage of memory", function()
    local journal = assert(journals.open(folder .. "/journal.db", { create = true }))
    local client = journals.client()
    local pending = journals.begin(client, function(call)
      return journal:apply(call, { { key = "a", version = 0, value = "1" } })
    end)
    local handle, misses = journal.handle, 0
    journal.handle = setmetatable({
      take = function()
        if misses < 2 then
          misses = misses + 1
          error("not enough memory", 0)
        end
        return handle:take()
      end,
    }, {
      __index = function(_, name)
        return function(_, ...)
          return handle[name](handle, ...)
        end
      end,
    })
    flights.until_(function()
      pcall(client.poll, client)
      return pending:done()
    end, "the call")
    assert.equal(2, misses)
    assert.is_true((pending:result()))
    client:close()
    handle:close(1)
  end)
end)

describe("the I/O thread's watch of another descriptor", function()
  local curl = require("twilio.numbers.curl")
  local socket = require("socket")
  local io_thread, has_news, listener, near, far

  before_each(function()
    io_thread = curl.io_thread { max_in_flight = 1, user_agent = "spec" }
    has_news = io_thread:news()
    listener = assert(socket.bind("127.0.0.1", 0))
    local _, port = listener:getsockname()
    near = assert(socket.connect("127.0.0.1", port))
    far = assert(listener:accept())
  end)

  after_each(function()
    io_thread:close()
    listener:close()
    near:close()
    far:close()
  end)

  local function until_news()
    flights.until_(has_news, "news")
    io_thread:take {}
    assert.is_false(has_news())
  end

  it("wakes the host once", function()
    assert.is_true(io_thread:watch(near:getfd()))
    assert.is_true(io_thread:watch(near:getfd()))
    assert.is_false(has_news())
    far:send("x")
    until_news()
    core.sleep(0.02)
    assert.is_false(has_news()) -- though it is readable still
    assert.is_true(io_thread:watch(near:getfd()))
    until_news()
  end)

  it("wakes the host if the peer closes it, and does not spin if it is closed here", function()
    assert.is_true(io_thread:watch(near:getfd()))
    far:close()
    until_news()
    local fd = near:getfd()
    near:close()
    assert.is_true(io_thread:watch(fd))
    until_news()
  end)

  it("refuses too many descriptors", function()
    local count = 0
    while io_thread:watch(100000 + count) and count < 1000 do
      count = count + 1
    end
    assert.is_true(count < 1000)
  end)
end)

if not left_out.without(journals.shell("command -v nginx") ~= "", FILE .. ": nginx", "nginx") then
  describe("in nginx", function()
    it("calls wait for a journal while other requests are served", function()
      local folder = journals.new_folder()
      local host = nginx.start {
        http = [[
          init_by_lua_block {
            package.path = package.path .. ";./?.lua"
            require("twilio.numbers")
          }
          init_worker_by_lua_block {
            store = require("twilio.numbers.journal.store")
            start = require("twilio.numbers.async.start")
            options = require("twilio.numbers.config.options")
          }
        ]],
        server = ([[
          location /write {
            content_by_lua_block {
              client = client or assert(require("twilio.numbers").client {
                account_sid = "AC" .. ("0"):rep(32), auth_token = "x", base_url = "http://127.0.0.1:9",
              })
              journal = journal or assert(store.open(%q, { create = true }))
              local key = ngx.var.arg_key
              local operation = { run = function(call)
                for version = 0, 4 do
                  local written, why =
                    journal:apply(call, { { key = key, version = version, value = "{}" } })
                  if not written then return nil, tostring(why) end
                end
                return journal:read(call, { key })
              end }
              local records, why = start.now(client, options.CALL, nil, operation)
              ngx.print(records and records[key].version or why)
            }
          }
        ]]):format(folder .. "/journal.db"),
      }
      local requests = {}
      for i = 1, 20 do
        requests[i] = host:begin("/write?key=k" .. i)
      end
      assert.equal("pong", host:get("/ping").body)
      for i = 1, 20 do
        assert.equal("5", requests[i]:receive().body)
      end
      host:stop()
      journals.remove(folder)
    end)
  end)
end
