--- The pages that people read.
local pages = {}

pages.read = require("spec.support.files").read

--- The lines that a shell command prints.
function pages.lines_of(command)
  local list = {}
  local pipe = assert(io.popen(command))
  for line in pipe:lines() do
    list[#list + 1] = line
  end
  pipe:close()
  return list
end

--- Their paths.
pages.ALL = { "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "fuzz/README.md" }
for _, path in ipairs(pages.lines_of("find docs examples -name '*.md' | LC_ALL=C sort")) do
  pages.ALL[#pages.ALL + 1] = path
end

return pages
