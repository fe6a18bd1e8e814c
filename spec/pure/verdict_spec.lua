-- Every case of the verdict in csrc/pure/verdict.c, through the response class: whether a number may have
-- been bought, and whether to send again.
local core = require("twilio.numbers.core")

local STATUSES = {
  200,
  201,
  204,
  302,
  400,
  401,
  403,
  404,
  407,
  408,
  409,
  422,
  429,
  500,
  503,
  599,
  999,
}

local OUTCOMES =
  { "answered", "timeout", "network", "response", "cancelled", "tls", "connect", "closed" }

-- A cell is `purchased kind again` or `purchased kind again/again_free`, the latter for a request that may
-- be done twice. ~ is the outcome's name, - is nil. The columns: the body is not Twilio's word; it is by the
-- status that it names; it has one of Twilio's codes.
local ANSWERED = [[
none  unknown response -             | unknown response -             | unknown response -
200   unknown response -             | unknown response -             | unknown response -
201   yes response -                 | yes response -                 | yes response -
204   unknown response -             | unknown response -             | unknown response -
302   unknown response -             | unknown response -             | unknown response -
400   unknown response -             | no api -                       | no api -
401   unknown response -             | no api -/renewed               | no api renewed
403   unknown response -             | no api -                       | no api -
404   unknown response -             | no api -                       | no api -
407   unknown response -             | unknown response -             | unknown response -
408   unknown response -/idempotent  | unknown api idempotent         | unknown api idempotent
409   unknown response -/idempotent  | unknown api idempotent         | unknown api idempotent
422   unknown response -             | no api -                       | no api -
429   unknown response -/yes         | no rate_limit -/yes            | no rate_limit yes
500   unknown api idempotent         | unknown api idempotent         | unknown api idempotent
503   unknown api idempotent         | unknown api idempotent         | unknown api idempotent
599   unknown api idempotent         | unknown api idempotent         | unknown api idempotent
999   unknown response -             | unknown response -             | unknown response -
]]

-- A connection that broke when the request was sent: it may be retried if that is harmless.
local BROKE = [[
none  unknown ~ idempotent           | unknown ~ idempotent           | unknown ~ idempotent
200   unknown ~ idempotent           | unknown ~ idempotent           | unknown ~ idempotent
201   yes ~ -                        | yes ~ -                        | yes ~ -
204   unknown ~ idempotent           | unknown ~ idempotent           | unknown ~ idempotent
302   unknown ~ idempotent           | unknown ~ idempotent           | unknown ~ idempotent
400   unknown ~ idempotent           | no api -                       | no api -
401   unknown ~ idempotent           | no api -/renewed               | no api renewed
403   unknown ~ idempotent           | no api -                       | no api -
404   unknown ~ idempotent           | no api -                       | no api -
407   unknown ~ idempotent           | unknown ~ idempotent           | unknown ~ idempotent
408   unknown ~ idempotent           | unknown api idempotent         | unknown api idempotent
409   unknown ~ idempotent           | unknown api idempotent         | unknown api idempotent
422   unknown ~ idempotent           | no api -                       | no api -
429   unknown ~ idempotent           | no rate_limit -/yes            | no rate_limit yes
500   unknown api idempotent         | unknown api idempotent         | unknown api idempotent
503   unknown api idempotent         | unknown api idempotent         | unknown api idempotent
599   unknown api idempotent         | unknown api idempotent         | unknown api idempotent
999   unknown response -             | unknown response -             | unknown response -
]]

-- A request that was sent and must not be retried.
local ENDED = [[
none  unknown ~ -                    | unknown ~ -                    | unknown ~ -
200   unknown ~ -                    | unknown ~ -                    | unknown ~ -
201   yes ~ -                        | yes ~ -                        | yes ~ -
204   unknown ~ -                    | unknown ~ -                    | unknown ~ -
302   unknown ~ -                    | unknown ~ -                    | unknown ~ -
400   unknown ~ -                    | no api -                       | no api -
401   unknown ~ -                    | no api -/renewed               | no api renewed
403   unknown ~ -                    | no api -                       | no api -
404   unknown ~ -                    | no api -                       | no api -
407   unknown ~ -                    | unknown ~ -                    | unknown ~ -
408   unknown ~ -/idempotent         | unknown api idempotent         | unknown api idempotent
409   unknown ~ -/idempotent         | unknown api idempotent         | unknown api idempotent
422   unknown ~ -                    | no api -                       | no api -
429   unknown ~ -/yes                | no rate_limit -/yes            | no rate_limit yes
500   unknown api idempotent         | unknown api idempotent         | unknown api idempotent
503   unknown api idempotent         | unknown api idempotent         | unknown api idempotent
599   unknown api idempotent         | unknown api idempotent         | unknown api idempotent
999   unknown response -             | unknown response -             | unknown response -
]]

