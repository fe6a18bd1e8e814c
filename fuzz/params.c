/* Checks of parameters: each row of each table must accept a value exactly where the model here
 * does, which goes by the parameter's wire name in Twilio's OpenAPI document. The input is the
 * value; its first bytes also select the parameters that are present. */
#include "pure/params.h"

#include <stdlib.h>
#include <string.h>

#include "patterns.h"
#include "support.h"
#include "pure/utf8.h"

static const char *const tables[] = { "purchase", "update",    "search", "list",
                                      "address",  "addresses", "bundles" };

/* By the end of the parameter's name; the first matching row counts. Boolean: no text is valid.
 */
static const struct opinion {
    const char *name_ends, *pattern;
    long most; /* of an integer */
    enum tn_problem problem;
} opinions[] = {
    { "AccountSid", SID_PATTERN("AC"), 0, TN_PROBLEM_SID },
    { "ApplicationSid", SID_PATTERN("AP"), 0, TN_PROBLEM_SID },
    { "AddressSid", SID_PATTERN("AD"), 0, TN_PROBLEM_SID },
    { "TrunkSid", SID_PATTERN("TK"), 0, TN_PROBLEM_SID },
    { "IdentitySid", SID_PATTERN("RI"), 0, TN_PROBLEM_SID },
    { "RegulationSid", SID_PATTERN("RN"), 0, TN_PROBLEM_SID },
    { "BundleSid", SID_PATTERN("BU"), 0, TN_PROBLEM_SID },
    { "Method", "^(GET|POST)$", 0, TN_PROBLEM_CHOICE },
    { "EmergencyStatus", "^(Active|Inactive)$", 0, TN_PROBLEM_CHOICE },
    { "VoiceReceiveMode", "^(voice|fax)$", 0, TN_PROBLEM_CHOICE },
    { "Status",
      "^(draft|pending-review|in-review|twilio-rejected|twilio-approved|provisionally-approved)"
      "$",
      0, TN_PROBLEM_CHOICE },
    { "NumberType", "^(local|mobile|national|toll-free)$", 0, TN_PROBLEM_CHOICE },
    { "EndUserType", "^(individual|business)$", 0, TN_PROBLEM_CHOICE },
    { "SortBy", "^(valid-until|date-updated)$", 0, TN_PROBLEM_CHOICE },
    { "SortDirection", "^(ASC|DESC)$", 0, TN_PROBLEM_CHOICE },
    { "IsoCountry", "^[A-Z]{2}$", 0, TN_PROBLEM_COUNTRY },
    { "Origin", "^(twilio|hosted)$", 0, TN_PROBLEM_CHOICE },
    { "Url", URL_PATTERN, 0, TN_PROBLEM_URL },
    { "StatusCallback", URL_PATTERN, 0, TN_PROBLEM_URL },
    { "AreaCode", AREA_CODE_PATTERN, 0, TN_PROBLEM_AREA_CODE },
    { "NearNumber", E164_PATTERN, 0, TN_PROBLEM_PHONE },
    { "NearLatLong", LAT_LONG_PATTERN, 0, TN_PROBLEM_LAT_LONG },
    { "Distance", "^[0-9]{1,9}$", 500, TN_PROBLEM_INTEGER },
    { "PageSize", "^[0-9]{1,9}$", 1000, TN_PROBLEM_INTEGER },
    { "Contains", "^[*%+$]*[0-9A-Za-z%+$]*[*%+$]*$", 0, TN_PROBLEM_PATTERN },
    { "Lookup", "^$", 0, TN_PROBLEM_TYPE },
    { "HasValidUntilDate", "^$", 0, TN_PROBLEM_TYPE },
    { "AutoCorrectAddress", "^$", 0, TN_PROBLEM_TYPE },
    { "Enabled", "^$", 0, TN_PROBLEM_TYPE },
    { "Required", "^$", 0, TN_PROBLEM_TYPE },
    { "Beta", "^$", 0, TN_PROBLEM_TYPE },
};
static const struct opinion e164 = { "", E164_PATTERN, 0, TN_PROBLEM_PHONE };
static const struct opinion text_of_any_kind = { "", NULL, 0, TN_PROBLEM_NONE };

static const struct opinion *opinion_of(const char *table, const char *name) {
    if (strcmp(name, "PhoneNumber") == 0) /* in a list's query it may be partial */
        return strcmp(table, "list") == 0 ? &text_of_any_kind : &e164;
    for (size_t i = 0; i < sizeof opinions / sizeof *opinions; i++) {
        size_t length = strlen(opinions[i].name_ends), whole = strlen(name);
        if (whole >= length && strcmp(name + whole - length, opinions[i].name_ends) == 0)
            return &opinions[i];
    }
    return &text_of_any_kind;
}

