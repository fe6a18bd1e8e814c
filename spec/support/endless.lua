-- For spec/tools/test_spec.lua: specs that start processes of every kind that specs start, write their ids
-- to the file that TEST_PIDS names and "started" to the progress, and never end.
local nginx = require("spec.support.nginx")
local terminal = require("spec.support.terminal")

-- Each writes its own id first.
local COMMANDS = {
  [[echo $$; exec bin/twilio-simulator --quiet 2>/dev/null]], -- as most specs do
  [[echo $$; exec setsid sleep 1000]], -- a session of its own
  [[exec timeout 1000 sh -c 'echo $$; exec sleep 1000']], -- a group of its own
  [[trap '' INT TERM HUP; echo $$; exec sleep 1000]], -- ignores signals
  [[(setsid sh -c 'echo $$; exec sleep 1000' &)]], -- has lost its parent
}

describe("specs", function()
  it("never end", function()
    local pids, kept = {}, {}
    for i, command in ipairs(COMMANDS) do
      kept[i] = assert(io.popen(command))
      pids[i] = kept[i]:read("*l")
    end
    kept.host = nginx.start {} -- leaves its parent, and has no environment
    pids[#pids + 1] = kept.host:get("/worker").body
    kept.terminal = terminal.run("sleep 1000")
    pids[#pids + 1] = kept.terminal:tmux("display-message -p '#{pid}'"):match("%d+")

    local file = assert(io.open(os.getenv("TEST_PIDS"), "w"))
    file:write(table.concat(pids, "\n"), "\n")
    file:close()
    local progress = assert(io.open(os.getenv("TEST_PROGRESS"), "a"))
    progress:write("started\n")
    progress:close()
    while kept do
      os.execute("sleep 1000")
    end
  end)
end)
