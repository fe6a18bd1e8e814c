-- numbers.twilio.com, RegulatoryCompliance: regulations, the kinds of users and documents, documents. Pure.
-- Each function takes the store and a call (account, params, query, ...) and returns a response.

local errors = require("twilio.simulator.errors")
local json = require("twilio.simulator.json")
local pages = require("twilio.simulator.pages")
local regulations = require("twilio.simulator.regulations")

local compliance = {}

compliance.BASE = "https://numbers.twilio.com/v2/RegulatoryCompliance/"

local filters = {
  IsoCountry = "iso_country",
  NumberType = "number_type",
  EndUserType = "end_user_type",
}

---Whether a regulation matches a query.
---@param regulation table
---@param query table<string, string>
---@return boolean
function compliance.matches(regulation, query)
  for name, field in pairs(filters) do
    if (query[name] or "") ~= "" and regulation[field] ~= query[name] then
      return false
    end
  end
  return true
end

---`GET /v2/RegulatoryCompliance/Regulations`
function compliance.regulations(_, call)
  local found = {}
  for _, regulation in ipairs(regulations.list) do
    if compliance.matches(regulation, call.query) then
      found[#found + 1] = regulation
    end
  end
  return pages.with_meta(call, "results", found)
end

local function answer(resource, call)
  return resource and json.response(200, json.encode(resource)) or errors.not_found(call.path)
end

---`GET /v2/RegulatoryCompliance/Regulations/{Sid}`
function compliance.regulation(_, call)
  return answer(regulations.by_sid(call.sid), call)
end

-- A list of kinds, sorted by name, each with a SID.
local function kinds(rows, folder, first_sid)
  local names, list = {}, {}
  for name in pairs(rows) do
    names[#names + 1] = name
  end
  table.sort(names)
  for index, name in ipairs(names) do
    local fields = {}
    for number, field in ipairs(rows[name].fields) do
      fields[number] = { friendly_name = field, machine_name = field, constraint = "String" }
    end
    local sid = ("OY%032d"):format(first_sid + index)
    list[index] = {
      sid = sid,
      friendly_name = rows[name].name,
      machine_name = name,
      fields = fields,
      url = compliance.BASE .. folder .. "/" .. sid,
    }
  end
  return list
end

-- The handlers of a list of kinds, and of a single kind.
local function handlers_of(key, list)
  local function all(_, call)
    return pages.with_meta(call, key, list)
  end
  local function one(_, call)
    for _, kind in ipairs(list) do
      if kind.sid == call.sid then
        return answer(kind, call)
      end
    end
    return errors.not_found(call.path)
  end
  return all, one
end

---`GET /v2/RegulatoryCompliance/EndUserTypes`, and one of them
compliance.end_user_types, compliance.end_user_type =
  handlers_of("end_user_types", kinds(regulations.end_user_types, "EndUserTypes", 0))

---`GET /v2/RegulatoryCompliance/SupportingDocumentTypes`, and one of them
compliance.document_types, compliance.document_type = handlers_of(
  "supporting_document_types",
  kinds(regulations.document_types, "SupportingDocumentTypes", 100)
)

---`GET /v2/RegulatoryCompliance/SupportingDocuments`
function compliance.documents(store, call)
  return pages.with_meta(call, "results", store.bundles.documents:of_account(call.account.sid))
end

---`GET /v2/RegulatoryCompliance/SupportingDocuments/{Sid}`
function compliance.document(store, call)
  return answer(store.bundles.documents:find(call.sid, call.account.sid), call)
end

return compliance
