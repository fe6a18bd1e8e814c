---@meta twilio.numbers.types
--- Annotations for editors (lua-language-server). Never loaded at run time. spec/docs_spec.lua keeps
--- them in step with csrc/pure/params.c and options.lua.

---@alias twilio.numbers.Method "GET"|"POST"
---@alias twilio.numbers.HttpMethod "GET"|"POST"|"DELETE"
---@alias twilio.numbers.Purchased "no"|"unknown"|"yes"
---@alias twilio.numbers.Kind
---| "invalid" # parameters or options are wrong: nothing was sent
---| "connect" # Twilio was not reached: DNS, refused, proxy, no access token
---| "tls" # no secure connection: a certificate is not trusted, or none to trust can be read
---| "timeout" # no answer within the time limits
---| "network" # the connection broke after sending began
---| "rate_limit" # Twilio itself answered 429
---| "api" # Twilio answered with another error
---| "response" # no sense (not JSON, too large, a redirect), another number, or not Twilio's word
---| "cancelled" # the request was given up
---| "closed" # the client is closed
---| "conflict" # the key was used with other parameters, or its number was given back since
---| "in_progress" # another call with this key, or for this number, is not done: make the same call again
---| "journal" # the journal cannot be used: nothing was sent after that
---| "limit" # more numbers than the client's `limit`
---| "policy" # the client's `allow` or the option `max_price` excludes it, or Twilio has no price for it

--- How Twilio is to use a number. All of it is optional. Every SID is its two letters and 32 hex digits.
--- Every URL is absolute, http or https.
---
--- Source of all fields: https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
---@class twilio.numbers.Settings
---
--- A name for people, at most 64 characters. Twilio's default is the number, formatted.
---@field friendly_name? string
---
--- The API version that incoming calls use. Twilio's default is "2010-04-01".
---@field api_version? string
---
--- URL that Twilio calls to answer an incoming call. Not called if `voice_application_sid` or
--- `trunk_sid` is set.
---@field voice_url? string
---
--- How Twilio calls `voice_url`: "GET" or "POST". Twilio's default is "POST".
---@field voice_method? twilio.numbers.Method
---
--- URL that Twilio calls when `voice_url` fails, or what it returned does. Twilio refuses it without
--- `voice_url`: https://www.twilio.com/docs/errors/21405
---@field voice_fallback_url? string
---
--- How Twilio calls `voice_fallback_url`: "GET" or "POST". Twilio's default is "POST".
---@field voice_fallback_method? twilio.numbers.Method
---
--- SID (AP...) of the application that handles calls. Twilio then clears all voice URLs. Excludes
--- `trunk_sid`: on Twilio's side each deletes the other.
---@field voice_application_sid? string
---
--- Whether Twilio looks up the caller's name (CNAM) and posts it to your application; Twilio charges
--- each look-up. Twilio's default is false.
---@field voice_caller_id_lookup? boolean
---
--- What incoming calls are: "voice" or "fax".
---@field voice_receive_mode? "voice"|"fax"
---
--- SID (TK...) of the trunk that handles calls. Twilio then ignores all voice URLs and voice
--- applications. Excludes `voice_application_sid`.
---@field trunk_sid? string
---
--- URL that Twilio calls when a message comes in.
---@field sms_url? string
---
--- How Twilio calls `sms_url`: "GET" or "POST". Twilio's default is "POST".
---@field sms_method? twilio.numbers.Method
---
--- URL that Twilio calls when `sms_url` fails, or what it returned does. Twilio refuses it without
--- `sms_url`: https://www.twilio.com/docs/errors/21406
---@field sms_fallback_url? string
---
--- How Twilio calls `sms_fallback_url`: "GET" or "POST". Twilio's default is "POST".
---@field sms_fallback_method? twilio.numbers.Method
---
--- SID (AP...) of the application that handles messages. Twilio then clears all SMS URLs.
---@field sms_application_sid? string
---
--- URL to which Twilio sends status information.
---@field status_callback? string
---
--- How Twilio calls `status_callback`: "GET" or "POST". Twilio's default is "POST".
---@field status_callback_method? twilio.numbers.Method
---
--- "Active" or "Inactive". Twilio says that it has had no effect since October 2021.
---@field emergency_status? "Active"|"Inactive"
---
--- SID (AD...) of the address for emergency calls. Twilio has been seen to ignore it here and to
--- honour it in an update.
---@field emergency_address_sid? string
---
--- SID (AD...) of an address. Some countries require one.
---@field address_sid? string
---
--- SID (RI...) of an identity. Some countries require one.
---@field identity_sid? string
---
--- SID (BU...) of a regulatory bundle. Some countries require one.
---@field bundle_sid? string

