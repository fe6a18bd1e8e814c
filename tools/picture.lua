-- For tools/picture: runs a session in a pseudo-terminal and draws what it showed.
--   lua tools/picture.lua INTERPRETER FILE
local INTERPRETER, FILE = arg[1], arg[2]
local COLUMNS, QUESTION = 101, "%[y/N%] $"
local SESSION = {
  "search US local --area-code 415 --limit 3",
  "buy +14155550100 --set friendly_name=Desk",
  "list",
}

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

--- Runs a command in a terminal, and answers its question with yes.
---@return string output with the answer, as the terminal echoes it
local function run(command)
  local fifo = os.tmpname()
  assert(os.execute(("rm %s && mkfifo %s"):format(fifo, fifo)))
  local inner = ("stty cols %d; exec %s"):format(COLUMNS, command)
  local pipe =
    assert(io.popen(("TERM=xterm NO_COLOR=1 script -qefc %s /dev/null <%s"):format(quote(inner), fifo)))
  local keys = assert(io.open(fifo, "w"))
  os.remove(fifo)
  local output = ""
  while true do
    local character = pipe:read(1)
    if not character then
      break
    end
    output = output .. character
    if output:find(QUESTION) then
      keys:write("y\n")
      keys:flush()
    end
  end
  keys:close()
  pipe:close()
  return output
end

--- What differs from run to run becomes what a reader can tell is an example.
local function mask(text)
  text = text:gsub("%f[%u](%u%u)" .. ("%x"):rep(32), "%10123456789abcdef0123456789abcdef")
  return (text:gsub("(127%.0%.0%.1:)%d+", "%144413"))
end

--- Lines as a terminal breaks them.
local function lines_of(text)
  local lines = {}
  for line in text:gsub("\r", ""):gmatch("([^\n]*)\n") do
    local rest = line
    repeat
      lines[#lines + 1], rest = rest:sub(1, COLUMNS), rest:sub(COLUMNS + 1)
    until rest == ""
  end
  return lines
end

local HEAD = [[
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">
<title>A terminal session with twilio-numbers</title>
<style>
rect { fill: #f6f8fa; stroke: #d0d7de }
text { fill: #1f2328; font: 13px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace }
.command { fill: #0550ae; font-weight: bold }
@media (prefers-color-scheme: dark) {
  rect { fill: #0d1117; stroke: #30363d }
  text { fill: #e6edf3 }
  .command { fill: #79c0ff }
}
</style>
<rect x="0.5" y="0.5" width="%d" height="%d" rx="6"/>
]]

local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" }

---@param lines { text: string, class: string? }[]
local function draw(lines)
  local width, height = COLUMNS * 8 + 32, #lines * 18 + 26
  local parts = { HEAD:format(width, height, width, height, width - 1, height - 1) }
  for i, line in ipairs(lines) do
    local class = line.class and (' class="%s"'):format(line.class) or ""
    local text = line.text:gsub("[&<>]", ENTITIES)
    parts[#parts + 1] = ('<text x="16" y="%d"%s xml:space="preserve">%s</text>\n'):format(
      i * 18 + 10,
      class,
      text
    )
  end
  return table.concat(parts) .. "</svg>\n"
end

local shown = {}
for _, words in ipairs(SESSION) do
  shown[#shown + 1] = { text = "$ twilio-numbers " .. words, class = "command" }
  local output = run(("%s bin/twilio-numbers %s"):format(INTERPRETER, words))
  for _, line in ipairs(lines_of(mask(output))) do
    shown[#shown + 1] = { text = line }
  end
end
local file = assert(io.open(FILE, "w"))
assert(file:write(draw(shown)))
file:close()
