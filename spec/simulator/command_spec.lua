local flights = require("spec.support.flights")
local interpreter = require("spec.support.interpreter")
local process = require("spec_process")
local raw_server = require("spec.support.raw_server")
local simulator = require("spec.support.simulator")

local function run(command)
  local pipe = assert(io.popen(command .. ' 2>&1; echo " exit $?"'))
  local output = pipe:read("*a")
  pipe:close()
  return tonumber(output:match("exit (%d+)\n$")), output
end

local function exists(path)
  local file = io.open(path)
  if file then
    file:close()
  end
  return file ~= nil
end

describe("bin/twilio-simulator", function()
  it("prints the address and the credentials", function()
    local twilio = simulator.start()
    assert.truthy(twilio.base_url:match("^https://127%.0%.0%.1:%d+$"))
    assert.truthy(twilio.http_url:match("^http://127%.0%.0%.1:%d+$"))
    assert.truthy(twilio.account_sid:match("^AC%x+$"))
    assert.truthy(twilio.auth_token:match("^%x+$"))
    assert.truthy(twilio.pid:match("^%d+$"))
    assert.is_true(exists(twilio.ca_file))
    twilio:stop()
    assert.is_false(exists(twilio.ca_file))
  end)

  it("lets other users read the certificate, such as the workers of a root nginx", function()
    local twilio = simulator.start()
    local _, output = run("ls -l " .. twilio.ca_file)
    assert.matches("^%-rw%-r%-%-r%-%-", output)
    twilio:stop()
  end)

  it("creates new credentials at every start", function()
    local one, other = simulator.start(), simulator.start()
    assert.not_equal(one.account_sid, other.account_sid)
    assert.not_equal(one.auth_token, other.auth_token)
    one:stop()
    other:stop()
  end)

  it("refuses wrong usage with exit code 2 and a message", function()
    for arguments, message in pairs {
      ["--nonsense"] = "unknown option '--nonsense'",
      ["--port abc"] = 'a port must be a number from 0 to 65535, got "abc"',
      ["--port 70000"] = 'a port must be a number from 0 to 65535, got "70000"',
      ["--idle-timeout nan"] = '--idle-timeout must be a number of seconds above 0, got "nan"',
      ["extra"] = "too many arguments",
      ["--profile unknown"] = "must be one of 'twilio', 'signalwire'",
    } do
      local code, output = run("bin/twilio-simulator " .. arguments)
      assert.equal(2, code)
      assert.truthy(output:find(message, 1, true), output)
      assert.is_nil(output:find("traceback", 1, true))
    end
  end)

  it("prints its help", function()
    local code, output = run("bin/twilio-simulator --help")
    assert.equal(0, code)
    assert.truthy(output:find("--ca-file", 1, true))
  end)

  it("reports a port in use and a file that cannot be written", function()
    local twilio = simulator.start()
    local code, output = run("bin/twilio-simulator --port " .. twilio.base_url:match("%d+$"))
    assert.equal(1, code)
    assert.truthy(output:find("Address already in use", 1, true))
    code, output = run("bin/twilio-simulator --ca-file /nowhere/ca.pem")
    assert.equal(1, code)
    assert.truthy(output:find("/nowhere/ca.pem", 1, true))
    twilio:stop()
  end)

  it("listens on the given port and writes the given file", function()
    local first = simulator.start()
    local port = first.base_url:match("%d+$")
    first:stop()
    local path = os.tmpname()
    local twilio = simulator.start { arguments = ("--port %s --ca-file %s"):format(port, path) }
    assert.equal("https://127.0.0.1:" .. port, twilio.base_url)
    assert.equal(path, twilio.ca_file)
    twilio:stop()
    assert.is_true(exists(path))
    os.remove(path)
  end)

  for _, name in ipairs { "TERM", "INT", "HUP" } do
    it("stops cleanly at SIG" .. name, function()
      local twilio = simulator.start { command = "sh -c 'bin/twilio-simulator; echo code $?'" }
      os.execute(("kill -%s %s"):format(name, twilio.pid))
      assert.equal("code 0\n", twilio.pipe:read("*a"))
      twilio:wait()
      assert.is_false(exists(twilio.ca_file))
    end)
  end

  it("stops when the process that started it is gone", function()
    local marker = os.tmpname()
    -- The reader of the simulator's output ends at "ready"; the shell tells when the simulator did.
    local code = run(
      ("(bin/twilio-simulator --quiet; echo code $? >%s) | sed '/^ready/q' >/dev/null; cat"):format(
        marker
      ) .. " </dev/null"
    )
    assert.equal(0, code)
    local file = assert(io.open(marker))
    assert.equal("code 0\n", file:read("*a"))
    file:close()
    os.remove(marker)
  end)

  it("stops after the given time without a request", function()
    local twilio = simulator.start {
      command = "sh -c 'bin/twilio-simulator \"$@\"; echo code $?' sh",
      arguments = "--idle-timeout 0.1",
    }
    assert.equal("code 0\n", twilio.pipe:read("*a"))
    twilio:wait()
    assert.is_false(exists(twilio.ca_file))
  end)

  describe("in the background", function()
    local EVALUATED = 'eval "$(bin/twilio-simulator --background --export)" && '

    -- The variables that it exports to a shell.
    local function start()
      local variables = {}
      for name, value in select(2, run(EVALUATED .. "env")):gmatch("\n(TWILIO_%u+_?%u*)=(%S+)") do
        variables[name] = value
      end
      return variables
    end

    local function stop(base_url, ca_file)
      local line = "TWILIO_BASE_URL=%s TWILIO_CA_FILE=%s bin/twilio-simulator --stop"
      return run(line:format(base_url or "", ca_file or ""))
    end

    local function wait_for_end(ca_file)
      flights.until_(function()
        return not exists(ca_file)
      end, "ended")
    end

    it("exports the variables that the library reads, and runs until --stop", function()
      local program = [[
        local numbers = require("twilio.numbers")
        local client = assert(numbers.client())
        print(assert(client:purchase { area_code = "415" }).phone_number)
        print(os.getenv("TWILIO_CA_FILE"))]]
      local code, output = run(
        EVALUATED .. interpreter.run(program):gsub(" exec ", " ") .. "; bin/twilio-simulator --stop"
      )
      assert.equal(0, code, output)
      local ca_file = output:match("^%+14155550100\n(/%S+)\n exit 0\n$")
      assert.is_string(ca_file, output)
      wait_for_end(ca_file)
    end)

    it("removes the user's API key, which would take precedence, from the environment", function()
      local code, output = run(
        "export TWILIO_API_KEY=SK1 TWILIO_API_SECRET=x; "
          .. EVALUATED
          .. 'echo "<$TWILIO_API_KEY$TWILIO_API_SECRET>"; bin/twilio-simulator --stop'
      )
      assert.same({ 0, "<>\n exit 0\n" }, { code, output })
    end)

    it("prints the ready lines, and outlives their reader", function()
      local code, output = run("bin/twilio-simulator --background | cat")
      assert.equal(0, code)
      assert.matches("\ntest_auth_token: %x+\nready\n exit 0\n$", output)
      local ca_file = output:match("ca_file: (%S+)")
      local twilio = simulator.of { http_url = output:match("http_url: (%S+)") }
      assert.equal(0, twilio:state().purchases)
      assert.equal(0, (stop(twilio.http_url)))
      wait_for_end(ca_file)
    end)

    it("simulates a compatible service in the background, and is stopped by its address", function()
      local _, output = run("bin/twilio-simulator --background --profile signalwire")
      local base_url, ca_file = output:match("base_url: (%S+)"), output:match("ca_file: (%S+)")
      assert.matches("^https://127%.0%.0%.1:%d+/api/laml$", base_url)
      assert.equal(0, (stop(base_url, ca_file)))
      wait_for_end(ca_file)
    end)

    it("runs until an hour without a request, or the given time", function()
      local _, output = run("bin/twilio-simulator --background --idle-timeout 0.1")
      wait_for_end(output:match("ca_file: (%S+)"))
      _, output = run("bin/twilio-simulator --background")
      local pid, base_url = output:match("pid: (%d+)"), output:match("base_url: (%S+)")
      local arguments = select(2, run(("tr '\\0' ' ' </proc/%s/cmdline"):format(pid)))
      assert.matches(" %-%-idle%-timeout 3600 ", arguments)
      assert.equal(0, (stop(base_url, output:match("ca_file: (%S+)"))))
    end)

    it("fails, and makes a shell fail, when it cannot start: 1", function()
      local variables = start()
      finally(function()
        stop(variables.TWILIO_BASE_URL, variables.TWILIO_CA_FILE)
      end)
      local port = variables.TWILIO_BASE_URL:match("%d+$")
      local line = '(eval "$(bin/twilio-simulator --background --export --port %s)" && echo bought)'
      local code, output = run(line:format(port))
      assert.equal(1, code)
      assert.matches("^twilio%-simulator: 127.0.0.1:%d+: Address already in use\n exit", output)
    end)

    it("fails to stop anything but a simulator: 1", function()
      local twilio = simulator.start()
      local port = twilio.base_url:match("%d+$")
      for url, message in pairs {
        [""] = "TWILIO_BASE_URL, which must be an address of this machine: it is not set",
        ["https://api.twilio.com"] = "an address of this machine: https://api.twilio.com",
        ["https://127.0.0.1.evil.example"] = "an address of this machine: https://127",
        ["https://127.0.0.1:1"] = "no simulator answers at https://127.0.0.1:1: ",
      } do
        local code, output = stop(url, twilio.ca_file)
        assert.equal(1, code)
        assert.truthy(output:find(message, 1, true), output)
        assert.is_nil(output:find("traceback", 1, true))
      end
      assert.equal(1, (stop("https://127.0.0.1:" .. port, "/no/such/file")))
      local url, child = raw_server.start("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
      local code, output = stop(url)
      process.wait(child)
      assert.equal(1, code)
      assert.matches("the server at " .. url .. " is not a simulator", output, 1, true)
      assert.equal(0, twilio:state().purchases)
      twilio:stop()
    end)

    it("is required by --export: 2", function()
      local code, output = run("bin/twilio-simulator --export")
      assert.equal(2, code)
      assert.truthy(output:find("--export needs --background", 1, true))
    end)
  end)

  it("runs on another Lua if the first one has no lua-http", function()
    local _, folder = run("mktemp -d")
    folder = folder:match("%S+")
    run(("ln -s /bin/false %s/luajit"):format(folder))
    local command = "env PATH=%s:$PATH bin/twilio-simulator"
    local twilio = simulator.start { command = command:format(folder) }
    assert.equal(0, twilio:state().purchases)
    twilio:stop()
    run("rm -r " .. folder)
  end)

  it("stops what follows --export, and says what to install, if no Lua has lua-http", function()
    local _, folder = run("mktemp -d")
    folder = folder:match("%S+")
    for _, lua in ipairs { "luajit", "lua5.1", "lua5.2", "lua5.3", "lua5.4", "lua5.5", "lua" } do
      run(("ln -s /bin/false %s/%s"):format(folder, lua))
    end
    local start = "PATH=%s:$PATH bin/twilio-simulator --background --export"
    local code, output = run(
      ([[bash -c 'eval "$(%s)" && echo "this would reach Twilio"']]):format(start:format(folder))
    )
    run("rm -r " .. folder)
    assert.equal(1, code)
    assert.matches(
      "^twilio%-simulator: no Lua here has lua%-http[^\n]+apt%-get install [^\n]+\n exit",
      output
    )
  end)

  it("ends without a traceback at Ctrl-C while it loads its modules: 130", function()
    local _, folder = run("mktemp -d")
    folder = folder:match("%S+")
    local file = assert(io.open(folder .. "/argparse.lua", "w"))
    file:write('local process = require("spec_process") process.kill(process.pid(), 2) return {}')
    file:close()
    local line = "LUA_PATH='%s/?.lua;;' %s lua/twilio/simulator/main.lua --background %s"
    local code, output = run(line:format(folder, interpreter.command, ""))
    local _, exports = run(line:format(folder, interpreter.command, "--export"))
    run("rm -r " .. folder)
    assert.same({ 130, "twilio-simulator: interrupted\n exit 130\n" }, { code, output })
    assert.matches("\nfalse\n exit 130\n$", exports)
  end)

  it("runs through a symbolic link", function()
    local _, folder = run("mktemp -d")
    folder = folder:match("%S+")
    run(
      ("ln -s $PWD/bin/twilio-simulator %s/linked && ln -s linked %s/again"):format(folder, folder)
    )
    local code = run(folder .. "/again --help")
    run("rm -r " .. folder)
    assert.equal(0, code)
  end)

  it("runs from another directory", function()
    local pipe = assert(io.popen("pwd"))
    local here = pipe:read("*l")
    pipe:close()
    local twilio =
      simulator.start { command = ("sh -c 'cd / && exec %s/bin/twilio-simulator'"):format(here) }
    assert.equal(0, twilio:state().purchases)
    twilio:stop()
  end)
end)
