-- The tables of twilio-numbers: how they fit a terminal, and what a pipe gets.
local colour = require("twilio.numbers.command.colour")
local screen = require("twilio.numbers.command.screen")
local streams = require("twilio.numbers.command.streams")
local tables = require("twilio.numbers.command.table")

local SID = "PN0123456789abcdef0123456789abcdef"

local COLUMNS = {
  { name = "phone_number", heading = "NUMBER" },
  { name = "sid", is_sid = true },
  { name = "friendly_name", heading = "NAME", cuts = true },
  { name = "can", drops = 1 },
  { name = "note", wraps = true, is_extra = true },
}

local ROW = {
  phone_number = "+14155550100",
  sid = SID,
  friendly_name = "東京 café",
  can = "voice sms mms",
  note = "one two three four five six seven eight nine ten",
}

local PLAIN = { phone_number = "+14155550101", sid = SID, friendly_name = "Desk" }

describe("A table of twilio-numbers", function()
  local replaced, printed, said

  before_each(function()
    replaced = { print = streams.print, say = streams.say, width = screen.width }
    replaced.has_colours = screen.has_colours
    printed, said = {}, {}
    streams.print = function(text)
      printed[#printed + 1] = text
    end
    streams.say = function(text)
      said[#said + 1] = text
    end
  end)

  after_each(function()
    streams.print, streams.say = replaced.print, replaced.say
    screen.width, screen.has_colours = replaced.width, replaced.has_colours
  end)

  --- The lines that are printed on a terminal of so many columns; nil: into a pipe.
  local function lines(columns, args, rows, all)
    screen.width = function()
      return columns
    end
    tables.print(args or {}, all or COLUMNS, rows or { ROW, PLAIN }, "None.")
    return printed
  end

  it("is whole in a pipe, with - for what is empty", function()
    assert.same({
      "NUMBER        SID                                 NAME       CAN",
      "+14155550100  " .. SID .. "  東京 café  voice sms mms",
      "+14155550101  " .. SID .. "  Desk       -",
    }, lines(nil))
  end)

  it("shortens SIDs where the terminal is narrow", function()
    assert.same({
      "NUMBER        SID           NAME       CAN",
      "+14155550100  PN0123..cdef  東京 café  voice sms mms",
      "+14155550101  PN0123..cdef  Desk       -",
    }, lines(60))
  end)

  it("cuts names, and then drops columns, on a terminal that is narrower", function()
    local long = { phone_number = "+14155550100", sid = SID, can = "voice" }
    long.friendly_name = "The desk at the front of the house"
    assert.equal("+14155550100  PN0123..cdef  The desk a...  voice", lines(48, nil, { long })[2])
    printed = {}
    assert.equal("+14155550100  PN0123..cdef  The desk at...", lines(42, nil, { long })[2])
  end)

  it("is wider than a terminal that is too narrow for what no table may lack", function()
    assert.same({
      "NUMBER        SID           NAME",
      "+14155550101  PN0123..cdef  Desk",
    }, lines(20, nil, { PLAIN }))
  end)

  it("wraps what may have several lines, but not in a pipe", function()
    local all = { COLUMNS[1], { name = "note", wraps = true } }
    assert.same({
      "NUMBER        NOTE",
      "+14155550100  one two three four five six",
      "              seven eight nine ten",
    }, lines(46, nil, { ROW }, all))
    printed = {}
    assert.equal(2, #lines(nil, nil, { ROW }, all))
  end)

  it("has the columns that --columns names, in that order and whole", function()
    assert.same({
      "NOTE                                              SID",
      ROW.note .. "  " .. SID,
    }, lines(40, { columns = { "note", "sid" } }, { ROW }))
  end)

  it("says that there is nothing", function()
    assert.same({}, lines(80, nil, {}))
    assert.same({ "None." }, said)
  end)

  it(
    "is CSV with --csv: names of fields, quotes where they are needed, nothing for nothing",
    function()
      local row = { phone_number = "+1", friendly_name = 'a "b", c', can = "x" }
      assert.same({
        "phone_number,sid,friendly_name,can",
        '+1,,"a ""b"", c",x',
      }, lines(40, { csv = true }, { row }))
      printed = {}
      assert.same({ "note" }, lines(40, { csv = true, columns = { "note" } }, {}))
    end
  )

  it("colours outcomes where there are colours, and keeps its columns", function()
    local all = { { name = "outcome", is_outcome = true }, { name = "sid" } }
    local rows = { { outcome = "bought", sid = "x" }, { outcome = "unknown", sid = "y" } }
    rows[3] = { outcome = "refused", sid = "z" }
    screen.has_colours = function(fd)
      return fd == 1
    end
    assert.same({
      "OUTCOME  SID",
      "\27[32mbought \27[0m  x",
      "\27[33munknown\27[0m  y",
      "\27[31mrefused\27[0m  z",
    }, lines(80, nil, rows, all))
    assert.equal("bought", colour.paint(2, "bought"))
  end)

  it(
    "leaves empty what is as in the row above, where the column says so, but not in CSV",
    function()
      local all = { { name = "who", is_once = true }, { name = "what" } }
      local rows =
        { { who = "a", what = "1" }, { who = "a", what = "2" }, { who = "b", what = "3" } }
      assert.same({ "WHO  WHAT", "a    1", "     2", "b    3" }, lines(nil, nil, rows, all))
      printed = {}
      assert.same({ "who,what", "a,1", "a,2", "b,3" }, lines(nil, { csv = true }, rows, all))
    end
  )

  it("lets no control character through, in CSV neither", function()
    local row = { phone_number = "a\27[31mb\nc" }
    lines(nil, { columns = { "phone_number" } }, { row })
    lines(nil, { columns = { "phone_number" }, csv = true }, { row })
    assert.same({ "a [31mb c", "a [31mb c" }, { printed[2], printed[4] })
  end)
end)
