--- The operations of a client with a journal: those that it records, and those on the journal itself.
local audit = require("twilio.numbers.journal.audit")
local available = require("twilio.numbers.journal.available")
local forget = require("twilio.numbers.journal.forget")
local many = require("twilio.numbers.journal.many")
local orders = require("twilio.numbers.journal.orders")
local owned_many = require("twilio.numbers.api.owned_many")
local purchases = require("twilio.numbers.journal.purchases")
local recover = require("twilio.numbers.journal.recover")
local release = require("twilio.numbers.journal.release")

return {
  purchase = purchases.purchase,
  purchase_available = available,
  purchase_many = many.purchase,
  release = release,
  release_many = owned_many.release(release),
  new_orders = orders.new, -- a list, see api/list.lua
  order = orders.one,
  recover = recover,
  audit = audit,
  forget = forget.key,
  prune = forget.prune,
}
