--- Journals, for specs: files of their own, calls that use one, and programs with a disk that hangs or fails.
local core = require("twilio.numbers.core")
local interpreter = require("spec.support.interpreter")
local left_out = require("spec.support.left_out")
local numbers = require("twilio.numbers")
local options = require("twilio.numbers.config.options")
local start = require("twilio.numbers.async.start")
local store = require("twilio.numbers.journal.store")

local journals = {}

local function run(command)
  local pipe = assert(io.popen("unset LD_PRELOAD; " .. command)) -- it is only for the interpreter
  local output = pipe:read("*a")
  pipe:close()
  return output
end

journals.shell = run

--- A folder, to be removed with its contents by remove().
---@param parent? string
function journals.new_folder(parent)
  local command = parent and ("mktemp -d -p '%s'"):format(parent) or "mktemp -d"
  return (run(command):gsub("%s+$", ""))
end

function journals.remove(folder)
  assert(folder:match("^/tmp/.") or folder:match("/tmp%."), folder)
  run(("rm -rf '%s'"):format(folder))
end

--- The part of a blocking call that a journal needs.
---@param seconds? number of its deadline; default 10
function journals.call(seconds)
  return { loop = false, cancelled = false, ends = core.now() + (seconds or 10) }
end

--- The four functions of a store, over a journal, for the contract.
function journals.as_store(journal)
  return {
    read = function(_, ...)
      return journal:read(journals.call(), ...)
    end,
    apply = function(_, ...)
      return journal:apply(journals.call(), ...)
    end,
    scan = function(_, ...)
      return journal:scan(journals.call(), ...)
    end,
    close = function()
      return journal:close(5)
    end,
  }
end

--- A store in a Lua table: the smallest that keeps the contract.
---@param records? table for handles that share one
function journals.in_memory(records)
  records = records or {}
  local memory = { records = records }
  function memory.read(_, keys)
    local found = {}
    for _, key in ipairs(keys) do
      found[key] = records[key]
    end
    return found, core.now() * 1000, "this process"
  end
  function memory.apply(_, writes)
    for _, write in ipairs(writes) do
      local record = records[write.key]
      if (record and record.version or 0) ~= write.version then
        return false
      end
    end
    for _, write in ipairs(writes) do
      records[write.key] = write.value
        and { key = write.key, version = write.version + 1, value = write.value }
    end
    return true
  end
  function memory.scan(_, prefix, after, limit)
    local keys, list = {}, {}
    for key in pairs(records) do
      if key:sub(1, #prefix) == prefix and key > (after or "") then
        keys[#keys + 1] = key
      end
    end
    table.sort(keys)
    for i = 1, math.min(limit, #keys) do
      list[i] = records[keys[i]]
    end
    return list
  end
  function memory.close() end
  return memory
end

--- A client that sends nothing.
---@param more? table options
function journals.client(more)
  local given = {
    account_sid = "AC" .. ("0"):rep(32),
    auth_token = "secret",
    base_url = "http://127.0.0.1:9",
  }
  for name, value in pairs(more or {}) do
    given[name] = value
  end
  return assert(numbers.client(given))
end

local operation = {
  run = function(call, f)
    return f(call)
  end,
}

--- f(call), in a call of a client that waits in its host.
---@param call_options? table
function journals.within(client, f, call_options)
  return start.now(client, options.CALL, call_options, operation, f)
end

--- The same, in flight.
function journals.begin(client, f, call_options, callback)
  return assert(start.in_flight(client, options.CALL, call_options, callback, nil, operation, f))
end

journals.open = store.open

-- ---- a disk that hangs or fails ----

--- Makes the FIFOs of spec/support/disk.c.
function journals.hang(folder)
  run(("mkfifo '%s/hang' '%s/hang.reached'"):format(folder, folder))
end

--- Waits until a process hangs in a sync.
function journals.until_hung(folder)
  local reached = assert(io.open(folder .. "/hang.reached"))
  assert(reached:read("*l") == "hung")
  reached:close()
end

--- Lets a hanging process continue, and not hang again.
function journals.let_go(folder)
  local fifo = folder .. "/hang"
  run(("exec 3>'%s'; rm '%s' '%s.reached'"):format(fifo, fifo, fifo))
end

local PRELUDE = [[
  local core = require("twilio.numbers.core")
  local journals = require("spec.support.journals")
  local process = require("spec_process")
  local folder = %q
  local path = folder .. "/journal.db"
]]

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

--- Starts a program in a process of its own, in which spec/support/disk.c is loaded. It has the names
--- `core`, `journals`, `process`, `folder` and `path`.
---@param variables? table<string, string> of spec/support/disk.c
---@param before? string shell commands to begin with: what they mount, the program alone sees
---@return file* pipe of what it prints; the last line is its exit status
function journals.start(folder, program, variables, before)
  local all = { DISK = folder .. "/journal.db", DISK_HANG = folder .. "/hang" }
  for name, value in pairs(variables or {}) do
    all[name] = value
  end
  local lines = {}
  for name, value in pairs(all) do
    lines[#lines + 1] = ("export %s='%s'"):format(name, value)
  end
  lines[#lines + 1] = before or ""
  lines[#lines + 1] = interpreter
    .run(PRELUDE:format(folder) .. program, { library = "spec_disk" })
    :gsub(" exec ", " exec timeout 60 ", 1)
  local script = os.tmpname()
  write(script, table.concat(lines, "\n"))
  local has_mounts = before and before:find("mount ", 1, true)
  local command = "%s sh '%s' 2>&1; echo $?; rm '%s'"
  return assert(io.popen(command:format(has_mounts and journals.unshare or "", script, script)))
end

--- The same, to its end.
---@return string output of which the last line is its exit status
function journals.result(folder, program, variables, before)
  local pipe = journals.start(folder, program, variables, before)
  local output = pipe:read("*a")
  pipe:close()
  return output
end

--- A command before another one, which gets mounts of its own: as root, or as a user that is root there.
journals.unshare = run("id -u"):match("^0") and "unshare -m" or "unshare -rm"

--- Whether this machine allows no private mounts; if so, records that.
---@param what string what is left out then
function journals.without_mounts(what)
  local works = run(journals.unshare .. " mount -t tmpfs none /mnt 2>/dev/null && echo yes")
  return left_out.without(works:match("yes") ~= nil, what, "mounts of a process's own")
end

return journals
