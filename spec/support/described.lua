-- Whether the module's tables of parameters agree with what Twilio's OpenAPI documents describe.

local assert = require("luassert")

local described = {}

-- For the documents these are strings like any other; their rules stand in its prose.
local STRINGS = { text = true, lat_long = true, pattern = true, country = true }

---The parameters in the query of an operation: name -> schema.
---@param server table a Prism
---@param resource string
function described.query(server, resource)
  local schemas = {}
  for _, parameter in ipairs(server:operation("get", resource).parameters) do
    if parameter["in"] == "query" then
      schemas[parameter.name] = server:resolve(parameter.schema)
    end
  end
  return schemas
end

---The parameters in the form of an operation: name -> schema.
---@param server table a Prism
---@param resource string
function described.form(server, resource)
  local operation, schemas = server:operation("post", resource), {}
  local content = operation.requestBody.content["application/x-www-form-urlencoded"]
  for name, schema in pairs(content.schema.properties) do
    schemas[name] = server:resolve(schema)
  end
  return schemas
end

-- The name that a row has on the wire, where `<` and `>` are encoded.
local function name_of(row)
  return (row.wire_name:gsub("%%3C", "<"):gsub("%%3E", ">"))
end

---Each row's name is that of a parameter, and each parameter has a row, except those for paging.
---@param rows table[]
---@param schemas table<string, table>
---@param lacking string[]? what the documents lack
function described.check_names(rows, schemas, lacking)
  local expected, names = {}, {}
  for name in pairs(schemas) do
    if name ~= "Page" and name ~= "PageToken" then
      expected[#expected + 1] = name
    end
  end
  for _, name in ipairs(lacking or {}) do
    assert.is_nil(schemas[name], "no longer lacking: " .. name)
    expected[#expected + 1] = name
  end
  for _, row in ipairs(rows) do
    local name = name_of(row)
    names[#names + 1] = name
    local own = name:gsub("%u", "_%1"):lower():sub(2):gsub("<", "_before"):gsub(">", "_after")
    assert.equal(own, row.name)
  end
  table.sort(expected)
  table.sort(names)
  assert.same(expected, names)
end

local function check_kind(row, schema)
  if schema.type == "integer" then
    assert.is_true(row.kind == "integer" or row.kind == "area_code", row.name)
    if schema.maximum then
      assert.same({ 1, schema.maximum }, { schema.minimum, row.most }, row.name)
    end
  elseif schema.type == "boolean" then
    assert.equal("boolean", row.kind, row.name)
  elseif schema.pattern then
    assert.same({ "sid", schema.pattern:match("^%^(%u%u)") }, { row.kind, row.expects }, row.name)
  elseif schema.enum then
    assert.same({ "choice", table.concat(schema.enum, " ") }, { row.kind, row.expects }, row.name)
  elseif schema.format == "uri" then
    assert.equal("url", row.kind, row.name)
  elseif schema.format == "phone-number" then
    assert.is_true(row.kind == "phone" or row.name == "phone_number", row.name)
  else
    assert.is_true(STRINGS[row.kind], row.name)
  end
end

---Each row has the kind, prefix, choices and limit in its parameter's description.
---@param rows table[]
---@param schemas table<string, table>
---@param exempt table<string, boolean>? rows whose choices stand in the prose of the documents
function described.check_kinds(rows, schemas, exempt)
  for _, row in ipairs(rows) do
    local schema = schemas[name_of(row)]
    if schema and not (exempt and exempt[row.name]) then
      check_kind(row, schema)
    end
  end
end

return described
