/* The tables of parameters: see pure/params.h. Values are checked in pure/param_check.c. */
#include "pure/params.h"

#include <string.h>

#define ROW(name, wire_name, kind, expects, most, clears)                                      \
    { name, sizeof name - 1, wire_name, sizeof wire_name - 1, kind, expects, most, clears }
#define PLAIN(name, wire_name, kind) ROW(name, wire_name, kind, NULL, 0, false)
#define TEXT(name, wire_name) PLAIN(name, wire_name, TN_KIND_TEXT)
#define SID(name, wire_name, prefix) ROW(name, wire_name, TN_KIND_SID, prefix, 0, true)
#define CHOICE(name, wire_name, choices) ROW(name, wire_name, TN_KIND_CHOICE, choices, 0, false)
#define METHOD(name, wire_name) CHOICE(name, wire_name, "GET POST")
#define URL(name, wire_name) ROW(name, wire_name, TN_KIND_URL, NULL, 0, true)
#define BOOLEAN(name, wire_name) PLAIN(name, wire_name, TN_KIND_BOOLEAN)
#define FLAG(name, wire_name) PLAIN(name, wire_name, TN_KIND_FLAG)
#define INTEGER(name, wire_name, most) ROW(name, wire_name, TN_KIND_INTEGER, NULL, most, false)
#define COUNTRY(name, wire_name) PLAIN(name, wire_name, TN_KIND_COUNTRY)

/* CreateIncomingPhoneNumberRequest has all rows but the first, UpdateIncomingPhoneNumberRequest
 * all but the last two, in the order of Twilio's OpenAPI document. */
static const struct tn_param number_rows[] = {
    ROW("account_sid", "AccountSid", TN_KIND_SID, "AC", 0, false),
    TEXT("api_version", "ApiVersion"),
    ROW("friendly_name", "FriendlyName", TN_KIND_TEXT, NULL, 64, true),
    SID("sms_application_sid", "SmsApplicationSid", "AP"),
    METHOD("sms_fallback_method", "SmsFallbackMethod"),
    URL("sms_fallback_url", "SmsFallbackUrl"),
    METHOD("sms_method", "SmsMethod"),
    URL("sms_url", "SmsUrl"),
    URL("status_callback", "StatusCallback"),
    METHOD("status_callback_method", "StatusCallbackMethod"),
    SID("voice_application_sid", "VoiceApplicationSid", "AP"),
    BOOLEAN("voice_caller_id_lookup", "VoiceCallerIdLookup"),
    METHOD("voice_fallback_method", "VoiceFallbackMethod"),
    URL("voice_fallback_url", "VoiceFallbackUrl"),
    METHOD("voice_method", "VoiceMethod"),
    URL("voice_url", "VoiceUrl"),
    CHOICE("emergency_status", "EmergencyStatus", "Active Inactive"),
    SID("emergency_address_sid", "EmergencyAddressSid", "AD"),
    SID("trunk_sid", "TrunkSid", "TK"),
    SID("identity_sid", "IdentitySid", "RI"),
    SID("address_sid", "AddressSid", "AD"),
    CHOICE("voice_receive_mode", "VoiceReceiveMode", "voice fax"),
    SID("bundle_sid", "BundleSid", "BU"),
    PLAIN("phone_number", "PhoneNumber", TN_KIND_PHONE),
    PLAIN("area_code", "AreaCode", TN_KIND_AREA_CODE),
};

/* The query of ListAvailablePhoneNumberLocal and of the other six types, which is the same. */
static const struct tn_param search_rows[] = {
    PLAIN("area_code", "AreaCode", TN_KIND_AREA_CODE),
    PLAIN("contains", "Contains", TN_KIND_PATTERN),
    BOOLEAN("sms_enabled", "SmsEnabled"),
    BOOLEAN("mms_enabled", "MmsEnabled"),
    BOOLEAN("voice_enabled", "VoiceEnabled"),
    FLAG("exclude_all_address_required", "ExcludeAllAddressRequired"),
    FLAG("exclude_local_address_required", "ExcludeLocalAddressRequired"),
    FLAG("exclude_foreign_address_required", "ExcludeForeignAddressRequired"),
    BOOLEAN("beta", "Beta"),
    PLAIN("near_number", "NearNumber", TN_KIND_PHONE),
    PLAIN("near_lat_long", "NearLatLong", TN_KIND_LAT_LONG),
    INTEGER("distance", "Distance", 500),
    TEXT("in_postal_code", "InPostalCode"),
    TEXT("in_region", "InRegion"),
    TEXT("in_rate_center", "InRateCenter"),
    TEXT("in_lata", "InLata"),
    TEXT("in_locality", "InLocality"),
    BOOLEAN("fax_enabled", "FaxEnabled"),
    INTEGER("page_size", "PageSize", 1000),
};

