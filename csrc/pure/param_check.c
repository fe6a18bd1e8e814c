/* Checks the values of parameters: see pure/params.h. */
#include "pure/params.h"

#include <string.h>

#include "pure/phone.h"
#include "pure/sid.h"
#include "pure/url.h"
#include "pure/utf8.h"

static const char *const kind_names[TN_KIND_COUNT] = {
    [TN_KIND_TEXT] = "text",           [TN_KIND_SID] = "sid",
    [TN_KIND_CHOICE] = "choice",       [TN_KIND_URL] = "url",
    [TN_KIND_BOOLEAN] = "boolean",     [TN_KIND_PHONE] = "phone",
    [TN_KIND_AREA_CODE] = "area_code", [TN_KIND_LAT_LONG] = "lat_long",
    [TN_KIND_INTEGER] = "integer",     [TN_KIND_FLAG] = "boolean",
    [TN_KIND_PATTERN] = "pattern",     [TN_KIND_COUNTRY] = "country",
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
    [TN_PROBLEM_LAT_LONG] = "lat_long",
    [TN_PROBLEM_INTEGER] = "integer",
    [TN_PROBLEM_PATTERN] = "pattern",
    [TN_PROBLEM_COUNTRY] = "country",
    [TN_PROBLEM_MISSING] = "missing",
    [TN_PROBLEM_BOTH] = "both",
    [TN_PROBLEM_NEEDS] = "needs",
};

const char *tn_kind_name(enum tn_kind kind) {
    return kind_names[kind];
}

const char *tn_problem_name(enum tn_problem problem) {
    return problem_names[problem];
}

/* Whether `text` is one of the words in `choices`, which are separated by spaces. */
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

static size_t digits_length(const char *text, size_t length) {
    size_t count = 0;
    while (count < length && text[count] >= '0' && text[count] <= '9')
        count++;
    return count;
}

/* Decimal degrees: digits, with an optional sign and fraction. */
static bool is_degrees(const char *text, size_t length) {
    size_t sign = length > 0 && (text[0] == '-' || text[0] == '+');
    size_t whole = digits_length(text + sign, length - sign), used = sign + whole;
    if (whole == 0 || whole > 3)
        return false;
    if (used == length)
        return true;
    size_t fraction = digits_length(text + used + 1, length - used - 1);
    return text[used] == '.' && fraction > 0 && used + 1 + fraction == length;
}

static bool is_lat_long(const char *text, size_t length) {
    const char *comma = memchr(text, ',', length);
    return comma && is_degrees(text, (size_t)(comma - text)) &&
           is_degrees(comma + 1, length - (size_t)(comma - text) - 1);
}

static bool is_integer(const char *text, size_t length, unsigned long most) {
    unsigned long value = 0;
    if (length > 9 || digits_length(text, length) != length)
        return false;
    for (size_t i = 0; i < length; i++)
        value = value * 10 + (unsigned long)(text[i] - '0');
    return value >= 1 && value <= most;
}

static bool is_literal(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

enum { PATTERN_LEAST = 2, PATTERN_MOST = 16 };

/* Digits and letters, `*` for one digit, `%` for any number of digits, `+` and `$` for the
 * ends. Twilio rejects a `*` that has digits or letters on both sides.
 * https://www.twilio.com/docs/phone-numbers/api/availablephonenumber-resource */
static bool is_pattern(const char *text, size_t length) {
    bool has_literal = false, has_star = false; /* a star after a literal */
    if (length < PATTERN_LEAST || length > PATTERN_MOST)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (is_literal(text[i])) {
            if (has_star)
                return false;
            has_literal = true;
        } else if (!strchr("*%+$", text[i])) {
            return false;
        } else if (text[i] == '*') {
            has_star = has_literal;
        }
    }
    return true;
}

static bool is_country(const char *text, size_t length) {
    return length == 2 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'A' && text[1] <= 'Z';
}

static bool is_url(const char *text, size_t length) {
    struct tn_url url;
    return tn_url_is_plain(text, length) || tn_url_parse(text, length, &url);
}

static enum tn_problem check_kind(const struct tn_param *row, const char *text, size_t length,
                                  size_t characters, bool opaque_sids) {
    switch (row->kind) {
    case TN_KIND_TEXT:
        return row->most == 0 || characters <= row->most ? TN_PROBLEM_NONE
                                                         : TN_PROBLEM_CHARACTERS;
    case TN_KIND_SID:
        return tn_sid_fits(text, length, row->expects, opaque_sids) ? TN_PROBLEM_NONE
                                                                    : TN_PROBLEM_SID;
    case TN_KIND_CHOICE:
        return is_choice(row->expects, text, length) ? TN_PROBLEM_NONE : TN_PROBLEM_CHOICE;
    case TN_KIND_URL:
        return is_url(text, length) ? TN_PROBLEM_NONE : TN_PROBLEM_URL;
    case TN_KIND_PHONE:
        return tn_phone_is_e164(text, length) ? TN_PROBLEM_NONE : TN_PROBLEM_PHONE;
    case TN_KIND_AREA_CODE:
        return tn_phone_is_area_code(text, length) ? TN_PROBLEM_NONE : TN_PROBLEM_AREA_CODE;
    case TN_KIND_LAT_LONG:
        return is_lat_long(text, length) ? TN_PROBLEM_NONE : TN_PROBLEM_LAT_LONG;
    case TN_KIND_INTEGER:
        return is_integer(text, length, row->most) ? TN_PROBLEM_NONE : TN_PROBLEM_INTEGER;
    case TN_KIND_PATTERN:
        return is_pattern(text, length) ? TN_PROBLEM_NONE : TN_PROBLEM_PATTERN;
    case TN_KIND_COUNTRY:
        return is_country(text, length) ? TN_PROBLEM_NONE : TN_PROBLEM_COUNTRY;
    case TN_KIND_BOOLEAN:
    case TN_KIND_FLAG:
    case TN_KIND_COUNT:
        break;
    }
    return TN_PROBLEM_TYPE;
}

enum tn_problem tn_param_check(const struct tn_params *params, const struct tn_param *row,
                               const char *text, size_t length, bool opaque_sids) {
    size_t characters = 0;
    if (length == 0)
        return params->may_clear && row->clears ? TN_PROBLEM_NONE : TN_PROBLEM_EMPTY;
    if (length > TN_VALUE_MAX)
        return TN_PROBLEM_TOO_LONG;
    if (memchr(text, '\0', length))
        return TN_PROBLEM_NUL;
    if (!tn_utf8_count(text, length, &characters))
        return TN_PROBLEM_UTF8;
    return check_kind(row, text, length, characters, opaque_sids);
}

static bool has(const struct tn_params *params, const char *name, uint32_t given) {
    return given & (UINT32_C(1) << tn_params_find(params, name, strlen(name)));
}

enum tn_problem tn_pair_check(const struct tn_params *params, const struct tn_pair *pair,
                              uint32_t given) {
    bool first = has(params, pair->name, given), second = has(params, pair->other, given);
    if (pair->relation == TN_NEEDS) {
        bool alternative = pair->alternative && has(params, pair->alternative, given);
        return first && !second && !alternative ? TN_PROBLEM_NEEDS : TN_PROBLEM_NONE;
    }
    if (first && second)
        return TN_PROBLEM_BOTH;
    return pair->relation == TN_JUST_ONE && !first && !second ? TN_PROBLEM_MISSING
                                                              : TN_PROBLEM_NONE;
}
