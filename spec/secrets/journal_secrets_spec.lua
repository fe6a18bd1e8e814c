-- What a journal stores of a purchase: its key, its number, its process. It has no parameter in the clear, no
-- credential and no connection string.
local clients = require("spec.support.clients")
local journals = require("spec.support.journals")
local postgresql = require("spec.support.postgresql")
local simulator = require("spec.support.simulator")

local PARAMS = {
  friendly_name = "Herzog Blaubart",
  voice_url = "https://caller:sesame@example.com/concealed?code=4711",
}
local SECRETS = { "Blaubart", "sesame", "concealed", "code=4711", "hunter2" } -- no hash has these by chance
local FILTER = { country = "US", area_code = "415", contains = "415555****" }

-- Twilio's messages may echo what it was sent.
local REFUSAL = '{"code": 21422, "message": "no: https://caller:sesame@example.com/concealed",'
  .. ' "status": 400, "more_info": "Blaubart"}'

describe("a journal", function()
  local twilio = simulator.shared { setup = setup, teardown = teardown, before_each = before_each }

  --- Buys in all ways, with failures that a journal may store.
  local function buy(journal)
    local client = clients.of(twilio, { journal = journal, deadline = 5 })
    twilio:fault { fault = "status", status = 400, body = REFUSAL, method = "POST" }
    assert(client:purchase_available(FILTER, PARAMS, { idempotency_key = "one" }))
    twilio:fault { fault = "close_after_commit", method = "POST" }
    assert(client:purchase_available(FILTER, PARAMS))
    twilio:fault { fault = "status", status = 400, body = REFUSAL, method = "POST", times = 99 }
    assert.is_nil((client:purchase_available(FILTER, PARAMS, { idempotency_key = "refused" })))
    twilio:clear()
    twilio:fault { fault = "ignore", parameter = "VoiceUrl", method = "POST", times = 99 }
    client:purchase_available(FILTER, PARAMS, { idempotency_key = "incomplete" })
    twilio:clear()
    local many = { country = "US", area_code = "415", count = 2 }
    assert(client:purchase_many(many, PARAMS, { idempotency_key = "many" }))
    local _, _, err = client:purchase_available(
      FILTER,
      { friendly_name = "Herzog" },
      { idempotency_key = "one" }
    )
    assert.equal("conflict", err.kind)
    client:close()
  end

  local function has_none_of(text, secrets)
    for _, secret in ipairs(secrets) do
      assert.is_nil(text:find(secret, 1, true), secret)
    end
  end

  local function all_secrets()
    local all = { twilio.auth_token, (require("mime").b64(twilio.auth_token):sub(1, 12)) }
    for _, secret in ipairs(SECRETS) do
      all[#all + 1] = secret
    end
    return all
  end

  it("in SQLite has no parameter's value and no credential in its file", function()
    local folder = journals.new_folder()
    local path = folder .. "/journal.db"
    local journal = assert(journals.open(path, { create = true }))
    buy(journal)
    journal:close(5)
    local text = journals.shell(("cat '%s'/*"):format(folder))
    assert.matches("order/" .. twilio.account_sid, text, 1, true)
    assert.matches("incomplete", text, 1, true)
    has_none_of(text, all_secrets())
    journals.remove(folder)
  end)

  if not postgresql.is_missing("spec/secrets/journal_spec.lua: PostgreSQL") then
    describe("in PostgreSQL", function()
      local server

      setup(function()
        server = postgresql.start()
      end)

      teardown(function()
        server:stop()
      end)

      it("has no secret in its table, not even its connection string", function()
        local conninfo = server:conninfo("user=guarded password=hunter2")
        local journal = assert(journals.open("postgresql:" .. conninfo))
        buy(journal)
        assert.is_nil(tostring(journal):find("hunter2", 1, true))
        journal:close(5)
        local text = server:sql("SELECT * FROM twilio_numbers_journal")
        assert.matches("order/" .. twilio.account_sid, text, 1, true)
        has_none_of(text, all_secrets())
      end)
    end)
  end
end)
