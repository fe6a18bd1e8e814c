-- The executable lines of a Lua file: those for which both compilers, PUC's and LuaJIT's, generate an
-- instruction. Some files run under only one of them.
--   active_lines(path, source) -> { [line] = true }      source: its lines
-- Excludes what compilers add (the return at a function's "end", the set-up of "..."), and lines with only
-- "end", ")" and "}", where the jump back of a loop would count.
local LISTINGS = {
  -- \t1\t[2]\tNEWTABLE ...
  { command = "luac5.4 -l -p %s", instruction = "^\t%d+\t%[(%d+)%]\t(%u+)" },
  -- 0001    [2]    TNEW ...
  { command = "luajit -bL %s", instruction = "^%d+%s+%[(%d+)%][%s=>]+(%u+)" },
}
local OF_THE_COMPILER = { VARARGPREP = true, FUNCF = true, FUNCV = true }

local function listed(listing, path)
  local lines, before = {}, nil
  local pipe = assert(io.popen(listing.command:format(path)))
  for text in pipe:lines() do
    local line, name = text:match(listing.instruction)
    if before then
      lines[before] = line and true or lines[before] -- not the last of its function
    end
    before = not OF_THE_COMPILER[name] and tonumber(line) or nil
  end
  pipe:close()
  return lines
end

local function only_closes(text)
  return text:gsub("end", ""):match("^[%s%)}%],;]*$") ~= nil
end

return function(path, source)
  local of_one, of_other, lines = listed(LISTINGS[1], path), listed(LISTINGS[2], path), {}
  for line in pairs(of_one) do
    if of_other[line] and not only_closes(source[line]) then
      lines[line] = true
    end
  end
  return lines
end
