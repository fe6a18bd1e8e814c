-- The installed size of contenders, as docs/evidence/benchmarks.md says: what every Debian system has are
-- essential packages, those of priority "required", and what these depend on. Recommendations do not count.
local json = require("bench.json")
local plan = require("bench.plan")
local shell = require("bench.measure.shell")

local sizes = {}

---The packages in a Depends field: the first installed one of each group of alternatives.
---@param installed table<string, table>
function sizes.dependencies(field, installed)
  local names = {}
  for group in field:gmatch("[^,]+") do
    for name in (" " .. group):gmatch("[%s|]([%w.+-]+)") do
      if installed[name] then
        names[#names + 1] = name
        break
      end
    end
  end
  return names
end

---All that is installed: name -> { kb =, depends = a field, is_everywhere = }.
local function read_installed()
  local format =
    "${Package}\t${Installed-Size}\t${Essential} ${Priority}\t${Depends}, ${Pre-Depends}\n"
  local installed = {}
  for line in shell.output(("dpkg-query -W -f '%s'"):format(format)):gmatch("[^\n]+") do
    local name, kb, importance, depends = line:match("^(%S+)\t(%d*)\t([^\t]*)\t(.*)$")
    installed[name] = {
      kb = tonumber(kb) or 0,
      depends = depends,
      is_everywhere = importance:find("^yes") or importance:find("required$"),
    }
  end
  return installed
end

---Adds packages and their dependencies to a set of names, except those in another set.
local function add_closure(set, names, installed, everywhere)
  for _, name in ipairs(names) do
    if installed[name] and not set[name] and not everywhere[name] then
      set[name] = true
      local needed = sizes.dependencies(installed[name].depends, installed)
      add_closure(set, needed, installed, everywhere)
    end
  end
  return set
end

local function kilobytes(paths)
  local total = 0
  for size in shell.output("du --apparent-size -skL " .. paths):gmatch("(%d+)\t[^\n]*\n") do
    total = total + tonumber(size)
  end
  return total
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

---The files of `make install`.
local function our_kilobytes(folder)
  local destination = folder .. "/installed"
  shell.output(("make -s install LUA=luajit PREFIX=/usr DESTDIR=%s 2>&1"):format(destination))
  shell.output(("find %s -name '*.so' -exec strip --strip-unneeded {} +"):format(destination))
  local total = kilobytes(destination)
  shell.output("rm -rf " .. destination)
  return total
end

---@return table rows contender -> { mb =, packages = how many }
function sizes.run(servers, options)
  local installed, required, rows = read_installed(), {}, {}
  for name, package in pairs(installed) do
    required[#required + 1] = package.is_everywhere and name or nil
  end
  local everywhere = add_closure({}, required, installed, {})
  for _, contender in ipairs(plan.contenders) do
    if contender.packages then
      options.progress(contender.id)
      local total, count = 0, 0
      for name in pairs(add_closure({}, contender.packages, installed, everywhere)) do
        total, count = total + installed[name].kb, count + 1
      end
      if contender.npm then
        local folders = npm_folders(contender.npm)
        total = kilobytes('"$(command -v node)" ' .. table.concat(folders, " "))
        count = #folders + 1
      elseif contender.is == "ours" then
        total, count = total + our_kilobytes(servers.folder), count + 1
      end
      rows[contender.id] = { mb = total / 1024, packages = count }
    end
  end
  return { rows = rows }
end

return sizes