-- Nothing was sent. A status is impossible then; if there is one, the worse of both verdicts applies.
local UNSENT = [[
none  no ~ yes                       | no ~ yes                       | no ~ yes
200   no ~ yes                       | no ~ yes                       | no ~ yes
201   yes ~ -                        | yes ~ -                        | yes ~ -
204   no ~ yes                       | no ~ yes                       | no ~ yes
302   no ~ yes                       | no ~ yes                       | no ~ yes
400   no ~ yes                       | no api -                       | no api -
401   no ~ yes                       | no api -/renewed               | no api renewed
403   no ~ yes                       | no api -                       | no api -
404   no ~ yes                       | no api -                       | no api -
407   no ~ yes                       | no ~ yes                       | no ~ yes
408   no ~ yes                       | unknown api idempotent         | unknown api idempotent
409   no ~ yes                       | unknown api idempotent         | unknown api idempotent
422   no ~ yes                       | no api -                       | no api -
429   no ~ yes                       | no rate_limit -/yes            | no rate_limit yes
500   unknown api idempotent         | unknown api idempotent         | unknown api idempotent
503   unknown api idempotent         | unknown api idempotent         | unknown api idempotent
599   unknown api idempotent         | unknown api idempotent         | unknown api idempotent
999   unknown response -             | unknown response -             | unknown response -
]]

local UNSENT_CANCELLED = [[
none  no ~ -                         | no ~ -                         | no ~ -
200   no ~ -                         | no ~ -                         | no ~ -
201   yes ~ -                        | yes ~ -                        | yes ~ -
204   no ~ -                         | no ~ -                         | no ~ -
302   no ~ -                         | no ~ -                         | no ~ -
400   no ~ -                         | no api -                       | no api -
401   no ~ -                         | no api -/renewed               | no api renewed
403   no ~ -                         | no api -                       | no api -
404   no ~ -                         | no api -                       | no api -
407   no ~ -                         | no ~ -                         | no ~ -
408   no ~ -/idempotent              | unknown api idempotent         | unknown api idempotent
409   no ~ -/idempotent              | unknown api idempotent         | unknown api idempotent
422   no ~ -                         | no api -                       | no api -
429   no ~ -/yes                     | no rate_limit -/yes            | no rate_limit yes
500   unknown api idempotent         | unknown api idempotent         | unknown api idempotent
503   unknown api idempotent         | unknown api idempotent         | unknown api idempotent
599   unknown api idempotent         | unknown api idempotent         | unknown api idempotent
999   unknown response -             | unknown response -             | unknown response -
]]

-- For each outcome, the verdicts if it was sent and if it was not.
local GRIDS = {
  answered = { [true] = ANSWERED, [false] = ANSWERED },
  timeout = { [true] = BROKE, [false] = UNSENT },
  network = { [true] = BROKE, [false] = UNSENT },
  response = { [true] = ENDED, [false] = UNSENT },
  cancelled = { [true] = ENDED, [false] = UNSENT_CANCELLED },
  tls = { [true] = ENDED, [false] = UNSENT },
  connect = { [true] = ENDED, [false] = UNSENT },
  closed = { [true] = ENDED, [false] = UNSENT },
}

-- Bodies with an error status, and the column of a grid that applies to each.
local BODIES = {
  [""] = 1,
  ["<html>Bad Gateway</html>"] = 1,
  ['{"message":"no"}'] = 1,
  ['{"status":418}'] = 1,
  ['{"code":20404,"status":418}'] = 1,
  ['{"code":20404,"httpStatusCode":418}'] = 1,
  ['{"status":STATUS}'] = 2,
  ['{"httpStatusCode":STATUS}'] = 2,
  ['{"code":20404}'] = 3,
  ['{"code":20404,"status":STATUS}'] = 3,
}

-- The same for a service with its own identifiers (option opaque_sids), which is recognized by any code or
-- a message. A different status is still another server's; a word instead of a status tells nothing.
local OPAQUE_BODIES = {
  [""] = 1,
  ["<html>Bad Gateway</html>"] = 1,
  ["{}"] = 1,
  ['{"status":STATUS}'] = 1,
  ['{"message":""}'] = 1,
  ['{"code":""}'] = 1,
  ['{"code":null,"message":null}'] = 1,
  ['{"code":true,"message":["no"]}'] = 1,
  ['{"error":{"message":"no"}}'] = 1,
  ['{"message":"no","status":418}'] = 1,
  ['{"code":"no","httpStatusCode":418}'] = 1,
  ['{"message":"no"}'] = 2,
  ['{"message":"no","status":STATUS}'] = 2,
  ['{"message":"no","status":"error"}'] = 2,
  ['{"code":"no"}'] = 3,
  ['{"code":7}'] = 3,
  ['{"code":20404}'] = 3,
  ['{"code":"20404","message":"no"}'] = 3,
}

