--- docs/international.md: each of its commands and scripts runs, in the order of the page, and says what the
--- page shows.
local interpreter = require("spec.support.interpreter")
local left_out = require("spec.support.left_out")

local read = require("spec.support.files").read

local function write(path, text)
  local file = assert(io.open(path, "w"))
  assert(file:write(text))
  file:close()
end

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- The blocks of a page, in their order.
---@return { language: string, text: string }[]
local function blocks_of(page)
  local list = {}
  for language, text in page:gmatch("\n```(%a+)\n(.-)\n```\n") do
    list[#list + 1] = { language = language, text = text }
  end
  return list
end

--- The commands of a block, and what the page shows of each.
---@return { command: string, shown: string }[]
local function steps_of(text)
  local list = {}
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do
    local command = line:match("^%$ (.*)$")
    if command then
      list[#list + 1] = { command = command, shown = "" }
    else
      local step = list[#list]
      step.shown = step.shown .. line .. "\n"
    end
  end
  return list
end

--- What differs from run to run: SIDs of what was made, numbers, the port.
local function mask(text)
  text = text:gsub("%f[%u](%u%u)(%x+)", function(prefix, digits)
    local is_own = #digits == 32 and not digits:find("^0000000000")
    return is_own and prefix .. ("x"):rep(32) or prefix .. digits
  end)
  text = text:gsub("(%+493023250)%d%d%d", "%1xxx"):gsub("(%+44207946)%d%d%d%d", "%1xxxx")
  return (text:gsub("(https://127%.0%.0%.1:)%d+", "%1PORT"))
end

--- The page asks the simulator by curl.
local pipe = assert(io.popen("command -v curl"))
local has_curl = pipe:read("*l") ~= nil
pipe:close()
if left_out.without(has_curl, "spec/international_spec.lua", "curl") then
  return
end

describe("docs/international.md", function()
  local folder = os.tmpname()
  local steps, scripts = {}, {}

  for _, block in ipairs(blocks_of(read("docs/international.md"))) do
    if block.language == "sh" then
      for _, step in ipairs(steps_of(block.text)) do
        steps[#steps + 1] = step
      end
    elseif block.language == "lua" then
      scripts[#scripts + 1] = block.text
    end
  end

  teardown(function()
    os.execute("rm -rf " .. quote(folder))
  end)

  --- Runs all commands in one shell. What each has printed stands behind a line with its place.
  local function run()
    os.remove(folder)
    assert(os.execute("mkdir " .. quote(folder)))
    for _, text in ipairs(scripts) do
      write(folder .. "/" .. text:match("^%-%- (%w+%.lua)\n"), text)
    end
    for name, command in pairs {
      lua = ("%s %s/"):format(interpreter.command, folder),
      ["twilio-numbers"] = interpreter.command .. " bin/twilio-numbers ",
      ["twilio-simulator"] = "bin/twilio-simulator ",
    } do
      write(folder .. "/" .. name, ('#!/bin/sh\nexec %s"$@"\n'):format(command))
    end
    local lines = {
      ("cd %s && chmod +x lua twilio-* && cd - >/dev/null"):format(quote(folder)),
      ("PATH=%s:$PATH"):format(quote(folder)),
      "trap 'twilio-simulator --stop >/dev/null 2>&1' EXIT", -- where a command before its own fails
    }
    for i, step in ipairs(steps) do
      lines[#lines + 1] = ("echo '== %d'"):format(i)
      lines[#lines + 1] = step.command
    end
    write(folder .. "/page.sh", table.concat(lines, "\n") .. "\n")
    local shell = assert(io.popen("timeout 100 sh " .. quote(folder .. "/page.sh") .. " 2>&1"))
    local output = shell:read("*a")
    shell:close()
    return output
  end

  it("shows commands and scripts that work as described", function()
    assert.is_true(#steps >= 10)
    assert.is_true(#scripts >= 4)
    local output = run()
    for i, step in ipairs(steps) do
      local from = select(2, output:find(("== %d\n"):format(i), 1, true))
      local upto = output:find(("== %d\n"):format(i + 1), 1, true) or #output + 1
      assert.is_truthy(from, output)
      assert.equal(mask(step.shown), mask(output:sub(from + 1, upto - 1)), step.command)
    end
  end)
end)
