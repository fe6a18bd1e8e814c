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
--- happens; why it ends so.
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

--- Bought, and the answer is lost: by phone number a look-up finds it.
local function lost(by_area)
  return unless_looked_up(BOUGHT, BOUGHT, by_area)
end

--- Sent, and not carried out: by phone number it is sent again.
local function not_carried_out(otherwise)
  return unless_looked_up("number 2 1", otherwise, otherwise)
end

--- A page of what stands between: a filter of the network's own, a gateway, a proxy.
local function page(status, commit)
  return {
    fault = "status",
    status = status,
    commit = commit,
    content_type = "text/html",
    body = "<html>blocked by policy</html>",
  }
end

local SAFE = "A look-up finds nothing, so it is sent again: that is safe by phone number."
local FOUND = "By phone number a look-up finds it."
local REFUSAL = "Twilio has refused: certainly nothing was bought."
local LIKE_503 = "As for 500: nobody knows whether it was carried out."
local SEEN = "The 201 was seen, so a number was bought. " .. FOUND

matrix.groups = {
  {
    title = "Nothing goes wrong",
    row({}, always(BOUGHT), "Twilio answers 201.", "The number is in the answer."),
    row(
      { fault = "drip", seconds = 0 },
      always(BOUGHT),
      "The answer comes in many small pieces.",
      "It is put together."
    ),
    row(
      { fault = "ignore", parameter = "FriendlyName" },
      always(BOUGHT),
      "Twilio buys, and passes over a parameter.",
      "One update sets it."
    ),
  },
  {
    title = "The connection ends",
    row(
      { fault = "close_before_read" },
      unless_looked_up("number 1 1", "network unknown 0 0", "network unknown 0 0"),
      "It is closed (FIN) while the purchase is sent; the server reads none.",
      "Nobody can tell that from one that was read. " .. SAFE,
      { unread = 1 }
    ),
    row(
      { fault = "reset_before_read" },
      unless_looked_up("number 1 1", "network unknown 0 0", "network unknown 0 0"),
      "The same with a reset (RST).",
      "As above.",
      { unread = 1 }
    ),
    row(
      { fault = "close_after_read" },
      not_carried_out("network unknown 1 0"),
      "It is closed without an answer; nothing was bought.",
      SAFE
    ),
    row(
      { fault = "reset_after_read" },
      not_carried_out("network unknown 1 0"),
      "The same with a reset.",
      "As above."
    ),
    row(
      { fault = "close_after_commit" },
      lost("network unknown 1 1"),
      "It is closed without an answer; the number was bought.",
      FOUND
    ),
    row(
      { fault = "reset_after_commit" },
      lost("network unknown 1 1"),
      "The same with a reset.",
      "As above."
    ),
    row(
      { fault = "close_in_headers", status_line = false },
      lost("network unknown 1 1"),
      "It is closed in the middle of the status line.",
      "A part of a status says nothing. " .. FOUND
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
            why = "it keeps the status back until the HEADERS frame is whole",
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
      "HTTP/2: GOAWAY, which says that the purchase was not processed; HTTP/1.1: FIN.",
      "It is not believed: what says so may have passed the purchase on. " .. SAFE
    ),
    row(
      { fault = "goaway", commit = true },
      lost("network unknown 1 1"),
      "The same, but the number was bought.",
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
      "RST_STREAM without an answer; nothing was bought.",
      SAFE
    ),
    row(
      { fault = "close_after_read", scope = "stream", h2_error = 7 },
      not_carried_out("network unknown 1 0"),
      "The same with REFUSED_STREAM.",
      "It cannot be told from the lie in the next row but one."
    ),
    row(
      { fault = "close_after_commit", scope = "stream" },
      lost("network unknown 1 1"),
      "RST_STREAM without an answer; the number was bought.",
      FOUND
    ),
    row(
      { fault = "close_after_commit", scope = "stream", h2_error = 7 },
      lost("network unknown 1 1"),
      "The same with REFUSED_STREAM, which is a lie.",
      "libcurl would send it again by itself; here it may not. " .. FOUND
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
    title = "No answer in time",
    row(
      { fault = "hang", seconds = 5 },
      not_carried_out("timeout unknown 1 0"),
      "Nothing comes until `timeout` has passed; nothing was bought.",
      SAFE,
      { timeout = 0.25 }
    ),
    row(
      { fault = "hang", seconds = 5, commit = true },
      lost("timeout unknown 1 1"),
      "The same, but the number was bought.",
      FOUND,
      { timeout = 0.25 }
    ),
    row(
      { fault = "hang", seconds = 0.02 },
      not_carried_out("network unknown 1 0"),
      "Nothing comes, and the server closes the connection first.",
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
    row({ fault = "status", status = 401 }, always(REFUSED), "401", REFUSAL),
    row({ fault = "status", status = 403 }, always(REFUSED), "403", REFUSAL),
    row({ fault = "status", status = 404 }, always(REFUSED), "404", REFUSAL),
    row({ fault = "status", status = 422 }, always(REFUSED), "422", REFUSAL),
    row(
      { fault = "rate_limit" },
      { "number 2 1", "rate_limit no 1 0", "number 2 1", "rate_limit no 1 0" },
      "429",
      "Never processed, says Twilio: it may be sent again, by area code too."
    ),
    row(
      { fault = "rate_limit", retry_after = 0 },
      { "number 2 1", "rate_limit no 1 0", "number 2 1", "rate_limit no 1 0" },
      "429 with `Retry-After: 0`",
      "As above."
    ),
    row(
      { fault = "rate_limit", retry_after = 600 },
      always("rate_limit no 1 0"),
      "429 with `Retry-After: 600`",
      "That is beyond `deadline`, so nobody waits for it."
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
      "Which may be this purchase. " .. SAFE
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
      "Nobody knows whether it was carried out. " .. SAFE
    ),
    row(
      { fault = "status", status = 500, commit = true },
      lost("api unknown 1 1"),
      "500, but the number was bought.",
      FOUND
    ),
    row(
      { fault = "status", status = 502, commit = true },
      lost("api unknown 1 1"),
      "502, the same.",
      LIKE_503
    ),
    row(
      { fault = "status", status = 503, commit = true },
      lost("api unknown 1 1"),
      "503, the same.",
      LIKE_503
    ),
    row(
      { fault = "status", status = 504, commit = true },
      lost("api unknown 1 1"),
      "504, the same: Twilio's own time limit.",
      LIKE_503
    ),
  },
  {
    title = "Something else refuses",
    note = "Filters that inspect answers refuse after Twilio has carried the purchase out.",
    row(
      page(403, true),
      lost("response unknown 1 1"),
      "403 and a page of HTML; the number was bought.",
      "A 4xx is a refusal only if it is Twilio's own. " .. FOUND
    ),
    row(
      page(403),
      always("response unknown 1 0"),
      "The same, and nothing was bought.",
      "What answers so would answer so again: it is not sent again."
    ),
    row(page(401, true), lost("response unknown 1 1"), "401, the same; bought.", FOUND),
    row(page(404, true), lost("response unknown 1 1"), "404, the same; bought.", FOUND),
    row(
      page(407, true),
      lost("response unknown 1 1"),
      "407, the same; bought.",
      "Only as the answer to CONNECT it says that nothing was sent. " .. FOUND
    ),
    row(page(408), always("response unknown 1 0"), "408, the same; not bought.", "As for 403."),
    row(page(409), always("response unknown 1 0"), "409, the same; not bought.", "As for 403."),
    row(page(413, true), lost("response unknown 1 1"), "413, the same; bought.", FOUND),
    row(
      page(429, true),
      lost("response unknown 1 1"),
      "429, the same; bought.",
      "Only Twilio's own 429 says that the purchase was not processed. " .. FOUND
    ),
    row(page(429), always("response unknown 1 0"), "429, the same; not bought.", "As for 403."),
    row(page(451, true), lost("response unknown 1 1"), "451, the same; bought.", FOUND),
  },
  {
    title = "The answer makes no sense",
    row(
      { fault = "invalid_json" },
      lost("response yes 1 1"),
      "201 and what is no JSON.",
      "A 201 is a purchase, whatever its body is. " .. FOUND
    ),
    row(
      { fault = "nested_json" },
      lost("response yes 1 1"),
      "201 and JSON 100,000 levels deep.",
      "As above."
    ),
    row({ fault = "huge_json" }, lost("response yes 1 1"), "201 and a body of 2 MiB.", "As above."),
    row(
      { fault = "gzip_bomb" },
      lost("response yes 1 1"),
      "201 and 65 KiB that unpack to 10 MiB.",
      "As above."
    ),
    row(
      { fault = "many_headers" },
      lost("response yes 1 1"),
      "201 and 100 KiB of headers.",
      "As above."
    ),
    row({ fault = "empty" }, lost("response yes 1 1"), "201 without a body.", "As above."),
    row(
      { fault = "bare_page" },
      lost("response yes 1 1"),
      "201 and a body without its fields.",
      "As above."
    ),
    row(
      { fault = "status", status = 200, commit = true },
      lost("response unknown 1 1"),
      "200 and no number; it was bought.",
      "A purchase is answered with 201, so this may be another's answer. " .. FOUND
    ),
    row(
      { fault = "status", status = 204, commit = true },
      lost("response unknown 1 1"),
      "204; the number was bought.",
      "As above.",
      {
        except = {
          {
            http = "2",
            outcomes = lost("network unknown 1 1"),
            why = "there a 204 with a body breaks the stream",
          },
        },
      }
    ),
    row(
      { fault = "html" },
      lost("response unknown 1 1"),
      "200 and a page that asks to log in; the number was bought.",
      "As above."
    ),
    row(
      { fault = "html", commit = false },
      always("response unknown 1 0"),
      "The same, and nothing was bought.",
      "Whoever answers so is not Twilio, and would say the same again: it is not sent again."
    ),
    row(
      { fault = "redirect" },
      lost("response unknown 1 1"),
      "302; the number was bought.",
      "No redirect is followed. " .. FOUND
    ),
    row(
      { fault = "redirect", commit = false },
      always("response unknown 1 0"),
      "302; nothing was bought.",
      "As for the page that asks to log in."
    ),
  },
  {
    title = "It goes wrong more than once",
    row(
      {
        { fault = "ignore", parameter = "FriendlyName" },
        { fault = "status", status = 500, times = 99 },
      },
      always("incomplete 1 1"),
      "Twilio buys, and passes over a parameter; then 500 to each update.",
      "The number comes with a message that says what is not set."
    ),
    row(
      { fault = "status", status = 500, times = 99 },
      unless_looked_up("api unknown 4 0", "api unknown 1 0", "api unknown 1 0"),
      "500 to every purchase.",
      "Sent again three times, the default of `retries`."
    ),
    row(
      { fault = "close_after_read", times = 99 },
      unless_looked_up("network unknown 4 0", "network unknown 1 0", "network unknown 1 0"),
      "Every purchase is left without an answer.",
      "As above."
    ),
    row(
      { fault = "rate_limit", times = 99 },
      { "rate_limit no 4 0", "rate_limit no 1 0", "rate_limit no 4 0", "rate_limit no 1 0" },
      "429 to every purchase.",
      "As above, by area code too; never processed."
    ),
    row(
      { fault = "close_after_commit", method = false, times = 99 },
      unless_looked_up("network unknown 4 1", "network unknown 1 1", "network unknown 1 1"),
      "No request is answered, but the number was bought.",
      "The look-ups fail too. Buying a certain number again buys no second one."
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
      "The answer is lost, and 500 to every look-up.",
      "Buying a certain number again is answered as the first time was."
    ),
    row(
      {
        { fault = "close_after_commit" },
        { fault = "stale", method = "GET", times = 99 },
      },
      unless_looked_up("number 2 1", "network unknown 1 1", "network unknown 1 1"),
      "The answer is lost, and no look-up shows the number yet.",
      "Finding nothing proves nothing, so without another attempt it is unknown."
    ),
    row(
      { { fault = "close_after_read" }, { fault = "status", status = 400, code = 21422 } },
      unless_looked_up("api unknown 2 0", "network unknown 1 0", "network unknown 1 0"),
      "No answer, then 400, 21422: not available.",
      "Perhaps because the first attempt buys it: a refusal removes no doubt."
    ),
    row(
      {
        { fault = "close_after_commit" },
        { fault = "status", status = 500, method = "GET", times = 4 },
        { fault = "status", status = 400, code = 21422 },
      },
      unless_looked_up("number 2 1", "network unknown 1 1", "network unknown 1 1"),
      "The answer is lost, and so is the look-up; then 21422.",
      "So there is another look-up, which finds the number."
    ),
    row(
      { { fault = "rate_limit" }, { fault = "close_after_commit" } },
      { "number 2 1", "rate_limit no 1 0", "network unknown 2 1", "rate_limit no 1 0" },
      "429, then the answer is lost.",
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
