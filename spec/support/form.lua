-- Reads application/x-www-form-urlencoded as a server does, independently of the library.

local form = {}

local function unescape(text)
  assert(not text:find("[^%w*%-._+%%]"), "a form holds a character that it must escape")
  text = text:gsub("+", " ")
  return (
    text:gsub("%%(.?.?)", function(digits)
      assert(digits:match("^%x%x$"), "a form holds a broken escape")
      return string.char(tonumber(digits, 16))
    end)
  )
end

---@param body string
---@return table values by name
---@return string[] names in their order
function form.decode(body)
  local values, names = {}, {}
  for pair in (body .. "&"):gmatch("(.-)&") do
    local name, value = pair:match("^([^=]+)=([^=]*)$")
    assert(name, "a form holds a pair that is none: " .. pair)
    name = unescape(name)
    assert(values[name] == nil, "a form holds a name twice: " .. name)
    values[name], names[#names + 1] = unescape(value), name
  end
  return values, names
end

return form
