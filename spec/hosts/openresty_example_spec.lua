-- examples/openresty and docs/hosts/openresty.md.
local cjson = require("cjson")
local nginx = require("spec.support.nginx")
local simulator = require("spec.support.simulator")

local FOLDER = "examples/openresty/"

local read = require("spec.support.files").read

-- Replaces text that must be there.
local function replace(text, old, new)
  local from, to = text:find(old, 1, true)
  assert(from, old)
  return text:sub(1, from - 1) .. new .. text:sub(to + 1)
end

-- nginx.conf, on a free port, with its modules from wherever they are here.
local function configuration()
  local text = read(FOLDER .. "nginx.conf"):gsub("load_module [^\n]*\n", "")
  text = replace(text, "127.0.0.1:8080", "127.0.0.1:$port")
  return "$modules\n" .. replace(text, "$prefix/", "$root/" .. FOLDER)
end

describe("the example for OpenResty", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }
  local host

  setup(function()
    local root = "$PWD"
    host = nginx.start {
      configuration = configuration(),
      shell = table.concat({
        ('LUA_PATH="%s/lua/?.lua;%s/lua/?/init.lua;;"'):format(root, root),
        ('LUA_CPATH="%s/%s/luajit/?.so;;"'):format(root, os.getenv("BUILD") or "build"),
        "TWILIO_ACCOUNT_SID=" .. twilio.account_sid,
        "TWILIO_AUTH_TOKEN=" .. twilio.auth_token,
        "TWILIO_BASE_URL=" .. twilio.base_url,
        "TWILIO_CA_FILE=" .. twilio.ca_file,
      }, " "),
    }
  end)

  teardown(function()
    host:stop()
  end)

  local function post(path)
    local answer = host:begin(path, "POST"):receive()
    return answer.status, cjson.decode(answer.body)
  end

  it("buys a number", function()
    local status, number = post("/numbers?area_code=415")
    assert.equal(200, status)
    assert.equal(twilio:state().owned[1].sid, number.sid)
  end)

  it("does not buy for a GET", function()
    assert.equal(403, host:get("/numbers?area_code=415").status)
    assert.equal(0, twilio:state().requests)
  end)

  it("looks up after a lost response, and buys once", function()
    twilio:fault { fault = "close_after_commit", method = "POST" }
    local status, number = post("/numbers?area_code=415")
    assert.equal(200, status)
    assert.equal(1, twilio:state().purchases)
    assert.equal(twilio:state().owned[1].sid, number.sid)
  end)

  it("reports what is wrong, and whether money was spent", function()
    local status, answer = post("/numbers")
    assert.same({ 422, "invalid", "no" }, { status, answer.kind, answer.purchased })
    status, answer = post("/numbers?area_code=303") -- sold out
    assert.same({ 422, "api", "no" }, { status, answer.kind, answer.purchased })
    twilio:fault { fault = "close_after_commit", method = "POST", times = 50 }
    twilio:fault {
      fault = "status",
      status = 403,
      method = "GET",
      path = "/Incoming",
      times = 50,
    }
    status, answer = post("/numbers?area_code=415")
    assert.same({ 502, "network", "unknown" }, { status, answer.kind, answer.purchased })
  end)

  for name, case in pairs {
    ["a number that is not to be had as the buyer's"] = { 400, 422 },
    ["credentials that are refused as the server's"] = { 403, 502 },
  } do
    it("takes " .. name .. " fault", function()
      twilio:fault { fault = "status", method = "POST", status = case[1] }
      local status, answer = post("/numbers?area_code=415")
      assert.same({ case[2], "api", "no" }, { status, answer.kind, answer.purchased })
    end)
  end

  it("is the one in the documentation", function()
    local page = read("docs/hosts/openresty.md")
    for _, name in ipairs { "nginx.conf", "shop.lua" } do
      assert.is_truthy(page:find("\n" .. read(FOLDER .. name) .. "```", 1, true), name)
    end
  end)
end)
