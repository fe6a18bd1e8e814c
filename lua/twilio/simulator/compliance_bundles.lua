-- numbers.twilio.com, RegulatoryCompliance/Bundles: bundles, their items and their evaluations. Pure.
-- Each function takes the store and a call (account, params, query, ...) and returns a response.

local bundles = require("twilio.simulator.bundles")
local compliance = require("twilio.simulator.compliance")
local dates = require("twilio.simulator.dates")
local errors = require("twilio.simulator.errors")
local evaluation = require("twilio.simulator.evaluation")
local json = require("twilio.simulator.json")
local pages = require("twilio.simulator.pages")
local regulations = require("twilio.simulator.regulations")

local compliance_bundles = {}

local function url_of(bundle)
  return compliance.BASE .. "Bundles/" .. bundle.sid
end

local function describe(bundle)
  local url = url_of(bundle)
  return {
    sid = bundle.sid,
    account_sid = bundle.account_sid,
    regulation_sid = bundle.regulation_sid,
    friendly_name = bundle.friendly_name,
    status = bundle.status,
    valid_until = bundle.valid_until,
    email = "compliance@example.com",
    status_callback = json.null,
    date_created = bundle.date_created,
    date_updated = bundle.date_updated,
    url = url,
    links = {
      evaluations = url .. "/Evaluations",
      item_assignments = url .. "/ItemAssignments",
      bundle_copies = url .. "/Copies",
    },
  }
end

-- The bundle of a path, or Twilio's refusal, also for a bundle of another account.
local function find(store, call)
  local bundle = store.bundles.all:find(call.bundle_sid, call.account.sid)
  return bundle, not bundle and errors.not_found(call.path) or nil
end

local function is_one_of(text, list)
  for item in list:gmatch("[^,%s]+") do
    if item == text then
      return true
    end
  end
  return false
end

local function until_of(bundle)
  return bundle.valid_until ~= json.null and bundle.valid_until or nil
end

-- parameter -> does the bundle match the value? Dates of one format compare as strings.
local filters = {
  Status = function(bundle, value)
    return bundle.status == value
  end,
  BundleSids = function(bundle, value)
    return is_one_of(bundle.sid, value)
  end,
  FriendlyName = function(bundle, value)
    return bundle.friendly_name == value
  end,
  RegulationSid = function(bundle, value)
    return bundle.regulation_sid == value
  end,
  HasValidUntilDate = function(bundle, value)
    return (until_of(bundle) ~= nil) == (value == "true")
  end,
  ValidUntilDate = function(bundle, value)
    return until_of(bundle) == value
  end,
  ["ValidUntilDate<"] = function(bundle, value)
    return until_of(bundle) ~= nil and until_of(bundle) <= value
  end,
  ["ValidUntilDate>"] = function(bundle, value)
    return until_of(bundle) ~= nil and until_of(bundle) >= value
  end,
}

local function matches(bundle, query)
  for name, filter in pairs(filters) do
    if (query[name] or "") ~= "" and not filter(bundle, query[name]) then
      return false
    end
  end
  return compliance.matches(regulations.by_sid(bundle.regulation_sid), query)
end

local sort_keys = {
  ["date-updated"] = function(bundle)
    return bundle.date_updated
  end,
  ["valid-until"] = function(bundle)
    return until_of(bundle) or ""
  end,
}

-- Sorts the results; stable.
local function sort(found, query)
  local key_of = sort_keys[query.SortBy or ""]
  if not key_of then
    return
  end
  local place, descends = {}, query.SortDirection == "DESC"
  for index, bundle in ipairs(found) do
    place[bundle] = index
  end
  table.sort(found, function(a, b)
    local first, second = key_of(a), key_of(b)
    if first == second then
      return place[a] < place[b]
    end
    return descends and first > second or not descends and first < second
  end)
end

---`GET /v2/RegulatoryCompliance/Bundles`
function compliance_bundles.list(store, call)
  local status = call.query.Status or ""
  if status ~= "" and not bundles.is_status(status) then
    return errors.response(22203)
  end
  local found = {}
  for _, bundle in ipairs(store.bundles.all:of_account(call.account.sid)) do
    if matches(bundle, call.query) then
      found[#found + 1] = bundle
    end
  end
  sort(found, call.query)
  for index, bundle in ipairs(found) do
    found[index] = describe(bundle)
  end
  return pages.with_meta(call, "results", found)
end

---`GET /v2/RegulatoryCompliance/Bundles/{Sid}`
function compliance_bundles.fetch(store, call)
  local bundle, missing = find(store, call)
  return missing or json.response(200, json.encode(describe(bundle)))
end

---`GET /v2/RegulatoryCompliance/Bundles/{BundleSid}/ItemAssignments`
function compliance_bundles.items(store, call)
  local bundle, missing = find(store, call)
  if missing then
    return missing
  end
  local list = {}
  for index, item in ipairs(bundle.items) do
    list[index] = {
      sid = item.sid,
      bundle_sid = bundle.sid,
      account_sid = bundle.account_sid,
      object_sid = item.object_sid,
      date_created = item.date_created,
      url = ("%s/ItemAssignments/%s"):format(url_of(bundle), item.sid),
    }
  end
  return pages.with_meta(call, "results", list)
end

---`POST /v2/RegulatoryCompliance/Bundles/{BundleSid}/Evaluations`
function compliance_bundles.evaluate(store, call)
  local bundle, missing = find(store, call)
  if missing then
    return missing
  end
  local record = evaluation.of(store, bundle)
  record.sid = store:new_sid("EL")
  record.account_sid = bundle.account_sid
  record.bundle_sid = bundle.sid
  record.regulation_sid = bundle.regulation_sid
  record.date_created = dates.iso8601()
  record.url = ("%s/Evaluations/%s"):format(url_of(bundle), record.sid)
  table.insert(bundle.evaluations, record)
  return json.response(201, json.encode(record))
end

---`GET /v2/RegulatoryCompliance/Bundles/{BundleSid}/Evaluations`
function compliance_bundles.evaluations(store, call)
  local bundle, missing = find(store, call)
  return missing or pages.with_meta(call, "results", bundle.evaluations)
end

---`GET /v2/RegulatoryCompliance/Bundles/{BundleSid}/Evaluations/{Sid}`
function compliance_bundles.evaluation(store, call)
  local bundle, missing = find(store, call)
  for _, record in ipairs(bundle and bundle.evaluations or {}) do
    if record.sid == call.sid then
      return json.response(200, json.encode(record))
    end
  end
  return missing or errors.not_found(call.path)
end

return compliance_bundles
