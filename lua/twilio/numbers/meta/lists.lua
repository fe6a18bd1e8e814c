---@meta _
--- Lists, which are fetched page by page as they are read:
---
---     for number, message, err in list do
---       if not number then
---         error(err)
---       end
---     end
---
--- reads a list to its end; after a failure the last iteration has false in place of an item. `next` returns
--- the next item, nil at the end, or nil, a message and an error; `all` the rest of the list. What is read
--- after a failure fails in the same way: make a new list to try again.

---@class twilio.numbers.AvailableList
---@field next fun(self): twilio.numbers.AvailableNumber?, string, twilio.numbers.Error
---@field all fun(self): twilio.numbers.AvailableNumber[]?, string, twilio.numbers.Error
---@overload fun(): twilio.numbers.AvailableNumber|false|nil, string, twilio.numbers.Error

---@class twilio.numbers.NumberList
---@field next fun(self): twilio.numbers.Number?, string, twilio.numbers.Error
---@field all fun(self): twilio.numbers.Number[]?, string, twilio.numbers.Error
---@overload fun(): twilio.numbers.Number|false|nil, string, twilio.numbers.Error

---@class twilio.numbers.AddressList
---@field next fun(self): twilio.numbers.Address?, string, twilio.numbers.Error
---@field all fun(self): twilio.numbers.Address[]?, string, twilio.numbers.Error
---@overload fun(): twilio.numbers.Address|false|nil, string, twilio.numbers.Error

---@class twilio.numbers.BundleList
---@field next fun(self): twilio.numbers.Bundle?, string, twilio.numbers.Error
---@field all fun(self): twilio.numbers.Bundle[]?, string, twilio.numbers.Error
---@overload fun(): twilio.numbers.Bundle|false|nil, string, twilio.numbers.Error

---@class twilio.numbers.OrderList
---@field next fun(self): twilio.numbers.Order?, string, twilio.numbers.Error
---@field all fun(self): twilio.numbers.Order[]?, string, twilio.numbers.Error
---@overload fun(): twilio.numbers.Order|false|nil, string, twilio.numbers.Error
