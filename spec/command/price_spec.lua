-- twilio-numbers price, and buy --max-price.
local cjson = require("cjson")
local command = require("spec.support.command")
local simulator = require("spec.support.simulator")

local BLOCK = { setup = setup, teardown = teardown, before_each = before_each }

describe("twilio-numbers", function()
  local twilio = simulator.shared(BLOCK)

  local function run(...)
    return command.run(command.settings(twilio), ...)
  end

  it("price shows the prices of a country", function()
    local out, code, err = run("price", "us")
    assert.equal(
      "TYPE       MONTHLY  BASE  CURRENCY\n"
        .. "local      1.15     1.15  USD\n"
        .. "toll_free  2.15     2.15  USD\n",
      out
    )
    assert.same({ 0, "" }, { code, err })
  end)

  it("price shows the price of one type", function()
    local out, code = run("price", "GB", "mobile")
    assert.equal("TYPE    MONTHLY  BASE  CURRENCY\nmobile  5.50     6.00  USD\n", out)
    assert.equal(0, code)
    assert.matches("\ntoll_free  2.15", (run("price", "GB", "toll-free")))
  end)

  it("price prints JSON", function()
    local price = { monthly = "5.50", base = "6.00", currency = "USD" }
    local out, code = run("price", "GB", "mobile", "--json")
    assert.same({ price, 0 }, { cjson.decode(out), code })
    out, code = run("price", "GB", "--json")
    assert.equal(0, code)
    assert.same(price, cjson.decode(out).mobile)
    assert.equal("2.15", cjson.decode(out).toll_free.monthly)
  end)

  it("price explains why there is no price", function()
    for words, said in pairs {
      [{ "price", "ZZ" }] = "Twilio has no prices for numbers in ZZ: it sells none there",
      [{ "price", "US", "mobile" }] = "Twilio has no price for mobile numbers in US.",
    } do
      local out, code, err = run((table.unpack or unpack)(words)) -- luacheck: ignore
      assert.same({ "", 1 }, { out, code })
      assert.matches(said, err, 1, true)
    end
    local _, code = run("price", "UK")
    assert.equal(2, code)
    _, code = run("price")
    assert.equal(2, code)
  end)

  it("buy --max-price buys if the price is not higher", function()
    local _, code, err = run("buy", "--area-code", "415", "--max-price", "1.15", "--yes")
    assert.equal(0, code, err)
    _, code, err = run("buy", "GB", "mobile", "--count", "2", "--max-price", "5.5", "--yes")
    assert.equal(0, code, err)
    assert.equal(3, twilio:state().purchases)
  end)

  it("buy --max-price refuses a higher price: 1", function()
    for _, more in ipairs { "--json", "--count=2", "--dry-run" } do
      local out, code, err = run("buy", "US", "--max-price", "1.14", "--yes", more)
      assert.equal(1, code, err)
      assert.matches("costs 1.15 USD a month, and max_price is 1.14 USD", err, 1, true)
      if more == "--json" then
        assert.equal("policy", cjson.decode(out).error.kind)
      end
    end
    assert.equal(0, twilio:state().posts)
  end)

  it("buy --max-price reports wrong usage for an invalid amount", function()
    for _, text in ipairs { "1,50", "x", "-1" } do
      local _, code, err = run("buy", "US", "--max-price=" .. text, "--yes")
      assert.equal(2, code)
      assert.matches("--max-price must be an amount", err, 1, true)
    end
    assert.equal(0, twilio:state().requests)
  end)

  it("buy --max-price applies to given numbers", function()
    local numbers = { "+14155550100", "+18005550100" }
    local _, code, err = run("buy", numbers[2], "--max-price", "2.14", "--yes")
    assert.equal(1, code)
    assert.matches("a toll_free number in US costs 2.15 USD a month", err, 1, true)
    _, code, err = run("buy", numbers[1], numbers[2], "--max-price", "2.14", "--yes")
    assert.equal(1, code)
    assert.matches(numbers[2] .. ": the purchase is not allowed: a toll_free number", err, 1, true)
    assert.equal(1, twilio:state().purchases)
    _, code = run("buy", numbers[2], "--max-price", "2.15", "--yes")
    assert.same({ 0, 2 }, { code, twilio:state().purchases })
  end)

  it("buy --max-price --dry-run omits a number that is too expensive", function()
    local numbers = { "+14155550100", "+18005550100", "+14155550101" }
    assert.equal(0, select(2, run("buy", numbers[3], "--yes")))
    local posts = twilio:state().posts
    local out, code, err, _ =
      run("buy", numbers[1], numbers[2], "--max-price", "1.15", "--dry-run", "--json")
    assert.equal(1, code)
    assert.equal(1, #cjson.decode(out))
    assert.equal(numbers[1], cjson.decode(out)[1].phone_number)
    assert.matches(numbers[2] .. ": the purchase is not allowed: a toll_free number", err, 1, true)
    _, code, err = run("buy", numbers[3], "--max-price", "1.15", "--dry-run")
    assert.equal(1, code)
    assert.matches("the account owns it already", err, 1, true)
    _, code = run("buy", numbers[3], "--even-if-owned", "--max-price", "0", "--dry-run")
    assert.equal(0, code)
    _, code = run("buy", "+49301234567", "--max-price", "1.15", "--dry-run")
    assert.equal(1, code)
    assert.equal(posts, twilio:state().posts)
  end)

  it("buy reads no price if it does not ask", function()
    run("buy", "US", "--yes")
    run("buy", "US") -- whose stdin is no terminal
    for _, request in ipairs(twilio:requests()) do
      assert.not_matches("/v1/", request.path)
    end
  end)
end)
