-- Faults on demand: the catalogue, and which fault hits a request. Pure.
-- h1.lua and h2.lua put a fault on the wire, and in_process.lua returns it to the caller. They read these
-- fields:
--   stage   "before_read": the connection ends as the request arrives
--   commit  whether the request is carried out, unless the fault says otherwise
--   silent  there is no answer
--   cut     where the answer is cut off: "headers" or "body"
--   ending  how the connection then ends: "close" or "reset"
--   answer  the name of the function in answers.lua that creates the answer
--   parameter  removed from the request before it is carried out
--   stale   a list shows what the account owned when the fault was added

local random = require("twilio.simulator.random")

local faults = {}
faults.__index = faults

local catalogue = {
  close_before_read = { stage = "before_read", commit = false, ending = "close" },
  reset_before_read = { stage = "before_read", commit = false, ending = "reset" },
  close_after_read = { commit = false, silent = true, ending = "close" },
  reset_after_read = { commit = false, silent = true, ending = "reset" },
  close_after_commit = { commit = true, silent = true, ending = "close" },
  reset_after_commit = { commit = true, silent = true, ending = "reset" },
  close_in_headers = { commit = true, cut = "headers", ending = "close" },
  close_in_body = { commit = true, cut = "body", ending = "close" },
  hang = { commit = false, silent = true, hangs = true, ending = "close", seconds = 60 },
  drip = { commit = true, drips = true, seconds = 0.05 },
  goaway = { commit = false, silent = true, goaway = true, ending = "close" },
  status = { commit = false, answer = "status", status = 500 },
  rate_limit = { commit = false, answer = "status", status = 429 },
  redirect = { commit = true, answer = "redirect", status = 302 },
  html = { commit = true, answer = "html", status = 200 },
  invalid_json = { commit = true, answer = "invalid_json" },
  nested_json = { commit = true, answer = "nested_json" },
  huge_json = { commit = true, answer = "huge_json" },
  gzip_bomb = { commit = true, answer = "gzip_bomb" },
  many_headers = { commit = true, answer = "many_headers" },
  empty = { commit = true, answer = "empty" },
  bare_page = { commit = true, answer = "bare_page" },
  ignore = { commit = true },
  stale = { commit = true, stale = true, method = "GET" },
}

-- The options of a fault and their types. `retry_after` is a number or a string.
local options = {
  fault = "string",
  times = "number",
  skip = "number",
  method = "string",
  path = "string",
  probability = "number",
  commit = "boolean",
  status = "number",
  code = "number",
  seconds = "number",
  pieces = "number",
  body = "string",
  content_type = "string",
  retry_after = "any",
  location = "string",
  depth = "number",
  bytes = "number",
  status_line = "boolean",
  scope = "string",
  h2_error = "number",
  parameter = "string",
}

---@class twilio.simulator.Fault
---@field fault string its name
---@field times integer? how many matching requests it hits; default 1
---@field skip integer? how many matching requests pass first; default 0
---@field method string? only requests of this method
---@field path string? only requests whose path contains this
---@field probability number? 0 to 1: the share of matching requests that it hits
---@field commit boolean? whether the request is carried out
---@field status integer? of the answer
---@field code integer? Twilio's error code in the answer, for status and rate_limit
---@field seconds number? for hang: before it closes; for drip: between two pieces
---@field pieces integer? for drip: of the answer
---@field body string? instead of the answer's own
---@field content_type string? instead of the answer's own
---@field retry_after number|string? for status and rate_limit
---@field location string? for redirect
---@field depth integer? for nested_json
---@field bytes integer? for huge_json and many_headers
---@field status_line boolean? for close_in_headers; false: cuts off inside the status line
---@field scope "connection"|"stream"? in HTTP/2: what ends; default the connection
---@field parameter string? for ignore: the parameter of the request that is ignored
---@field h2_error integer? in HTTP/2: the error code of RST_STREAM or GOAWAY

