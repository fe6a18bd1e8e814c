/* See pure/sid.h. Pattern of SIDs in Twilio's OpenAPI document: ^XX[0-9a-fA-F]{32}$ */
#include "pure/sid.h"

#include <string.h>

#include "pure/ascii.h"

static bool is_capital(char c) {
    return c >= 'A' && c <= 'Z';
}

bool tn_sid_is_valid(const char *text, size_t length, const char *prefix) {
    if (length != TN_SID_LENGTH || !is_capital(text[0]) || !is_capital(text[1]))
        return false;
    if (prefix && memcmp(text, prefix, TN_SID_PREFIX_LENGTH) != 0)
        return false;
    for (size_t i = TN_SID_PREFIX_LENGTH; i < TN_SID_LENGTH; i++)
        if (!tn_is_hex_digit(text[i]))
            return false;
    return true;
}

static const struct tn_ascii_set opaque = { TN_ASCII_DIGITS | TN_ASCII_BIT('-'),
                                            TN_ASCII_LETTERS };

bool tn_sid_is_opaque(const char *text, size_t length) {
    if (length == 0 || length > TN_SID_OPAQUE_MAX)
        return false;
    for (size_t i = 0; i < length; i++)
        if (!tn_ascii_has(opaque, text[i]))
            return false;
    return true;
}

bool tn_sid_fits(const char *text, size_t length, const char *prefix, bool opaque_sids) {
    return opaque_sids ? tn_sid_is_opaque(text, length) : tn_sid_is_valid(text, length, prefix);
}

const char *tn_sid_find(const char *text, size_t length, const char *prefix) {
    for (; length >= TN_SID_LENGTH; text++, length--)
        if (tn_sid_is_valid(text, TN_SID_LENGTH, prefix))
            return text;
    return NULL;
}
