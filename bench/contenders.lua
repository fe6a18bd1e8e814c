-- The contenders: a table of data. `program`: a file of bench/contenders, run with `variables` in its
-- environment; `lua`: the interpreter and build that it runs under, LuaJIT for all but ours; `packages`,
-- `npm`: the packages of Debian and npm to install, if its size is shown; `is`: "floor", "ours", or nil;
-- `settings`: how it is used, among its documented ways; `short`: its name in a list.
local contenders = {
  {
    id = "curl_easy",
    name = "bare libcurl loop in C",
    program = "curl_easy.c",
    is = "floor",
    packages = { "libcurl4", "ca-certificates" },
    settings = "One easy handle, a header for the credentials, no default CApath. "
      .. "No checks, no encoding, no decoding.",
  },
  {
    id = "curl_easy_cheapest",
    name = "cheapest libcurl loop in C",
    program = "curl_easy.c",
    variables = "CHEAPEST=1",
    is = "floor",
    settings = "The same; libcurl parses the URL once (`CURLOPT_CURLU`), the user agent is a header line, "
      .. "and no variable is asked for a proxy.",
  },
  {
    id = "curl_multi",
    name = "bare curl_multi loop in C",
    program = "curl_multi.c",
    is = "floor",
    settings = "Easy handles that are used again, curl_multi_poll. No checks, no encoding, no decoding.",
  },
  {
    id = "curl_multi_cheapest",
    name = "cheapest curl_multi loop in C",
    program = "curl_multi.c",
    variables = "CHEAPEST=1",
    is = "floor",
    settings = "The same, as cheap as libcurl can be had.",
  },
  {
    id = "curl_json",
    name = "libcurl and jsmn in C",
    program = "curl_json.c",
    packages = { "libcurl4", "ca-certificates" },
    settings = "One easy handle, no default CApath. Encodes, reads the answer into a struct, checks status "
      .. "and SID. jsmn is a header alone.",
  },
  {
    id = "numbers-luajit",
    name = "twilio-numbers, LuaJIT",
    program = "numbers.lua",
    lua = "luajit",
    is = "ours",
    packages = { "luajit2", "lua-cjson", "libcurl4", "ca-certificates" },
    settings = "`client:purchase`, all defaults. Checks, encoding and decoding included.",
  },
  {
    id = "flight-luajit",
    name = "twilio-numbers, LuaJIT",
    program = "numbers_in_flight.lua",
    lua = "luajit",
    is = "ours",
    settings = "`client:purchase_async` with `max_in_flight`, in a script that waits for `client:pollfd()`. "
      .. "Checks, encoding and decoding included.",
  },
  {
    id = "lua_curl",
    name = "lua-curl with lua-cjson",
    short = "lua-curl",
    program = "lua_curl.lua",
    lua = "luajit",
    packages = { "luajit2", "lua-curl", "lua-cjson", "ca-certificates" },
    settings = "One easy handle, so its connection is kept.",
  },
  {
    id = "lua_http",
    name = "lua-http",
    program = "lua_http.lua",
    lua = "luajit",
    packages = { "luajit2", "lua-http", "lua-cjson", "lua-socket", "ca-certificates" },
    settings = "Kept connections (`http.client.connect`), certificates read once, a coroutine of cqueues for "
      .. "each in flight.",
  },
  {
    id = "luasec_context",
    name = "LuaSec, one context",
    short = "LuaSec (one context)",
    program = "luasec.lua",
    variables = "ONE_CONTEXT=1",
    lua = "luajit",
    packages = { "luajit2", "lua-sec", "lua-socket", "lua-cjson", "ca-certificates" },
    settings = "`socket.http.request` with a `create` that uses one `ssl.newcontext`: the certificates are "
      .. "read once. LuaSocket still connects anew for each request, and LuaSec checks no host name.",
  },
  {
    id = "luasec",
    name = "LuaSec",
    program = "luasec.lua",
    lua = "luajit",
    packages = { "luajit2", "lua-sec", "lua-socket", "lua-cjson", "ca-certificates" },
    settings = "`ssl.https.request`, as its manual shows. It connects and reads the certificates anew for "
      .. "each request, and can keep neither; it checks no host name.",
  },
  {
    id = "node",
    name = "Twilio's client for node",
    short = "node",
    program = "twilio_node.js",
    packages = {},
    npm = "twilio",
    settings = "keepAlive, as many sockets as purchases in flight, node's own roots and the server's. "
      .. "Its CPU time is that after 2,000 purchases, when its compiler has done its work.",
  },
  {
    id = "python",
    name = "Twilio's client for Python",
    short = "Python",
    program = "twilio_python.py",
    packages = { "python3-twilio" },
    settings = "Its session keeps connections; `pool_maxsize` is the number of threads; `trust_env` is off. "
      .. "This release has no asynchronous client, so in flight means threads.",
  },
}

-- Ours under the other Luas.
for _, lua in ipairs { "5.1", "5.2", "5.3", "5.4" } do
  for id, program in pairs { numbers = "numbers.lua", flight = "numbers_in_flight.lua" } do
    contenders[#contenders + 1] = {
      id = id .. "-" .. lua,
      name = "twilio-numbers, Lua " .. lua,
      program = program,
      lua = lua,
      is = "ours",
    }
  end
end

for _, contender in ipairs(contenders) do
  contenders[contender.id] = contender
end

return contenders
