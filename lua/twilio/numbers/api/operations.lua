--- The operations of a client without a journal that a journal would record. With one they are those of
--- journal/operations.lua.
local owned_many = require("twilio.numbers.api.owned_many")
local owned_number = require("twilio.numbers.api.owned_number")
local purchase_available = require("twilio.numbers.api.purchase_available")
local purchase_many = require("twilio.numbers.api.purchase_many")
local purchase_one = require("twilio.numbers.api.purchase_one")

return {
  purchase = purchase_one.purchase,
  purchase_available = purchase_available.purchase,
  purchase_many = purchase_many.operation(purchase_one),
  release = owned_number.release,
  release_many = owned_many.release(owned_number.release),
}
