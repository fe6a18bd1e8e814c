local interpreter = require("spec.support.interpreter")

--- A client whose transport is a function, in a process of its own.
local CLIENT = [[
local sid = "PN" .. ("0"):rep(32)
local function client(transport, options)
  options = options or {}
  options.account_sid, options.auth_token = "AC" .. ("0"):rep(32), "x"
  options.transport = transport
  return assert(require("twilio.numbers").client(options))
end
local function created() return { status = 201, body = '{"sid":"' .. sid .. '"}' } end
]]

describe("the module", function()
  it("checks, encodes and buys by the host's transport in a process without libcurl", function()
    local output = interpreter.output(CLIENT .. [[
      package.preload["twilio.numbers.curl"] = function() error("libcurl was asked for") end
      local body
      local made = client(function(request)
        body = request.body
        return created()
      end)
      print(select(2, made:purchase { phone_number = "1" }))
      print(assert(made:purchase { phone_number = "+15005550006" }).sid, body)
      local maps = io.open("/proc/self/maps")
      print("libcurl", maps and maps:read("*a"):find("libcurl", 1, true))
      made:close()
      print(pcall(require, "twilio.numbers.curl"))
    ]])
    local lines = {}
    for line in output:gmatch("[^\n]+") do
      lines[#lines + 1] = line
    end
    assert.truthy(lines[1]:find("E.164", 1, true), output)
    assert.equal("PN" .. ("0"):rep(32) .. "\tPhoneNumber=%2B15005550006", lines[2])
    assert.equal("libcurl\tnil", lines[3])
    assert.truthy(lines[4]:find("libcurl was asked for", 1, true), output)
  end)

  it("must be called with a dot", function()
    local numbers = require("twilio.numbers")
    for name, argument in pairs { client = {}, journal = "purchases.db", is_sid = "PN" } do
      assert.error_matches(function()
        numbers[name](numbers, argument) -- numbers:client{}
      end, ("call numbers.%s(...) with a dot"):format(name), 1, true)
    end
  end)

  it("reports that libcurl is needed and missing", function()
    local output = interpreter.output([[
      package.preload["twilio.numbers.curl"] = function() error("no libcurl here") end
      local client, message, err = require("twilio.numbers").client {
        account_sid = "AC" .. ("0"):rep(32), auth_token = "s3cr3t" }
      print(client, err.kind, message)
    ]])
    assert.truthy(output:find("nil\tinvalid\t", 1, true), output)
    assert.truthy(output:find("libcurl cannot be used (give a transport instead)", 1, true), output)
    assert.truthy(output:find("no libcurl here", 1, true), output)
    assert.is_nil(output:find("s3cr3t", 1, true))
  end)

  it("reports on one line why a module cannot be loaded", function()
    local output = interpreter.output([[
      package.preload.luv = function() error("error loading 'luv' from 'luv.so':\n\tno symbol", 0) end
      local numbers = require("twilio.numbers")
      local given = { account_sid = "AC" .. ("0"):rep(32), auth_token = "x", loop = "luv" }
      print((select(2, numbers.client(given))))
      given.loop, given.transport = nil, "resty"
      print((select(2, numbers.client(given))))
    ]])
    local lines = {}
    for line in output:gmatch("[^\n]+") do
      lines[#lines + 1] = line
    end
    assert.equal(2, #lines, output)
    assert.matches("the rock luv: error loading 'luv' from 'luv.so': no symbol.$", lines[1])
    assert.matches("cannot be used: module 'resty.http' not found.$", lines[2])
  end)

  it("reports what a host lacks each time, not only the first time", function()
    local output = interpreter.output([[
      ngx = { get_phase = function() return "content" end } -- as a host's own specs may have it
      local numbers = require("twilio.numbers")
      local given = { account_sid = "AC" .. ("0"):rep(32), auth_token = "x" }
      local client = assert(numbers.client(given))
      given.transport = "resty"
      for _ = 1, 2 do
        print((select(2, client:purchase { area_code = "415" }):match("^[^\n]*")))
        print((select(2, numbers.client(given)):match("^[^\n]*")))
      end
    ]])
    local lines = {}
    for line in output:gmatch("[^\n]+") do
      lines[#lines + 1] = line
    end
    assert.equal(4, #lines, output)
    assert.matches("OpenResty with lua%-resty%-core: ", lines[1])
    assert.is_nil(output:find("loop or previous error", 1, true), output)
    assert.matches("lua%-resty%-http cannot be used: .*module 'resty.http' not found", lines[2])
    assert.same({ lines[1], lines[2] }, { lines[3], lines[4] })
  end)

  it("creates no globals and changes none", function()
    local output = interpreter.output(CLIENT .. [[
      local before = {}
      for name, value in pairs(_G) do before[name] = value end
      local real = { string = {}, table = {}, math = {}, os = {}, io = {}, package = {} }
      for library, copy in pairs(real) do
        for name, value in pairs(_G[library]) do copy[name] = value end
      end
      require("cjson")
      local cjson_made = rawget(_G, "cjson")
      for _, name in ipairs { "", ".core", ".curl", ".client", ".api.purchase" } do
        require("twilio.numbers" .. name)
      end
      for _, response in ipairs { created(), { status = 500 }, { status = 302 } } do
        local made = client(function() return response end, { retries = 0 })
        made:purchase { area_code = "415" }
        made:purchase { phone_number = "+15005550006" }
        made:purchase { phone_number = 1, x = 2 }
        made:close()
      end
      for name, value in pairs(_G) do
        if before[name] ~= value and value ~= cjson_made then print("changed", name) end
      end
      for library, copy in pairs(real) do
        for name, value in pairs(_G[library]) do
          if copy[name] ~= value then print("changed", library, name) end
        end
      end
      print("looked")
    ]])
    assert.equal("looked\n", output)
  end)

  it("can be loaded repeatedly in one state", function()
    local output = interpreter.output(CLIENT .. [[
      local first = client(created)
      local curl = require("twilio.numbers.curl")
      local session = curl.session {}
      for _ = 1, 50 do
        for name in pairs(package.loaded) do
          if name:match("^twilio") then package.loaded[name] = nil end
        end
        assert(client(created):purchase { area_code = "415" })
        require("twilio.numbers.curl").session({}):close()
        assert(first:purchase { area_code = "415" })
        collectgarbage()
      end
      session:close()
      session = nil
      collectgarbage()
      print("done")
    ]])
    assert.equal("done\n", output)
  end)

  it("returns what Lua's own assert expects", function()
    local output = interpreter.output(CLIENT .. [[
      local refused = client(function() return { status = 400, body = '{"code":21422}' } end)
      print(pcall(function() assert(refused:purchase { area_code = "415" }) end))
      print(pcall(function() assert(require("twilio.numbers").client { timeout = 0 }) end))
      print(assert(client(created):purchase { area_code = "415" }).sid)
    ]])
    local first, second, third = output:match("^(.-)\n(.-)\n(.-)\n$")
    assert.truthy(first:find("^false\t.*status 400, error 21422"), output)
    assert.truthy(second:find("^false\t.*timeout must be"), output)
    assert.equal("PN" .. ("0"):rep(32), third)
  end)

  it("is closed at the end of the process, whatever was left open", function()
    local output = interpreter.output(CLIENT .. [[
      kept = { client(created), require("twilio.numbers.curl").session {} }
      kept[3] = require("twilio.numbers").client {
        account_sid = "AC" .. ("0"):rep(32), auth_token = "x" }
      print("left")
    ]])
    assert.equal("left\n", output)
  end)
end)
