--- Runs the commands and scripts that a page of docs/ shows, as a reader would.
---
--- A block of `sh` has commands behind "$ " and what each prints. A block of `lua` begins with a comment that
--- names its file: "-- buy.lua".
local files = require("spec.support.files")
local interpreter = require("spec.support.interpreter")

local page = {}

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- The commands of a block, and what the page shows of each.
local function add_steps(steps, text)
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do
    local command = line:match("^%$ (.*)$")
    local step = steps[#steps]
    if command then
      steps[#steps + 1] = { command = command, shown = "" }
    else
      step.shown = step.shown .. line .. "\n"
    end
  end
end

---@return { command: string, shown: string }[] steps
---@return string[] scripts
function page.read(path)
  local steps, scripts = {}, {}
  for language, text in files.read(path):gmatch("\n```(%a+)\n(.-)\n```\n") do
    if language == "sh" then
      add_steps(steps, text)
    elseif language == "lua" then
      scripts[#scripts + 1] = text
    end
  end
  return steps, scripts
end

--- A search path of Lua's that holds in any folder.
local function absolute(path, root)
  return (
    path:gsub("[^;]+", function(template)
      return template:find("^/") and template or root .. "/" .. template
    end)
  )
end

--- The program, run by the Lua that runs the spec.
local function wrapper(words)
  return ('#!/bin/sh\nexec %s "$@"\n'):format(words)
end

--- Runs all commands in one shell, in a folder of their own; adds to each step its `output`.
---@param steps { command: string, shown: string }[]
---@param scripts string[]
function page.run(steps, scripts)
  local folder = files.output("mktemp -d"):match("%S+")
  local root = files.output("pwd"):match("[^\n]+")
  for _, text in ipairs(scripts) do
    files.write(folder .. "/" .. text:match("^%-%- (%w+%.lua)\n"), text)
  end
  assert(os.execute("mkdir " .. folder .. "/bin"))
  for name, words in pairs {
    lua = interpreter.command,
    ["twilio-numbers"] = interpreter.command .. " " .. quote(root .. "/bin/twilio-numbers"),
    ["twilio-simulator"] = quote(root .. "/bin/twilio-simulator"),
  } do
    files.write(folder .. "/bin/" .. name, wrapper(words))
  end
  local lines = {
    ("cd %s && chmod +x bin/*"):format(folder),
    ("PATH=%s/bin:$PATH"):format(folder),
    ("export LUA_PATH=%s"):format(quote(absolute(package.path, root))),
    ("export LUA_CPATH=%s"):format(quote(absolute(package.cpath, root))),
    "trap 'twilio-simulator --stop >/dev/null 2>&1' EXIT", -- where a command before its own fails
  }
  for i, step in ipairs(steps) do
    lines[#lines + 1] = ("echo '== %d'"):format(i)
    lines[#lines + 1] = step.command
  end
  files.write(folder .. "/page.sh", table.concat(lines, "\n") .. "\n")
  local output = files.output(("timeout 100 sh %s/page.sh 2>&1"):format(folder))
  os.execute("rm -rf " .. folder)
  for i, step in ipairs(steps) do
    local from = select(2, output:find(("== %d\n"):format(i), 1, true))
    local upto = output:find(("== %d\n"):format(i + 1), 1, true) or #output + 1
    step.output = from and output:sub(from + 1, upto - 1) or "not run; before it:\n" .. output
  end
end

--- Text without what differs from run to run: SIDs of what was made, the last digits of numbers, the port.
function page.mask(text)
  text = text:gsub("%f[%u](%u%u)(%x+)", function(prefix, digits)
    local is_own = #digits == 32 and not digits:find("^0000000000")
    return is_own and prefix .. ("x"):rep(32) or prefix .. digits
  end)
  text = text:gsub("(%+493023250)%d%d%d", "%1xxx"):gsub("(%+44207946)%d%d%d%d", "%1xxxx")
  text = text:gsub("(%+1415555)%d%d%d%d", "%1xxxx"):gsub("(%(415%) 555%-)%d%d%d%d", "%1xxxx")
  return (text:gsub("(https://127%.0%.0%.1:)%d+", "%1PORT"))
end

return page
