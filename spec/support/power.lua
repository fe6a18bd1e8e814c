--- What a power cut leaves of the files of a folder: replays the records of spec_power (see power.c), and
--- makes images of the folder as it may be found afterwards.
---
---   local before = power.files(folder)
---   ... a process that preloads spec_power works on the folder ...
---   power.cuts(power.records(log), before, 20, random, function(image, marks)
---     power.write(other_folder, image) ... what was marked must be in there
---   end)
---
--- What was synced is in every image. Of the rest there is nothing, all, or a random part: of each write some
--- sectors, some of the truncations, and the first so many of the names that came and went. A new file's name
--- needs a sync of the folder, too, as POSIX has it.
local power = {}

local SECTOR = 512 -- bytes

-- ---- contents of a file: sectors by number, from 0 on; zeros at the end of one may be missing ----

local function new_content()
  return { size = 0, sectors = {} }
end

local function copy_content(content)
  local sectors = {}
  for number, bytes in pairs(content.sectors) do
    sectors[number] = bytes
  end
  return { size = content.size, sectors = sectors }
end

local function write_content(content, offset, bytes, keeps)
  local at, ends = offset, offset + #bytes
  while at < ends do
    local number = math.floor(at / SECTOR)
    local from, to = at - number * SECTOR, math.min(ends - number * SECTOR, SECTOR)
    if keeps() then
      local old = content.sectors[number] or ""
      old = old .. ("\0"):rep(from - #old)
      local piece = bytes:sub(at - offset + 1, at - offset + to - from)
      content.sectors[number] = old:sub(1, from) .. piece .. old:sub(to + 1)
      content.size = math.max(content.size, number * SECTOR + to)
    end
    at = number * SECTOR + to
  end
end

local function truncate_content(content, size)
  for number, bytes in pairs(content.sectors) do
    content.sectors[number] = bytes:sub(1, math.max(0, size - number * SECTOR))
  end
  content.size = size
end

local function text_of(content)
  local parts = {}
  for number = 0, math.ceil(content.size / SECTOR) - 1 do
    local bytes = content.sectors[number] or ""
    parts[#parts + 1] = bytes .. ("\0"):rep(SECTOR - #bytes)
  end
  return table.concat(parts):sub(1, content.size)
end

local function always()
  return true
end

-- ---- a disk: files with durable content and unsynced changes ----

local Disk = {}
Disk.__index = Disk

--- A disk with durable files.
---@param before? table<string, string> name -> content
function power.disk(before)
  local self = setmetatable({ names = {}, unsynced = {}, by_inode = {} }, Disk)
  for name, bytes in pairs(before or {}) do
    local file = { content = new_content(), unsynced = {} }
    write_content(file.content, 0, bytes, always)
    self.names[name] = file
  end
  return self
end

local NAME_CHANGES = {
  create = function(names, change)
    names[change.name] = change.file
  end,
  unlink = function(names, change)
    names[change.name] = nil
  end,
  rename = function(names, change)
    names[change.to], names[change.from] = names[change.from], nil
  end,
}

--- The names after the first `count` unsynced changes.
local function names_after(self, count)
  local names = {}
  for name, file in pairs(self.names) do
    names[name] = file
  end
  for i = 1, count do
    local change = self.unsynced[i]
    NAME_CHANGES[change.what](names, change)
  end
  return names
end

--- The content after those changes that are kept.
local function content_after(file, keeps)
  local content = copy_content(file.content)
  for _, change in ipairs(file.unsynced) do
    if change.bytes then
      write_content(content, change.offset, change.bytes, keeps)
    elseif keeps() then
      truncate_content(content, change.size)
    end
  end
  return content
end

--- What there is of a name: a list of changes that no sync has covered, or a file.
local function file_of(self, record)
  return assert(self.by_inode[record.inode], "a file that was never opened")
end

local HANDLERS = {
  create = function(self, record)
    local file = { content = new_content(), unsynced = {} }
    self.by_inode[record.inode] = file
    self.unsynced[#self.unsynced + 1] = { what = "create", name = record.name, file = file }
  end,
  open = function(self, record)
    local file = names_after(self, #self.unsynced)[record.name]
    self.by_inode[record.inode] = assert(file, "a file that was not there before")
  end,
  write = function(self, record)
    local unsynced = file_of(self, record).unsynced
    unsynced[#unsynced + 1] = { offset = record.offset, bytes = record.bytes }
  end,
  truncate = function(self, record)
    local unsynced = file_of(self, record).unsynced
    unsynced[#unsynced + 1] = { size = record.offset }
  end,
  sync = function(self, record)
    local file = file_of(self, record)
    file.content, file.unsynced = content_after(file, always), {}
  end,
  sync_folder = function(self)
    self.names, self.unsynced = names_after(self, #self.unsynced), {}
  end,
  unlink = function(self, record)
    self.unsynced[#self.unsynced + 1] = { what = "unlink", name = record.name }
  end,
  rename = function(self, record)
    local from, to = record.name:match("^(.*)/(.*)$")
    self.unsynced[#self.unsynced + 1] = { what = "rename", from = from, to = to }
  end,
  mark = function() end,
}

--- Applies a record.
function Disk:apply(record)
  HANDLERS[record.what](self, record)
end

--- A state that a power cut may leave now.
---@param part "nothing"|"all"|fun(): number of what is not durable; a function draws from [0, 1)
---@return table<string, string> image name -> content
function Disk:image(part)
  local share = part == "nothing" and 0 or part == "all" and 1 or part()
  local function keeps()
    return share > 0 and (share == 1 or part() < share)
  end
  local count = 0
  while count < #self.unsynced and keeps() do
    count = count + 1
  end
  local image = {}
  for name, file in pairs(names_after(self, count)) do
    image[name] = text_of(content_after(file, keeps))
  end
  return image
end

-- ---- records and folders ----

local LINE = "^(%S+) (%d+) (%d+) (%d+) ?([^\n]*)\n()"

--- The records of a log.
---@param path string
---@return table[]
function power.records(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  local records, at = {}, 1
  while at <= #text do
    local what, inode, a, b, name, after = text:match(LINE, at)
    assert(HANDLERS[what], "no record")
    local record = { what = what, inode = inode, offset = tonumber(a), name = name }
    if what == "write" then
      record.bytes = text:sub(after, after + b - 1)
      after = after + b + 1
    end
    records[#records + 1], at = record, after
  end
  return records
end

--- The files of a folder.
---@param folder string
---@return table<string, string> name -> content
function power.files(folder)
  local files, list = {}, assert(io.popen(("ls -A '%s'"):format(folder)))
  for name in list:lines() do
    local file = assert(io.open(folder .. "/" .. name, "rb"))
    files[name] = file:read("*a")
    file:close()
  end
  list:close()
  return files
end

--- Replaces the files of a folder by those of an image.
---@param folder string
---@param image table<string, string>
function power.write(folder, image)
  for name in pairs(power.files(folder)) do
    assert(os.remove(folder .. "/" .. name))
  end
  for name, bytes in pairs(image) do
    local file = assert(io.open(folder .. "/" .. name, "wb"))
    assert(file:write(bytes))
    assert(file:close())
  end
end

--- Records a mark in this process's log; its text has no slash or newline.
---@param text string
function power.mark(text)
  os.remove(("%s/:%s"):format(os.getenv("POWER_FOLDER"), text))
end

--- Calls a function with what a power cut may leave after each record.
---@param records table[]
---@param before table<string, string> the folder when the log began
---@param parts integer how many random images after each record
---@param random fun(): number in [0, 1)
---@param check fun(image: table<string, string>, marks: string[], record: table)
---@return integer count of images
function power.cuts(records, before, parts, random, check)
  local disk, marks, count = power.disk(before), {}, 0
  for _, record in ipairs(records) do
    disk:apply(record)
    if record.what == "mark" then
      marks[#marks + 1] = record.name:sub(2)
    end
    for i = 1, 2 + parts do
      check(disk:image(i == 1 and "nothing" or i == 2 and "all" or random), marks, record)
      count = count + 1
    end
  end
  return count
end

return power
