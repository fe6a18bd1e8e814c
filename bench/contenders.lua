-- The contenders: a table of data. `program`: a file of bench/contenders, run with `variables` in its
-- environment; `lua`: the interpreter and build that it runs under; `tls`: "gnutls" if its libcurl uses that,
-- not OpenSSL; `packages`, `npm`: the packages of Debian and npm to install, if its size is shown; `is`:
-- "floor", "ours", or nil; `short`: its name in a list. bench/report/page.md says how each is used.
local contenders = {
  {
    id = "curl_easy",
    name = "bare libcurl loop in C",
    program = "curl_easy.c",
    is = "floor",
    packages = "libcurl4 ca-certificates",
  },
  {
    id = "curl_easy_cheapest",
    name = "cheapest libcurl loop in C",
    program = "curl_easy.c",
    variables = "CHEAPEST=1",
    is = "floor",
  },
  {
    id = "curl_multi",
    name = "bare curl_multi loop in C",
    program = "curl_multi.c",
    is = "floor",
  },
  {
    id = "curl_multi_cheapest",
    name = "cheapest curl_multi loop in C",
    program = "curl_multi.c",
    variables = "CHEAPEST=1",
    is = "floor",
  },
  {
    id = "curl_json",
    name = "libcurl and jsmn in C",
    program = "curl_json.c",
    packages = "libcurl4 ca-certificates",
  },
  {
    id = "lua_http",
    name = "lua-http",
    program = "lua_http.lua",
    lua = "luajit",
    packages = "luajit2 lua-http lua-cjson lua-socket ca-certificates",
  },
  {
    id = "luasec_context",
    name = "LuaSec, one context",
    short = "LuaSec (one context)",
    program = "luasec.lua",
    variables = "ONE_CONTEXT=1",
    lua = "luajit",
  },
  {
    id = "luasec",
    name = "LuaSec",
    program = "luasec.lua",
    lua = "luajit",
    packages = "luajit2 lua-sec lua-socket lua-cjson ca-certificates",
  },
  {
    id = "node",
    name = "Twilio's client for node",
    short = "node",
    program = "twilio_node.js",
    npm = "twilio",
  },
  {
    id = "python",
    name = "Twilio's client for Python",
    short = "Python",
    program = "twilio_python.py",
    packages = "python3 python3-twilio",
  },
}

local EVERY_LUA = { "5.1", "5.2", "5.3", "5.4", "luajit" }
local LUA_CURL_LUAS = { "5.1", "5.2", "luajit" } -- those of Debian's package

-- The same under several Luas, each a contender of its own; `packages` with LuaJIT.
local under_luas = {
  {
    id = "numbers",
    name = "twilio-numbers",
    program = "numbers.lua",
    is = "ours",
    luas = EVERY_LUA,
    packages = "luajit2 libcurl4 ca-certificates",
  },
  {
    id = "flight",
    name = "twilio-numbers",
    program = "numbers_in_flight.lua",
    is = "ours",
    luas = EVERY_LUA,
  },
  {
    id = "gnutls",
    name = "twilio-numbers on GnuTLS",
    program = "numbers.lua",
    is = "ours",
    tls = "gnutls",
    luas = LUA_CURL_LUAS,
  },
  {
    id = "lua_curl",
    name = "lua-curl with lua-cjson",
    short = "lua-curl",
    program = "lua_curl.lua",
    tls = "gnutls", -- Debian's choice for the package
    luas = LUA_CURL_LUAS,
    packages = "luajit2 lua-curl lua-cjson ca-certificates",
  },
}

contenders.luas = {} -- of those, by the first part of the id
for _, of in ipairs(under_luas) do
  contenders.luas[of.id] = of.luas
  for _, lua in ipairs(of.luas) do
    local name = lua == "luajit" and "LuaJIT" or "Lua " .. lua
    contenders[#contenders + 1] = {
      id = of.id .. "-" .. lua,
      name = of.name .. ", " .. name,
      short = of.short and ("%s (%s)"):format(of.short, name),
      program = of.program,
      lua = lua,
      tls = of.tls,
      is = of.is,
      packages = lua == "luajit" and of.packages or nil,
    }
  end
end

for _, contender in ipairs(contenders) do
  contenders[contender.id] = contender
end

return contenders
