--- The command with a journal in SQLite: a new one for each spec, and what is run with it. Call it inside
--- describe with the block's own functions, which busted provides only to spec files.
---
---   local shop = journal_shop(twilio, { before_each = before_each, after_each = after_each })
---   shop.buy("--key", "order-1", "+14155550130", "-y")
local cjson = require("cjson")
local command = require("spec.support.command")
local journals = require("spec.support.journals")

local assert = require("luassert")

---@param twilio table the simulator
---@param block { before_each: function, after_each: function }
---@return table shop has `folder` and `path` of the journal while a spec runs
return function(twilio, block)
  local shop = {}

  function shop.run(...)
    return command.run(command.settings(twilio), ...)
  end

  function shop.journal(action, ...)
    return shop.run("journal", action, "--journal", shop.path, ...)
  end

  function shop.buy(...)
    return shop.run("buy", "--journal", shop.path, ...)
  end

  block.before_each(function()
    shop.folder = journals.new_folder()
    shop.path = shop.folder .. "/purchases.db"
    local _, code, err = command.run({}, "journal", "init", shop.path)
    assert.same({ "Created the journal.\n", 0 }, { err, code })
  end)

  block.after_each(function()
    journals.remove(shop.folder)
  end)

  --- A purchase that Twilio may carry out, without a response to the command.
  function shop.crash(key, number, is_carried_out)
    local fault = is_carried_out and "close_after_commit" or "close_after_read"
    twilio:fault { fault = fault, method = "POST", times = 50 }
    twilio:fault { fault = "status", status = 403, method = "GET", skip = 1, times = 50 }
    local out, code, err = shop.buy("--key", key, number, "-y")
    twilio:clear()
    assert.same({ "", 3 }, { out, code }, err)
    return err
  end

  --- The state of an order.
  function shop.state_of(key)
    return cjson.decode((shop.journal("show", key, "--json"))).state
  end

  return shop
end