--- What to buy, and how Twilio is to use it. Give just one of `phone_number` and `area_code`. A string may
--- not be empty: leave the parameter out instead.
---@class twilio.numbers.PurchaseParams : twilio.numbers.Settings
---
--- The number to buy, in E.164 form such as "+14155550100": a plus sign and 2 to 15 digits, no
--- punctuation. See https://www.twilio.com/docs/glossary/what-e164
---@field phone_number? string
---
--- Three digits such as "415": Twilio picks a number in that area. United States and Canada only.
--- Each purchase takes another number, so one that went unanswered is never sent again.
---@field area_code? string

--- What to change of a number: at least one parameter. An empty string clears a URL, a SID or the name.
---@class twilio.numbers.UpdateParams : twilio.numbers.Settings
---
--- SID (AC...) of another account of the family, to which the number is handed over:
--- https://www.twilio.com/docs/iam/api/subaccounts#exchanging-numbers
---@field account_sid? string

--- What kinds of numbers Twilio sells.
---@alias twilio.numbers.AvailableType
---| "local"
---| "toll_free"
---| "mobile"
---| "national"
---| "voip"
---| "shared_cost"
---| "machine_to_machine"

--- Which numbers to look for among those that can be bought. All of it is optional.
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

--- Where and what to look for, to buy it.
---@class twilio.numbers.AvailableFilter : twilio.numbers.SearchFilter
---@field country string two capital letters such as "US" (ISO 3166-1)
---@field type? twilio.numbers.AvailableType default "local"
---
--- Area codes, each searched when the one before has no more numbers that fit: 1 to 100, in place of
--- `area_code`. United States and Canada only.
---@field area_codes? string[]
---
--- Searches within 25 miles of `near_number` or `near_lat_long`, then 100, then 500, until there are numbers
--- that fit; in place of `distance`. Default false.
---@field widen? boolean

--- The same for many numbers.
---@class twilio.numbers.ManyFilter : twilio.numbers.AvailableFilter
---@field count integer how many to buy, 1 to 10000

--- Which of the account's numbers to list. All of it is optional.
---
--- Source of all fields but `type` and `limit`:
--- https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
---@class twilio.numbers.ListFilter
---@field beta? boolean whether to show numbers that are new to Twilio's platform
---@field friendly_name? string the whole name, at most 64 characters
---@field phone_number? string a number or a part of one, `*` for any digit
---@field origin? "twilio"|"hosted" where the number is from
---@field page_size? integer how many to a page, 1 to 1000; Twilio's default is 50
---@field type? "local"|"mobile"|"toll_free" only those, from Twilio's resource for the type
---@field limit? integer how many to read at most, 1 to 1000000

--- A country in which Twilio sells numbers. That a type is sold does not mean that one is available now.
---
--- Source: https://www.twilio.com/docs/phone-numbers/api/availablephonenumber-resource
---@class twilio.numbers.Country
---@field country_code string two letters (ISO 3166-1)
---@field country? string its name
---@field beta boolean whether all its numbers are new to Twilio's platform
---@field types (twilio.numbers.AvailableType|string)[] a type unknown to the library has Twilio's name

--- A number that can be bought. What Twilio calls null is an absent key.
---
--- Source: https://www.twilio.com/docs/phone-numbers/api/availablephonenumber-resource
---@class twilio.numbers.AvailableNumber
---@field phone_number string in E.164 form
---@field friendly_name? string formatted for people
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

