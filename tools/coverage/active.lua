-- Which lines of a Lua file have something to run, by the compiler's own listing.
--   active_lines(path) -> { [line] = true }
-- Each function ends with a return of the compiler's, at the line of its "end": that one is no line of
-- the source, and neither is the preparation of "...".
local OF_THE_COMPILER = { VARARGPREP = true }

return function(path)
  local lines, line_before = {}, nil
  local listing = assert(io.popen("luac5.4 -l -p " .. path))
  for text in listing:lines() do
    local line, name = text:match("^\t%d+\t%[(%d+)%]\t(%u+)")
    if line_before then
      lines[line_before] = line and true or lines[line_before] -- not the last of its function
    end
    line_before = not OF_THE_COMPILER[name] and tonumber(line) or nil
  end
  listing:close()
  return lines
end
