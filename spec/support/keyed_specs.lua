--- The specs that kill processes which buy with an idempotency key: a journal for them, and the program that
--- does it, spec/support/keyed_kills.lua or spec/support/keyed_fleet.lua.
---
--- `make test` kills at some of the places, from a random one on: at most of them under Lua 5.4 and LuaJIT.
--- `make kills JOURNAL=sqlite` (or postgresql) kills at every one, under each Lua that it is given; SEED
--- repeats a run.
local interpreter = require("spec.support.interpreter")
local journals = require("spec.support.journals")
local postgresql = require("spec.support.postgresql")

local keyed_specs = {}

keyed_specs.IS_LONG = os.getenv("JOURNAL") ~= nil
keyed_specs.JOURNAL = os.getenv("JOURNAL") or "sqlite"
keyed_specs.SEED = tonumber(os.getenv("SEED")) or os.time()

-- luacheck: read globals jit
local IS_MAIN = jit or _VERSION == "Lua 5.4"
local OTHERS = 10 -- times fewer places under the other Luas

local SHORT, LONG = 300, 6 * 3600 -- seconds

--- The places at which a process is killed.
---@param stride integer of the short form
---@return integer first
---@return integer stride
function keyed_specs.places(stride)
  if keyed_specs.IS_LONG then
    return 1, 1
  end
  stride = IS_MAIN and stride or stride * OTHERS
  return keyed_specs.SEED % stride + 1, stride
end

--- An empty journal of the kind in JOURNAL.
---@return string spec
---@return function remove
function keyed_specs.new_journal()
  if keyed_specs.JOURNAL == "postgresql" then
    local server = postgresql.start()
    return "postgresql:" .. server:conninfo(), function()
      server:stop()
    end
  end
  assert(keyed_specs.JOURNAL == "sqlite", "JOURNAL is sqlite or postgresql")
  local folder = journals.new_folder()
  local path = folder .. "/journal.db"
  local journal = assert(journals.open(path, { create = true }))
  assert(journal:read(journals.call(), { "key" }))
  journal:close(5)
  return "sqlite:" .. path, function()
    journals.remove(folder)
  end
end

local function literal(value)
  if type(value) ~= "table" then
    return type(value) == "string" and ("%q"):format(value) or tostring(value)
  end
  local fields = {}
  for name, field in pairs(value) do
    fields[#fields + 1] = ("[%q] = %s"):format(name, literal(field))
  end
  return "{ " .. table.concat(fields, ", ") .. " }"
end

local FIELDS = { "account_sid", "auth_token", "base_url", "http_url", "ca_file" }

--- Runs the program of a module; returns its output, which must report success.
---@param assert table luassert
---@param module string
---@param twilio table a simulator
---@param job table
---@param library? string that it preloads
function keyed_specs.check(assert, module, twilio, job, library)
  job.twilio, job.seed = {}, keyed_specs.SEED
  for _, name in ipairs(FIELDS) do
    job.twilio[name] = twilio[name]
  end
  local program = ("require(%q).main(%s)"):format(module, literal(job))
  local seconds = keyed_specs.IS_LONG and LONG or SHORT
  local command = interpreter
    .run(program, { library = library })
    :gsub(" exec ", (" exec timeout %d "):format(seconds), 1)
  local pipe = io.popen(command .. " 2>&1")
  local output = pipe:read("*a"):gsub("%s+$", "")
  pipe:close()
  assert.matches("^ok: ", ("%s (SEED=%d)"):format(output, keyed_specs.SEED))
  if keyed_specs.IS_LONG then
    print(("%s, %s, %s"):format(interpreter.command, keyed_specs.JOURNAL, output:sub(5)))
  end
end

return keyed_specs
