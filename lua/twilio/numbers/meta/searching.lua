---@meta _
--- Searches for numbers that are for sale.

--- Types of numbers that Twilio sells.
---@alias twilio.numbers.AvailableType
---| "local"
---| "toll_free"
---| "mobile"
---| "national"
---| "voip"
---| "shared_cost"
---| "machine_to_machine"

--- Which numbers to search for. All fields are optional.
---
--- Source of all fields but `limit`:
--- https://www.twilio.com/docs/phone-numbers/api/availablephonenumber-resource
---@class twilio.numbers.SearchFilter
---@field area_code? string three digits such as "415"; United States and Canada only
---@field contains? string 2 to 16 digits or letters; `*` is any digit at an end; see docs/numbers.md
---@field sms_enabled? boolean whether it can send and receive text messages
---@field mms_enabled? boolean whether it can send and receive messages with media
---@field voice_enabled? boolean whether it can make and receive calls
---@field fax_enabled? boolean whether it can send and receive faxes
---@field exclude_all_address_required? boolean none that require an address
---@field exclude_local_address_required? boolean none that require an address in their country
---@field exclude_foreign_address_required? boolean none that require an address outside of it
---@field beta? boolean whether to show numbers that are new to Twilio's platform
---@field near_number? string E.164; United States and Canada only
---@field near_lat_long? string degrees such as "37.84,-122.26"; United States and Canada only
---@field distance? integer miles around `near_number` or `near_lat_long`, 1 to 500; Twilio's default is 25
---@field in_postal_code? string United States and Canada only
---@field in_region? string state or province, such as "CA"; United States and Canada only
---@field in_rate_center? string rate center; only with `in_lata`; United States and Canada only
---@field in_lata? string local access and transport area; United States and Canada only
---@field in_locality? string the whole name of a city
---@field page_size? integer how many to a page, 1 to 1000; Twilio's default is 50
---@field limit? integer how many to read at most, 1 to 1000000

--- A number that can be bought. A JSON null is an absent key.
---
--- Source: https://www.twilio.com/docs/phone-numbers/api/availablephonenumber-resource
---@class twilio.numbers.AvailableNumber
---@field phone_number string in E.164 form
---@field friendly_name? string formatted for people
---@field type twilio.numbers.AvailableType of the search
---@field address_requirements? "none"|"any"|"local"|"foreign" which registered address it requires
---@field beta? boolean whether it is new to Twilio's platform
---@field capabilities? twilio.numbers.Capabilities what it can do
---@field iso_country? string two letters
---@field lata? string local access and transport area; United States and Canada
---@field latitude? number|string degrees; Twilio sends a string
---@field longitude? number|string degrees; Twilio sends a string
---@field locality? string city
---@field postal_code? string United States and Canada
---@field rate_center? string United States and Canada
---@field region? string state or province

---@class twilio.numbers.Client
local Client = {}

--- Searches the numbers for sale. Pages are fetched as the list is read.
--- GET /2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers/{CountryCode}/Local.json
--- (https://www.twilio.com/docs/phone-numbers/api/availablephonenumber-resource)
---@param country string two letters, such as "US"
---@param kind twilio.numbers.AvailableType
---@param filter? twilio.numbers.SearchFilter
---@param options? twilio.numbers.CallOptions
---@return twilio.numbers.AvailableList? list
---@return string message
---@return twilio.numbers.Error err
function Client:search(country, kind, filter, options) end

--- Starts to read all items of search() and returns at once. The result is an array.
---@param country string two letters, such as "US"
---@param kind twilio.numbers.AvailableType
---@param filter? twilio.numbers.SearchFilter
---@param options? twilio.numbers.CallOptions|twilio.numbers.Callback<twilio.numbers.AvailableNumber[]>
---@param callback? twilio.numbers.Callback<twilio.numbers.AvailableNumber[]>
---@return twilio.numbers.Pending<twilio.numbers.AvailableNumber[]>? pending nil: not started
---@return string message
---@return twilio.numbers.Error err
function Client:search_async(country, kind, filter, options, callback) end
