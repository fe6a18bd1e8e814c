-- Evaluates a bundle against the requirements of its regulation. Pure.
-- Used by compliance_bundles.lua.

local json = require("twilio.simulator.json")
local regulations = require("twilio.simulator.regulations")

local evaluation = {}

-- Twilio's codes for missing users, documents and fields.
local NO_USER, NO_USER_FIELD, NO_DOCUMENT, NO_DOCUMENT_FIELD = 22214, 22215, 22216, 22217

-- The kind of an item of a bundle: of a user, or of a document.
local function kind_of(store, object_sid, user)
  local document = store.bundles.documents.by_sid[object_sid]
  if document then
    return document.type
  end
  return ({ IT = user, AD = "address" })[object_sid:sub(1, 2)]
end

-- The kinds of items in a bundle, as a set.
local function kinds_in(store, bundle, user)
  local kinds = {}
  for _, item in ipairs(bundle.items) do
    kinds[kind_of(store, item.object_sid, user) or ""] = true
  end
  return kinds
end

local function fields_of(described, code)
  local list = {}
  for index, field in ipairs(described.detailed_fields) do
    list[index] = { friendly_name = field.friendly_name, object_field = field.machine_name }
    if code then
      list[index].error_code = code
      list[index].failure_reason = ("The %s is missing."):format(field.friendly_name)
    end
  end
  return list
end

-- The result of one requirement. `described` is the item, or an accepted kind if it is missing.
local function result(requirement, described, is_there, code, field_code)
  return {
    friendly_name = described.name,
    object_type = described.type,
    requirement_friendly_name = requirement.name,
    requirement_name = requirement.requirement_name,
    passed = is_there,
    failure_reason = is_there and json.null or ("A %s is missing."):format(described.name),
    error_code = is_there and json.null or code,
    valid = is_there and fields_of(described) or json.empty_list,
    invalid = is_there and json.empty_list or fields_of(described, field_code),
  }
end

-- The first accepted document in the bundle, or else the first accepted one.
local function document_for(requirement, kinds)
  for _, accepted in ipairs(requirement.accepted_documents) do
    if kinds[accepted.type] then
      return accepted, true
    end
  end
  return requirement.accepted_documents[1], false
end

local function is_compliant(results)
  for _, item in ipairs(results) do
    if not item.passed then
      return false
    end
  end
  return true
end

---Evaluates a bundle.
---@param store table
---@param bundle twilio.simulator.Bundle
---@return table record status and results
function evaluation.of(store, bundle)
  local regulation = regulations.by_sid(bundle.regulation_sid)
  local kinds = kinds_in(store, bundle, regulation.end_user_type)
  local required, results = regulation.requirements, {}
  local asks = required.end_user ~= json.empty_list
  for _, user in ipairs(asks and required.end_user or {}) do
    results[#results + 1] = result(user, user, kinds[user.type] == true, NO_USER, NO_USER_FIELD)
  end
  for _, alternatives in ipairs(asks and required.supporting_document or {}) do
    for _, requirement in ipairs(alternatives) do
      local document, is_there = document_for(requirement, kinds)
      results[#results + 1] =
        result(requirement, document, is_there, NO_DOCUMENT, NO_DOCUMENT_FIELD)
    end
  end
  return {
    status = is_compliant(results) and "compliant" or "noncompliant",
    results = #results == 0 and json.empty_list or results,
  }
end

return evaluation
