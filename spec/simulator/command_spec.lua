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
  it("says what it listens on and what opens it", function()
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

  it(
    "lets others read the certificate, such as the workers of an nginx that runs as root",
    function()
      local twilio = simulator.start()
      local _, output = run("ls -l " .. twilio.ca_file)
      assert.matches("^%-rw%-r%-%-r%-%-", output)
      twilio:stop()
    end
  )

  it("makes other credentials at every start", function()
    local one, other = simulator.start(), simulator.start()
    assert.not_equal(one.account_sid, other.account_sid)
    assert.not_equal(one.auth_token, other.auth_token)
    one:stop()
    other:stop()
  end)

  it("refuses wrong usage with exit code 2 and a message", function()
    for arguments, message in pairs {
      ["--nonsense"] = "unknown option '--nonsense'",
      ["--port abc"] = "malformed argument 'abc'",
      ["--port 70000"] = "malformed argument '70000'",
      ["extra"] = "too many arguments",
    } do
      local code, output = run("bin/twilio-simulator " .. arguments)
      assert.equal(2, code)
      assert.truthy(output:find(message, 1, true), output)
      assert.is_nil(output:find("traceback", 1, true))
    end
  end)

  it("explains itself", function()
    local code, output = run("bin/twilio-simulator --help")
    assert.equal(0, code)
    assert.truthy(output:find("--ca-file", 1, true))
  end)

  it("says when a port is taken, or a file cannot be written", function()
    local twilio = simulator.start()
    local code, output = run("bin/twilio-simulator --port " .. twilio.base_url:match("%d+$"))
    assert.equal(1, code)
    assert.truthy(output:find("Address already in use", 1, true))
    code, output = run("bin/twilio-simulator --ca-file /nowhere/ca.pem")
    assert.equal(1, code)
    assert.truthy(output:find("/nowhere/ca.pem", 1, true))
    twilio:stop()
  end)

  it("listens on the port and writes the file it is told", function()
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
