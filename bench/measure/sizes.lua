-- The installed size of contenders, as docs/evidence/benchmarks.md says.
local json = require("bench.json")
local plan = require("bench.plan")
local shell = require("bench.measure.shell")

local sizes = {}

local CLOSURE = "apt-cache depends --recurse --installed --important %s | grep '^[a-z0-9]'"
local REQUIRED = "dpkg-query -W -f '${Essential} ${Priority} ${Package}\n' "
  .. "| sed -n 's/^yes [^ ]* //p; s/^[^ ]* required //p'"

---The installed packages with all that they depend on, without recommendations.
---@param names string separated by blanks
---@return table<string, true>
local function closure(names)
  local set = {}
  for name in shell.output(CLOSURE:format(names)):gmatch("[^\n]+") do
    set[name] = true
  end
  return set
end

local everywhere

---The same without what every Debian has: essential packages, those of priority "required", and what these
---depend on.
---@param names string
---@return string[]
function sizes.packages(names)
  everywhere = everywhere or closure((shell.output(REQUIRED):gsub("\n", " ")))
  local list = {}
  for name in pairs(closure(names)) do
    list[#list + 1] = not everywhere[name] and name or nil
  end
  return list
end

---The sum of the numbers at the beginnings of a command's lines.
local function sum(command)
  local total = 0
  for number in ("\n" .. shell.output(command)):gmatch("\n(%d+)") do
    total = total + tonumber(number)
  end
  return total
end

local function kilobytes(paths)
  return sum("du --apparent-size -skL " .. paths)
end

---The folders of an npm package and of its dependencies, as node finds them.
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
  return list
end

---The files of `make install-modules`, which a program needs.
local function our_kilobytes(folder)
  local destination = folder .. "/installed"
  shell.output(
    ("make -s install-modules LUA=luajit PREFIX=/usr DESTDIR=%s 2>&1"):format(destination)
  )
  shell.output(("find %s -name '*.so' -exec strip --strip-unneeded {} +"):format(destination))
  local total = kilobytes(destination)
  shell.output("rm -rf " .. destination)
  return total
end

---Kilobytes, and the number of packages.
local function size_of(contender, folder)
  if contender.npm then
    local folders = npm_folders(contender.npm)
    return kilobytes('"$(command -v node)" ' .. table.concat(folders, " ")), #folders + 1
  end
  local packages = sizes.packages(contender.packages)
  local total = sum("dpkg-query -W -f '${Installed-Size}\n' " .. table.concat(packages, " "))
  if contender.is == "ours" then
    return total + our_kilobytes(folder), #packages + 1
  end
  return total, #packages
end

---@return table rows contender -> { mb =, packages = how many }
function sizes.run(servers, options)
  local rows = {}
  for _, contender in ipairs(plan.contenders) do
    if contender.packages or contender.npm then
      options.progress(contender.id)
      local total, count = size_of(contender, servers.folder)
      rows[contender.id] = { mb = total / 1024, packages = count }
    end
  end
  return { rows = rows }
end

return sizes
