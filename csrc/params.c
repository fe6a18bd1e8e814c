/* See params.h. */
#include "params.h"

#include <string.h>

#include "phone.h"
#include "sid.h"
#include "url.h"
#include "utf8.h"

#define ROW(name, wire_name, kind, expects, characters)                                        \
    { name, sizeof name - 1, wire_name, kind, expects, characters }
#define TEXT(name, wire_name, characters) ROW(name, wire_name, TN_KIND_TEXT, NULL, characters)
#define SID(name, wire_name, prefix) ROW(name, wire_name, TN_KIND_SID, prefix, 0)
#define CHOICE(name, wire_name, choices) ROW(name, wire_name, TN_KIND_CHOICE, choices, 0)
#define METHOD(name, wire_name) CHOICE(name, wire_name, "GET POST")
#define PLAIN(name, wire_name, kind) ROW(name, wire_name, kind, NULL, 0)
#define URL(name, wire_name) PLAIN(name, wire_name, TN_KIND_URL)

const struct tn_param tn_purchase_params[TN_PURCHASE_PARAM_COUNT] = {
    [TN_API_VERSION] = TEXT("api_version", "ApiVersion", 0),
    [TN_FRIENDLY_NAME] = TEXT("friendly_name", "FriendlyName", 64),
    [TN_SMS_APPLICATION_SID] = SID("sms_application_sid", "SmsApplicationSid", "AP"),
    [TN_SMS_FALLBACK_METHOD] = METHOD("sms_fallback_method", "SmsFallbackMethod"),
    [TN_SMS_FALLBACK_URL] = URL("sms_fallback_url", "SmsFallbackUrl"),
    [TN_SMS_METHOD] = METHOD("sms_method", "SmsMethod"),
    [TN_SMS_URL] = URL("sms_url", "SmsUrl"),
    [TN_STATUS_CALLBACK] = URL("status_callback", "StatusCallback"),
    [TN_STATUS_CALLBACK_METHOD] = METHOD("status_callback_method", "StatusCallbackMethod"),
    [TN_VOICE_APPLICATION_SID] = SID("voice_application_sid", "VoiceApplicationSid", "AP"),
    [TN_VOICE_CALLER_ID_LOOKUP] =
        PLAIN("voice_caller_id_lookup", "VoiceCallerIdLookup", TN_KIND_BOOLEAN),
    [TN_VOICE_FALLBACK_METHOD] = METHOD("voice_fallback_method", "VoiceFallbackMethod"),
    [TN_VOICE_FALLBACK_URL] = URL("voice_fallback_url", "VoiceFallbackUrl"),
    [TN_VOICE_METHOD] = METHOD("voice_method", "VoiceMethod"),
    [TN_VOICE_URL] = URL("voice_url", "VoiceUrl"),
    [TN_EMERGENCY_STATUS] = CHOICE("emergency_status", "EmergencyStatus", "Active Inactive"),
    [TN_EMERGENCY_ADDRESS_SID] = SID("emergency_address_sid", "EmergencyAddressSid", "AD"),
    [TN_TRUNK_SID] = SID("trunk_sid", "TrunkSid", "TK"),
    [TN_IDENTITY_SID] = SID("identity_sid", "IdentitySid", "RI"),
    [TN_ADDRESS_SID] = SID("address_sid", "AddressSid", "AD"),
    [TN_VOICE_RECEIVE_MODE] = CHOICE("voice_receive_mode", "VoiceReceiveMode", "voice fax"),
    [TN_BUNDLE_SID] = SID("bundle_sid", "BundleSid", "BU"),
    [TN_PHONE_NUMBER] = PLAIN("phone_number", "PhoneNumber", TN_KIND_PHONE),
    [TN_AREA_CODE] = PLAIN("area_code", "AreaCode", TN_KIND_AREA_CODE),
};

static const char *const kind_names[TN_KIND_COUNT] = {
    [TN_KIND_TEXT] = "text",           [TN_KIND_SID] = "sid",
    [TN_KIND_CHOICE] = "choice",       [TN_KIND_URL] = "url",
    [TN_KIND_BOOLEAN] = "boolean",     [TN_KIND_PHONE] = "phone",
    [TN_KIND_AREA_CODE] = "area_code",
};

