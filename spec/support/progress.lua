--- busted's output handler for tools/test: plainTerminal's output, and a line for each finished spec file in
--- the file named by TEST_PROGRESS.
local plain_terminal = require("busted.outputHandlers.plainTerminal")

local LINE = "%-6s %3d/%d  %s: %d passed%s, %.1f s\n"

return function(options)
  local busted = require("busted")
  local handler = plain_terminal(options)
  local progress = io.open(os.getenv("TEST_PROGRESS") or "/dev/null", "a")
  local lua = rawget(_G, "jit") and "luajit" or _VERSION:match("%d%.%d")
  local total, finished = 0, 0
  local began, passed, failed

  local function count()
    return handler.successesCount,
      handler.failuresCount + handler.errorsCount + handler.pendingsCount
  end

  busted.subscribe({ "suite", "start" }, function(suite)
    total = #busted.children(suite)
    return nil, true
  end)

  busted.subscribe({ "file", "start" }, function()
    began, passed, failed = busted.monotime(), count()
    return nil, true
  end)

  busted.subscribe({ "file", "end" }, function(file)
    finished = finished + 1
    local passed_now, failed_now = count()
    local failures = failed_now > failed and (", %d FAILED"):format(failed_now - failed) or ""
    local took = busted.monotime() - began
    progress:write(
      LINE:format(lua, finished, total, file.name, passed_now - passed, failures, took)
    )
    progress:flush()
    return nil, true
  end)

  return handler
end
