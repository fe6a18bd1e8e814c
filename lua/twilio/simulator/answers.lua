-- The answers of faults: errors, and answers that no client can use. Pure.
-- Each function takes the fault, and the answer of the API if the request was carried out.

local errors = require("twilio.simulator.errors")
local json = require("twilio.simulator.json")

local answers = {}

local JSON_TYPE = "application/json"

local function answer(fault, body, content_type, headers)
  headers = headers or {}
  headers["content-type"] = fault.content_type or content_type or JSON_TYPE
  return { status = fault.status or 201, headers = headers, body = fault.body or body }
end

function answers.status(fault)
  local response = fault.code and errors.response(fault.code, nil, fault.status)
    or errors.of_status(fault.status)
  response.body = fault.body or response.body
  response.headers["content-type"] = fault.content_type or response.headers["content-type"]
  response.headers["retry-after"] = fault.retry_after and tostring(fault.retry_after)
  return response
end

function answers.redirect(fault)
  local location = fault.location or "https://127.0.0.1:1/elsewhere"
  return answer(fault, "", "text/html", { location = location })
end

function answers.html(fault)
  local body = "<!DOCTYPE html><html><head><title>Log in</title></head>"
    .. "<body><form action='/login'>Log in to use this network</form></body></html>"
  return answer(fault, body, "text/html; charset=utf-8")
end

function answers.invalid_json(fault)
  return answer(fault, '{"sid": "PN", "phone_number": }')
end

function answers.nested_json(fault)
  local depth = fault.depth or 100000
  return answer(fault, ('{"a":'):rep(depth) .. "1" .. ("}"):rep(depth))
end

function answers.huge_json(fault)
  local bytes = fault.bytes or 2 * 1024 * 1024
  return answer(fault, '{"friendly_name":"' .. ("x"):rep(math.max(bytes - 20, 0)) .. '"}')
end

-- 10,518,145 zeros in gzip, by hand: in a deflate block with fixed codes, a literal zero (00110000)
-- and then "the last 258 bytes again" (11000101 00000), whose 13 bits repeat every 13 bytes.
local ZEROS_REPEATS = 40768
local function zeros_in_gzip()
  local bits = { "1", "10", "00110000", ("1100010100000"):rep(ZEROS_REPEATS), "0000000", "0000000" }
  local bytes = {}
  for byte in table.concat(bits):gmatch("........") do
    bytes[#bytes + 1] = string.char(tonumber(byte:reverse(), 2))
  end
  local crc_and_size = "\116\52\188\158" .. "\129\126\160\0"
  return "\31\139\8\0\0\0\0\0\0\255" .. table.concat(bytes) .. crc_and_size
end

local bomb
function answers.gzip_bomb(fault)
  bomb = bomb or zeros_in_gzip()
  return answer(fault, bomb, JSON_TYPE, { ["content-encoding"] = "gzip" })
end

function answers.many_headers(fault, response)
  local headers, left, count = {}, fault.bytes or 100 * 1024, 0
  while left > 0 do
    count = count + 1
    headers[("x-padding-%d"):format(count)] = ("x"):rep(math.min(left, 1000))
    left = left - 1000
  end
  return answer(fault, response and response.body or "{}", JSON_TYPE, headers)
end

function answers.empty(fault)
  return answer(fault, "")
end

-- A list without paging fields, as Twilio sends some.
function answers.bare_page(_, response)
  local page = json.decode(response and response.body) or {}
  local fields, lists = {}, {}
  for name, value in pairs(page) do
    if type(value) == "table" then
      lists[name] = value
    elseif name == "uri" then
      fields[name] = value
    end
  end
  response.body = json.object(fields, lists)
  return response
end

return answers
