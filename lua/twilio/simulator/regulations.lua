-- The regulations by country, type of number and kind of user. Pure; data.
-- A regulation without requirements needs no bundle. If there is none, nothing is regulated, or nothing is
-- sold to such users.

local json = require("twilio.simulator.json")

local regulations = {}

local BASE = "https://numbers.twilio.com/v2/RegulatoryCompliance/"

-- machine name -> name for people
local field_names = {
  address_sids = "Address sid(s)",
  birth_date = "Birth Date",
  business_name = "Business Name",
  business_registration_number = "Business Registration Number",
  document_number = "Document Number",
  first_name = "First Name",
  last_name = "Last Name",
}

local function detailed(fields)
  local list = {}
  for index, name in ipairs(fields) do
    list[index] = {
      machine_name = name,
      friendly_name = field_names[name],
      description = ("The %s of the user"):format(field_names[name]),
    }
  end
  return list
end

---The kinds of users, and their required fields.
regulations.end_user_types = {
  individual = { name = "Individual", fields = { "first_name", "last_name", "birth_date" } },
  business = { name = "Business", fields = { "business_name", "business_registration_number" } },
}

---The kinds of documents, and their required fields. `address` is an address by itself.
regulations.document_types = {
  address = { name = "Address Validation", fields = { "address_sids" } },
  commercial_registrar_excerpt = {
    name = "Excerpt from the commercial register",
    fields = { "business_name", "address_sids" },
  },
  passport = { name = "Passport", fields = { "first_name", "last_name", "document_number" } },
  utility_bill = { name = "Utility bill", fields = { "first_name", "last_name", "address_sids" } },
}

-- The possible requirements, by name: their label, and the accepted documents.
local asked = {
  proof_of_address = {
    name = "Address",
    accepts = { "address", "utility_bill", "commercial_registrar_excerpt" },
  },
  proof_of_identity = { name = "Identity", accepts = { "passport" } },
  business_name_info = { name = "Business Name", accepts = { "commercial_registrar_excerpt" } },
}

-- { country, type, kind of user, requirements }; an empty list: only the user; none: nothing is required
local rows = {
  { "DE", "local", "individual", { "proof_of_address", "proof_of_identity" } },
  { "DE", "local", "business", { "proof_of_address", "business_name_info" } },
  { "GB", "local", "individual", { "proof_of_address" } },
  { "GB", "local", "business", { "proof_of_address" } },
  { "US", "local", "individual" },
  { "US", "local", "business" },
  { "EE", "mobile", "business", { "business_name_info" } },
  { "AU", "mobile", "individual", { "proof_of_identity" } },
  { "AU", "mobile", "business", { "business_name_info" } },
  { "DE", "mobile", "individual", { "proof_of_address" } },
  { "DE", "mobile", "business", { "proof_of_address" } },
}

local countries = {
  AU = "Australia",
  DE = "Germany",
  EE = "Estonia",
  GB = "United Kingdom",
  US = "United States",
}

-- A document or a user, as a regulation describes it.
local function described(kind, row, folder)
  return {
    name = row.name,
    type = kind,
    url = BASE .. folder .. kind,
    fields = row.fields,
    detailed_fields = detailed(row.fields),
  }
end

-- One requirement: a list of one, since all of the outer list are required.
local function document_requirement(name)
  local accepted = {}
  for index, kind in ipairs(asked[name].accepts) do
    accepted[index] = described(kind, regulations.document_types[kind], "DocumentTypes/")
  end
  return {
    {
      name = asked[name].name,
      type = "document",
      requirement_name = name,
      description = ("A document that shows the %s of the user"):format(asked[name].name),
      accepted_documents = accepted,
    },
  }
end

local function requirements_of(user, names)
  if not names then
    return { end_user = json.empty_list, supporting_document = json.empty_list }
  end
  local end_user = described(user, regulations.end_user_types[user], "Regulations/")
  end_user.requirement_name = user .. "_info"
  local documents = {}
  for index, name in ipairs(names) do
    documents[index] = document_requirement(name)
  end
  return { end_user = { end_user }, supporting_document = documents }
end

---All regulations, sorted by SID.
---@type table[]
regulations.list = {}

local by_sid = {}

for number, row in ipairs(rows) do
  local country, kind, user, names = row[1], row[2], row[3], row[4]
  local sid = ("RN%032d"):format(number)
  local regulation = {
    sid = sid,
    friendly_name = ("%s: %s - %s"):format(
      countries[country],
      kind:gsub("^%l", string.upper),
      regulations.end_user_types[user].name
    ),
    iso_country = country,
    number_type = kind, -- correct for all types here; toll_free would be "toll-free"
    end_user_type = user,
    requirements = requirements_of(user, names),
    url = BASE .. "Regulations/" .. sid,
  }
  regulations.list[number] = regulation
  by_sid[sid] = regulation
end

---@param sid string
---@return table?
function regulations.by_sid(sid)
  return by_sid[sid]
end

---The SID of a regulation.
---@param country string
---@param kind string the type of number
---@param user string the kind of user
---@return string?
function regulations.sid_of(country, kind, user)
  for _, regulation in ipairs(regulations.list) do
    if
      regulation.iso_country == country
      and regulation.number_type == kind
      and regulation.end_user_type == user
    then
      return regulation.sid
    end
  end
end

return regulations
