-- How .ci/run runs commands in parallel.
local terminal = require("spec.support.terminal")

local output = require("spec.support.files").output

describe("tools/lanes", function()
  it("prints the complete output of each command, in order", function()
    local folder = output("mktemp -d"):match("%S+")
    -- The first waits for the second.
    local first = ("echo a; until [ -e %s/b ]; do sleep 0.01; done; echo A"):format(folder)
    local second = ("echo b; : >%s/b"):format(folder)
    local said = output(("tools/lanes '%s' '%s' 2>&1; echo $?"):format(first, second))
    assert.equal("a\nA\nb\n0\n", said)
    os.execute("rm -r " .. folder)
  end)

  it("fails if one of them does, and still prints the others", function()
    local said = output("tools/lanes 'echo a; exit 3' 'echo b' 2>&1; echo $?")
    assert.equal("a\nb\ntools/lanes: 1 of 2 failed\n1\n", said)
  end)

  it("ends all of them and their processes when Ctrl-C is pressed", function()
    local folder = output("mktemp -d"):match("%S+")
    local lane = "'sleep 1000 & echo $! >%s/%d; wait'"
    local shell = terminal.run(
      ("TMPDIR=%s tools/lanes %s %s"):format(folder, lane:format(folder, 1), lane:format(folder, 2))
    )
    local started =
      "timeout 30 sh -c 'until [ -s %s/1 ] && [ -s %s/2 ]; do sleep 0.01; done'; echo $?"
    assert.equal("0\n", output(started:format(folder, folder)))
    shell:type("C-c")
    shell:wait("exit 130")
    for number = 1, 2 do
      local pid = output(("cat %s/%d"):format(folder, number)):match("%d+")
      assert.is_nil(io.open("/proc/" .. pid .. "/stat"))
    end
    shell:close()
    os.execute("rm -r " .. folder)
  end)
end)
