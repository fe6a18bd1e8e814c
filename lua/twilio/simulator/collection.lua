-- Resources of accounts, by SID and in order of creation. Pure.
-- Each has at least `sid` and `account_sid`.

local collection = {}
collection.__index = collection

function collection.new()
  return setmetatable({ list = {}, by_sid = {} }, collection)
end

---@generic T: table
---@param resource T
---@return T
function collection:add(resource)
  self.list[#self.list + 1] = resource
  self.by_sid[resource.sid] = resource
  return resource
end

---@param resource table
function collection:remove(resource)
  self.by_sid[resource.sid] = nil
  for index = #self.list, 1, -1 do
    if self.list[index] == resource then
      table.remove(self.list, index)
    end
  end
end

---Finds a resource that the account owns.
---@param sid string?
---@param account_sid string
---@return table?
function collection:find(sid, account_sid)
  local resource = self.by_sid[sid or ""]
  return resource and resource.account_sid == account_sid and resource or nil
end

---The account's resources, oldest first.
---@param account_sid string
---@return table[]
function collection:of_account(account_sid)
  local list = {}
  for _, resource in ipairs(self.list) do
    if resource.account_sid == account_sid then
      list[#list + 1] = resource
    end
  end
  return list
end

return collection