---@param snapshot? fun(): table<string, table[]> what each account owns now
---@param seed integer? default 1
function faults.new(snapshot, seed)
  local self = setmetatable({ snapshot = snapshot }, faults)
  self:clear()
  self:clear_chaos()
  self:seed(seed or 1)
  return self
end

---@param seed integer
function faults:seed(seed)
  self.random = random.new(seed)
end

---The names of all faults.
---@return string[]
function faults.names()
  local names = {}
  for name in pairs(catalogue) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

local function check(wanted)
  local entry = type(wanted) == "table" and catalogue[wanted.fault]
  if not entry then
    if type(wanted) ~= "table" or wanted.fault == nil then
      return nil, "the field fault is missing: it names the fault, such as close_after_commit"
    end
    return nil, ("no fault is called %s"):format(tostring(wanted.fault))
  end
  for key, value in pairs(wanted) do
    local kind = options[key]
    if not kind then
      return nil, ("a fault has no option %s"):format(tostring(key))
    elseif kind ~= "any" and type(value) ~= kind then
      return nil, ("%s must be a %s"):format(key, kind)
    end
  end
  return entry
end

-- A fault with all fields: its options, over those of the catalogue.
function faults:complete(wanted)
  local entry, problem = check(wanted)
  if not entry then
    return nil, problem
  end
  local fault = { times = 1, skip = 0 }
  for key, value in pairs(entry) do
    fault[key] = value
  end
  for key, value in pairs(wanted) do
    fault[key] = value
  end
  fault.lists = fault.stale and self.snapshot() or nil
  return fault
end

---Adds a fault.
---@param wanted twilio.simulator.Fault
---@return boolean? ok, string? problem
function faults:add(wanted)
  local fault, problem = self:complete(wanted)
  if not fault then
    return nil, problem
  end
  self.active[#self.active + 1] = fault
  return true
end

function faults:clear()
  self.active = {}
end

---Makes a random fault of a list hit matching requests, with a probability.
---@param wanted { seed: integer?, probability: number?, faults: (string|twilio.simulator.Fault)[] }
---@return boolean? ok, string? problem
function faults:set_chaos(wanted)
  if type(wanted.faults) ~= "table" or #wanted.faults == 0 then
    return nil, "faults must be a list of faults"
  end
  local list = {}
  for index, item in ipairs(wanted.faults) do
    local fault, problem = self:complete(type(item) == "string" and { fault = item } or item)
    if not fault then
      return nil, problem
    end
    list[index] = fault
  end
  self:seed(wanted.seed or 1)
  self.chaos = { probability = wanted.probability or 0.5, list = list }
  return true
end

function faults:clear_chaos()
  self.chaos = nil
end

local function is_list(request)
  return request.path:find("/IncomingPhoneNumbers", 1, true)
    and not request.path:find("/PN%x+%.json$")
    and not request.path:find("/%x+%-[%x%-]+%.json$")
end

local function matches(fault, request)
  return (not fault.stale or is_list(request))
    and (not fault.method or fault.method == request.method)
    and (not fault.path or request.path:find(fault.path, 1, true) ~= nil)
end

function faults:pick_chaos(request)
  local chaos = self.chaos
  if chaos and self.random:next() < chaos.probability then
    local fault = chaos.list[math.floor(self.random:next() * #chaos.list) + 1]
    return matches(fault, request) and fault or nil
  end
end

---The fault that hits a request, if any.
---@param request twilio.simulator.Request
---@return table?
function faults:pick(request)
  for index, fault in ipairs(self.active) do
    if matches(fault, request) then
      if fault.skip > 0 then
        fault.skip = fault.skip - 1
      elseif not fault.probability or self.random:next() < fault.probability then
        fault.times = fault.times - 1
        if fault.times <= 0 then
          table.remove(self.active, index)
        end
        return fault
      end
    end
  end
  return self:pick_chaos(request)
end

return faults
