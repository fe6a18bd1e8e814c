-- Lists of searches and of owned numbers are fetched page by page, only as far as they are read.
local scripted = require("spec.support.scripted")

local ROOT = "/2010-04-01/Accounts/" .. scripted.ACCOUNT .. "/"

local KINDS = {
  {
    name = "client:search",
    page = scripted.found,
    open = function(client, filter, options)
      return client:search("US", "local", filter, options)
    end,
  },
  {
    name = "client:list",
    page = scripted.page,
    open = function(client, filter, options)
      return client:list(filter, options)
    end,
  },
}

local function phones(items)
  local list = {}
  for i, item in ipairs(items) do
    list[i] = item.phone_number
  end
  return list
end

for _, kind in ipairs(KINDS) do
  describe("a list of " .. kind.name, function()
    --- Pages of a given number of items, linked to each other.
    local function script(...)
      local steps, count = {}, select("#", ...)
      local serial = 0
      for i = 1, count do
        local page = {}
        for k = 1, (select(i, ...)) do
          serial = serial + 1
          page[k] = "+1415555" .. 1000 + serial
        end
        local next_uri = i < count and ("%sPage.json?Page=%d&PageToken=PA%d"):format(ROOT, i, i)
        steps[i] = { status = 200, body = kind.page(page, next_uri or nil) }
      end
      return { GET = steps }
    end

    it("sends nothing until it is read", function()
      local client, log = scripted.client(script(1))
      assert(kind.open(client))
      assert.equal(0, #log.requests)
    end)

    it("requests a page only once the previous one was read", function()
      local client, log = scripted.client(script(2, 2, 1))
      local list, requests = assert(kind.open(client)), {}
      for i = 1, 5 do
        assert.equal("+1415555" .. 1000 + i, assert(list:next()).phone_number)
        requests[i] = #log.requests
      end
      assert.same({ 1, 1, 2, 2, 3 }, requests)
      assert.is_nil(list:next())
      assert.is_nil(list:next())
      assert.equal(3, #log.requests)
      assert.equal(
        "https://api.example" .. ROOT .. "Page.json?Page=1&PageToken=PA1",
        log.gets[2].url
      )
      assert.equal(
        "https://api.example" .. ROOT .. "Page.json?Page=2&PageToken=PA2",
        log.gets[3].url
      )
    end)

    it("can be iterated to its end with a for loop", function()
      local client, log = scripted.client(script(2, 0, 3))
      local got = {}
      for number, message in assert(kind.open(client)) do
        got[#got + 1] = assert(number, message).phone_number
      end
      assert.equal(5, #got)
      assert.equal(3, #log.requests)
    end)

    it("returns the remaining items from all()", function()
      local client = scripted.client(script(2, 1))
      local list = assert(kind.open(client))
      assert(list:next())
      assert.same({ "+14155551002", "+14155551003" }, phones(assert(list:all())))
      assert.same({}, list:all())
    end)

    it("is empty if the page is", function()
      local client, log = scripted.client(script(0))
      assert.same({}, assert(kind.open(client)):all())
      assert.equal(1, #log.requests)
    end)

    it("ends at its limit without requesting another page", function()
      for limit, expected in pairs { [1] = 1, [2] = 1, [3] = 2, [4] = 2, [5] = 3, [9] = 3 } do
        local client, log = scripted.client(script(2, 2, 1))
        local items = assert(kind.open(client, { limit = limit }):all())
        assert.same({ limit, math.min(limit, 5), expected }, { limit, #items, #log.requests })
      end
    end)

    it("requests pages no larger than its limit, or of the given size", function()
      local function asked(filter)
        local client, log = scripted.client(script(0))
        assert(kind.open(client, filter):all())
        return log.gets[1].url:match("PageSize=(%d+)")
      end
      assert.is_nil(asked {})
      assert.equal("7", asked { limit = 7 })
      assert.equal("1000", asked { limit = 1001 })
      assert.equal("20", asked { limit = 7, page_size = 20 })
      assert.equal("20", asked { page_size = 20 })
    end)

    it("works without paging fields", function()
      for _, more in ipairs { "", ',"next_page_uri":null', ',"next_page_uri":""' } do
        local body = kind.page({ scripted.PHONE }):gsub(',"next_page_uri":[^}]*', "")
        local client, log =
          scripted.client { GET = { { status = 200, body = body:sub(1, -2) .. more .. "}" } } }
        assert.equal(1, #assert(kind.open(client):all()))
        assert.equal(1, #log.requests)
      end
    end)

    it("skips invalid items", function()
      local body = kind.page({ scripted.PHONE }):gsub("%[", '[null,1,"x",', 1)
      local client = scripted.client { GET = { { status = 200, body = body } } }
      assert.same({ scripted.PHONE }, phones(assert(kind.open(client):all())))
    end)

    local function failing()
      local pages = script(2, 2)
      pages.GET[2] = { status = 403, body = scripted.refusal(20403, "forbidden") }
      return scripted.client(pages)
    end

    it("reports a failure in the middle to a for loop by a last iteration", function()
      local client, log = failing()
      local turns = {}
      for number, message, err in assert(kind.open(client)) do
        turns[#turns + 1] = { number, message, err }
      end
      assert.equal(3, #turns)
      assert.equal(2, #log.requests)
      local number, message, err = turns[3][1], turns[3][2], turns[3][3]
      assert.is_false(number)
      assert.matches("forbidden", message)
      assert.same({ "api", "no", 403, 20403 }, { err.kind, err.purchased, err.status, err.code })
      assert.equal(message, tostring(err))
    end)

    it("returns a failure in the middle from next(), and then ends", function()
      local client, log = failing()
      local list = assert(kind.open(client))
      assert(list:next())
      assert(list:next())
      local number, message, err = list:next()
      assert.is_nil(number)
      assert.equal(403, err.status)
      assert.equal(message, err.message)
      assert.equal("nil", tostring(list:next()))
      assert.equal(2, #log.requests)
    end)

    it("returns a failure in the middle from all(), without a partial list", function()
      local client = failing()
      local items, message, err = assert(kind.open(client)):all()
      assert.is_nil(items)
      assert.matches("forbidden", message)
      assert.equal(403, err.status)
    end)

    it("retries a page that went unanswered", function()
      local pages = script(1, 1)
      pages.GET = {
        { status = 503, body = "" },
        pages.GET[1],
        { broken = "network" },
        { status = 429, headers = { ["Retry-After"] = "3" } },
        pages.GET[2],
      }
      local client, log = scripted.client(pages)
      assert.equal(2, #assert(kind.open(client):all()))
      assert.equal(5, #log.requests)
      assert.equal(3, #log.sleeps)
      assert.is_true(log.sleeps[3] >= 3)
    end)

    it("fails if the response has no list", function()
      local object = '{"available_phone_numbers":{"0":{}},"incoming_phone_numbers":{"0":{}}}'
      local scalar = '{"available_phone_numbers":1}'
      for _, body in ipairs { "{}", "[]", scalar, object, "<html>", "" } do
        local client = scripted.client { GET = { { status = 200, body = body } } }
        local items, _, err = assert(kind.open(client)):all()
        assert.is_nil(items)
        assert.equal("response", err.kind)
        assert.equal("no", err.purchased)
      end
    end)

    it("reads each page once if page links form a cycle", function()
      local uri = ROOT .. "Page.json?Page="
      local client, log = scripted.client {
        GET = {
          { status = 200, body = kind.page({ "+14155550001" }, uri .. "1") },
          { status = 200, body = kind.page({ "+14155550002" }, uri .. "2") },
          { status = 200, body = kind.page({ "+14155550003" }, uri .. "1") },
        },
      }
      local list = assert(kind.open(client))
      for i = 1, 3 do
        assert.equal("+1415555000" .. i, assert(list:next()).phone_number)
      end
      local number, message, err = list:next()
      assert.is_nil(number)
      assert.matches("its pages repeat", message)
      assert.equal("response", err.kind)
      assert.equal(3, #log.requests)
    end)

    it("ends at a page that links to itself", function()
      local client, log
      client, log = scripted.client {
        GET = {
          function(request)
            local own = request.url:gsub("^https://api.example", "")
            return { status = 200, body = kind.page({ scripted.PHONE }, own) }
          end,
        },
      }
      local _, _, err = kind.open(client, { page_size = 1 }):all()
      assert.equal("response", err.kind)
      assert.equal(1, #log.requests)
    end)

    it("sends the credentials to no other host, and reports the unreadable page", function()
      for _, uri in ipairs {
        "https://evil.example" .. ROOT .. "x",
        "//evil.example" .. ROOT .. "x",
        "@evil.example" .. ROOT .. "x",
        "/elsewhere",
        "x",
        ROOT .. "a b",
        ROOT .. "a#b",
      } do
        local client, log = scripted.client {
          GET = { { status = 200, body = kind.page({ scripted.PHONE }, uri) } },
        }
        local list = assert(kind.open(client))
        assert.equal(scripted.PHONE, assert(list:next(), uri).phone_number)
        local number, message, err = list:next()
        assert.is_nil(number)
        assert.same({ uri, "response" }, { uri, err and err.kind })
        assert.matches("on another host", message)
        assert.equal(1, #log.requests)
      end
    end)

    it("is refused with an invalid call option, with nothing sent", function()
      local client, log = scripted.client(script(1))
      local number, _, err = assert(kind.open(client, nil, { retires = 1 })):next()
      assert.is_nil(number)
      assert.equal("invalid", err.kind)
      assert.matches("did you mean retries", err.message)
      assert.equal(0, #log.requests)
    end)

    it("of another account has that account in its path", function()
      local other = "AC" .. ("9"):rep(32)
      local client, log = scripted.client(script(0))
      assert(kind.open(client, nil, { account_sid = other }):all())
      assert.matches("/Accounts/" .. other .. "/", log.gets[1].url)
    end)

    it("reports how far it was read", function()
      local client = scripted.client(script(2))
      local list = assert(kind.open(client))
      assert(list:next())
      assert.matches("1 read", tostring(list))
    end)

    it("fails on a closed client", function()
      local client, log = scripted.client(script(1, 1))
      local list = assert(kind.open(client))
      assert(list:next())
      client:close()
      local number, _, err = list:next()
      assert.is_nil(number)
      assert.equal("closed", err.kind)
      assert.equal(1, #log.requests)
    end)
  end)
end
