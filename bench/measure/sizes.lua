-- What one has to install, in MB on disk, by one rule: the contender's packages and all that they depend on
-- (the first of alternatives, no recommendations), by Debian's Installed-Size, without what every Debian
-- has (essential packages, and priority "required"). For node: its binary, and the npm package with all
-- that package-lock.json has below it. For this module: what `make install` puts there, stripped as
-- packages are.
local json = require("bench.json")
local plan = require("bench.plan")

local sizes = {}

local LUAJIT_BUILD = "luajit"

local function lines(command)
  local pipe = assert(io.popen(command .. " 2>/dev/null"))
  local list = {}
  for line in pipe:lines() do
    list[#list + 1] = line
  end
  pipe:close()
  return list
end

---The names that a Depends field asks for: the first of each group of alternatives.
function sizes.dependencies(field)
  local names = {}
  for group in field:gmatch("[^,]+") do
    names[#names + 1] = group:match("^%s*([%w%.%+%-]+)")
  end
  return names
end

---Describes packages in one question to apt: known[name] = { size =, depends = } or false for one that only
---others provide.
local function describe(names, known)
  local package
  for _, line in ipairs(lines("apt-cache show --no-all-versions " .. table.concat(names, " "))) do
    local field, value = line:match("^([%w%-]+): (.*)$")
    if field == "Package" then
      package = { size = 0, depends = {} }
      known[value] = known[value] or package
    elseif field == "Installed-Size" then
      package.size = tonumber(value)
    elseif field == "Depends" or field == "Pre-Depends" then
      for _, dependency in ipairs(sizes.dependencies(value)) do
        package.depends[#package.depends + 1] = dependency
      end
    end
  end
  for _, name in ipairs(names) do
    known[name] = known[name] or false
  end
end

---Those of a list that are not described yet.
local function unknown(names, known)
  local list = {}
  for _, name in ipairs(names) do
    list[#list + 1] = known[name] == nil and name or nil
  end
  return list
end

---All that some packages need, without what every Debian has: name -> size in KiB.
local function closure(names, known, everywhere)
  local all = {}
  while #names > 0 do
    local asked = unknown(names, known)
    if #asked > 0 then
      describe(asked, known)
    end
    local next_names = {}
    for _, name in ipairs(names) do
      local package = known[name]
      if package and not all[name] and not everywhere[name] then
        all[name] = package.size
        for _, dependency in ipairs(package.depends) do
          next_names[#next_names + 1] = dependency
        end
      end
    end
    names = next_names
  end
  return all
end

local function kilobytes(paths)
  local total = 0
  for _, line in ipairs(lines("du --apparent-size -skL " .. paths)) do
    total = total + tonumber(line:match("^%d+"))
  end
  return total
end

---The folders of an npm package and of all that it depends on, as node finds them.
local function npm_folders(name)
  local packages = json.read("tools/package-lock.json").packages
  local seen, list = {}, {}
  local function visit(path)
    if not seen[path] then
      seen[path], list[#list + 1] = true, "tools/" .. path
      for dependency in pairs(packages[path].dependencies or {}) do
        local nested = path .. "/node_modules/" .. dependency
        visit(packages[nested] and nested or "node_modules/" .. dependency)
      end
    end
  end
  visit("node_modules/" .. name)
  table.sort(list)
  return list
end

---What `make install` puts there.
local function our_kilobytes(folder)
  local destination = folder .. "/installed"
  os.execute(
    ("make -s install LUA=%s PREFIX=/usr DESTDIR=%s >/dev/null 2>&1"):format(
      LUAJIT_BUILD,
      destination
    )
  )
  os.execute(("find %s -name '*.so' -exec strip --strip-unneeded {} +"):format(destination))
  local total = kilobytes(destination)
  os.execute("rm -rf " .. destination)
  return total
end

---What every Debian has; and descriptions of all packages of the plan, so that apt is asked seldom.
local function everywhere()
  local names, known, asked = {}, {}, {}
  for _, contender in ipairs(plan.contenders) do
    for _, name in ipairs(contender.packages or {}) do
      asked[#asked + 1] = name
    end
  end
  closure(asked, known, {})
  for _, line in ipairs(lines("dpkg-query -W -f '${Package} ${Essential} ${Priority}\n'")) do
    names[#names + 1] = line:match("^(%S+) yes") or line:match("^(%S+) .*required$")
  end
  return closure(names, known, {}), known
end

---@return table rows contender -> { mb =, packages = how many }
function sizes.run(servers, options)
  options.progress("what every Debian has")
  local base, known = everywhere()
  local rows = {}
  for _, contender in ipairs(plan.contenders) do
    if contender.packages then
      options.progress(contender.id)
      local total, count = 0, 0
      for _, size in pairs(contender.npm and {} or closure(contender.packages, known, base)) do
        total, count = total + size, count + 1
      end
      if contender.npm then
        local folders = npm_folders(contender.npm)
        total, count =
          kilobytes('"$(command -v node)" ' .. table.concat(folders, " ")), #folders + 1
      elseif contender.is == "ours" then
        total, count = total + our_kilobytes(servers.folder), count + 1
      end
      rows[contender.id] = { mb = total / 1024, packages = count }
    end
  end
  return { rows = rows }
end

return sizes