--- A list that is fetched page by page, as far as somebody reads. `for item, message, err in list do`
--- reads it to its end; a failure is the last turn, with false as the item.
---@class twilio.numbers.List
---@field next fun(self: twilio.numbers.List): table?, string?, twilio.numbers.Error? nil at the end
---@field all fun(self: twilio.numbers.List): table[]?, string?, twilio.numbers.Error? the rest of it
---@overload fun(): table|false|nil, string?, twilio.numbers.Error?

--- What a number can do, of candidates and of owned numbers alike. A key that Twilio leaves out is
--- absent, such as `fax` of candidates. A candidate has `SMS` and `MMS` too, which are Twilio's names.
---@class twilio.numbers.Capabilities
---@field voice? boolean makes and receives calls
---@field sms? boolean sends and receives text messages
---@field mms? boolean sends and receives messages with media
---@field fax? boolean sends and receives faxes

--- A phone number as Twilio describes it. Fields that Twilio adds later are there too. What Twilio
--- calls null is an absent key.
---
--- Source: https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
---@class twilio.numbers.Number
---@field sid string SID (PN...) of this number
---@field account_sid? string SID (AC...) of the account that owns it
---@field phone_number? string in E.164 form
---@field friendly_name? string the name for people
---@field capabilities? twilio.numbers.Capabilities what it can do
---@field address_requirements? "none"|"any"|"local"|"foreign" which registered address it requires
---@field address_sid? string SID (AD...) of its address
---@field api_version? string the API version that calls use
---@field beta? boolean whether it is new to Twilio's platform
---@field bundle_sid? string SID (BU...) of its regulatory bundle
---@field date_created? string RFC 2822, GMT
---@field date_updated? string RFC 2822, GMT
---@field emergency_address_sid? string SID (AD...) of the address for emergency calls
---@field emergency_address_status? twilio.numbers.EmergencyAddressStatus
---@field emergency_status? "Active"|"Inactive" whether emergency calling is enabled
---@field identity_sid? string SID (RI...) of its identity
---@field origin? string "twilio", or "hosted" for a hosted number
---@field sms_application_sid? string SID (AP...) of the application for messages
---@field sms_fallback_method? twilio.numbers.Method
---@field sms_fallback_url? string called when `sms_url` fails
---@field sms_method? twilio.numbers.Method
---@field sms_url? string called when a message comes in
---@field status? string such as "in-use"; says nothing about whether anybody uses it
---@field status_callback? string called with status information
---@field status_callback_method? twilio.numbers.Method
---@field trunk_sid? string SID (TK...) of its trunk
---@field type? string such as "local", "mobile" or "toll_free"
---@field uri? string of this number, relative to https://api.twilio.com
---@field voice_application_sid? string SID (AP...) of the application for calls
---@field voice_caller_id_lookup? boolean whether callers' names are looked up
---@field voice_fallback_method? twilio.numbers.Method
---@field voice_fallback_url? string called when `voice_url` fails
---@field voice_method? twilio.numbers.Method
---@field voice_receive_mode? "voice"|"fax" what incoming calls are
---@field voice_url? string called to answer a call

---@alias twilio.numbers.EmergencyAddressStatus
---| "registered"
---| "unregistered"
---| "pending-registration"
---| "registration-failure"
---| "pending-unregistration"
---| "unregistration-failure"

--- The host: "auto" finds out.
---@alias twilio.numbers.LoopName "auto"|"block"|"openresty"|"haproxy"|"cqueues"|"copas"|"luv"

--- A host's own way to wait. Without `wait` requests block, and only the pauses between attempts are
--- the host's.
---@class twilio.numbers.Loop
---@field wait? fun(fd: integer, seconds: number) lets others go on until fd is readable, at most so long
---@field sleep? fun(seconds: number) waits; may yield to the host's scheduler

--- A secret, or a function that returns it, or nil and why not: asked at the first request, and once more in
--- a call after a 401 of Twilio's own.
---@alias twilio.numbers.Secret string|fun(): string?, string?

