--- Journals in SQLite, in a folder of their own that is removed at the end of a spec.
---
---   local disk = sqlite.new()
---   disk:create()            a new journal at disk.path, in disk.folder
---   disk:open()              another handle of it
---   disk:remove()            closes all handles
local journals = require("spec.support.journals")

local sqlite = {}

local Disk = {}
Disk.__index = Disk

function sqlite.new()
  local folder = journals.new_folder()
  return setmetatable({ folder = folder, path = folder .. "/journal.db", journals = {} }, Disk)
end

function Disk:remove()
  for _, journal in ipairs(self.journals) do
    journal:close(5)
  end
  journals.remove(self.folder)
end

function Disk:open(options)
  local journal = assert(journals.open(self.path, options))
  self.journals[#self.journals + 1] = journal
  return journal
end

function Disk:create()
  local journal = self:open { create = true }
  assert(journal:read(journals.call(), { "a" }))
  return journal
end

--- Writes a new record.
---@param seconds? number of the deadline
function sqlite.insert(journal, key, seconds)
  return journal:apply(journals.call(seconds), { { key = key, version = 0, value = "{}" } })
end

return sqlite