/* The query of ListIncomingPhoneNumber. The phone number may be partial. */
static const struct tn_param list_rows[] = {
    BOOLEAN("beta", "Beta"),
    ROW("friendly_name", "FriendlyName", TN_KIND_TEXT, NULL, 64, false),
    TEXT("phone_number", "PhoneNumber"),
    CHOICE("origin", "Origin", "twilio hosted"),
    INTEGER("page_size", "PageSize", 1000),
};

/* CreateAddress; required parameters come first. */
static const struct tn_param address_rows[] = {
    TEXT("customer_name", "CustomerName"),
    TEXT("street", "Street"),
    TEXT("city", "City"),
    TEXT("region", "Region"),
    TEXT("postal_code", "PostalCode"),
    COUNTRY("iso_country", "IsoCountry"),
    ROW("friendly_name", "FriendlyName", TN_KIND_TEXT, NULL, 64, false),
    BOOLEAN("emergency_enabled", "EmergencyEnabled"),
    BOOLEAN("auto_correct_address", "AutoCorrectAddress"),
    TEXT("street_secondary", "StreetSecondary"),
};
enum { ADDRESS_REQUIRED = 6 };

/* The query of ListAddress. */
static const struct tn_param addresses_rows[] = {
    TEXT("customer_name", "CustomerName"),
    ROW("friendly_name", "FriendlyName", TN_KIND_TEXT, NULL, 64, false),
    BOOLEAN("emergency_enabled", "EmergencyEnabled"),
    COUNTRY("iso_country", "IsoCountry"),
    INTEGER("page_size", "PageSize", 1000),
};

/* The query of ListBundle. The wire name of a date bound includes its comparison sign, encoded.
 */
static const struct tn_param bundles_rows[] = {
    CHOICE("status", "Status",
           "draft pending-review in-review twilio-rejected twilio-approved "
           "provisionally-approved"),
    TEXT("bundle_sids", "BundleSids"),
    ROW("friendly_name", "FriendlyName", TN_KIND_TEXT, NULL, 255, false),
    SID("regulation_sid", "RegulationSid", "RN"),
    COUNTRY("iso_country", "IsoCountry"),
    CHOICE("number_type", "NumberType", "local mobile national toll-free"),
    CHOICE("end_user_type", "EndUserType", "individual business"),
    BOOLEAN("has_valid_until_date", "HasValidUntilDate"),
    CHOICE("sort_by", "SortBy", "valid-until date-updated"),
    CHOICE("sort_direction", "SortDirection", "ASC DESC"),
    TEXT("valid_until_date", "ValidUntilDate"),
    TEXT("valid_until_date_before", "ValidUntilDate%3C"),
    TEXT("valid_until_date_after", "ValidUntilDate%3E"),
    INTEGER("page_size", "PageSize", 1000),
};

/* Given both, Twilio deletes whichever of trunk and application it considers older. */
#define PHONE_OR_AREA_CODE                                                                     \
    { "phone_number", "area_code", TN_JUST_ONE, NULL }
#define TRUNK_OR_APPLICATION                                                                   \
    { "trunk_sid", "voice_application_sid", TN_NOT_BOTH, NULL }
/* From Twilio's documentation of searches. */
#define DISTANCE_OF                                                                            \
    { "distance", "near_number", TN_NEEDS, "near_lat_long" }
#define RATE_CENTER_IN                                                                         \
    { "in_rate_center", "in_lata", TN_NEEDS, NULL }

#define NO_PAIRS                                                                               \
    {                                                                                          \
        { NULL, NULL, TN_NOT_BOTH, NULL }                                                      \
    }

#define COUNT(rows) ((int)(sizeof(rows) / sizeof *(rows)))
const struct tn_params tn_params_purchase = { "purchase",
                                              number_rows + 1,
                                              COUNT(number_rows) - 1,
                                              false,
                                              0,
                                              { PHONE_OR_AREA_CODE, TRUNK_OR_APPLICATION } };
static const struct tn_params tables[] = {
    { "update", number_rows, COUNT(number_rows) - 2, true, 0, { TRUNK_OR_APPLICATION } },
    { "search", search_rows, COUNT(search_rows), false, 0, { DISTANCE_OF, RATE_CENTER_IN } },
    { "list", list_rows, COUNT(list_rows), false, 0, NO_PAIRS },
    { "address", address_rows, COUNT(address_rows), false, ADDRESS_REQUIRED, NO_PAIRS },
    { "addresses", addresses_rows, COUNT(addresses_rows), false, 0, NO_PAIRS },
    { "bundles", bundles_rows, COUNT(bundles_rows), false, 0, NO_PAIRS },
};

const struct tn_params *tn_params_named(const char *name) {
    if (strcmp(name, tn_params_purchase.name) == 0)
        return &tn_params_purchase;
    for (int i = 0; i < COUNT(tables); i++)
        if (strcmp(name, tables[i].name) == 0)
            return &tables[i];
    return NULL;
}

int tn_params_find(const struct tn_params *params, const char *name, size_t length) {
    for (int i = 0; i < params->count; i++) {
        const struct tn_param *row = &params->rows[i];
        if (row->name_length == length && memcmp(row->name, name, length) == 0)
            return i;
    }
    return -1;
}