--- Options of `numbers.client`. All are optional; credentials must come from here or from the
--- environment.
---@class twilio.numbers.ClientOptions
---@field account_sid? string AC...; default TWILIO_ACCOUNT_SID
---@field auth_token? twilio.numbers.Secret default TWILIO_AUTH_TOKEN
---@field api_key? string SK..., in place of the auth token; default TWILIO_API_KEY
---@field api_secret? twilio.numbers.Secret belongs to `api_key`; default TWILIO_API_SECRET
---@field access_token? twilio.numbers.Secret OAuth token
---@field region? string such as "ie1"; default TWILIO_REGION
---@field edge? string such as "dublin"; default TWILIO_EDGE
---@field base_url? string default TWILIO_BASE_URL, then Twilio; plain http only for loopback
---@field opaque_sids? boolean a service compatible with Twilio, whose SIDs are its own; default false
---@field timeout? number seconds for one request; default 35
---@field connect_timeout? number seconds to connect; default 10
---@field retries? integer how often a request may be sent again where that is safe; default 3
---@field deadline? number seconds for a whole call, with all attempts and waits; default 120
---@field max_in_flight? integer requests at Twilio at once; default 100; halved on a 429, slowly raised again
---@field ca_file? string PEM file; default TWILIO_CA_FILE, CURL_CA_BUNDLE, SSL_CERT_FILE, then libcurl's own
---@field proxy? string URL of a proxy, or "" for none; default: libcurl asks the environment
---@field user_agent? string appended to the library's own
---@field loop? twilio.numbers.LoopName|twilio.numbers.Loop how to wait; default "auto"
---@field transport? "resty"|twilio.numbers.Transport lua-resty-http or a function in place of libcurl
---@field on_event? fun(event: twilio.numbers.Event) called after each attempt; what it raises is ignored
---@field journal? string|twilio.numbers.Store|twilio.numbers.Journal|false default TWILIO_NUMBERS_JOURNAL
---@field allow? twilio.numbers.Allow which numbers may be bought; no option of a call allows more
---@field limit? twilio.numbers.Limit how many numbers may be bought a day, by all that share the journal
---@field realm? string whose accounts these are: "twilio" for a proxy in front of it; default: `base_url`'s
---@field settle? number seconds after a call's end in which what it sent may arrive, if above the transport's

--- Options of one call; they override the client's.
---@class twilio.numbers.CallOptions
---@field account_sid? string AC... of a subaccount that it is about, with the parent's credentials
---@field timeout? number seconds for one request
---@field deadline? number seconds for the whole call: attempts, look-ups and pauses
---@field retries? integer how often a request may be sent again where that is safe

--- Options of a purchase.
---@class twilio.numbers.PurchaseOptions : twilio.numbers.CallOptions
---@field type? "local"|"mobile"|"toll_free" buys from Twilio's resource for the type, by phone_number alone
---@field unless_owned? boolean refuses to buy, and so to change, what the account owns; default false
---@field complete? boolean sets by one update what Twilio ignored of the purchase; default true
---@field max_price? string what the number may cost a month, such as "1.50"
---@field currency? string of `max_price`; default "USD"
---@field messaging_service_sid? string|string[] MG...: the first not full gets it
---@field idempotency_key? string 1 to 255 bytes: all calls with it buy one number; needs a journal
---@field finish? boolean finishes what the key has begun, whatever its first call asked for; default false

--- Options of buying any number that fits.
---@class twilio.numbers.AvailableOptions : twilio.numbers.CallOptions
---@field unless_owned? boolean looks first, and takes the next where the account owns it; default true
---@field complete? boolean sets by one update what Twilio ignored of the purchase; default true
---@field accept? fun(candidate: twilio.numbers.AvailableNumber): boolean? whether to buy it
---@field candidates? integer how many are tried, 1 to 1000; default 10
---@field dry_run? boolean buys nothing, and returns what would be sent; default false
---@field max_price? string what a number may cost a month, such as "1.50"
---@field currency? string of `max_price`; default "USD"
---@field messaging_service_sid? string|string[] MG...: the first not full gets it
---@field idempotency_key? string 1 to 255 bytes: all calls with it buy one number; needs a journal
---@field finish? boolean finishes what the key has begun, whatever its first call asked for; default false