/* Whether an empty string clears the field: in an update, one with a URL, a SID or a name. */
static bool may_be_empty(const char *table, const char *name, const struct opinion *opinion) {
    bool holds = opinion->problem == TN_PROBLEM_URL || opinion->problem == TN_PROBLEM_SID ||
                 strcmp(name, "FriendlyName") == 0;
    return strcmp(table, "update") == 0 && holds && strcmp(name, "AccountSid") != 0;
}

static bool is_in_range(const char *text, size_t length, long most) {
    char digits[10] = "";
    memcpy(digits, text, length); /* at most nine, by the pattern */
    long value = strtol(digits, NULL, 10);
    return value >= 1 && value <= most;
}

static enum tn_problem expected(const char *table, const char *name, const char *text,
                                size_t length, size_t characters, bool is_utf8,
                                bool opaque_sids) {
    const struct opinion *opinion = opinion_of(table, name);
    if (length == 0)
        return may_be_empty(table, name, opinion) ? TN_PROBLEM_NONE : TN_PROBLEM_EMPTY;
    if (length > 16384)
        return TN_PROBLEM_TOO_LONG;
    if (memchr(text, '\0', length))
        return TN_PROBLEM_NUL;
    if (!is_utf8)
        return TN_PROBLEM_UTF8;
    if (strcmp(name, "FriendlyName") == 0)
        return characters > (strcmp(table, "bundles") == 0 ? 255 : 64) ? TN_PROBLEM_CHARACTERS
                                                                       : TN_PROBLEM_NONE;
    if (opinion == &text_of_any_kind)
        return TN_PROBLEM_NONE;
    bool is_opaque = opaque_sids && opinion->problem == TN_PROBLEM_SID;
    const char *pattern = is_opaque ? OPAQUE_SID_PATTERN : opinion->pattern;
    bool fits = tn_fuzz_fits(pattern, text, length) &&
                (opinion->most == 0 || is_in_range(text, length, opinion->most));
    if (opinion->problem == TN_PROBLEM_PATTERN)
        fits = fits && length >= 2 && length <= 16;
    return fits ? TN_PROBLEM_NONE : opinion->problem;
}

static bool given(const struct tn_params *params, uint32_t bits, const char *name) {
    for (int i = 0; i < params->count; i++)
        if (strcmp(params->rows[i].name, name) == 0)
            return bits >> i & 1;
    return false;
}

static enum tn_problem expected_of_pair(const struct tn_params *params, const char *name,
                                        uint32_t bits) {
    if (strcmp(name, "distance") == 0)
        return given(params, bits, name) && !given(params, bits, "near_number") &&
                       !given(params, bits, "near_lat_long")
                   ? TN_PROBLEM_NEEDS
                   : TN_PROBLEM_NONE;
    if (strcmp(name, "in_rate_center") == 0)
        return given(params, bits, name) && !given(params, bits, "in_lata") ? TN_PROBLEM_NEEDS
                                                                            : TN_PROBLEM_NONE;
    bool number = strcmp(name, "phone_number") == 0;
    bool first = given(params, bits, name);
    bool second = given(params, bits, number ? "area_code" : "voice_application_sid");
    if (first && second)
        return TN_PROBLEM_BOTH;
    return number && !first && !second ? TN_PROBLEM_MISSING : TN_PROBLEM_NONE;
}

static void check_pairs(const struct tn_params *params, uint32_t bits) {
    for (int i = 0; i < TN_PAIRS_MAX && params->pairs[i].name; i++)
        TN_FUZZ_CHECK(tn_pair_check(params, &params->pairs[i], bits) ==
                      expected_of_pair(params, params->pairs[i].name, bits));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = tn_fuzz_copy(data, size);
    size_t characters = 0;
    uint32_t bits = 0;
    memcpy(&bits, data, size < sizeof bits ? size : sizeof bits);
    bool is_utf8 = tn_utf8_count(text, size, &characters); /* see text.c */
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        const struct tn_params *params = tn_params_named(tables[i]);
        for (int k = 0; k < params->count; k++) {
            const struct tn_param *row = &params->rows[k];
            TN_FUZZ_CHECK(tn_params_find(params, row->name, strlen(row->name)) == k);
            for (int opaque_sids = 0; opaque_sids < 2; opaque_sids++)
                TN_FUZZ_CHECK(tn_param_check(params, row, text, size, opaque_sids) ==
                              expected(tables[i], row->wire_name, text, size, characters,
                                       is_utf8, opaque_sids));
        }
        int found = tn_params_find(params, text, size);
        TN_FUZZ_CHECK(found < 0 || (strlen(params->rows[found].name) == size &&
                                    memcmp(params->rows[found].name, text, size) == 0));
        check_pairs(params, bits);
    }
    free(text);
    return 0;
}
