-- Purchases that Twilio's description allows, made from a seed: the same on every Lua.
--
-- The parameters are repeated here, so that a mistake in the module's own table is detected.

local purchases = {}

---A generator of whole numbers in [low, high] (Park and Miller's; exact in a double).
local function new_random(seed)
  local state = seed % 2147483646 + 1
  return function(low, high)
    state = state * 16807 % 2147483647
    return low + state % (high - low + 1)
  end
end

local function pick(random, list)
  return list[random(1, #list)]
end

local function digits(random, count)
  local text = {}
  for i = 1, count do
    text[i] = ("%d"):format(random(0, 9))
  end
  return table.concat(text)
end

local HEX = "0123456789abcdefABCDEF"

local function sid(prefix)
  return function(random)
    local text = { prefix }
    for _ = 1, 32 do
      local place = random(1, #HEX)
      text[#text + 1] = HEX:sub(place, place)
    end
    return table.concat(text)
  end
end

local function choice(...)
  local choices = { ... }
  return function(random)
    return pick(random, choices)
  end
end

local SCHEMES = { "https://", "http://", "HTTPS://" }
local HOSTS =
  { "example.com", "a-b.example.org:8443", "192.0.2.1", "[2001:db8::1]:80", "localhost" }
local USERS = { "", "", "user:pass%40word@", "user@" }
local PATHS = { "", "/", "/voice", "/a/%C3%A4/;p=1", "/with%20space/~x!$&'()*+,=:@" }
local QUERIES = { "", "?", "?a=1&b=2", "?q=a+b%26c&d=%F0%9F%93%9E", "?x=/path?y=1" }
local FRAGMENTS = { "", "", "#part", "#rc=3&rp=all" }

local function url(random)
  local parts = {}
  for i, list in ipairs { SCHEMES, USERS, HOSTS, PATHS, QUERIES, FRAGMENTS } do
    parts[i] = pick(random, list)
  end
  return table.concat(parts)
end

---Characters of one to four bytes, and all special characters of a form.
local CHARACTERS = {
  "a",
  "Z",
  "0",
  " ",
  "+",
  "&",
  "=",
  "%",
  "#",
  "?",
  ";",
  "/",
  "\\",
  '"',
  "'",
  "<",
  "~",
  "*",
  "(",
  "!",
  "$",
  ",",
  "@",
  "[",
  "^",
  "`",
  "{",
  "|",
  "-",
  ".",
  "_",
  "\t",
  "\r\n",
  "\1",
  "\127",
  "\194\128",
  "\195\164",
  "\195\159",
  "\204\136",
  "\208\175",
  "\215\169",
  "\224\160\128",
  "\227\129\130",
  "\230\188\162",
  "\226\128\143",
  "\237\159\191",
  "\238\128\128",
  "\239\187\191",
  "\240\144\128\128",
  "\240\159\147\158",
  "\240\159\145\169",
  "\226\128\141",
  "\244\143\191\189",
}

local function text(random)
  local characters = {}
  for i = 1, random(1, 32) do
    characters[i] = pick(random, CHARACTERS)
  end
  return table.concat(characters)
end

---A friendly name of at most 64 characters.
local function friendly_name(random)
  local longest = ("\240\159\147\158"):rep(64)
  return random(1, 8) == 1 and longest or text(random)
end

local function phone_number(random)
  return "+" .. ("%d"):format(random(1, 9)) .. digits(random, random(1, 14))
end

---An area code may also be a number.
local function area_code(random)
  return random(0, 1) == 0 and digits(random, 3) or random(100, 999)
end

local function boolean(random)
  return random(0, 1) == 1
end

local method = choice("GET", "POST")

local PARAMETERS = {
  { "api_version", text },
  { "friendly_name", friendly_name },
  { "sms_application_sid", sid("AP") },
  { "sms_fallback_method", method },
  { "sms_fallback_url", url },
  { "sms_method", method },
  { "sms_url", url },
  { "status_callback", url },
  { "status_callback_method", method },
  { "voice_application_sid", sid("AP") },
  { "voice_caller_id_lookup", boolean },
  { "voice_fallback_method", method },
  { "voice_fallback_url", url },
  { "voice_method", method },
  { "voice_url", url },
  { "emergency_status", choice("Active", "Inactive") },
  { "emergency_address_sid", sid("AD") },
  { "trunk_sid", sid("TK") },
  { "identity_sid", sid("RI") },
  { "address_sid", sid("AD") },
  { "voice_receive_mode", choice("voice", "fax") },
  { "bundle_sid", sid("BU") },
  { "phone_number", phone_number },
  { "area_code", area_code },
}

---Mutually exclusive parameters; one of the first pair is required.
local function settle(params, random, wanted, there)
  local function leave_out(a, b)
    if params[a] ~= nil and params[b] ~= nil then
      local keep = (wanted == a or wanted == b) and wanted or (random(0, 1) == 0 and a or b)
      params[keep == a and b or a] = nil
    end
  end
  leave_out("trunk_sid", "voice_application_sid")
  leave_out("phone_number", "area_code")
  if params.phone_number == nil and params.area_code == nil then
    if wanted == "phone_number" and not there then
      params.area_code = area_code(random)
    else
      params.phone_number = phone_number(random)
    end
  end
  return params
end

---One purchase with or without the parameter `wanted`.
local function purchase(random, wanted, there)
  local params = {}
  local weight = random(0, 4)
  for _, row in ipairs(PARAMETERS) do
    local name, value = row[1], row[2](random)
    local given = random(1, 4) <= weight
    if name == wanted then
      given = there
    end
    if given then
      params[name] = value
    end
  end
  return settle(params, random, wanted, there)
end

---Purchases in which each parameter is present once and absent once.
---@param seed integer
---@param count integer
---@return table[] list of params
function purchases.generate(seed, count)
  local random = new_random(seed)
  local list = {}
  for i = 1, count do
    local row = PARAMETERS[(i - 1) % #PARAMETERS + 1]
    local there = math.floor((i - 1) / #PARAMETERS) % 2 == 0
    list[i] = purchase(random, row[1], there)
  end
  return list
end

---Another seed for each run, or the one of an earlier run that failed.
---@return integer
function purchases.seed()
  return tonumber(os.getenv("PURCHASES_SEED")) or os.time()
end

---How to reproduce a failure.
---@return string
function purchases.describe(seed, index)
  return ("purchase %d of PURCHASES_SEED=%d"):format(index, seed)
end

---How often each value of each parameter occurs: counts[name][value], and of its absence
---counts[name].absent.
function purchases.count(list)
  local counts = {}
  for _, row in ipairs(PARAMETERS) do
    local seen = {}
    for _, params in ipairs(list) do
      local value = params[row[1]]
      local key = value == nil and "absent" or tostring(value)
      seen[key] = (seen[key] or 0) + 1
    end
    counts[row[1]] = seen
  end
  return counts
end

return purchases