--- Options of buying many numbers.
---@class twilio.numbers.ManyOptions : twilio.numbers.CallOptions
---@field unless_owned? boolean refuses what the account owns; default true for a filter, false for a list
---@field complete? boolean sets by one update what Twilio ignored of a purchase; default true
---@field accept? fun(candidate: twilio.numbers.AvailableNumber): boolean? whether to buy it; for a filter
---@field max_numbers? integer more are refused before anything is sent, 1 to 10000
---@field on_progress? fun(progress: twilio.numbers.Progress): boolean? after each; returning false stops
---@field all_or_nothing? boolean releases what it certainly bought if not all could be had
---@field unregister_emergency? boolean where it releases: ends the registration of an address that it gave
---@field max_price? string what each may cost a month, such as "1.50"
---@field currency? string of `max_price`; default "USD"
---@field messaging_service_sid? string|string[] MG...: the first not full gets them
---@field idempotency_key? string 1 to 255 bytes: all calls with it buy the same numbers; needs a journal
---@field finish? boolean finishes what the key has begun, whatever its first call asked for; default false

--- Options of a release.
---@class twilio.numbers.ReleaseOptions : twilio.numbers.CallOptions
---@field unregister_emergency? boolean ends the registration of an emergency address first; default false

--- Options of update_many.
---@class twilio.numbers.UpdateManyOptions : twilio.numbers.CallOptions
---@field on_progress? fun(progress: twilio.numbers.UpdateProgress): boolean? after each; false stops

--- Options of release_many.
---@class twilio.numbers.ReleaseManyOptions : twilio.numbers.CallOptions
---@field on_progress? fun(progress: twilio.numbers.ReleaseProgress): boolean? after each; false stops
---@field unregister_emergency? boolean ends the registration of emergency addresses first; default false

--- Options of putting a number into a Messaging Service.
---@class twilio.numbers.AttachOptions : twilio.numbers.CallOptions
---@field move? boolean takes the number out of another Messaging Service first; default false

--- A number as a Messaging Service has it. Fields that Twilio adds later are there too. Where it was in the
--- service before, and cannot be read there, it has its two SIDs alone.
---
--- Source: https://www.twilio.com/docs/messaging/api/phonenumber-resource
---@class twilio.numbers.Sender
---@field sid string SID (PN...) of the number
---@field service_sid string SID (MG...) of the service
---@field account_sid? string SID (AC...) of the account
---@field phone_number? string in E.164 form
---@field country_code? string two letters
---@field capabilities? string[] such as { "MMS", "SMS", "Voice" }
---@field date_created? string ISO 8601
---@field date_updated? string ISO 8601
---@field url? string of this resource

--- What a number costs a month. Amounts are text: a number of Lua's is not exact.
---@class twilio.numbers.Price
---@field monthly string such as "1.15": what the account pays, with its discounts
---@field base? string without them
---@field currency string three capital letters, such as "USD"

--- What purchase_available returns: a number, or with `dry_run` a plan.
---@alias twilio.numbers.NumberOrPlan twilio.numbers.Number|twilio.numbers.DryRun

--- What `dry_run` returns: what would be bought and sent, without secrets.
---@class twilio.numbers.DryRun
---@field candidate twilio.numbers.AvailableNumber
---@field method "POST"
---@field url string
---@field body string the form

--- What purchase_many buys where it gets a list: phone numbers, or tables of parameters.
---@alias twilio.numbers.Wanted string|twilio.numbers.PurchaseParams

---@alias twilio.numbers.Outcome
---| "bought"
---| "refused" # nothing was bought
---| "unknown" # it may have been bought: see err.phone_number
---| "released" # it was bought and given back
---| "kept" # it was to be given back and is not: see the message
---| "stopped" # it was not begun

