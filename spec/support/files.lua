-- Contents of files and output of commands.
local io = io

local files = {}

local function read_all(file)
  local text = file:read("*a")
  file:close()
  return text
end

--- Reads a whole file; raises if it cannot be opened.
function files.read(path)
  return read_all(assert(io.open(path, "rb")))
end

--- Writes a whole file; raises if that fails.
function files.write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  assert(file:close())
end

--- Runs a shell command and returns its output.
function files.output(command)
  return read_all(assert(io.popen(command)))
end

--- Like output(), without trailing whitespace.
function files.trimmed_output(command)
  return (files.output(command):gsub("%s+$", ""))
end

return files
