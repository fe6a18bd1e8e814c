-- tools/matrix, with stubs in place of what makes a release and enters it.
local STUBS = {
  id = "echo 0",
  debootstrap = "exit 1",
  ["apt-get"] = 'echo "${MIRROR-http://127.0.0.1/debian/}"',
  -- unshare ... tools/matrix --in-namespace PLACE ROOT MIRROR
  unshare = [[
while [ "$1" != --in-namespace ]; do shift; done
[ "$2" != broken ] || exit 1
mkdir "$3"
touch "$3/.matrix"
result=ok
[ "$2" != failing ] || result='**failed** 1 passed, 1 failed'
echo "| $2 | make test | $result | 1 |" >"$BUILD/matrix/$2.rows"
[ "$2" != hanging ] || { echo hangs; exec sleep 100; }]],
}

local function output(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

describe("tools/matrix", function()
  local folder

  before_each(function()
    folder = output("mktemp -d"):match("%S+")
    output(("mkdir %s/bin %s/tmp"):format(folder, folder))
    for name, body in pairs(STUBS) do
      local file = assert(io.open(folder .. "/bin/" .. name, "w"))
      file:write("#!/bin/sh\n", body, "\n")
      file:close()
    end
    output(("chmod +x %s/bin/*"):format(folder))
  end)

  after_each(function()
    os.execute("rm -rf " .. folder)
  end)

  --- What it says, its exit status last.
  local function matrix(places, variables)
    local line =
      "PATH=%s/bin:$PATH TMPDIR=%s/tmp BUILD=%s MATRIX_PLACES='%s' %s tools/matrix 2>&1; echo code $?"
    return output(line:format(folder, folder, folder, places, variables or ""))
  end

  local function files_in(name)
    return output(("ls %s/%s"):format(folder, name))
  end

  it("prints a row for each step, counts them, and removes the releases", function()
    local said = matrix("bookworm sid")
    assert.matches(
      "| bookworm | make test | ok | 1 |\n| sid | make test | ok | 1 |\n",
      said,
      1,
      true
    )
    assert.matches("\n2 passed, 0 failed\ncode 0\n$", said)
    assert.equal("", files_in("tmp"))
  end)

  it("fails when a step fails", function()
    assert.matches("\n1 passed, 1 failed\ncode 1\n$", matrix("failing sid"))
  end)

  it("fails when a release cannot be made", function()
    local said = matrix("broken sid")
    assert.matches("| broken | debootstrap | **failed** | |", said, 1, true)
    assert.matches("\n1 passed, 1 failed\ncode 1\n$", said)
  end)

  it("keeps the releases with MATRIX_KEEP=1", function()
    local variables = ("MATRIX_KEEP=1 MATRIX_DIR=%s/kept"):format(folder)
    assert.matches("\n1 passed, 0 failed\ncode 0\n$", matrix("sid", variables))
    assert.equal("sid\n", files_in("kept"))
  end)

  it("leaves a folder alone that it has not made", function()
    output(("mkdir -p %s/mine/sid"):format(folder))
    local said = matrix("sid", ("MATRIX_DIR=%s/mine"):format(folder))
    assert.matches("/mine/sid exists, and was not made by tools/matrix\ncode 1\n$", said)
    assert.equal("sid\n", files_in("mine"))
  end)

  it("removes the releases when it is interrupted", function()
    local line =
      [[PATH=%s/bin:$PATH TMPDIR=%s/tmp BUILD=%s MATRIX_PLACES=hanging tools/matrix >%s/said & pid=$!
      until grep -q hangs %s/said; do sleep 0.01; done; kill $pid; wait $pid; echo code $?]]
    assert.equal("code 130\n", output(line:format(folder, folder, folder, folder, folder)))
    assert.equal("", files_in("tmp"))
  end)

  it("says that it needs a mirror of Debian", function()
    assert.matches("name one in MATRIX_MIRROR\ncode 1\n$", matrix("sid", "MIRROR="))
  end)
end)