--- What became of one number of many.
---@class twilio.numbers.Result
---@field outcome twilio.numbers.Outcome
---@field phone_number? string E.164, as far as it is known
---@field number? twilio.numbers.Number that was bought, even if it was released since
---@field message? string what went wrong
---@field err? twilio.numbers.Error
---@field info? twilio.numbers.Info what else is known of a number that was bought

--- How many numbers came to which end.
---@class twilio.numbers.Counts
---@field wanted integer
---@field bought integer
---@field refused integer
---@field unknown integer
---@field released integer
---@field stopped integer

--- What `on_progress` is told after each number.
---@class twilio.numbers.Progress : twilio.numbers.Counts
---@field index integer which of the wanted numbers this is about, from 1
---@field result twilio.numbers.Result what became of it

--- What became of many numbers.
---@class twilio.numbers.Report : twilio.numbers.Counts
---@field numbers twilio.numbers.Number[] those that were bought
---@field kept twilio.numbers.Number[] those that all_or_nothing was to give back, and did not
---@field results twilio.numbers.Result[] one for each wanted number

---@alias twilio.numbers.OwnedOutcome
---| "updated"
---| "refused" # it was not changed
---| "released"
---| "owned" # it was not released, and is still the account's
---| "not_owned" # the account has no such number
---| "unknown" # the request was sent, and may have been carried out
---| "stopped" # it was not begun

--- What became of one number of update_many or release_many.
---@class twilio.numbers.OwnedResult
---@field outcome twilio.numbers.OwnedOutcome
---@field sid string PN...
---@field phone_number? string E.164, of a number that was changed
---@field number? twilio.numbers.Number as it is since the update
---@field message? string what went wrong
---@field err? twilio.numbers.Error
---@field info? twilio.numbers.Info what a single call returns as its third value beside a number

--- How many numbers of update_many came to which end.
---@class twilio.numbers.UpdateCounts
---@field wanted integer
---@field updated integer
---@field refused integer
---@field unknown integer
---@field stopped integer

--- What `on_progress` of update_many is told after each number.
---@class twilio.numbers.UpdateProgress : twilio.numbers.UpdateCounts
---@field index integer which of the SIDs this is about, from 1
---@field result twilio.numbers.OwnedResult

--- What became of the numbers of update_many.
---@class twilio.numbers.UpdateReport : twilio.numbers.UpdateCounts
---@field numbers twilio.numbers.Number[] those that were changed
---@field results twilio.numbers.OwnedResult[] one for each SID, in their order

--- How many numbers of release_many came to which end.
---@class twilio.numbers.ReleaseCounts
---@field wanted integer
---@field released integer
---@field owned integer
---@field not_owned integer
---@field unknown integer
---@field stopped integer

--- What `on_progress` of release_many is told after each number.
---@class twilio.numbers.ReleaseProgress : twilio.numbers.ReleaseCounts
---@field index integer which of the SIDs this is about, from 1
---@field result twilio.numbers.OwnedResult

--- What became of the numbers of release_many.
---@class twilio.numbers.ReleaseReport : twilio.numbers.ReleaseCounts
---@field results twilio.numbers.OwnedResult[] one for each SID, in their order

--- The third value beside a number that is not just as it was asked for.
---@class twilio.numbers.Info
---@field adopted? true the account owned it before the call began
---@field replayed? true an earlier call with the idempotency key has bought it
---@field incomplete? twilio.numbers.Incomplete
---@field journal? twilio.numbers.Error why the journal could not record it; the next call with the key will

--- What of a number is not as it was asked for.
---@class twilio.numbers.Incomplete
---@field differences twilio.numbers.Difference[] empty if it is all set as it was asked for
---@field err? twilio.numbers.Error why the update failed
---@field messaging_service? twilio.numbers.MissingService the Messaging Service that it is not in

--- A Messaging Service that a number was to be put into, and is not in as far as is known.
---@class twilio.numbers.MissingService
---@field sid string SID (MG...) of the service, the last that was tried
---@field err? twilio.numbers.Error why; nil: an earlier call left it out, and it is too late for this one