--- The cells of a grid: [status or "none"][column] = { purchased, kind, again, again_free }.
local function read_grid(grid, outcome)
  local rows = {}
  for status, cells in grid:gmatch("(%w+) +([^\n]+)\n") do
    local row = {}
    for cell in (cells .. "|"):gmatch("([^|]+)|") do
      local purchased, kind, again, free = cell:match("^ *(%l+) ([%l_~]+) ([%l%-]+)/?([%l%-]*)")
      row[#row + 1] =
        { purchased, kind == "~" and outcome or kind, again, free == "" and again or free }
    end
    rows[tonumber(status) or status] = row
  end
  return rows
end

--- Everything in a verdict, in the form of a cell.
local function verdict_of(response, is_good)
  local purchased, again, kind, is_word = response:verdict(is_good)
  local again_free, kind_free, is_unheard = response:verdict_free(is_good)
  assert.equal(kind, kind_free)
  assert.equal(purchased ~= "no", is_unheard)
  return { purchased, kind or "-", again or "-", again_free or "-" }, is_word
end

local function fill(outcome, sent, status, body, opaque_sids)
  local response = core.new_response(opaque_sids)
  response:begin("POST")
  response:fill(outcome, sent, status, nil, (body:gsub("STATUS", tostring(status or 0))))
  return response
end

describe("the verdict on a response", function()
  for _, outcome in ipairs(OUTCOMES) do
    for _, sent in ipairs { true, false } do
      local rows = read_grid(GRIDS[outcome][sent], outcome)

      local name = "whose outcome is %s, %s, is that of the table"
      it(name:format(outcome, sent and "sent" or "not sent"), function()
        for i = 0, #STATUSES do
          local status = STATUSES[i]
          for body, column in pairs(BODIES) do
            local found, is_word = verdict_of(fill(outcome, sent, status, body), false)
            local case = ("status %s, body %s"):format(status or "none", body)
            assert.same(rows[status or "none"][column], found, case)
            local is_error = status and status >= 400 and status ~= 407
            assert.equal(is_error and column > 1 or false, is_word, case)
          end
        end
      end)

      it(
        name:format(outcome, sent and "sent" or "not sent") .. ", of a compatible service",
        function()
          for i = 0, #STATUSES do
            local status = STATUSES[i]
            for body, column in pairs(OPAQUE_BODIES) do
              local found = verdict_of(fill(outcome, sent, status, body, true), false)
              local case = ("status %s, body %s"):format(status or "none", body)
              local same = status == 418 and 2 or column
              assert.same(rows[status or "none"][same], found, case)
            end
          end
        end
      )
    end
  end

  it("with the requested object is good exactly if its status is 2xx", function()
    for _, outcome in ipairs(OUTCOMES) do
      for i = 0, #STATUSES do
        local status = STATUSES[i]
        local response = fill(outcome, true, status, '{"code":20404}')
        local is_good = outcome == "answered" and (status == 200 or status == 201 or status == 204)
        local wanted = is_good and { "yes", "-", "-", "-" } or verdict_of(response, false)
        assert.same(wanted, (verdict_of(response, true)), outcome .. " " .. tostring(status))
      end
    end
  end)
end)

describe("the verdict on a request that was not sent", function()
  it("allows a retry, unless that cannot help or it was cancelled", function()
    local response = core.new_response()
    for _, outcome in ipairs(OUTCOMES) do
      for _, permanent in ipairs { true, false } do
        if outcome ~= "answered" then
          local again = not permanent and outcome ~= "cancelled" and "yes" or "-"
          response:begin("POST")
          response:refuse(outcome, "why", permanent)
          assert.same({ "no", outcome, again, again }, (verdict_of(response, true)))
        end
      end
    end
  end)

  it("is unknown while it is in flight", function()
    local response = core.new_response()
    assert.same({ "no", "connect", "yes", "yes" }, (verdict_of(response, true)))
    response:begin("POST")
    assert.same({ "unknown", "cancelled", "-", "-" }, (verdict_of(response, true)))
  end)
end)

describe("an error of Twilio's", function()
  -- The bodies of a 404: "code" if one of Twilio's codes makes them Twilio's, "status" if their status
  -- does, false if they are not Twilio's.
  local WORDS = {
    -- the code has five or six digits
    ['{"code":10000}'] = "code",
    ['{"code":999999}'] = "code",
    ['{"code":9999}'] = false,
    ['{"code":1000000}'] = false,
    ['{"code":-20404}'] = false,
    ['{"code":99999999999999999999}'] = false,
    ['{"code":404}'] = false,
    ['{"code":20404.0}'] = "code",
    ['{"code":2.0404e4}'] = "code",
    ['{"code":20404.5}'] = false,
    ['{"code":"20404"}'] = "code",
    ['{"code":"020404"}'] = "code",
    ['{"code":"00000000000000000000020404"}'] = "code",
    ['{"code":"2\\u00304\\u00304"}'] = "code",
    ['{"code":"99999999999999999999"}'] = false,
    ['{"code":"18446744073709572020"}'] = false, -- 2^64 + 20404
    ['{"code":" 20404"}'] = false,
    ['{"code":"20404.0"}'] = false,
    ['{"code":"+20404"}'] = false,
    ['{"code":""}'] = false,
    ['{"code":true}'] = false,
    ['{"code":null}'] = false,
    ['{"code":[20404]}'] = false,
    ['{"code":{"code":20404}}'] = false,
    -- the status is a number, and the only one
    ['{"status":404}'] = "status",
    ['{"status":404.0}'] = "status",
    ['{"status":4.04e2}'] = "status",
    ['{"status":"404"}'] = false,
    ['{"status":false,"code":20404}'] = false,
    ['{"status":"not found","code":20404}'] = false,
    ['{"status":404.5,"code":20404}'] = false,
    ['{"status":-404,"code":20404}'] = false,
    ['{"status":[404],"code":20404}'] = false,
    ['{"status":null,"code":20404}'] = "code",
    ['{"status":404,"httpStatusCode":404}'] = "status",
    ['{"status":404,"httpStatusCode":400}'] = false,
    ['{"status":400,"httpStatusCode":404}'] = false,
    ['{"status":404,"httpStatusCode":null}'] = "status",
    ['{"Status":404}'] = false,
    ['{"httpstatuscode":404}'] = false,
    -- the last member of a name counts, however it is spelled, at the top level only
    ['{"code":1,"code":20404}'] = "code",
    ['{"code":20404,"code":1}'] = false,
    ['{"code":20404,"code":null}'] = false,
    ['{"status":400,"status":404}'] = "status",
    ['{"status":400,"status":null,"code":20404}'] = "code",
    ['{"c\\u006fde":20404}'] = "code",
    ['{"\\u0073\\u0074\\u0061\\u0074\\u0075\\u0073":404}'] = "status",
    ['{"code":20404,"st\\u0061tus":400}'] = false,
    ['{"error":{"code":20404,"status":404}}'] = false,
    ['{"errors":[{"status":400},[{"code":1}]],"x":{"status":400},"code":20404}'] = "code",
    ['{"":1,"code":20404}'] = "code",
    ['{"code\\u0000":20404}'] = false,
    ['{"codes":20404}'] = false,
    -- only a complete object
    [' {"code":20404} \n'] = "code",
    ['[{"code":20404}]'] = false,
    ['["code",20404]'] = false,
    ['"code"'] = false,
    ["20404"] = false,
    ['{"code":20404'] = false,
    ['{"code":20404}x'] = false,
    ["{}"] = false,
    ["null"] = false,
  }

  for body, wanted in pairs(WORDS) do
    it(
      ("is %s in a body of %s"):format(wanted and "known by its " .. wanted or "not", body),
      function()
        local purchased, _, kind, is_word = fill("answered", true, 404, body):verdict(false)
        local is_api = wanted and true or false
        assert.same(
          { is_api and "no" or "unknown", is_api and "api" or "response", is_api },
          { purchased, kind, is_word }
        )
        -- with a 429 only a code allows a retry
        local limited =
          body:gsub("404([^%d])", "429%1"):gsub("20429", "20404"):gsub("4%.04e2", "4.29e2")
        local _, again = fill("answered", true, 429, limited):verdict(false)
        assert.equal(wanted == "code" and "yes" or nil, again)
      end
    )
  end

  it("is recognized after names and values of any length", function()
    local long = ("x"):rep(1000)
    local body = ('{"%s":"%s","code":20404,"message":"%s"}'):format(long, long, long)
    assert.equal("no", (fill("answered", true, 404, body):verdict(false)))
    body = ('{"code":"%s20404"}'):format(("0"):rep(1000))
    assert.equal("unknown", (fill("answered", true, 404, body):verdict(false)))
  end)
end)