static const char *const problem_names[TN_PROBLEM_COUNT] = {
    [TN_PROBLEM_NONE] = "none",
    [TN_PROBLEM_TYPE] = "type",
    [TN_PROBLEM_UNKNOWN] = "unknown",
    [TN_PROBLEM_EMPTY] = "empty",
    [TN_PROBLEM_NUL] = "nul",
    [TN_PROBLEM_UTF8] = "utf8",
    [TN_PROBLEM_TOO_LONG] = "too_long",
    [TN_PROBLEM_CHARACTERS] = "characters",
    [TN_PROBLEM_SID] = "sid",
    [TN_PROBLEM_CHOICE] = "choice",
    [TN_PROBLEM_URL] = "url",
    [TN_PROBLEM_PHONE] = "phone",
    [TN_PROBLEM_AREA_CODE] = "area_code",
    [TN_PROBLEM_MISSING] = "missing",
    [TN_PROBLEM_BOTH] = "both",
};

const char *tn_kind_name(enum tn_kind kind) {
    return kind_names[kind];
}

const char *tn_problem_name(enum tn_problem problem) {
    return problem_names[problem];
}

int tn_param_find(const char *name, size_t length) {
    for (int i = 0; i < TN_PURCHASE_PARAM_COUNT; i++) {
        const struct tn_param *row = &tn_purchase_params[i];
        if (row->name_length == length && memcmp(row->name, name, length) == 0)
            return i;
    }
    return -1;
}

/* Whether `text` is one of the words in `choices`, which have a space between them. */
static bool is_choice(const char *choices, const char *text, size_t length) {
    while (*choices) {
        size_t word = strcspn(choices, " ");
        if (word == length && memcmp(choices, text, length) == 0)
            return true;
        choices += word;
        choices += strspn(choices, " ");
    }
    return false;
}

static enum tn_problem check_kind(const struct tn_param *row, const char *text, size_t length,
                                  size_t characters) {
    struct tn_url url;
    switch (row->kind) {
    case TN_KIND_TEXT:
        return row->characters == 0 || characters <= row->characters ? TN_PROBLEM_NONE
                                                                     : TN_PROBLEM_CHARACTERS;
    case TN_KIND_SID:
        return tn_sid_is_valid(text, length, row->expects) ? TN_PROBLEM_NONE : TN_PROBLEM_SID;
    case TN_KIND_CHOICE:
        return is_choice(row->expects, text, length) ? TN_PROBLEM_NONE : TN_PROBLEM_CHOICE;
    case TN_KIND_URL:
        return tn_url_parse(text, length, &url) ? TN_PROBLEM_NONE : TN_PROBLEM_URL;
    case TN_KIND_PHONE:
        return tn_phone_is_e164(text, length) ? TN_PROBLEM_NONE : TN_PROBLEM_PHONE;
    case TN_KIND_AREA_CODE:
        return tn_phone_is_area_code(text, length) ? TN_PROBLEM_NONE : TN_PROBLEM_AREA_CODE;
    case TN_KIND_BOOLEAN:
    case TN_KIND_COUNT:
        break;
    }
    return TN_PROBLEM_TYPE;
}

enum tn_problem tn_param_check(const struct tn_param *row, const char *text, size_t length) {
    size_t characters = 0;
    if (length == 0)
        return TN_PROBLEM_EMPTY;
    if (length > TN_VALUE_MAX)
        return TN_PROBLEM_TOO_LONG;
    if (memchr(text, '\0', length))
        return TN_PROBLEM_NUL;
    if (!tn_utf8_count(text, length, &characters))
        return TN_PROBLEM_UTF8;
    return check_kind(row, text, length, characters);
}

static bool has(uint32_t given, enum tn_purchase_param row) {
    return given & (UINT32_C(1) << row);
}

size_t tn_params_conflicts(uint32_t given, struct tn_conflict found[TN_CONFLICTS_MAX]) {
    size_t count = 0;
    bool phone_number = has(given, TN_PHONE_NUMBER), area_code = has(given, TN_AREA_CODE);
    if (phone_number == area_code)
        found[count++] =
            (struct tn_conflict){ phone_number ? TN_PROBLEM_BOTH : TN_PROBLEM_MISSING,
                                  "phone_number", "area_code" };
    /* Twilio deletes the one that it takes for the older. */
    if (has(given, TN_TRUNK_SID) && has(given, TN_VOICE_APPLICATION_SID))
        found[count++] =
            (struct tn_conflict){ TN_PROBLEM_BOTH, "trunk_sid", "voice_application_sid" };
    return count;
}