---@class twilio.numbers.Difference
---@field name string the parameter, or the field of the filter
---@field asked any what was asked for
---@field got? any what the number has

--- What went wrong, for programs. `tostring(err)` is `err.message`.
---@class twilio.numbers.Error
---@field kind twilio.numbers.Kind
---@field purchased twilio.numbers.Purchased whether a number may have been bought
---@field message string one sentence or two for people; also says when money may have been spent
---@field attempts integer how many requests went out, look-ups included
---@field phone_number? string which number it is about, where the library found that itself
---@field idempotency_key? string of a client with a journal: of this call, a random one where it gave none
---@field order? string the idempotency key of another order that is buying the number, or has bought it
---@field sid? string of update_many and release_many: the number's; else of one that was bought, though the
---response that describes it cannot be read
---@field problems? twilio.numbers.Problem[] of kind "invalid": all that is wrong; of "conflict": what differs
---@field status? integer HTTP status that Twilio answered with
---@field not_found? true a 404 of a compatible service's own (option opaque_sids), whatever its code
---@field code? integer Twilio's error code: https://www.twilio.com/docs/api/errors
---@field more_info? string URL of Twilio's page about the code
---@field details? table what else Twilio said
---@field request_id? string Twilio's name of the request (RQ...), for its support
---@field retry_after? number seconds that Twilio asks to wait; of other kinds, until the call may get on
---@field unheard? boolean of an update or a release: true if one of its attempts may have been carried out

--- One thing that is wrong with parameters or options.
---@class twilio.numbers.Problem
---@field name string the parameter or option
---@field message string what is wrong with it

--- One attempt. Never holds a secret.
---@class twilio.numbers.Event
---@field method twilio.numbers.HttpMethod POST buys and changes, GET reads, DELETE releases
---@field url string
---@field attempt integer counts from 1 within a call
---@field seconds number how long it took
---@field status? integer HTTP status, if one was seen
---@field request_id? string Twilio's name of the request
---@field error? twilio.numbers.Kind the kind of failure; nil for a 2xx
---@field note? string of an event that is no attempt: what the caller may want to know

--- ---- the journal: what client:orders(), recover(), audit() and stats() return ----

--- An order: what was begun with an idempotency key, or one number of a purchase_many.
---@class twilio.numbers.Order
---@field key string the idempotency key; a random one where the caller gave none
---@field slot? integer of purchase_many: which of its numbers, from 1
---@field op? string the method that began it, such as "purchase_available"
---@field state "open"|"trying"|"bought" open: nothing was bought, nor can be; trying: it may have been
---@field phone_number? string E.164, that it tries or has bought
---@field sid? string SID (PN...) of the number that it has bought
---@field adopted? true the account owned the number before
---@field tried? string[] numbers that were given up in doubt, see audit()
---@field at? integer when it began, in milliseconds since 1970
---@field by? string the process that began it
---@field last_error? string why it could not be looked up
---@field count? integer of a purchase_many as a whole: how many numbers
---@field numbers? twilio.numbers.Order[] and those of them that were begun

--- Which orders to iterate. All of it is optional.
---@class twilio.numbers.OrderFilter
---@field state? "open"|"trying"|"bought"
---@field key? string what their keys begin with
---@field limit? integer how many to read at most, 1 to 1000000

--- What recover() has found of the orders that were unfinished, by their state now.
---@class twilio.numbers.Recovery
---@field bought twilio.numbers.Order[] their numbers are bought
---@field open twilio.numbers.Order[] their numbers were given up, and stand in `tried`
---@field trying twilio.numbers.Order[] not found, which proves nothing yet; or not looked up: `last_error`

--- How the account differs from its journal.
---@class twilio.numbers.Audit
---@field unnamed twilio.numbers.Number[] owned, and no order names them
---@field stray twilio.numbers.Order[] given up in doubt, and owned: their `phone_number` and `sid`
---@field gone twilio.numbers.Order[] bought, and not owned any more

