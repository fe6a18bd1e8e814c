/* See pure/phone.h. */
#include "pure/phone.h"

enum { E164_DIGITS_MIN = 2, E164_DIGITS_MAX = 15, AREA_CODE_DIGITS = 3 };

static bool all_digits(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return true;
}

bool tn_phone_is_e164(const char *text, size_t length) {
    return length >= 1 + E164_DIGITS_MIN && length <= 1 + E164_DIGITS_MAX && text[0] == '+' &&
           text[1] != '0' && all_digits(text + 1, length - 1);
}

bool tn_phone_is_area_code(const char *text, size_t length) {
    return length == AREA_CODE_DIGITS && all_digits(text, length);
}
