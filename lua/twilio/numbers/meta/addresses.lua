---@meta _
--- The addresses of the account, which some countries require for a number.

--- A postal address to create. It is personal data: no message or event contains any of it.
---
--- Source: https://www.twilio.com/docs/usage/api/address
---@class twilio.numbers.AddressParams
---@field customer_name string of the person or the company
---@field street string number and street
---@field city string
---@field region string state or region
---@field postal_code string
---@field iso_country string two capital letters such as "DE" (ISO 3166-1)
---@field friendly_name? string a name for people, at most 64 characters; for emergency calls 32
---@field emergency_enabled? boolean whether it is for emergency calls
---@field auto_correct_address? boolean whether Twilio may correct it; default false
---@field street_secondary? string a second line

--- Which of the account's addresses to list. All fields are optional.
---
--- Source of all fields but `limit`: https://www.twilio.com/docs/usage/api/address
---@class twilio.numbers.AddressFilter
---@field customer_name? string
---@field friendly_name? string at most 64 characters
---@field emergency_enabled? boolean whether it is for emergency calls
---@field iso_country? string two capital letters such as "DE" (ISO 3166-1)
---@field page_size? integer how many to a page, 1 to 1000; Twilio's default is 50
---@field limit? integer how many to read at most, 1 to 1000000

--- An address of the account. A JSON null is an absent key.
---
--- Source: https://www.twilio.com/docs/usage/api/address
---@class twilio.numbers.Address
---@field sid string SID (AD...) of this address
---@field account_sid? string SID (AC...) of the account
---@field customer_name? string of the person or the company
---@field friendly_name? string the name for people
---@field street? string number and street
---@field street_secondary? string a second line
---@field city? string
---@field region? string state or region
---@field postal_code? string
---@field iso_country? string two letters
---@field emergency_enabled? boolean whether it is for emergency calls
---@field validated? boolean whether Twilio has validated it, which some countries require
---@field verified? boolean whether it was verified
---@field date_created? string RFC 2822, GMT
---@field date_updated? string RFC 2822, GMT
---@field uri? string of this address, relative to https://api.twilio.com

---@class twilio.numbers.Client
local Client = {}

--- Lists the addresses of the account. Pages are fetched as the list is read.
--- GET /2010-04-01/Accounts/{AccountSid}/Addresses.json
--- (https://www.twilio.com/docs/usage/api/address)
---@param filter? twilio.numbers.AddressFilter
---@param options? twilio.numbers.CallOptions
---@return twilio.numbers.AddressList? list
---@return string message
---@return twilio.numbers.Error err
function Client:addresses(filter, options) end

--- Starts to read all items of addresses() and returns at once. The result is an array.
---@param filter? twilio.numbers.AddressFilter
---@param options? twilio.numbers.CallOptions|twilio.numbers.Callback<twilio.numbers.Address[]>
---@param callback? twilio.numbers.Callback<twilio.numbers.Address[]>
---@return twilio.numbers.Pending<twilio.numbers.Address[]>? pending nil: not started
---@return string message
---@return twilio.numbers.Error err
function Client:addresses_async(filter, options, callback) end

--- Creates an address, never twice: an attempt that goes unanswered is looked up. If it is not
--- found, the request is repeated once the first can no longer take effect (90 to 180 seconds later, within
--- the deadline); else the error has `unheard = true`.
---
--- Twilio accepts the address unchanged or refuses it; with `auto_correct_address = true` it may correct it.
--- Its suggestion (error 21629) is in err.details. No message or event contains any of an address.
--- POST /2010-04-01/Accounts/{AccountSid}/Addresses.json
--- (https://www.twilio.com/docs/usage/api/address)
---@param params twilio.numbers.AddressParams
---@param options? twilio.numbers.CallOptions
---@return twilio.numbers.Address? address
---@return string message
---@return twilio.numbers.Error err err.unheard: it may have been created
function Client:create_address(params, options) end

--- Starts create_address() and returns at once.
---@param params twilio.numbers.AddressParams
---@param options? twilio.numbers.CallOptions|twilio.numbers.Callback<twilio.numbers.Address>
---@param callback? twilio.numbers.Callback<twilio.numbers.Address>
---@return twilio.numbers.Pending<twilio.numbers.Address>? pending nil: not started
---@return string message
---@return twilio.numbers.Error err
function Client:create_address_async(params, options, callback) end

--- Fetches an address of the account.
--- GET /2010-04-01/Accounts/{AccountSid}/Addresses/{Sid}.json
---@param sid string AD...
---@param options? twilio.numbers.CallOptions
---@return twilio.numbers.Address? address
---@return string message
---@return twilio.numbers.Error err
function Client:fetch_address(sid, options) end

--- Starts fetch_address() and returns at once.
---@param sid string AD...
---@param options? twilio.numbers.CallOptions|twilio.numbers.Callback<twilio.numbers.Address>
---@param callback? twilio.numbers.Callback<twilio.numbers.Address>
---@return twilio.numbers.Pending<twilio.numbers.Address>? pending nil: not started
---@return string message
---@return twilio.numbers.Error err
function Client:fetch_address_async(sid, options, callback) end

--- Deletes an address. A 404 counts as deleted only after an attempt of the same call that went unanswered;
--- else it is an error.
--- DELETE /2010-04-01/Accounts/{AccountSid}/Addresses/{Sid}.json
---@param sid string AD...
---@param options? twilio.numbers.CallOptions
---@return true? deleted
---@return string message
---@return twilio.numbers.Error err
function Client:delete_address(sid, options) end

--- Starts delete_address() and returns at once.
---@param sid string AD...
---@param options? twilio.numbers.CallOptions|twilio.numbers.Callback<true>
---@param callback? twilio.numbers.Callback<true>
---@return twilio.numbers.Pending<true>? pending nil: not started
---@return string message
---@return twilio.numbers.Error err
function Client:delete_address_async(sid, options, callback) end
