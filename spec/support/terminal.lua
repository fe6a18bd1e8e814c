--- A terminal to type into and to read from: tmux, with a server of its own for each.
local terminal = {}

local Terminal = {}
Terminal.__index = Terminal

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

function Terminal:tmux(arguments)
  local pipe = assert(io.popen(("tmux -S %s -f /dev/null %s 2>&1"):format(self.socket, arguments)))
  local output = pipe:read("*a")
  pipe:close()
  return output
end

--- Runs a shell command in a new terminal, which then shows "exit" and its exit code.
---@param line string
---@param columns? integer default 180
function terminal.run(line, columns)
  local socket = os.tmpname()
  os.remove(socket)
  local self = setmetatable({ socket = socket }, Terminal)
  local script = "trap : INT; " .. line .. '; echo "exit $?"; exec sleep 60'
  self:tmux(
    ("new-session -d -x %d -y 40 "):format(columns or 180) .. quote("sh -c " .. quote(script))
  )
  return self
end

--- Types keys, by tmux's names.
function Terminal:type(keys)
  self:tmux("send-keys " .. keys)
end

--- The contents of the screen.
function Terminal:screen()
  return self:tmux("capture-pane -p")
end

--- The same with the sequences of colours.
function Terminal:colours()
  return self:tmux("capture-pane -p -e")
end

--- Waits up to half a minute until the screen shows a text.
---@return string screen
function Terminal:wait(text)
  local ends = os.time() + 30
  local screen
  repeat
    screen = self:screen()
    if screen:find(text, 1, true) then
      return screen
    end
    os.execute("sleep 0.05")
  until os.time() > ends
  error(("no %q on the screen:\n%s"):format(text, screen), 2)
end

function Terminal:close()
  self:tmux("kill-server")
  os.remove(self.socket)
end

return terminal