--- How much a client has to do.
---@class twilio.numbers.Stats
---@field in_flight integer requests at Twilio
---@field queued integer requests that wait for their turn
---@field max_in_flight integer how many may be at Twilio now: fewer than the option after a 429
---@field journal? twilio.numbers.Lag of a client with a journal

--- How far a journal is behind.
---@class twilio.numbers.Lag
---@field waiting integer requests to its store without a result
---@field oldest number seconds since the oldest of them began

--- A number that a purchase has put into a Messaging Service, for `on_event`: its `kind` is
--- "messaging_service".
---@class twilio.numbers.MessagingServiceEvent
---@field kind "messaging_service"
---@field phone_number string E.164
---@field sid string SID (PN...) of the number
---@field service_sid string SID (MG...) of the service that it is in
---@field note? string a warning: the service cannot deliver messages of this number yet

--- One step of a journal, for `on_event`: its `kind` is "journal".
---@class twilio.numbers.JournalEvent
---@field kind "journal"
---@field step "read"|"begin"|"settle"|"give_up"
---@field key string the idempotency key
---@field duration number seconds
---@field err? string why it failed

--- Which numbers may be bought: those that every list here allows. An empty list allows none.
---@class twilio.numbers.Allow
---@field countries? string[] ISO 3166-1, such as { "US", "CA" }
---@field types? twilio.numbers.AvailableType[] such as { "local" }
---@field prefixes? string[] of E.164 numbers, such as { "+1415" }

--- How many numbers may be bought.
---@class twilio.numbers.Limit
---@field numbers integer
---@field per? "day" of UTC

--- A journal that is open, as numbers.journal() returns it: for several clients.
---@class twilio.numbers.Journal
---@field kind "sqlite"|"postgresql"|"custom"

--- A record, as a store keeps it.
---@class twilio.numbers.Record
---@field key? string
---@field version integer 1, and one more with each write
---@field value string

--- A change of a record.
---@class twilio.numbers.Write
---@field key string
---@field version integer that it must have; 0: there must be none
---@field value? string nil: it is deleted

--- A store of the caller's, to keep a journal in. Its functions may yield, and raise.
--- `require("twilio.numbers.journal.contract")` tests one.
---@class twilio.numbers.Store
---
--- The records of the keys, as far as there are some, by key; the time in milliseconds; and a name for the
--- clock that it is of, which is another one once the machine has booted. Or nil and a message.
---@field read fun(self: table, keys: string[]): table?, integer|string|nil, string?
---
--- Makes all writes, or none. true: they are durable; false: some version differs; nil, a message, and true
--- if it is certain that nothing was written, nor will be.
---@field apply fun(self: table, writes: twilio.numbers.Write[]): boolean?, string?, boolean?
---
--- The records whose keys begin with a prefix, in the order of their bytes, behind the key `after`.
---@field scan fun(self: table, prefix: string, after: string?, limit: integer): table?, string?
---@field close fun(self: table)

--- A request, as a transport gets it. `headers` holds the credentials.
---@class twilio.numbers.Request
---@field method twilio.numbers.HttpMethod
---@field url string
---@field headers table<string, string>
---@field body? string a form, for POST
---@field timeout number seconds for the whole request
---@field connect_timeout number seconds to connect

--- An answer, as a transport gives it.
---@class twilio.numbers.Response
---@field status integer
---@field headers? table<string, string> names in any case
---@field body? string at most 64 KiB, of a GET 4 MiB
---@field broken? "timeout"|"network"|"response" the body is not whole: too late, cut, too large
---@field reason? string why, for people

--- Sends one request, once. Without an answer it returns nil, a message, and how it failed: with
--- "connect" or "tls" nothing was sent; with "timeout" or "network" the request may have been sent.
--- Anything else, and an error it raises, counts as "network". It must not follow redirects nor send
--- the request again.
---@class twilio.numbers.Transport
---@overload fun(request: twilio.numbers.Request): twilio.numbers.Response?, string?, string?

return {}
