--- The fault matrix: what a purchase ends as under every fault of the simulator. Data alone.
---
--- spec/safety/matrix_spec.lua tries each row by phone number and by area code, with retries and without,
--- on a fresh connection and on one that was used before, over HTTP/1.1 and HTTP/2, blocking and in flight.
--- docs/evidence/fault-matrix.md is written from it (make fault-matrix).
---
--- An outcome is words and two figures: what the caller gets ("number"; "incomplete", a number and what could
--- not be set; or an error's kind and its `purchased`), how many purchases the server has read, how many
--- numbers the account owns afterwards.
local matrix = {}

--- The dimensions besides the row. The whole product is tried.
matrix.DIMENSIONS = {
  by = { "phone_number", "area_code" },
  retries = { 3, 0 },
  http = { "1.1", "2" },
  connection = { "fresh", "reused" },
  way = { "blocking", "in flight" },
}

--- A row: its faults (docs/simulator.md), which hit POSTs if they name no method (false: any); the
--- outcomes by phone number with retries and without, and by area code with retries and without; what
--- happens; why. The page groups rows by their outcomes, so these words stand alone.
---   unread: so many purchases go out that the server does not read
---   timeout: the client's, in seconds
---   except: outcomes that differ where the dimensions are these, and why; `libcurl_before`: only with a
---     libcurl older than this release
local function row(faults, outcomes, what, why, more)
  local made = more or {}
  made.faults = faults.fault and { faults } or faults
  made.phone_number = { [3] = outcomes[1], [0] = outcomes[2] }
  made.area_code = { [3] = outcomes[3], [0] = outcomes[4] }
  made.what, made.why = what, why
  return made
end

local function always(outcome)
  return { outcome, outcome, outcome, outcome }
end

--- By area code retries change nothing where a number may have been bought.
local function unless_looked_up(by_phone, by_phone_once, by_area)
  return { by_phone, by_phone_once, by_area, by_area }
end

local BOUGHT = "number 1 1"
local REFUSED = "api no 1 0"

--- Bought, and the response is lost: by phone number a look-up finds it.
local function lost(by_area)
  return unless_looked_up(BOUGHT, BOUGHT, by_area)
end

--- Sent, and not carried out: by phone number it is sent again.
local function not_carried_out(otherwise)
  return unless_looked_up("number 2 1", otherwise, otherwise)
end

--- A page of something in between: a filter, a gateway, a proxy.
local function page(status, commit)
  return {
    fault = "status",
    status = status,
    commit = commit,
    content_type = "text/html",
    body = "<html>blocked by policy</html>",
  }
end

local SAFE = "A look-up finds nothing, so it is sent again, which is safe by number."
local FOUND = "By number, a look-up finds it."
local REFUSAL = "Twilio refused: nothing was bought."
local DOUBT = "A 5xx does not say whether it was carried out. "
local SEEN = "The 201 was seen, so a number was bought. " .. FOUND
local UNREAD = "It cannot be told from a request that was read. " .. SAFE
local ANY_BODY = "A 201 is a purchase, whatever its body is. " .. FOUND
local NOT_201 = "A purchase is answered with 201, so this may answer another request. " .. FOUND
local NOT_TWILIO = "It is not Twilio's answer, and would be the same again: it is not sent again."
local AGAIN = "It is sent again three times, the default of `retries`."
local UNPROCESSED = "Twilio has not processed it: it may be sent again, by area code too."

matrix.groups = {
  {
    title = "Nothing goes wrong",
    row({}, always(BOUGHT), "Twilio answers 201.", "The number is in the response."),
    row(
      { fault = "drip", seconds = 0 },
      always(BOUGHT),
      "The response comes in many small pieces.",
      "They are put together."
    ),
    row(
      { fault = "ignore", parameter = "FriendlyName" },
      always(BOUGHT),
      "Twilio buys, and ignores a parameter.",
      "One update sets it."
    ),
  },
  {
    title = "The connection ends",
    row(
      { fault = "close_before_read" },
      unless_looked_up("number 1 1", "network unknown 0 0", "network unknown 0 0"),
      "The connection is closed (FIN) while the purchase is sent; the server reads none of it.",
      UNREAD,
      { unread = 1 }
    ),
    row(
      { fault = "reset_before_read" },
      unless_looked_up("number 1 1", "network unknown 0 0", "network unknown 0 0"),
      "It is reset (RST) while the purchase is sent.",
      UNREAD,
      { unread = 1 }
    ),
    row(
      { fault = "close_after_read" },
      not_carried_out("network unknown 1 0"),
      "It is closed without a response; nothing was bought.",
      SAFE
    ),
    row(
      { fault = "reset_after_read" },
      not_carried_out("network unknown 1 0"),
      "It is reset without a response; nothing was bought.",
      SAFE
    ),
    row(
      { fault = "close_after_commit" },
      lost("network unknown 1 1"),
      "It is closed without a response; the number was bought.",
      FOUND
    ),
    row(
      { fault = "reset_after_commit" },
      lost("network unknown 1 1"),
      "It is reset without a response; the number was bought.",
      FOUND
    ),
    row(
      { fault = "close_in_headers", status_line = false },
      lost("network unknown 1 1"),
      "It is closed in the middle of the status line.",
      "Part of a status says nothing. " .. FOUND
    ),
    row(
      { fault = "close_in_headers" },
      lost("network yes 1 1"),
      "It is closed after the status line.",
      SEEN,
      {
        except = {
          {
            http = "2",
            libcurl_before = "8.1.0",
            outcomes = lost("network unknown 1 1"),
            why = "it withholds the status until the HEADERS frame is complete",
          },
        },
      }
    ),
    row(
      { fault = "close_in_body" },
      lost("network yes 1 1"),
      "It is closed in the middle of the body.",
      SEEN
    ),
    row(
      { fault = "goaway" },
      not_carried_out("network unknown 1 0"),
      "GOAWAY says that the purchase was not processed (HTTP/1.1: FIN); nothing was bought.",
      "It is not believed: an intermediary may have forwarded the purchase. " .. SAFE
    ),
    row(
      { fault = "goaway", commit = true },
      lost("network unknown 1 1"),
      "GOAWAY says that the purchase was not processed (HTTP/1.1: FIN), but the number was bought.",
      FOUND
    ),
  },
  {
    title = "HTTP/2 ends the stream alone",
    note = "Over HTTP/1.1 these are the faults of the same name above.",
    row(
      { fault = "close_before_read", scope = "stream" },
      unless_looked_up("number 1 1", "network unknown 0 0", "network unknown 0 0"),
      "RST_STREAM while the purchase is sent.",
      SAFE,
      { unread = 1 }
    ),
    row(
      { fault = "close_after_read", scope = "stream" },
      not_carried_out("network unknown 1 0"),
      "RST_STREAM without a response; nothing was bought.",
      SAFE
    ),
    row(
      { fault = "close_after_read", scope = "stream", h2_error = 7 },
      not_carried_out("network unknown 1 0"),
      "REFUSED_STREAM; nothing was bought.",
      "It may be untrue, as below. " .. SAFE
    ),
    row(
      { fault = "close_after_commit", scope = "stream" },
      lost("network unknown 1 1"),
      "RST_STREAM without a response; the number was bought.",
      FOUND
    ),
    row(
      { fault = "close_after_commit", scope = "stream", h2_error = 7 },
      lost("network unknown 1 1"),
      "REFUSED_STREAM, but the number was bought.",
      "libcurl would send it again by itself; the library prevents that. " .. FOUND
    ),
    row(
      { fault = "close_in_headers", scope = "stream" },
      lost("network yes 1 1"),
      "RST_STREAM after the headers.",
      SEEN
    ),
    row(
      { fault = "close_in_body", scope = "stream" },
      lost("network yes 1 1"),
      "RST_STREAM in the middle of the body.",
      SEEN
    ),
  },
  {
    title = "No response in time",
    row(
      { fault = "hang", seconds = 5 },
      not_carried_out("timeout unknown 1 0"),
      "No response until `timeout` has passed; nothing was bought.",
      SAFE,
      { timeout = 0.25 }
    ),
    row(
      { fault = "hang", seconds = 5, commit = true },
      lost("timeout unknown 1 1"),
      "No response until `timeout` has passed; the number was bought.",
      FOUND,
      { timeout = 0.25 }
    ),
    row(
      { fault = "hang", seconds = 0.02 },
      not_carried_out("network unknown 1 0"),
      "No response, and the server closes the connection before `timeout`.",
      SAFE
    ),
  },
  {
    title = "Twilio answers with an error",
    row(
      { fault = "status", status = 400, code = 21422 },
      always(REFUSED),
      "400, 21422: the number is not available.",
      REFUSAL
    ),
    row({ fault = "status", status = 401 }, always(REFUSED), "401.", REFUSAL),
    row({ fault = "status", status = 403 }, always(REFUSED), "403.", REFUSAL),
    row({ fault = "status", status = 404 }, always(REFUSED), "404.", REFUSAL),
    row({ fault = "status", status = 422 }, always(REFUSED), "422.", REFUSAL),
    row(
      { fault = "rate_limit" },
      { "number 2 1", "rate_limit no 1 0", "number 2 1", "rate_limit no 1 0" },
      "429.",
      UNPROCESSED
    ),
    row(
      { fault = "rate_limit", retry_after = 0 },
      { "number 2 1", "rate_limit no 1 0", "number 2 1", "rate_limit no 1 0" },
      "429 with `Retry-After: 0`.",
      UNPROCESSED
    ),
    row(
      { fault = "rate_limit", retry_after = 600 },
      always("rate_limit no 1 0"),
      "429 with `Retry-After: 600`.",
      "That is beyond `deadline`, so the call does not wait."
    ),
    row(
      { fault = "status", status = 408 },
      not_carried_out("api unknown 1 0"),
      "408; nothing was bought.",
      SAFE
    ),
    row(
      { fault = "status", status = 409 },
      not_carried_out("api unknown 1 0"),
      "409: a conflicting change is in progress.",
      "It may be this purchase. " .. SAFE
    ),
    row(
      { fault = "status", status = 409, commit = true },
      lost("api unknown 1 1"),
      "409, but the number was bought.",
      FOUND
    ),
    row(
      { fault = "status", status = 500 },
      not_carried_out("api unknown 1 0"),
      "500; nothing was bought.",
      DOUBT .. SAFE
    ),
    row(
      { fault = "status", status = 500, commit = true },
      lost("api unknown 1 1"),
      "500, but the number was bought.",
      DOUBT .. FOUND
    ),
    row(
      { fault = "status", status = 502, commit = true },
      lost("api unknown 1 1"),
      "502, but the number was bought.",
      DOUBT .. FOUND
    ),
    row(
      { fault = "status", status = 503, commit = true },
      lost("api unknown 1 1"),
      "503, but the number was bought.",
      DOUBT .. FOUND
    ),
    row(
      { fault = "status", status = 504, commit = true },
      lost("api unknown 1 1"),
      "504, Twilio's own timeout, but the number was bought.",
      DOUBT .. FOUND
    ),
  },
  {
    title = "Something in between refuses",
    note = "Filters that inspect responses refuse after Twilio has carried out the purchase.",
    row(
      page(403, true),
      lost("response unknown 1 1"),
      "403 and an HTML page; the number was bought.",
      "A 4xx is a refusal only if it is Twilio's own. " .. FOUND
    ),
    row(
      page(403),
      always("response unknown 1 0"),
      "403 and an HTML page; nothing was bought.",
      NOT_TWILIO
    ),
    row(
      page(401, true),
      lost("response unknown 1 1"),
      "401 and an HTML page; the number was bought.",
      FOUND
    ),
    row(
      page(404, true),
      lost("response unknown 1 1"),
      "404 and an HTML page; the number was bought.",
      FOUND
    ),
    row(
      page(407, true),
      lost("response unknown 1 1"),
      "407 and an HTML page; the number was bought.",
      "Only a 407 to CONNECT means that nothing was sent. " .. FOUND
    ),
    row(
      page(408),
      always("response unknown 1 0"),
      "408 and an HTML page; nothing was bought.",
      NOT_TWILIO
    ),
    row(
      page(409),
      always("response unknown 1 0"),
      "409 and an HTML page; nothing was bought.",
      NOT_TWILIO
    ),
    row(
      page(413, true),
      lost("response unknown 1 1"),
      "413 and an HTML page; the number was bought.",
      FOUND
    ),
    row(
      page(429, true),
      lost("response unknown 1 1"),
      "429 and an HTML page; the number was bought.",
      "Only Twilio's own 429 means that it was not processed. " .. FOUND
    ),
    row(
      page(429),
      always("response unknown 1 0"),
      "429 and an HTML page; nothing was bought.",
      NOT_TWILIO
    ),
    row(
      page(451, true),
      lost("response unknown 1 1"),
      "451 and an HTML page; the number was bought.",
      FOUND
    ),
  },
  {
    title = "The response cannot be used",
    row(
      { fault = "invalid_json" },
      lost("response yes 1 1"),
      "201 and a body that is not JSON.",
      ANY_BODY
    ),
    row(
      { fault = "nested_json" },
      lost("response yes 1 1"),
      "201 and JSON 100,000 levels deep.",
      ANY_BODY
    ),
    row({ fault = "huge_json" }, lost("response yes 1 1"), "201 and a body of 2 MiB.", ANY_BODY),
    row(
      { fault = "gzip_bomb" },
      lost("response yes 1 1"),
      "201 and 65 KiB that unpack to 10 MiB.",
      ANY_BODY
    ),
    row(
      { fault = "many_headers" },
      lost("response yes 1 1"),
      "201 and 100 KiB of headers.",
      ANY_BODY
    ),
    row({ fault = "empty" }, lost("response yes 1 1"), "201 without a body.", ANY_BODY),
    row(
      { fault = "bare_page" },
      lost("response yes 1 1"),
      "201 and a body without its fields.",
      ANY_BODY
    ),
    row(
      { fault = "status", status = 200, commit = true },
      lost("response unknown 1 1"),
      "200 without a number, which was bought.",
      NOT_201
    ),
    row(
      { fault = "status", status = 204, commit = true },
      lost("response unknown 1 1"),
      "204; the number was bought.",
      NOT_201,
      {
        except = {
          {
            http = "2",
            outcomes = lost("network unknown 1 1"),
            why = "a 204 with a body breaks the stream there",
          },
        },
      }
    ),
    row(
      { fault = "html" },
      lost("response unknown 1 1"),
      "200 and a login page; the number was bought.",
      NOT_201
    ),
    row(
      { fault = "html", commit = false },
      always("response unknown 1 0"),
      "200 and a login page; nothing was bought.",
      NOT_TWILIO
    ),
    row(
      { fault = "redirect" },
      lost("response unknown 1 1"),
      "302; the number was bought.",
      "Redirects are not followed. " .. FOUND
    ),
    row(
      { fault = "redirect", commit = false },
      always("response unknown 1 0"),
      "302; nothing was bought.",
      NOT_TWILIO
    ),
  },
  {
    title = "Several things go wrong",
    row(
      {
        { fault = "ignore", parameter = "FriendlyName" },
        { fault = "status", status = 500, times = 99 },
      },
      always("incomplete 1 1"),
      "Twilio buys, and ignores a parameter; then 500 to each update.",
      "The number is returned with a message that says what is not set."
    ),
    row(
      { fault = "status", status = 500, times = 99 },
      unless_looked_up("api unknown 4 0", "api unknown 1 0", "api unknown 1 0"),
      "500 to every purchase.",
      AGAIN
    ),
    row(
      { fault = "close_after_read", times = 99 },
      unless_looked_up("network unknown 4 0", "network unknown 1 0", "network unknown 1 0"),
      "No response to any purchase; nothing was bought.",
      AGAIN
    ),
    row(
      { fault = "rate_limit", times = 99 },
      { "rate_limit no 4 0", "rate_limit no 1 0", "rate_limit no 4 0", "rate_limit no 1 0" },
      "429 to every purchase.",
      AGAIN .. " Twilio has not processed it, so by area code too."
    ),
    row(
      { fault = "close_after_commit", method = false, times = 99 },
      unless_looked_up("network unknown 4 1", "network unknown 1 1", "network unknown 1 1"),
      "No response to any request; the number was bought.",
      "The look-ups fail too. Buying the same number again does not buy a second one."
    ),
    row(
      { fault = "status", status = 503, method = false, times = 99 },
      unless_looked_up("api unknown 4 0", "api unknown 1 0", "api unknown 1 0"),
      "503 to every request.",
      "The look-ups fail too."
    ),
    row(
      {
        { fault = "close_after_commit" },
        { fault = "status", status = 500, method = "GET", times = 99 },
      },
      unless_looked_up("number 2 1", "network unknown 1 1", "network unknown 1 1"),
      "The response is lost, and 500 to every look-up.",
      "Buying the same number again returns it."
    ),
    row(
      {
        { fault = "close_after_commit" },
        { fault = "stale", method = "GET", times = 99 },
      },
      unless_looked_up("number 2 1", "network unknown 1 1", "network unknown 1 1"),
      "The response is lost, and no look-up shows the number yet.",
      "Not finding it proves nothing, so without another attempt it is unknown."
    ),
    row(
      { { fault = "close_after_read" }, { fault = "status", status = 400, code = 21422 } },
      unless_looked_up("api unknown 2 0", "network unknown 1 0", "network unknown 1 0"),
      "No response, then 400, 21422: not available.",
      "The first attempt may have bought it: a later refusal does not settle that."
    ),
    row(
      {
        { fault = "close_after_commit" },
        { fault = "status", status = 500, method = "GET", times = 4 },
        { fault = "status", status = 400, code = 21422 },
      },
      unless_looked_up("number 2 1", "network unknown 1 1", "network unknown 1 1"),
      "The response is lost, and the look-ups fail; then 21422.",
      "Another look-up follows, and finds the number."
    ),
    row(
      { { fault = "rate_limit" }, { fault = "close_after_commit" } },
      { "number 2 1", "rate_limit no 1 0", "network unknown 2 1", "rate_limit no 1 0" },
      "429, then the response is lost.",
      "The worst of all attempts counts."
    ),
  },
}

--- The outcome that a row has where the dimensions are these.
---@param this table a row
---@param case table by, retries, http, connection, way
---@param is_before fun(version: string): boolean whether libcurl is older than a release
function matrix.expected(this, case, is_before)
  for _, exception in ipairs(this.except or {}) do
    local applies = not exception.libcurl_before or is_before(exception.libcurl_before)
    for name in pairs(matrix.DIMENSIONS) do
      applies = applies and (exception[name] == nil or exception[name] == case[name])
    end
    if applies then
      local first = case.by == "phone_number" and 1 or 3
      return exception.outcomes[case.retries > 0 and first or first + 1]
    end
  end
  return this[case.by][case.retries]
end

return matrix
