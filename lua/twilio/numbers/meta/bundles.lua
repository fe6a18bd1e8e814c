---@meta _
--- The regulatory bundles of the account.

--- Which of the account's bundles to list. All fields are optional.
---
--- Source of all fields but `limit`: https://www.twilio.com/docs/phone-numbers/regulatory/api/bundles
---@class twilio.numbers.BundleFilter
---@field status? twilio.numbers.BundleStatus
---@field bundle_sids? string up to 20 SIDs (BU...), a comma between them
---@field friendly_name? string at most 255 characters
---@field regulation_sid? string SID (RN...)
---@field iso_country? string two capital letters such as "DE" (ISO 3166-1)
---@field number_type? "local"|"mobile"|"national"|"toll-free"|"toll_free"
---@field end_user_type? "individual"|"business"
---@field has_valid_until_date? boolean whether it expires
---@field sort_by? "valid-until"|"date-updated" Twilio's default is the date of its creation
---@field sort_direction? "ASC"|"DESC" Twilio's default is "DESC"
---@field valid_until_date? string when it expires, such as "2026-11-28T00:00:00Z"
---@field valid_until_date_before? string it expires then or before
---@field valid_until_date_after? string it expires then or after
---@field page_size? integer how many to a page, 1 to 1000; Twilio's default is 50
---@field limit? integer how many to read at most, 1 to 1000000

--- A bundle that is "twilio-approved" is ready for purchases.
---@alias twilio.numbers.BundleStatus
---| "draft"
---| "pending-review"
---| "in-review"
---| "twilio-rejected"
---| "twilio-approved"
---| "provisionally-approved"

--- A regulatory bundle. A JSON null is an absent key.
---
--- Source: https://www.twilio.com/docs/phone-numbers/regulatory/api/bundles
---@class twilio.numbers.Bundle
---@field sid string SID (BU...) of this bundle
---@field account_sid? string SID (AC...) of the account
---@field regulation_sid? string SID (RN...) of the regulation that it is for
---@field friendly_name? string the name for people
---@field status? twilio.numbers.BundleStatus
---@field valid_until? string ISO 8601; absent: it does not expire
---@field email? string where Twilio writes about it
---@field status_callback? string called when its status changes
---@field date_created? string ISO 8601
---@field date_updated? string ISO 8601
---@field url? string of this bundle
---@field links? table<string, string>

---@class twilio.numbers.Client
local Client = {}

--- Lists the account's regulatory bundles. Pages are fetched as the list is read.
--- GET https://numbers.twilio.com/v2/RegulatoryCompliance/Bundles
--- (https://www.twilio.com/docs/phone-numbers/regulatory/api/bundles)
---@param filter? twilio.numbers.BundleFilter
---@param options? twilio.numbers.CallOptions
---@return twilio.numbers.BundleList? list
---@return string message
---@return twilio.numbers.Error err
function Client:bundles(filter, options) end

--- Starts to read all items of bundles() and returns at once. The result is an array.
---@param filter? twilio.numbers.BundleFilter
---@param options? twilio.numbers.CallOptions|twilio.numbers.Callback<twilio.numbers.Bundle[]>
---@param callback? twilio.numbers.Callback<twilio.numbers.Bundle[]>
---@return twilio.numbers.Pending<twilio.numbers.Bundle[]>? pending nil: not started
---@return string message
---@return twilio.numbers.Error err
function Client:bundles_async(filter, options, callback) end
